//! A full store under two writers that choose the worst sizes: its resident memory stays near its bound. Knows no policy.
//!
//! Some seconds as a test; `make soak` runs ten minutes (`BYTESTORE_SOAK_SECONDS`) with little more address space than
//! that. Resident memory is asserted, rates are only printed. Alone in its process: others' memory would be counted.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, thread};

use bytestore::{Options, Store};

const BOUND: u64 = if cfg!(debug_assertions) { 16 << 20 } else { 256 << 20 };
/// Beside the bound: what a process has that holds nothing, and what batches hold that are under way.
const SLACK: u64 = 8 << 20;
/// Hundredths of the bound that may be resident. Of a small one more: pages that the shards have begun.
const SHARE: u64 = if cfg!(debug_assertions) { 130 } else { 115 };
/// A minute is one round of all sizes, so that one minute's work is that of another.
const MINUTE: Duration = Duration::from_secs(60);
/// How often resident memory is looked at.
const LOOK: Duration = Duration::from_millis(20);
const LONGEST: usize = 1 << 20;
/// Bytes that a batch is filled to.
const BATCH: usize = BOUND as usize / 128;

/// What lengths the values have for some time. `part`: how much of it is over, of 1000.
struct Sizes {
    name: &'static str,
    len: fn(&mut Random, part: u64) -> u64,
}

const SIZES: [Sizes; 12] = [
    Sizes { name: "100 B", len: |_, _| 100 },
    Sizes { name: "0 B - 4 kB", len: |random, _| random.below(4000) },
    Sizes { name: "0 - 15 B", len: |random, _| random.below(16) },
    Sizes { name: "4090 - 4101 B", len: |random, _| 4090 + random.below(12) },
    Sizes { name: "34 kB", len: |random, _| 34_000 + random.below(1000) },
    Sizes { name: "growing to 2 kB", len: |_, part| 8 + part * 2 / 16 * 16 },
    Sizes {
        name: "0 B - 1 MiB",
        len: |random, _| match random.below(10) {
            0 => random.below(LONGEST as u64 + 1),
            1..=4 => random.below(4096),
            _ => random.below(200),
        },
    },
    Sizes { name: "4 - 13 kB", len: |random, _| 4000 + random.below(9000) },
    Sizes { name: "64 KiB - 1 MiB", len: |random, _| (64 << 10) + random.below((960 << 10) + 1) },
    Sizes { name: "34 kB or 100 B", len: |random, _| [34_000, 100][random.below(2) as usize] },
    Sizes { name: "growing to 64 kB", len: |_, part| 4096 + part * 60 },
    Sizes { name: "powers of 2", len: |random, _| (64 << random.below(15)) - random.below(2) * 30 },
];

/// Marsaglia's xorshift64, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// Half of all keys are of some thousand. A key's number says how long it is.
    fn key(&mut self) -> String {
        let limit = [5_000, 3_000_000][self.below(2) as usize];
        let number = self.below(limit);
        let width = match number {
            _ if number % 4096 == 7 => 5000,
            _ if number % 16 == 7 => 200,
            _ => 1,
        };
        format!("{number:width$}")
    }
}

/// Which sizes are written, and how much of their time is over.
fn now(start: Instant, phase: Duration) -> (usize, u64) {
    let thousandths = start.elapsed().as_nanos() as u64 / (phase.as_nanos() as u64 / 1000);
    (thousandths as usize / 1000 % SIZES.len(), thousandths % 1000)
}

/// One batch, and what belongs to it; says how many pairs it set.
fn batch(store: &Store, bytes: &[u8], random: &mut Random, (sizes, part): (usize, u64)) -> u64 {
    let (count, mut size, mut batch) = (1 + random.below(64) as usize, 0, Vec::new());
    while batch.len() < count && size < BATCH {
        let len = (SIZES[sizes].len)(random, part) as usize;
        batch.push((random.key(), &bytes[..len.min(BATCH)]));
        size += len;
    }
    let ttl = [None, Some(Duration::from_millis(300))][usize::from(random.below(8) == 0)];
    store.mset_with_ttl(&batch, ttl).expect("a batch within the bound");
    // Answers are the test's memory, not the store's.
    let keys: Vec<_> = batch.iter().rev().take(if size < 64 << 10 { 8 } else { 1 }).map(|(key, _)| key).collect();
    match random.below(16) {
        0 => drop(store.mdelete(&keys)),
        _ => drop(store.mget(&keys)),
    }
    batch.len() as u64
}

/// Of the process's own memory: pages of its file come as its code is reached.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages = |field| statm.split(' ').nth(field).expect("a field").parse::<u64>().expect("a number");
    (pages(1) - pages(2)) * 4096
}

/// That this process has had, of all processors.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    let ticks = stat.rsplit(')').next().expect("a name in brackets").split(' ').skip(12).take(2);
    ticks.map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}

fn of_bound(bytes: u64) -> f64 {
    bytes as f64 / BOUND as f64
}

#[test]
fn resident_memory_stays_near_the_bound() {
    let seconds = env::var("BYTESTORE_SOAK_SECONDS").map_or(6, |text| text.parse().expect("a number"));
    let minute = MINUTE.min(Duration::from_secs(seconds));
    let minutes = seconds as usize / minute.as_secs() as usize;
    let bytes = vec![7; LONGEST];
    let before = resident();
    let mut options = Options::default();
    options.max_bytes = Some(BOUND);
    let store = Store::with_options(&options).expect("memory");
    let mut random = Random(1);
    while store.counters().expect("open").evictions_by_bytes == 0 {
        batch(&store, &bytes, &mut random, (1, 0));
    }
    let (stop, items, start) = (AtomicBool::new(false), AtomicU64::new(0), Instant::now());
    let now = || now(start, minute / SIZES.len() as u32);
    let (mut most, mut rates) = ([0; SIZES.len()], Vec::new());
    thread::scope(|scope| {
        for writer in 0..2 {
            let (store, bytes, stop, items) = (&store, &bytes, &stop, &items);
            scope.spawn(move || {
                let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ writer);
                while !stop.load(Relaxed) {
                    items.fetch_add(batch(store, bytes, &mut random, now()), Relaxed);
                }
            });
        }
        let (mut done, mut begun, mut spent) = (0, Instant::now(), processor_seconds());
        while rates.len() < minutes {
            thread::sleep(LOOK);
            let (phase, _) = now();
            most[phase] = most[phase].max(resident().saturating_sub(before));
            if begun.elapsed() >= minute {
                let rate = (items.load(Relaxed) - done) as f64 / begun.elapsed().as_secs_f64();
                let by_processor = (items.load(Relaxed) - done) as f64 / (processor_seconds() - spent);
                println!(
                    "minute {:3}: {rate:7.0} items/s, {by_processor:7.0} a processor's second, at most {:.3} of the bound",
                    rates.len() + 1,
                    of_bound(most.into_iter().max().unwrap_or(0))
                );
                rates.push([rate, by_processor]);
                (done, begun, spent) = (items.load(Relaxed), Instant::now(), processor_seconds());
            }
        }
        stop.store(true, Relaxed);
    });
    for (most, sizes) in most.iter().zip(&SIZES) {
        println!("{:>18}: resident at most {:.3} of the bound", sizes.name, of_bound(*most));
    }
    // One minute is not as fast as another even where nothing changes: several of them say more.
    let some = rates.len().div_ceil(3);
    let sums = [&rates[..some], &rates[rates.len() - some..]]
        .map(|minutes| [0, 1].map(|which| minutes.iter().map(|rate| rate[which]).sum::<f64>()));
    let [rate, by_processor] = [0, 1].map(|which| sums[1][which] / sums[0][which]);
    println!(
        "last {some} minutes / first {some}: {rate:.3} of the items/s, {by_processor:.3} of those a processor's second"
    );
    let counted = store.counters().expect("open");
    assert!(counted.key_bytes + counted.value_bytes + counted.overhead_bytes <= BOUND, "{counted:?}");
    assert!(counted.evictions_by_bytes > 10_000, "the bound was not reached: {counted:?}");
    let most = most.into_iter().max().unwrap_or(0);
    assert!(most <= BOUND / 100 * SHARE + SLACK, "{most} bytes are resident, the bound is {BOUND}");
}
