//! What is replayed: recorded traces, and made ones. Must not know any cache.

use std::collections::HashMap;
use std::fs;
use std::io::BufReader;
use std::path::Path;

/// Accesses in order; keys are numbered from 0.
pub struct Trace {
    pub name: String,
    pub keys: Vec<u32>,
    /// The weight of each key; empty: 1 each.
    pub weights: Vec<u32>,
}

impl Trace {
    /// Numbers keys anew in order of first appearance.
    pub fn new(name: &str, keys: impl IntoIterator<Item = u32>) -> Trace {
        let mut numbers = HashMap::new();
        let keys = keys.into_iter().map(|key| {
            let next = numbers.len() as u32;
            *numbers.entry(key).or_insert(next)
        });
        Trace { name: name.to_string(), keys: keys.collect(), weights: Vec::new() }
    }

    /// Reads `NAME.u32.xz`: little-endian numbers.
    pub fn read(path: &Path) -> Trace {
        let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut bytes = Vec::new();
        lzma_rs::xz_decompress(&mut BufReader::new(file), &mut bytes).expect("an xz file");
        let keys = bytes.chunks_exact(4).map(|chunk| u32::from_le_bytes(chunk.try_into().expect("four bytes")));
        let name = path.file_name().expect("a file").to_string_lossy();
        Trace::new(name.trim_end_matches(".u32.xz"), keys)
    }

    pub fn distinct(&self) -> usize {
        self.keys.iter().max().map_or(0, |&key| key as usize + 1)
    }

    pub fn weight(&self, key: u32) -> u32 {
        self.weights.get(key as usize).copied().unwrap_or(1)
    }

    /// All keys' weights together.
    pub fn total_weight(&self) -> u64 {
        (0..self.distinct() as u32).map(|key| u64::from(self.weight(key))).sum()
    }
}

/// A small generator of numbers, the same on every machine (Vigna, splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Evenly from 0 to `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A bijective scrambling of 64 bits.
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Draws ranks 0, 1, 2, …: rank r with a probability that falls with 1 / (r + 1)^alpha.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize, alpha: f64) -> Zipf {
        let mut sum = 0.0;
        Zipf(
            (0..ranks)
                .map(|rank| {
                    sum += ((rank + 1) as f64).powf(-alpha);
                    sum
                })
                .collect(),
        )
    }

    fn draw(&self, random: &mut Random) -> u32 {
        let at = random.unit() * self.0.last().expect("at least one rank");
        self.0.partition_point(|&sum| sum < at) as u32
    }
}

const KEYS: u32 = 20_000;
const ACCESSES: usize = 400_000;

/// Traces that nobody recorded: each one is a textbook case.
pub fn synthetic() -> Vec<Trace> {
    let mut traces = Vec::new();
    for alpha in [0.7, 0.9, 1.1] {
        let (zipf, mut random) = (Zipf::new(KEYS as usize, alpha), Random::new(1));
        traces.push(Trace::new(&format!("zipf-{alpha}"), (0..ACCESSES).map(|_| zipf.draw(&mut random))));
    }
    let (zipf, mut random) = (Zipf::new(KEYS as usize, 0.9), Random::new(2));
    // The popular keys move on, one rank in 20 accesses.
    let drift = |at: usize| at as u32 / 20;
    traces.push(Trace::new("drift", (0..ACCESSES).map(|at| (zipf.draw(&mut random) + drift(at)) % (2 * KEYS))));
    // Every fourth access belongs to a scan of keys that never come again.
    let mut scanned = KEYS;
    traces.push(Trace::new(
        "scan-zipf",
        (0..ACCESSES).map(|at| match at / 2000 % 4 {
            0 => {
                scanned += 1;
                scanned
            }
            _ => zipf.draw(&mut random),
        }),
    ));
    // Half the accesses go round in a circle.
    traces.push(Trace::new(
        "loop-zipf",
        (0..ACCESSES).map(|at| match at % 2 {
            0 => KEYS + (at as u32 / 2) % (KEYS / 4),
            _ => zipf.draw(&mut random),
        }),
    ));
    // In turn: popular keys that stay, and a window that slides over new ones.
    traces.push(Trace::new(
        "phases",
        (0..ACCESSES).map(|at| match at / 50_000 % 2 {
            0 => KEYS + at as u32 / 5 + random.below(1000) as u32,
            _ => zipf.draw(&mut random),
        }),
    ));
    // Two of three accesses are to a key that is never asked for again.
    traces.push(Trace::new(
        "one-hit",
        (0..ACCESSES).map(|at| match at % 3 {
            0 => zipf.draw(&mut random),
            _ => KEYS + at as u32,
        }),
    ));
    traces
}

/// Popular and unpopular keys whose values have 100 or 34,000 bytes, whatever their popularity.
pub fn two_sizes() -> Trace {
    let (zipf, mut random) = (Zipf::new(KEYS as usize, 0.9), Random::new(3));
    let mut trace = Trace::new("two-sizes", (0..ACCESSES).map(|_| zipf.draw(&mut random)));
    trace.weights = (0..trace.distinct() as u64).map(|key| if mix(key) % 2 == 0 { 100 } else { 34_000 }).collect();
    trace
}
