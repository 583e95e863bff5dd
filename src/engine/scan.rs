//! Reading keys in insertion order, a stretch at a time. Holds no shard between stretches and remembers no places.

use super::gate::{ALL, SHARDS};
use super::order::Entries;
use super::Engine;
use crate::Error;

/// Entries looked at before the shards are let go, so that a scan never keeps
/// writers waiting longer than a large batch does.
const STRETCH: usize = 4096;

/// What a scan gives a key to: whether it wants more.
pub trait KeySink {
    fn key(&mut self, key: &[u8]) -> Result<bool, Error>;
}

impl Engine {
    /// The moment of now: entries inserted later have this number or a higher one.
    pub fn now(&self) -> u64 {
        self.next_sequence.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Gives `sink` the keys with `prefix` whose sequence numbers lie in
    /// `from..until`, in order, for one stretch. Returns where to go on;
    /// `until` means that there are no more.
    pub fn scan(&self, prefix: &[u8], from: u64, until: u64, sink: &mut impl KeySink) -> Result<u64, Error> {
        // All shards at once: the stretch is one moment of the store.
        let shards = self.gate.read(ALL);
        let now = self.time();
        let mut heads: [Entries; SHARDS] = std::array::from_fn(|shard| shards.shard(shard).entries_from(from));
        let mut firsts: [u64; SHARDS] = std::array::from_fn(|shard| first_of(&heads[shard]));
        for _ in 0..STRETCH {
            let (number, sequence) = earliest(&firsts);
            let head = &mut heads[number];
            let Some((_, reference)) = head.first().filter(|_| sequence < until) else {
                return Ok(until);
            };
            let shard = shards.shard(number);
            let soon = head.soon(AHEAD);
            if soon != 0 {
                shard.prefetch(soon);
            }
            let (key, ended) = (shard.key(reference), now != 0 && shard.deadline(reference) <= now);
            head.advance();
            firsts[number] = first_of(head);
            if key.starts_with(prefix) && !ended && !sink.key(key)? {
                return Ok(sequence + 1);
            }
        }
        Ok(earliest(&firsts).1.min(until))
    }
}

/// Entries of one shard that are asked for before they are needed.
const AHEAD: usize = 2;

fn first_of(entries: &Entries) -> u64 {
    entries.first().map_or(u64::MAX, |(sequence, _)| sequence)
}

/// The lowest number and whose it is.
fn earliest(firsts: &[u64; SHARDS]) -> (usize, u64) {
    let mut best = (0, firsts[0]);
    for (shard, &sequence) in firsts.iter().enumerate().skip(1) {
        if sequence < best.1 {
            best = (shard, sequence);
        }
    }
    best
}
