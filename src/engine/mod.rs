//! The engine: entries in shards, batches that are one step for everyone. Knows no handles, no options, no foreign pointers.
//!
//! A key's hash names its shard. A batch takes all shards it involves in one
//! step before it looks at anything, and lets go after its last change: others
//! see all of it or nothing. Nothing waits for one cache miss at a time: first
//! every key is hashed, then every index line is asked for, then every entry,
//! and only then is anything compared (Chen, Gibbons, Mowry: Improving Index
//! Performance through Prefetching, 2001). Writes have two phases: whatever
//! can fail (memory, lengths) comes first, and the commit cannot.

mod arena;
mod batch;
mod block;
mod entry;
mod gate;
mod index;
mod large;
mod line;
mod order;
mod scan;
mod shard;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::prefetch;
use crate::Error;

use batch::{with_probes, Probe, Seed};
pub use entry::Entry;
use gate::{Gate, Reading, Writing, ALL, SHARDS};
pub use scan::KeySink;
use shard::{is_large, New, Shard, Value};

/// Values from this length on are handed out by reference, not copied: below,
/// copying a value costs less than pinning and releasing it does.
pub(crate) const SHARED_VALUE_LEN: usize = 4096;

/// Keys of a batch that are on their way at once: more would push each other
/// out of the first-level cache.
const GROUP: usize = 64;

/// What `mget` gives its answers to, in the order of the keys.
pub trait ValueSink {
    /// Once, before the answers: how many there are, how many bytes will be
    /// copied, and how many values handed out by reference.
    fn reserve(&mut self, answers: usize, copied_bytes: usize, shared: usize) -> Result<(), Error>;
    fn missing(&mut self) -> Result<(), Error>;
    fn copied(&mut self, value: &[u8]) -> Result<(), Error>;
    fn shared(&mut self, entry: &Entry) -> Result<(), Error>;
}

pub struct Engine {
    gate: Gate<Shard>,
    /// Every insertion takes a number and keeps it: the order of keys.
    next_sequence: AtomicU64,
    seed: Seed,
}

/// A pair to be set.
#[derive(Default)]
struct Pair<'v> {
    value: &'v [u8],
    /// What the key's shard has prepared; before that, a large entry.
    new: Option<New>,
    /// A large entry that was replaced, to be freed outside the shards.
    garbage: Option<Entry>,
}

impl Engine {
    pub fn new() -> Self {
        Engine { gate: Gate::new(Shard::new), next_sequence: AtomicU64::new(0), seed: Seed::new() }
    }

    /// Sets all pairs; of equal keys the last value wins and the first place stands.
    pub fn mset<'a>(&self, pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>) -> Result<(), Error> {
        let split = |(key, value)| {
            let new = if is_large(key, value) { Some(New::Large(Entry::try_new(key, value)?)) } else { None };
            Ok((key, Pair { value, new, garbage: None }))
        };
        with_probes(&self.seed, pairs, split, |probes, mask| {
            let mut shards = self.gate.write(mask);
            if let Err(error) = self.prepare(probes, &mut shards) {
                for probe in &mut *probes {
                    if let Some(new) = probe.state.new.take() {
                        shards.shard(probe.shard()).cancel(probe.hash, probe.key, new);
                    }
                }
                return Err(error);
            }
            // The numbers are taken while the shards are held, so that each
            // shard's order ascends and a scan sees all of the batch or nothing.
            let first = self.next_sequence.fetch_add(probes.len() as u64, Ordering::SeqCst);
            for (number, probe) in probes.iter_mut().enumerate() {
                let Some(new) = probe.state.new.take() else { continue };
                let shard = shards.shard(probe.shard());
                let sequence = first + number as u64;
                probe.state.garbage = shard.commit(probe.hash, probe.key, probe.state.value, sequence, new);
            }
            self.tidy(&mut shards, 0);
            // What was replaced is freed with the probes, outside.
            drop(shards);
            Ok(())
        })
    }

    /// Everything of a batch that can fail.
    fn prepare(&self, probes: &mut [Probe<Pair>], shards: &mut Writing<Shard>) -> Result<(), Error> {
        let (mut more, mut large) = ([0; SHARDS], [0; SHARDS]);
        for probe in &*probes {
            more[probe.shard()] += 1;
            large[probe.shard()] += usize::from(probe.state.new.is_some());
        }
        for number in shards.shards() {
            shards.shard(number).reserve(&self.seed, more[number], large[number])?;
        }
        for group in probes.chunks_mut(GROUP) {
            ask_for(group, |shard| shards.peek(shard));
            for probe in group {
                let shard = shards.shard(probe.shard());
                probe.state.new = Some(match probe.state.new.take() {
                    Some(New::Large(entry)) => shard.prepare_large(probe.hash, entry),
                    _ => shard.prepare(probe.hash, probe.key, probe.state.value)?,
                });
            }
        }
        Ok(())
    }

    /// Gives `sink` one answer for each key.
    pub fn mget<'a>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        with_probes(
            &self.seed,
            keys,
            |key| Ok((key, 0)),
            |probes, mask| {
                let shards = self.gate.read(mask);
                let mut sizes = Sizes::default();
                for group in probes.chunks_mut(GROUP) {
                    find_all(&shards, group, &mut sizes);
                }
                sink.reserve(probes.len(), sizes.copied, sizes.shared)?;
                for probe in &*probes {
                    if probe.state == 0 {
                        sink.missing()?;
                        continue;
                    }
                    match shards.shard(probe.shard()).value(probe.state) {
                        Value::Large(entry) if entry.value().len() >= SHARED_VALUE_LEN => sink.shared(entry)?,
                        Value::Large(entry) => sink.copied(entry.value())?,
                        Value::Small(value) => sink.copied(value)?,
                    }
                }
                Ok(())
            },
        )
    }

    /// Deletes what is there and says how many entries that were.
    pub fn mdelete<'a>(&self, keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<usize, Error> {
        with_probes(
            &self.seed,
            keys,
            |key| Ok((key, None)),
            |probes, mask| {
                let mut shards = self.gate.write(mask);
                let mut removed = 0;
                for group in probes.chunks_mut(GROUP) {
                    ask_for(group, |shard| shards.peek(shard));
                    for probe in group {
                        if let Some(garbage) = shards.shard(probe.shard()).remove(probe.hash, probe.key) {
                            probe.state = garbage;
                            removed += 1;
                        }
                    }
                }
                self.tidy(&mut shards, removed);
                // Large entries that were removed are freed with the probes, outside.
                drop(shards);
                Ok(removed)
            },
        )
    }

    /// How many entries there are, between two batches.
    pub fn len(&self) -> usize {
        let shards = self.gate.read(ALL);
        (0..SHARDS).map(|shard| shards.shard(shard).len()).sum()
    }

    fn tidy(&self, shards: &mut Writing<Shard>, removed: usize) {
        for number in shards.shards() {
            shards.shard(number).tidy(&self.seed, removed);
        }
    }

    /// Waits for every batch and keeps new ones out, until one of the next two.
    pub fn hold(&self) {
        self.gate.hold();
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// As for [`Gate::release_held`].
    pub unsafe fn release_held(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.gate.release_held() }
    }

    /// Ends `hold` in the child of a fork.
    ///
    /// # Safety
    /// As for [`Gate::reset`].
    pub unsafe fn reset_held(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.gate.reset() }
    }
}

/// What the answers to a batch amount to.
#[derive(Default)]
struct Sizes {
    /// Bytes that are copied.
    copied: usize,
    /// Values that are handed out by reference.
    shared: usize,
}

/// Asks for every index line of a group, then for every entry. One key alone
/// has nothing to do meanwhile, and what is in the cache need not be asked for;
/// shards are all about as large.
#[inline(always)]
fn ask_for<'s, T>(group: &[Probe<T>], shard: impl Fn(usize) -> &'s Shard) {
    if group.len() > 1 && shard(group[0].shard()).outgrows_the_cache() {
        group.iter().for_each(|probe| shard(probe.shard()).prefetch_index(probe.hash));
        group.iter().for_each(|probe| shard(probe.shard()).prefetch_entry(probe.hash));
    }
}

/// Sets each probe's state to the reference of its entry, 0 for none.
#[inline(always)]
fn find_all(shards: &Reading<Shard>, group: &mut [Probe<u32>], sizes: &mut Sizes) {
    ask_for(group, |shard| shards.shard(shard));
    for probe in group {
        let shard = shards.shard(probe.shard());
        let Some(reference) = shard.find(probe.hash, probe.key) else { continue };
        probe.state = reference;
        match shard.value(reference) {
            Value::Small(value) => {
                sizes.copied += value.len();
                prefetch_rest(value);
            }
            Value::Large(entry) if entry.value().len() >= SHARED_VALUE_LEN => sizes.shared += 1,
            Value::Large(entry) => sizes.copied += entry.value().len(),
        }
    }
}

/// Asks for the lines of a value beyond those that came with its entry.
#[inline(always)]
fn prefetch_rest(value: &[u8]) {
    if value.len() > 64 {
        value[64..].chunks(64).for_each(prefetch);
    }
}

#[cfg(test)]
mod tests;
