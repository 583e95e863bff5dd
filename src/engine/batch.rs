//! A batch on its way through the engine: each key with its hash, its shard and what the operation needs. Knows no locks.

use polymur_hash::PolymurHash;

use super::gate::SHARDS;
use crate::sys::random;
use crate::Error;

/// The secret of one store's hashing, so that nobody outside can choose keys
/// that collide. PolymurHash (Peters, 2023) is almost universal: for any two
/// keys the share of secrets with which they collide is proved to be below
/// their length times 2^-60.
pub struct Seed(PolymurHash);

impl Seed {
    pub fn new() -> Self {
        Seed(PolymurHash::from_u64x2_seed(random::number(), random::number()))
    }

    #[inline(always)]
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.0.hash(key)
    }
}

/// One key of a batch.
pub struct Probe<'k, T> {
    pub key: &'k [u8],
    pub hash: u64,
    pub state: T,
}

impl<T> Probe<'_, T> {
    /// The top bits: the index uses those below.
    #[inline(always)]
    pub fn shard(&self) -> usize {
        (self.hash >> 60) as usize % SHARDS
    }
}

/// Hashes every item and gives `body` the probes, in the order of the batch,
/// with the mask of their shards. Small batches stay on the stack.
#[inline(always)]
pub fn with_probes<'k, I, T: Default, R>(
    seed: &Seed,
    items: impl ExactSizeIterator<Item = I>,
    split: impl Fn(I) -> Result<(&'k [u8], T), Error>,
    body: impl FnOnce(&mut [Probe<'k, T>], u32) -> Result<R, Error>,
) -> Result<R, Error> {
    match items.len() {
        0..=1 => on_stack::<1, _, _, _>(seed, items, split, body),
        2..=8 => on_stack::<8, _, _, _>(seed, items, split, body),
        9..=64 => on_stack::<64, _, _, _>(seed, items, split, body),
        len => {
            let mut probes = Vec::new();
            probes.try_reserve_exact(len)?;
            let mut shards = 0;
            for item in items.take(len) {
                let probe = probe(seed, split(item)?)?;
                shards |= 1 << probe.shard();
                probes.push(probe);
            }
            body(&mut probes, shards)
        }
    }
}

#[inline(always)]
fn on_stack<'k, const N: usize, I, T: Default, R>(
    seed: &Seed,
    items: impl ExactSizeIterator<Item = I>,
    split: impl Fn(I) -> Result<(&'k [u8], T), Error>,
    body: impl FnOnce(&mut [Probe<'k, T>], u32) -> Result<R, Error>,
) -> Result<R, Error> {
    let mut probes: [Probe<'k, T>; N] = std::array::from_fn(|_| Probe { key: &[], hash: 0, state: T::default() });
    let (mut shards, mut len) = (0, 0);
    for (item, place) in items.zip(&mut probes) {
        *place = probe(seed, split(item)?)?;
        shards |= 1 << place.shard();
        len += 1;
    }
    body(&mut probes[..len], shards)
}

#[inline(always)]
fn probe<'k, T>(seed: &Seed, (key, state): (&'k [u8], T)) -> Result<Probe<'k, T>, Error> {
    if key.len() as u64 > u64::from(u32::MAX) {
        return Err(Error::InvalidArgument);
    }
    Ok(Probe { key, hash: seed.hash(key), state })
}
