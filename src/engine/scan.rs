//! Reading keys in insertion order, a stretch at a time. Holds no shard between stretches and remembers no places.
//!
//! Where the set knows the entries with a prefix, and they are few, they are
//! put in order; otherwise all entries are looked at in order.

use std::ops::Range;

use super::matches::{in_groups, len_of, matches, All, Reading};
use super::merge::Merged;
use super::prefixes::{Keys, Locator};
use super::Engine;
use crate::Error;

/// Entries looked at before the shards are let go, so that a scan never keeps
/// writers waiting longer than a large batch does.
const STRETCH: usize = 4096;

/// What a scan gives a key to: whether it wants more.
pub trait KeySink {
    /// How many it wants at most.
    fn wanted(&self) -> usize;
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
        let shards = self.read_for(prefix);
        match self.earliest_matches(&shards, prefix, from..until, sink.wanted()) {
            Some((matches, next)) => {
                for (sequence, at) in matches {
                    if !sink.key(All::new(|number| shards.shard(number)).key(at))? {
                        return Ok(sequence + 1);
                    }
                }
                Ok(next)
            }
            None => self.walk(&shards, prefix, from, until, sink),
        }
    }

    /// The first of the entries with a prefix and such numbers, in order, and
    /// where to go on. `None`: a walk is shorter, or all there is memory for.
    fn earliest_matches(
        &self,
        shards: &Reading,
        prefix: &[u8],
        numbers: Range<u64>,
        wanted: usize,
    ) -> Option<(Vec<(u64, Locator)>, u64)> {
        let range = matches(shards, prefix)?;
        let shard = |at: &Locator| shards.shard(usize::from(at.shard));
        let len = range.clone().count();
        let wanted = wanted.clamp(1, len.max(1));
        // All of them are looked at for each page: for all pages that should not be more than there is.
        if len / wanted > len_of(|number| shards.shard(number)) / len.max(1) {
            return None;
        }
        let now = self.time();
        let mut found = Vec::new();
        found.try_reserve_exact(len).ok()?;
        in_groups(range, |group| {
            group.iter().for_each(|at| shard(at).prefetch_key(at.reference));
            group.iter().for_each(|at| shard(at).prefetch_head(shard(at).place(at.reference)));
            group.iter().for_each(|at| shard(at).prefetch_place(shard(at).place(at.reference)));
            let there = group.iter().filter(|at| !shard(at).has_ended(at.reference, now));
            let numbered = there.map(|at| (shard(at).sequence(at.reference), *at));
            found.extend(numbered.filter(|(sequence, _)| numbers.contains(sequence)));
        });
        let mut next = numbers.end;
        if found.len() > wanted {
            let (_, last, _) = found.select_nth_unstable_by_key(wanted - 1, |&(sequence, _)| sequence);
            next = last.0 + 1;
            found.truncate(wanted);
        }
        found.sort_unstable_by_key(|&(sequence, _)| sequence);
        Some((found, next))
    }

    /// Looks at entries in order, whatever their keys.
    fn walk(
        &self,
        shards: &Reading,
        prefix: &[u8],
        from: u64,
        until: u64,
        sink: &mut impl KeySink,
    ) -> Result<u64, Error> {
        let now = self.time();
        let mut entries = Merged::from(shards, from);
        for _ in 0..STRETCH {
            let Some((sequence, at)) = entries.next_below(until) else { return Ok(until) };
            let shard = shards.shard(usize::from(at.shard));
            let (key, ended) = (shard.key(at.reference), shard.has_ended(at.reference, now));
            if key.starts_with(prefix) && !ended && !sink.key(key)? {
                return Ok(sequence + 1);
            }
        }
        Ok(entries.sequence().min(until))
    }
}
