//! A full store under two writers that choose the worst sizes: its resident memory stays near its bound. Knows no policy.
//!
//! A few seconds as a test; `make soak` runs ten minutes (`BYTESTORE_SOAK_SECONDS`) and prints a line a second. Resident
//! memory is asserted, rates are only printed. Alone in its process: others' memory would be counted.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]
#![cfg(target_os = "linux")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, thread};

use bytestore::{Options, Store};

const BOUND: u64 = if cfg!(debug_assertions) { 16 << 20 } else { 256 << 20 };
/// How long one kind of sizes is written before the next one comes.
const PHASE: Duration = Duration::from_millis(700);
/// All values are stretches of this many bytes.
const LONGEST: usize = 300_000;

/// Marsaglia's xorshift64, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// A length as the phase wants it: alike, spread, on the edge between small and large, growing, or all of it.
    fn len(&mut self, phase: u64) -> usize {
        let len = match phase % 7 {
            0 => 100,
            1 => self.below(4000),
            2 => 3000 + self.below(8),
            3 => 4090 + self.below(12),
            4 => 34_000 + self.below(1000),
            5 => 8 + phase * 16 % 2000,
            _ => match self.below(10) {
                0 => self.below(LONGEST as u64),
                1..=4 => self.below(4096),
                _ => self.below(200),
            },
        };
        len as usize
    }
}

fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages: u64 = statm.split(' ').nth(1).expect("a second field").parse().expect("a number");
    pages * 4096
}

fn write(store: &Store, writer: u64, start: Instant, stop: &AtomicBool, items: &AtomicU64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ writer);
    let bytes = vec![7; LONGEST];
    while !stop.load(Relaxed) {
        let phase = (start.elapsed().as_millis() / PHASE.as_millis()) as u64;
        let batch: Vec<_> = (0..1 + random.below(64))
            .map(|_| (format!("{}:{}", phase % 3, random.below(3_000_000)), &bytes[..random.len(phase)]))
            .collect();
        store.mset(&batch).expect("a batch within the bound");
        let keys: Vec<_> = batch.iter().rev().take(8).map(|(key, _)| key).collect();
        match random.below(16) {
            0 => drop(store.mdelete(&keys)),
            _ => drop(store.mget(&keys)),
        }
        items.fetch_add(batch.len() as u64, Relaxed);
    }
}

#[test]
fn resident_memory_stays_near_the_bound() {
    let seconds = env::var("BYTESTORE_SOAK_SECONDS").map_or(5, |text| text.parse().expect("a number"));
    let before = resident();
    let mut options = Options::default();
    options.max_bytes = Some(BOUND);
    let store = Store::with_options(&options).expect("memory");
    let (stop, items, start) = (AtomicBool::new(false), AtomicU64::new(0), Instant::now());
    let (mut most, mut rates) = (0, Vec::new());
    thread::scope(|scope| {
        for writer in 0..2 {
            let (store, stop, items) = (&store, &stop, &items);
            scope.spawn(move || write(store, writer, start, stop, items));
        }
        let mut done = 0;
        while start.elapsed() < Duration::from_secs(seconds) {
            for _ in 0..20 {
                thread::sleep(Duration::from_millis(50));
                most = most.max(resident().saturating_sub(before));
            }
            let now = items.load(Relaxed);
            rates.push(now - done);
            println!(
                "{:4} s  {:8} items/s  resident {:6.1} MiB, at most {:6.1} MiB  {:?}",
                rates.len(),
                now - done,
                (resident() - before) as f64 / 1048576.0,
                most as f64 / 1048576.0,
                store.counters().expect("open").entries
            );
            done = now;
        }
        stop.store(true, Relaxed);
    });
    let counted = store.counters().expect("open");
    assert!(counted.key_bytes + counted.value_bytes + counted.overhead_bytes <= BOUND, "{counted:?}");
    assert!(counted.evictions_by_bytes > 10_000, "the bound was not reached: {counted:?}");
    let minute = rates.len().min(60);
    let rate = |of: &[u64]| of.iter().sum::<u64>() as f64 / of.len() as f64;
    println!(
        "last {minute} s: {:.3} of the rate of the first; resident at most {:.3} of the bound",
        rate(&rates[rates.len() - minute..]) / rate(&rates[..minute]),
        most as f64 / BOUND as f64
    );
    // What the allocator keeps between large entries of unlike sizes is not the store's to give back.
    assert!(most <= BOUND / 100 * 135 + (8 << 20), "{most} bytes are resident, the bound is {BOUND}");
}
