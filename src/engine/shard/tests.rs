//! One shard alone: what it says of its entries, and when it gives memory back.

use std::collections::HashSet;

use super::*;
use crate::sys::Heap;

struct Alone {
    shard: Shard,
    seed: Seed,
    heap: Shared<Heap>,
    sequence: u64,
}

impl Alone {
    fn new() -> Self {
        let (pool, heap) = (Shared::try_new(Pool::new()).unwrap(), Shared::try_new(Heap::new()).unwrap());
        Alone { shard: Shard::new(pool, 0), seed: Seed::new(), heap, sequence: 0 }
    }

    /// Sets an entry in a batch of its own.
    fn set(&mut self, key: &[u8], value: &[u8], deadline: u64) -> Ref {
        let Alone { shard, seed, heap, sequence } = self;
        let new = New { hash: seed.hash(key), key, value, deadline };
        let plan = match is_large(key, value) {
            true => {
                let entry = Entry::try_new(heap, key, value, deadline).unwrap();
                shard.prepare_large(seed, new.hash, entry, None).unwrap()
            }
            false => shard.prepare(seed, &new, shard.guess(new.hash), None).unwrap(),
        };
        *sequence += 1;
        shard.commit(&new, *sequence, plan, None);
        shard.tidy(0);
        shard.find(shard.line(new.hash), new.hash, key).unwrap()
    }

    /// Sets small entries of so many granules, numbered from a number on.
    fn fill(&mut self, numbers: std::ops::Range<u64>, granules: usize) {
        numbers.for_each(|number| _ = self.set(&number.to_le_bytes(), &vec![7; granules * GRANULE - 16], NEVER));
    }

    /// Takes entries out, each in a batch of its own.
    fn remove(&mut self, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let key = number.to_le_bytes();
            let hash = self.seed.hash(&key);
            let found = self.shard.find(self.shard.line(hash), hash, &key).unwrap();
            assert!(self.shard.remove(hash, found, Cause::Deleted, None).is_some());
            self.shard.tidy(1);
        }
    }

    /// Of the index.
    fn buckets(&self) -> usize {
        let lines = (0..1024).map(|hash| (&raw const *self.shard.line(hash)).addr());
        lines.collect::<HashSet<_>>().len()
    }
}

#[test]
fn a_shard_knows_where_its_entries_are_and_how_large() {
    let mut alone = Alone::new();
    let long_key = [3; MAX_LEN + 1];
    let small = alone.set(b"small", &[1; 10], NEVER);
    assert_eq!(alone.shard.guess(alone.seed.hash(b"small")), small);
    assert!(!alone.shard.has_large() && alone.shard.large_bytes() == 0);
    let large = alone.set(b"large", &[2; SHARED_VALUE_LEN], NEVER);
    let large_by_key = alone.set(&long_key, b"short", NEVER);
    let Alone { shard, seed, .. } = &mut alone;
    let all = [small, large, large_by_key];
    assert_eq!(all.map(|reference| shard.at(shard.place(reference))), all);
    assert_eq!(all.map(|reference| shard.sequence(reference)), [1, 2, 3]);
    assert_eq!(all.map(|reference| shard.value_len(reference)), [10, 0, 5], "as far as it is copied");
    assert_eq!(all.map(|reference| shard.block(Some(reference)).key()), [&b"small"[..], b"", b""]);
    assert!(shard.block(None).0.is_empty());
    let blocks = Entry::block_len(5, SHARED_VALUE_LEN) + Entry::block_len(long_key.len(), 5);
    assert!(shard.has_large() && shard.large_bytes() == blocks as u64);
    assert_eq!(shard.ids(), 2 * 16 * 128, "a block, and room for another");
    for (key, reference) in [(&b"large"[..], large), (&long_key, large_by_key)] {
        assert!(shard.remove(seed.hash(key), reference, Cause::Deleted, None).flatten().is_some());
    }
    assert!(!shard.has_large() && shard.large_bytes() == 0);
    shard.check(seed);
}

/// In whole granules, with a deadline, and what an entry takes beside its block.
#[test]
fn an_entry_takes_its_block_and_some_more() {
    for (key, value, bytes) in [(&b""[..], &b""[..], 16), (b"key", b"value", 24), (b"key", b"values", 32)] {
        assert_eq!(bytes_of(key, value), OUTSIDE + bytes);
    }
    assert_eq!(bytes_of(b"key", &[1; 5000]), OUTSIDE + Entry::block_len(3, 5000) as u64);
}

/// When the index grows, of those that are there.
#[test]
fn the_length_of_entries_is_measured_now_and_then() {
    let mut alone = Alone::new();
    for (count, granules, len) in [(6, 15, 0), (7, 15, 130), (13, 15, 130)] {
        alone.fill(alone.sequence..count, granules);
        assert_eq!(alone.shard.entry_len(), len, "of {count}");
    }
    alone.remove(0..2);
    alone.fill(13..15, 27);
    assert_eq!(alone.shard.entry_len(), 130);
    alone.fill(15..16, 27);
    assert_eq!(alone.shard.entry_len(), (8 + 13 * 15 - 30 + 2 * 27) * GRANULE / 13);
}

#[test]
fn the_index_shrinks_with_every_entry_that_goes() {
    let mut alone = Alone::new();
    alone.fill(0..500, 3);
    assert_eq!(alone.buckets(), 77);
    alone.remove(0..490);
    assert_eq!((alone.buckets(), alone.shard.len()), (3, 10));
    alone.shard.check(&alone.seed);
}

#[test]
fn room_for_what_is_expected_stays_until_it_comes() {
    let mut alone = Alone::new();
    alone.shard.expect(1000).unwrap();
    alone.shard.tidy(0);
    assert_eq!(alone.buckets(), 154);
    alone.fill(0..1, 3);
    alone.remove(0..1);
    assert_eq!(alone.buckets(), 1, "it is as new");
}

/// More than a few, and either nearly half of it or, where a batch may empty pages, a sixteenth.
#[test]
#[cfg_attr(miri, ignore)] // its pages are small
fn holes_count_when_they_are_many() {
    let holes = |alone: &Alone| [(0, 0), (0, 1), (1, 1)].map(|(emptied, pages)| alone.shard.has_holes(emptied, pages));
    let mut alone = Alone::new();
    alone.fill(0..15, 512);
    alone.remove(0..4);
    assert_eq!((alone.shard.arena.dead_and_used(), holes(&alone)), ((ENOUGH, 7688), [false; 3]));
    alone.remove(4..5);
    assert_eq!(holes(&alone), [false, true, false]);

    let mut alone = Alone::new();
    alone.fill(0..5, 432);
    alone.fill(5..12, 376);
    alone.remove(0..5);
    assert_eq!((alone.shard.arena.dead_and_used(), holes(&alone)), ((2160, 4800), [false, true, false]));
    alone.remove(5..6);
    assert_eq!(holes(&alone), [true, true, false]);

    // Pages that entries fill to the end.
    let mut alone = Alone::new();
    alone.fill(0..5, 512);
    alone.fill(5..24, 296);
    alone.fill(24..120, 341);
    alone.remove(0..5);
    assert_eq!((alone.shard.arena.dead_and_used(), holes(&alone)), ((2560, 5 * 8192), [false; 3]));
    alone.remove(5..6);
    assert_eq!(holes(&alone), [false, true, false]);
}

/// Its arena has no memory at all.
#[test]
fn large_entries_alone_end_like_others() {
    let mut alone = Alone::new();
    let reference = alone.set(b"key", &[1; 5000], 10);
    let hash = alone.seed.hash(b"key");
    let Alone { shard, seed, .. } = &mut alone;
    assert!(shard.sweep(seed, 9, true).is_none());
    assert_eq!([9, 10].map(|now| shard.ended(now)), [0, 1]);
    assert_eq!(shard.sweep(seed, 10, false).unwrap().entries(), [(reference, hash)]);
    assert!(shard.sweep(seed, 10, true).is_none());
}
