//! What the memory itself can do, without any store: the limit that no store can pass. Knows no store.

use crate::{machine, results::rounded, workload::Random};
use serde_json::{json, Value};
use std::{
    arch::x86_64::{_mm_prefetch, _MM_HINT_T0},
    hint::black_box,
    ptr, slice,
    time::Instant,
};

/// The size of a cache line, in words.
const LINE: usize = 8;
/// So many lines are asked for before the first is read.
const GROUP: usize = 64;
/// About what a store of a million entries of 120 bytes takes, and its index.
const ENTRY_LINES: usize = (192 << 20) / 64;
const INDEX_LINES: usize = (8 << 20) / 64;
const ENTRY_LEN: usize = 3;
const STEPS: usize = 1 << 22;
const ROUNDS: usize = 5;

/// Memory of our own, of which we say whether it lies in huge pages.
struct Area {
    words: *mut u64,
    len: usize,
}

impl Area {
    fn new(lines: usize, huge_pages: bool) -> Area {
        let len = lines * LINE;
        let advice = if huge_pages { libc::MADV_HUGEPAGE } else { libc::MADV_NOHUGEPAGE };
        let (rights, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a mapping of its own, which nobody else knows.
        let mut area = unsafe {
            let start = libc::mmap(ptr::null_mut(), len * 8, rights, kind, -1, 0);
            assert!(start != libc::MAP_FAILED, "no memory for the probe");
            libc::madvise(start, len * 8, advice);
            Area { words: start.cast(), len }
        };
        let mut random = Random::new(9);
        area.words_mut().iter_mut().for_each(|word| *word = random.next());
        area
    }

    fn words(&self) -> &[u64] {
        // SAFETY: mapped until it is dropped.
        unsafe { slice::from_raw_parts(self.words, self.len) }
    }

    fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as above, and borrowed by one.
        unsafe { slice::from_raw_parts_mut(self.words, self.len) }
    }

    #[inline]
    fn prefetch(&self, line: usize) {
        // SAFETY: a prefetch never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(self.words.wrapping_add(line * LINE).cast()) };
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: mapped once, unmapped once.
        unsafe { libc::munmap(self.words.cast(), self.len * 8) };
    }
}

/// Every probe, as lines of the results.
pub fn run() -> Vec<Value> {
    let _pinned = machine::pin(0);
    let mut lines = Vec::new();
    for huge_pages in [true, false] {
        let entries = Area::new(ENTRY_LINES, huge_pages);
        let index = Area::new(INDEX_LINES, huge_pages);
        let probes: [(&str, &str, f64); 3] = [
            ("random_lines", "M lines/s", best(STEPS, || random_lines(&entries))),
            ("random_entries", "M entries/s", best(STEPS, || random_entries(&index, &entries))),
            ("pointer_chase", "M lines/s", best(STEPS / 8, || pointer_chase(&entries))),
        ];
        for (what, unit, value) in probes {
            lines.push(json!({
                "kind": "probe", "what": what, "huge_pages": huge_pages, "value": rounded(value / 1e6), "unit": unit,
            }));
        }
    }
    let (from, mut to) = (Area::new(1 << 20, true), Area::new(1 << 20, true));
    let bytes = best(from.len * 8, || to.words_mut().copy_from_slice(black_box(from.words())));
    lines.push(json!({
        "kind": "probe", "what": "memcpy", "huge_pages": true, "value": rounded(bytes / 1e9), "unit": "GB/s",
    }));
    lines
}

/// The best rate of some rounds: a limit is what was reached once.
fn best(count: usize, mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        count as f64 / start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

/// A line's place from a random word.
#[inline]
fn place(word: u64, lines: usize) -> usize {
    ((u128::from(word) * lines as u128) >> 64) as usize
}

/// Lines that do not depend on one another: the next group is asked for before this one is read.
fn random_lines(area: &Area) {
    let (mut random, mut sum) = (Random::new(10), 0u64);
    let mut ask = || {
        let mut group = [0; GROUP];
        for line in &mut group {
            *line = random.below(ENTRY_LINES);
            area.prefetch(*line);
        }
        group
    };
    let mut group = ask();
    for _ in 0..STEPS / GROUP {
        let next = ask();
        sum = group.iter().fold(sum, |sum, line| sum ^ area.words()[line * LINE]);
        group = next;
    }
    black_box(sum);
}

/// What a lookup touches: a line of the index, and three lines side by side where it says.
fn random_entries(index: &Area, entries: &Area) {
    let (mut random, mut sum) = (Random::new(11), 0u64);
    let mut ask = || {
        let mut group = [0; GROUP];
        for line in &mut group {
            *line = random.below(INDEX_LINES);
            index.prefetch(*line);
        }
        group
    };
    let (mut group, mut found) = (ask(), [0; GROUP]);
    for step in 0..STEPS / GROUP {
        let next = ask();
        for (entry, line) in found.iter_mut().zip(&group) {
            // The step makes that a line of the index names another entry each time.
            let word = index.words()[line * LINE].wrapping_mul(2 * step as u64 + 1);
            *entry = place(word, ENTRY_LINES - ENTRY_LEN);
            (0..ENTRY_LEN).for_each(|line| entries.prefetch(*entry + line));
        }
        for entry in &found {
            sum = (0..ENTRY_LEN).fold(sum, |sum, line| sum ^ entries.words()[(entry + line) * LINE]);
        }
        group = next;
    }
    black_box(sum);
}

/// Lines of which each says where the next is: what a store pays that waits for one miss at a time.
fn pointer_chase(area: &Area) {
    let mut line = 0;
    for step in 0..STEPS / 8 {
        line = place(area.words()[line * LINE].wrapping_mul(2 * step as u64 + 1), ENTRY_LINES);
    }
    black_box(line);
}
