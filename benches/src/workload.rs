//! The bytes: keys, values, and the order in which keys are asked for. All of it follows from one seed.
//! Knows no store.

use crate::peer::Slice;

const SEED: u64 = 0x6279_7465_7374_6F72;

/// How many entries a store has, and how long its keys and values are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    pub entries: usize,
    pub key: usize,
    pub value: usize,
}

/// Which keys are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Draw {
    /// Each entry with the same probability.
    Uniform,
    /// Zipf's law with exponent 0.99, the frequent ones anywhere in the store.
    Zipf,
    /// No key that was ever set.
    Missing,
}

/// A bijection that scatters (splitmix64).
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stream of random numbers.
pub struct Random(u64);

impl Random {
    pub fn new(stream: u64) -> Random {
        Random(mix(SEED ^ stream))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// From 0 to 1, without 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Numbers in an order of their own, each once.
pub fn shuffled(count: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut random = Random::new(2);
    for last in (1..count).rev() {
        numbers.swap(last, random.below(last + 1));
    }
    numbers
}

/// The numbers of `count` keys to ask for.
pub fn draws(draw: Draw, entries: usize, count: usize) -> Vec<usize> {
    let mut random = Random::new(3 + draw as u64);
    let mut zipf = (draw == Draw::Zipf).then(|| Zipf::new(entries));
    (0..count)
        .map(|_| match (draw, &mut zipf) {
            (Draw::Zipf, Some(zipf)) => mix(zipf.rank(&mut random)) as usize % entries,
            (Draw::Missing, _) => entries + random.below(entries),
            _ => random.below(entries),
        })
        .collect()
}

/// Ranks by Zipf's law, as in Gray et al., "Quickly generating billion-record synthetic databases" (1994).
struct Zipf {
    count: f64,
    alpha: f64,
    eta: f64,
    zeta: f64,
}

impl Zipf {
    const THETA: f64 = 0.99;

    fn new(count: usize) -> Zipf {
        let zeta = |n: usize| (1..=n).map(|rank| (rank as f64).powf(-Self::THETA)).sum::<f64>();
        let total = zeta(count);
        let eta = (1.0 - (2.0 / count as f64).powf(1.0 - Self::THETA)) / (1.0 - zeta(2) / total);
        Zipf { count: count as f64, alpha: 1.0 / (1.0 - Self::THETA), eta, zeta: total }
    }

    fn rank(&self, random: &mut Random) -> u64 {
        let unit = random.unit();
        let scaled = unit * self.zeta;
        if scaled < 1.0 {
            0
        } else if scaled < 1.0 + 0.5f64.powf(Self::THETA) {
            1
        } else {
            (self.count * (self.eta * unit - self.eta + 1.0).powf(self.alpha)) as u64
        }
    }
}

/// Where all values come from: random bytes, of which the entry's number picks a stretch. So a value can be told
/// from any other, and writing one does not begin with a miss of the writer's own.
pub struct Values {
    area: Vec<u8>,
    len: usize,
}

impl Values {
    const AREA: usize = 1 << 18;

    pub fn new(len: usize) -> Values {
        let mut random = Random::new(1);
        let words = (Self::AREA + len).div_ceil(8);
        Values { area: (0..words).flat_map(|_| random.next().to_le_bytes()).collect(), len }
    }

    pub fn of(&self, entry: usize) -> &[u8] {
        let at = mix(entry as u64) as usize % Self::AREA;
        &self.area[at..at + self.len]
    }
}

/// A key ends with 16 digits that no other key has; a namespace stands before them.
pub const SHORTEST_KEY: usize = 16;
const NAMESPACE: &[u8] = b"doc/embeddings/text-large-v3/chunk/";

fn append_key(bytes: &mut Vec<u8>, entry: usize, len: usize) {
    let digits = mix(SEED ^ entry as u64);
    bytes.extend(NAMESPACE.iter().cycle().take(len - SHORTEST_KEY));
    bytes.extend((0..SHORTEST_KEY).map(|at| b"0123456789abcdef"[(digits >> (at * 4) & 15) as usize]));
}

/// Keys side by side in the caller's memory, as if he had just made them.
pub fn flat_keys(entries: impl Iterator<Item = usize>, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.size_hint().0 * len);
    entries.for_each(|entry| append_key(&mut bytes, entry, len));
    bytes
}

/// What is handed to a store: a key and a value for each of some entries.
pub struct Pairs<'a> {
    pub keys: Vec<Slice<'a>>,
    pub values: Vec<Slice<'a>>,
}

impl<'a> Pairs<'a> {
    pub fn new(flat: &'a [u8], key: usize, entries: impl Iterator<Item = usize>, values: &'a Values) -> Self {
        Pairs {
            keys: flat.chunks_exact(key).map(Slice::new).collect(),
            values: entries.map(|entry| Slice::new(values.of(entry))).collect(),
        }
    }

    pub fn batches(&self, batch: usize) -> impl Iterator<Item = (&[Slice<'a>], &[Slice<'a>])> {
        self.keys.chunks(batch).zip(self.values.chunks(batch))
    }
}

/// Goes through entries some ten thousand at a time, so that their bytes are fresh and take little memory.
pub fn each_chunk(
    mut entries: impl Iterator<Item = usize>,
    shape: Shape,
    values: &Values,
    mut see: impl FnMut(&[usize], &Pairs),
) {
    loop {
        let chunk: Vec<usize> = entries.by_ref().take(1 << 14).collect();
        if chunk.is_empty() {
            return;
        }
        let flat = flat_keys(chunk.iter().copied(), shape.key);
        see(&chunk, &Pairs::new(&flat, shape.key, chunk.iter().copied(), values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn no_two_entries_have_the_same_key() {
        for len in [SHORTEST_KEY, 20, 45] {
            let flat = flat_keys(0..2000, len);
            let keys: HashSet<&[u8]> = flat.chunks_exact(len).collect();
            assert_eq!(keys.len(), 2000);
        }
    }

    #[test]
    fn shuffled_numbers_are_all_there() {
        let mut numbers = shuffled(1000);
        assert!(!numbers.is_sorted());
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..1000));
    }

    #[test]
    fn missing_keys_are_beyond_the_store() {
        assert!(draws(Draw::Missing, 100, 1000).iter().all(|&entry| (100..200).contains(&entry)));
        assert!(draws(Draw::Uniform, 100, 1000).iter().all(|&entry| entry < 100));
    }

    #[test]
    fn zipf_prefers_as_the_law_says() {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        draws(Draw::Zipf, 10_000, 100_000).into_iter().for_each(|entry| *counts.entry(entry).or_default() += 1);
        let total: f64 = (1..=10_000).map(|rank| f64::from(rank).powf(-0.99)).sum();
        let most = *counts.values().max().unwrap_or(&0) as f64 / 100_000.0;
        assert!((most * total - 1.0).abs() < 0.1, "the most frequent key had a share of {most}");
    }
}
