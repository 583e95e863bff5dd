//! A batch on its way through the engine: each key with its hash, its shard and room for one result. Knows no locks.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::SHARDS;
use crate::Error;

/// The secret of one store's hashing, so that nobody outside can choose keys
/// that collide. SipHash-1-3 (Aumasson, Bernstein: SipHash, 2012) has no known
/// collisions that do not depend on the secret.
pub struct Seed(pub u64, pub u64);

impl Seed {
    fn hash(&self, key: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.0, self.1);
        hasher.write(key);
        hasher.finish()
    }
}

/// One key of a batch.
pub struct Probe<'k, T> {
    pub key: &'k [u8],
    pub hash: u64,
    /// What the operation puts in or takes out.
    pub slot: T,
}

impl<T> Probe<'_, T> {
    pub fn shard(&self) -> usize {
        shard_of(self.hash)
    }
}

/// Bits that hashbrown uses neither for its tags (the top seven) nor, below
/// 2^48 buckets, for its positions.
fn shard_of(hash: u64) -> usize {
    (hash >> 48) as usize % SHARDS
}

/// The probes of a batch, in its order.
pub struct Batch<'k, T> {
    pub probes: Vec<Probe<'k, T>>,
    /// Bit i: shard i is involved.
    pub shards: u32,
}

impl<'k, T> Batch<'k, T> {
    /// Hashes every item; `slot_of` makes its slot. Fails before anything is
    /// locked, with all items validated.
    pub fn new<I>(
        seed: &Seed,
        items: impl ExactSizeIterator<Item = I>,
        key_of: impl Fn(&I) -> &'k [u8],
        slot_of: impl Fn(I) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        let mut probes = Vec::new();
        probes.try_reserve_exact(items.len())?;
        let mut shards = 0;
        for item in items.take(probes.capacity()) {
            let key = key_of(&item);
            if u32::try_from(key.len()).is_err() {
                return Err(Error::InvalidArgument);
            }
            let hash = seed.hash(key);
            shards |= 1 << shard_of(hash);
            probes.push(Probe { key, hash, slot: slot_of(item)? });
        }
        Ok(Batch { probes, shards })
    }
}
