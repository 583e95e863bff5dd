//! Replays traces against caches and prints who hit how often: `cargo run --release`. Must not know how any of them works.

mod ours;
mod peers;
mod references;
mod report;
mod trace;

// The shipped policy, and what it uses.
#[path = "../../../src/error.rs"]
#[allow(dead_code)]
mod error;
#[path = "../../../src/engine/policy/mod.rs"]
#[allow(dead_code)]
mod policy;
#[path = "../../../src/sys/prefetch.rs"]
#[allow(dead_code)]
mod prefetch;
mod sys {
    pub use crate::prefetch::prefetch;
}

pub use error::Error;

use std::path::{Path, PathBuf};
use std::{env, fs};

use trace::Trace;

/// A cache in front of something slow.
pub trait Cache {
    /// Asks for a key, and inserts it if it is missing. True: it was there.
    fn access(&mut self, key: u32, weight: u32) -> bool;
}

/// Capacities, in percent of the keys there are.
const PERCENT: [u64; 4] = [1, 5, 10, 25];

pub const NAMES: [&str; 11] = [
    "ours",
    "moka",
    "quick_cache",
    "foyer-lru",
    "foyer-lfu",
    "foyer-s3fifo",
    "foyer-sieve",
    "lru",
    "s3fifo",
    "sieve",
    "belady",
];

/// `entries`: how many fit.
fn make(name: &str, bound: u64, entries: usize) -> Box<dyn Cache> {
    match name {
        "ours" => Box::new(ours::Ours::new(bound, true)),
        "ours-without-sizes" => Box::new(ours::Ours::new(bound, false)),
        "moka" => Box::new(peers::Moka::new(bound)),
        "quick_cache" => Box::new(peers::QuickCache::new(bound, entries)),
        "lru" => Box::new(references::Lru::new(bound)),
        "s3fifo" => Box::new(references::S3Fifo::new(bound)),
        "sieve" => Box::new(references::Sieve::new(bound)),
        _ => Box::new(peers::Foyer::new(bound, name.trim_start_matches("foyer-"))),
    }
}

/// Hits, and hit bytes.
fn replay(trace: &Trace, cache: &mut dyn Cache) -> (u64, u64) {
    let (mut hits, mut weight_hit) = (0, 0);
    for &key in &trace.keys {
        let weight = trace.weight(key);
        if cache.access(key, weight) {
            hits += 1;
            weight_hit += u64::from(weight);
        }
    }
    (hits, weight_hit)
}

fn recorded(folder: &Path) -> Vec<Trace> {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "xz"));
    paths.sort();
    paths.iter().map(|path| Trace::read(path)).collect()
}

/// 100 B and 34 KB values under a bound in bytes: object and byte hit ratios.
fn sizes() {
    let trace = trace::two_sizes();
    let total: u64 = trace.keys.iter().map(|&key| u64::from(trace.weight(key))).sum();
    for percent in PERCENT {
        let bound = trace.total_weight() * percent / 100;
        let entries = trace.distinct() * percent as usize / 100;
        for name in NAMES.iter().filter(|name| **name != "belady").chain([&"ours-without-sizes"]) {
            let (hits, bytes) = replay(&trace, make(name, bound, entries).as_mut());
            println!(
                "{{\"trace\": \"two-sizes\", \"percent\": {percent}, \"cache\": \"{name}\", \"hit_ratio\": {:.5}, \"byte_hit_ratio\": {:.5}}}",
                hits as f64 / trace.keys.len() as f64,
                bytes as f64 / total as f64
            );
        }
    }
}

/// Time of one call with a million entries.
fn cost() {
    const ENTRIES: u32 = 1_000_000;
    let mut policy = policy::Policy::new(true).expect("memory");
    policy.reserve(ENTRIES as usize + 1).expect("memory");
    let each = |start: std::time::Instant| start.elapsed().as_nanos() / u128::from(ENTRIES);
    let start = std::time::Instant::now();
    (0..ENTRIES).for_each(|id| policy.insert(id, trace::mix(id.into()), 100));
    policy.begin();
    println!("{{\"call\": \"insert\", \"ns\": {}}}", each(start));
    let mut random = trace::Random::new(4);
    let start = std::time::Instant::now();
    (0..ENTRIES).for_each(|_| policy.hit(random.below(ENTRIES.into()) as u32));
    println!("{{\"call\": \"hit\", \"ns\": {}}}", each(start));
    let start = std::time::Instant::now();
    let mut longest = 0;
    for key in 0..ENTRIES {
        let call = std::time::Instant::now();
        let id = policy.victims(1, 0).ids()[0];
        policy.evict(id, trace::mix(id.into()));
        policy.begin(); // what a batch itself sets is no victim of it
        policy.insert(id, trace::mix(u64::from(ENTRIES + key)), 100);
        longest = longest.max(call.elapsed().as_nanos());
    }
    println!("{{\"call\": \"victim, evict, insert\", \"ns\": {}, \"longest\": {longest}}}", each(start));
}

fn main() {
    // bytestore-eviction FOLDER|synthetic [NAMES [TRACES [MOST ACCESSES]]]
    let args: Vec<String> = env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == "sizes") {
        return sizes();
    }
    if args.first().is_some_and(|arg| arg == "cost") {
        return cost();
    }
    let mut traces = match args.first().map(String::as_str) {
        Some("synthetic") => trace::synthetic(),
        Some(folder) => recorded(Path::new(folder)),
        None => recorded(Path::new("../traces")),
    };
    let listed = |place: usize, name: &str| {
        args.get(place).is_none_or(|list| list == "all" || list.split(',').any(|one| one == name))
    };
    traces.retain(|trace| listed(2, &trace.name));
    if let Some(most) = args.get(3) {
        let most = most.parse().expect("a number");
        traces.iter_mut().for_each(|trace| trace.keys.truncate(most));
    }
    let mut results = report::Results::default();
    for trace in &traces {
        for percent in PERCENT {
            let bound = (trace.distinct() as u64 * percent / 100).max(1);
            for name in NAMES.iter().filter(|name| listed(1, name)) {
                let hits = match *name {
                    "belady" => references::belady(trace, bound),
                    name => replay(trace, make(name, bound, bound as usize).as_mut()).0,
                };
                results.add(&trace.name, percent, name, hits as f64 / trace.keys.len() as f64);
            }
        }
    }
    results.print();
}
