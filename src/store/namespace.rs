//! Batches of a namespace: its prefix is put before every key, all in one piece of memory. Knows no handles.

use crate::engine::{Engine, ValueSink};
use crate::sys::{self, Bytes};
use crate::Error;

/// The keys of a batch with a prefix before each.
pub struct Joined {
    bytes: Bytes,
    prefix_len: usize,
}

impl Joined {
    pub fn new<'a>(
        prefix: &[u8],
        keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
        erase: bool,
    ) -> Result<Self, Error> {
        let prefixes = keys.len().checked_mul(prefix.len()).ok_or(Error::OutOfMemory)?;
        let all = keys.clone().try_fold(prefixes, |all, key| all.checked_add(key.len())).ok_or(Error::OutOfMemory)?;
        let mut bytes = Bytes::new(erase);
        bytes.reserve_exact(all)?;
        for key in keys {
            bytes.append(prefix)?;
            bytes.append(key)?;
        }
        Ok(Joined { bytes, prefix_len: prefix.len() })
    }

    /// The joined keys, told apart by the lengths of those they were made of.
    pub fn keys<'j, 'a: 'j>(&'j self, keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<Vec<&'j [u8]>, Error> {
        let mut rest = &*self.bytes;
        sys::try_collect(keys.map(|key| {
            let (joined, others) = rest.split_at(self.prefix_len + key.len());
            rest = others;
            joined
        }))
    }
}

#[cold]
pub fn mset<'a>(
    engine: &Engine,
    prefix: &[u8],
    pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
    ttl: Option<u64>,
) -> Result<(), Error> {
    let keys = pairs.clone().map(|(key, _)| key);
    let joined = Joined::new(prefix, keys.clone(), engine.erases())?;
    let full = sys::try_collect(joined.keys(keys)?.into_iter().zip(pairs.map(|(_, value)| value)))?;
    engine.mset(full.iter().copied(), ttl)
}

#[cold]
pub fn mget<'a>(
    engine: &Engine,
    prefix: &[u8],
    keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    sink: &mut impl ValueSink,
) -> Result<(), Error> {
    let joined = Joined::new(prefix, keys.clone(), engine.erases())?;
    engine.mget(joined.keys(keys)?.iter().copied(), sink)
}

#[cold]
pub fn mdelete<'a>(
    engine: &Engine,
    prefix: &[u8],
    keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
) -> Result<usize, Error> {
    let joined = Joined::new(prefix, keys.clone(), engine.erases())?;
    engine.mdelete(joined.keys(keys)?.iter().copied())
}

/// One key behind the prefix.
pub fn join(prefix: &[u8], key: &[u8], erase: bool) -> Result<Bytes, Error> {
    Ok(Joined::new(prefix, std::iter::once(key), erase)?.bytes)
}
