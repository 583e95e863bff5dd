//! A batch on its way through the engine: each key with its hash, its shard and what the operation needs. Knows no locks.

use polymur_hash::PolymurHash;

use super::gate::SHARDS;
use crate::sys::random;
use crate::Error;

/// Keys of a batch that takes only the shards it needs; longer ones take all.
pub(super) const FEW: usize = 8;
/// Keys of a batch that needs no memory for itself.
pub(super) const MANY: usize = 64;
/// How many keys follow between two steps of one key.
pub(super) const AHEAD: usize = 12;

/// The longest key that is hashed word by word.
const SHORT: usize = 64;
const WORD: usize = 8;

/// The secret of one store's hashing, so that nobody outside can choose keys
/// that collide.
///
/// Short keys: the upper half of a sum of products of the key's 64-bit words
/// with 128-bit random numbers, which is proved strongly universal: whatever
/// two keys are chosen, all pairs of their hashes are equally likely
/// (Dietzfelbinger, STACS 1996; Lemire, Kaser: Strongly Universal String
/// Hashing is Fast, 2014). Longer ones: PolymurHash (Peters, 2023), with which
/// two keys collide with a probability below their length times 2^-60.
#[derive(Clone)]
pub struct Seed {
    lengths: [u128; SHORT + 1],
    words: [u128; SHORT / WORD],
    long: PolymurHash,
}

impl Seed {
    pub fn new() -> Self {
        let wide = |numbers: [u64; 2]| (u128::from(numbers[0]) << 64) | u128::from(numbers[1]);
        let lengths = random::numbers::<{ 2 * (SHORT + 1) }>();
        let words = random::numbers::<{ 2 * (SHORT / WORD) }>();
        let [key, addend] = random::numbers();
        Seed {
            lengths: std::array::from_fn(|at| wide([lengths[2 * at], lengths[2 * at + 1]])),
            words: std::array::from_fn(|at| wide([words[2 * at], words[2 * at + 1]])),
            long: PolymurHash::from_u64x2_seed(key, addend),
        }
    }

    #[inline(always)]
    pub fn hash(&self, key: &[u8]) -> u64 {
        if cfg!(bytestore_one_hash) {
            return 0; // a test of what tells keys apart when no hash does
        }
        let Some(&length) = self.lengths.get(key.len()) else { return self.hash_long(key) };
        // Together the first and the last bytes are the key: they may overlap.
        let sum = match key.len() {
            16..=24 => self.sum_of_ends::<16, 8>(key),
            25..=32 => self.sum_of_ends::<16, 16>(key),
            8..=15 => self.sum_of_ends::<8, 8>(key),
            33..=48 => self.sum_of_ends::<32, 16>(key),
            49..=SHORT => self.sum_of_ends::<32, 32>(key),
            _ => {
                let word = key.iter().fold(0, |word, &byte| (word << 8) | u128::from(byte));
                self.words[0].wrapping_mul(word)
            }
        };
        mix((length.wrapping_add(sum) >> 64) as u64)
    }

    #[inline(always)]
    fn sum_of_ends<const FIRST: usize, const LAST: usize>(&self, key: &[u8]) -> u128 {
        let first = key.first_chunk::<FIRST>().into_iter().flat_map(|first| first.chunks_exact(WORD));
        let last = key.last_chunk::<LAST>().into_iter().flat_map(|last| last.chunks_exact(WORD));
        first.chain(last).zip(&self.words).fold(0, |sum: u128, (word, random)| {
            let word = word.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            sum.wrapping_add(random.wrapping_mul(u128::from(word)))
        })
    }

    #[cold]
    fn hash_long(&self, key: &[u8]) -> u64 {
        self.long.hash(key)
    }
}

/// The sum is linear: keys that count upwards would stride through the buckets.
/// A permutation keeps what is proved of pairs and breaks the stride (half of
/// the finaliser of MurmurHash3, Appleby 2011).
#[inline(always)]
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// The top bits: the index uses those below.
#[inline(always)]
pub(super) fn shard_of(hash: u64) -> usize {
    (hash >> 60) as usize % SHARDS
}

/// One key of a batch.
#[derive(Clone, Copy)]
pub struct Probe<'k> {
    pub key: &'k [u8],
    pub hash: u64,
}

impl<'k> Probe<'k> {
    pub(super) const NONE: Probe<'k> = Probe { key: &[], hash: 0 };

    #[inline(always)]
    pub fn new(seed: &Seed, key: &'k [u8]) -> Result<Self, Error> {
        if key.len() as u64 > u64::from(u32::MAX) {
            return Err(Error::InvalidArgument);
        }
        Ok(Probe { key, hash: seed.hash(key) })
    }

    #[inline(always)]
    pub fn shard(&self) -> usize {
        shard_of(self.hash)
    }

    /// Hashes keys into as many places; gives those back, and the shards' mask.
    #[inline(always)]
    pub fn fill<'p>(
        places: &'p mut [Self],
        seed: &Seed,
        keys: impl Iterator<Item = &'k [u8]>,
    ) -> Result<(&'p [Self], u32), Error> {
        let (mut len, mut mask) = (0, 0);
        for (place, key) in places.iter_mut().zip(keys) {
            *place = Probe::new(seed, key)?;
            mask |= 1 << place.shard();
            len += 1;
        }
        Ok((places.get(..len).unwrap_or_default(), mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Through every class of lengths: whichever byte changes, and whatever is
    /// cut off or added, the hash is another one.
    #[test]
    fn every_byte_and_the_length_count() {
        let seed = Seed::new();
        let longest: usize = if cfg!(miri) { 10 } else { 140 };
        let mut hashes = Vec::new();
        for len in 0..=longest {
            let mut key = vec![0; len];
            hashes.push(seed.hash(&key));
            for at in 0..len {
                for bit in [1, 0x80] {
                    key[at] = bit;
                    hashes.push(seed.hash(&key));
                }
                key[at] = 0;
            }
        }
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }

    /// Keys that differ in their last digits only meet as rarely as random ones
    /// would: in no store more than twice as often.
    #[test]
    #[cfg_attr(miri, ignore)] // too long
    fn keys_that_are_alike_spread() {
        const KEYS: usize = 10_000;
        const PLACES: usize = 1 << 18; // as many as shards, buckets and tags of such a store name
        const EXPECTED: usize = KEYS * KEYS / 2 / PLACES;
        for _ in 0..100 {
            let seed = Seed::new();
            let mut counts = vec![0_usize; PLACES];
            for number in 0..KEYS {
                let hash = seed.hash(format!("key:{number:016}").as_bytes());
                counts[((hash >> 60) | ((hash & 0x3f) << 4) | ((hash >> 32 & 0xff) << 10)) as usize] += 1;
            }
            let pairs: usize = counts.iter().map(|&count| count * count.saturating_sub(1) / 2).sum();
            assert!(pairs < 2 * EXPECTED, "{pairs} pairs, not some {EXPECTED}");
        }
    }

    /// In no store of many: two keys whose first byte alone differs meet as rarely as any others, in each class of lengths.
    #[test]
    #[cfg_attr(miri, ignore)] // too long
    fn no_bit_of_a_key_counts_less_than_others() {
        for _ in 0..3000 {
            let seed = Seed::new();
            for len in [1, 7, 8, 9, 15, 16, 24, 32, 48, 64] {
                let (one, mut other) = ([0; 64], [0; 64]);
                other[0] = 0x80;
                assert_ne!(seed.hash(&one[..len]), seed.hash(&other[..len]), "{len} bytes");
            }
        }
    }

    #[test]
    fn the_permutation_is_half_of_the_finaliser_of_murmurhash3() {
        for (sum, hash) in [
            (0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
            (0x0000_0000_0000_0001, 0xff51_afd7_92fd_5b26),
            (0x8000_0000_0000_0000, 0x7b55_6333_7daa_b199),
            (0x1234_5678_9abc_def0, 0xa6b8_a99f_5086_3093),
        ] {
            assert_eq!(mix(sum), hash);
        }
    }

    #[test]
    fn stores_hash_differently() {
        assert_ne!(Seed::new().hash(b"key"), Seed::new().hash(b"key"));
    }
}
