//! The engine: entries in shards, batches that are one step for everyone. Knows no handles, no options, no foreign pointers.
//!
//! A key's hash names its shard. A batch locks the shards it involves, in
//! ascending order, before it looks at anything, and lets go after its last
//! change: others see all of it or nothing. Writes have two phases: whatever
//! can fail (memory, lengths) comes first, and the commit cannot.

mod batch;
mod entry;
mod scan;
mod shard;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::lock::{ReadGuard, WriteGuard};
use crate::sys::{random, Lock};
use crate::Error;

use batch::{Batch, Seed};
pub use entry::Entry;
pub use scan::KeySink;
use shard::Shard;

/// A power of two, at most 32 (a batch keeps a bit for each).
const SHARDS: usize = 16;

/// Values from this length on are handed out by reference, not copied: below,
/// copying a value costs less than pinning and releasing it does.
pub const SHARED_VALUE_LEN: usize = 4096;

/// What `mget` gives its answers to, in the order of the keys.
pub trait ValueSink {
    /// Once, before the answers: how many there are, how many bytes will be
    /// copied, and how many values handed out by reference.
    fn reserve(&mut self, answers: usize, copied_bytes: usize, shared: usize) -> Result<(), Error>;
    fn missing(&mut self) -> Result<(), Error>;
    fn copied(&mut self, value: &[u8]) -> Result<(), Error>;
    fn shared(&mut self, entry: &Entry) -> Result<(), Error>;
}

/// A shard on cache lines of its own.
#[repr(align(64))]
struct Padded(Lock<Shard>);

impl std::ops::Deref for Padded {
    type Target = Lock<Shard>;
    fn deref(&self) -> &Lock<Shard> {
        &self.0
    }
}

pub struct Engine {
    shards: [Padded; SHARDS],
    /// Every insertion takes a number and keeps it: the order of keys.
    next_sequence: AtomicU64,
    seed: Seed,
}

impl Engine {
    pub fn new() -> Self {
        Engine {
            shards: std::array::from_fn(|_| Padded(Lock::new(Shard::default()))),
            next_sequence: AtomicU64::new(0),
            seed: Seed(random::number(), random::number()),
        }
    }

    /// Sets all pairs; of equal keys the last value wins and the first place stands.
    pub fn mset<'a>(&self, pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>) -> Result<(), Error> {
        // First phase: everything that can fail. Equal keys are rare enough to
        // give each its entry.
        let mut batch =
            Batch::new(&self.seed, pairs, |pair| pair.0, |(key, value)| Entry::try_new(key, value).map(Some))?;
        let mut insertions = [0; SHARDS];
        for probe in &batch.probes {
            insertions[probe.shard()] += 1;
        }
        let mut guards = self.write(batch.shards);
        for (guard, more) in guards.iter_mut().zip(insertions) {
            if let Some(shard) = guard {
                shard.reserve(more)?;
            }
        }
        // Second phase. The numbers are taken under the locks, so that each
        // shard's log ascends and a scan sees all of the batch or nothing.
        let first = self.next_sequence.fetch_add(batch.probes.len() as u64, Ordering::SeqCst);
        for (number, probe) in batch.probes.iter_mut().enumerate() {
            if let (Some(shard), Some(entry)) = (&mut guards[probe.shard()], probe.slot.take()) {
                probe.slot = shard.put(probe.hash, first + number as u64, entry);
            }
        }
        // What was replaced is freed with the batch, after the locks.
        drop(guards);
        Ok(())
    }

    /// Gives `sink` one answer for each key.
    pub fn mget<'a>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let mut batch = Batch::new(&self.seed, keys, |key| key, |_| Ok(None))?;
        let guards = self.read(batch.shards);
        let (mut copied, mut shared) = (0usize, 0);
        for probe in &mut batch.probes {
            let Some(shard) = &guards[probe.shard()] else { continue };
            probe.slot = shard.find(probe.hash, probe.key);
            match probe.slot.and_then(|place| shard.entry_at(place)).map(|entry| entry.value().len()) {
                Some(SHARED_VALUE_LEN..) => shared += 1,
                Some(len) => copied = copied.checked_add(len).ok_or(Error::OutOfMemory)?,
                None => {}
            }
        }
        sink.reserve(batch.probes.len(), copied, shared)?;
        for probe in &batch.probes {
            let shard = guards[probe.shard()].as_ref();
            match shard.zip(probe.slot).and_then(|(shard, place)| shard.entry_at(place)) {
                Some(entry) if entry.value().len() < SHARED_VALUE_LEN => sink.copied(entry.value())?,
                Some(entry) => sink.shared(entry)?,
                None => sink.missing()?,
            }
        }
        Ok(())
    }

    /// Deletes what is there and says how many entries that were.
    pub fn mdelete<'a>(&self, keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<usize, Error> {
        let mut batch = Batch::new(&self.seed, keys, |key| key, |_| Ok(None))?;
        let mut guards = self.write(batch.shards);
        let mut removed = 0;
        for probe in &mut batch.probes {
            if let Some(shard) = &mut guards[probe.shard()] {
                probe.slot = shard.remove(probe.hash, probe.key);
                removed += usize::from(probe.slot.is_some());
            }
        }
        for shard in guards.iter_mut().flatten() {
            shard.compact();
        }
        // What was removed is freed with the batch, after the locks.
        drop(guards);
        Ok(removed)
    }

    /// How many entries there are, between two batches.
    pub fn len(&self) -> usize {
        self.read(u32::MAX).iter().flatten().map(|shard| shard.len()).sum()
    }

    fn read(&self, shards: u32) -> [Option<ReadGuard<'_, Shard>>; SHARDS] {
        std::array::from_fn(|shard| ((shards >> shard) & 1 == 1).then(|| self.shards[shard].read()))
    }

    fn write(&self, shards: u32) -> [Option<WriteGuard<'_, Shard>>; SHARDS] {
        std::array::from_fn(|shard| ((shards >> shard) & 1 == 1).then(|| self.shards[shard].write()))
    }

    /// Waits for every batch and keeps new ones out, until one of the next two.
    pub fn hold(&self) {
        self.shards.iter().for_each(|shard| shard.hold());
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// As for [`Lock::release_held`].
    pub unsafe fn release_held(&self) {
        // SAFETY: the caller held them all.
        self.shards.iter().for_each(|shard| unsafe { shard.release_held() });
    }

    /// Ends `hold` in the child of a fork.
    ///
    /// # Safety
    /// As for [`Lock::reset`].
    pub unsafe fn reset_held(&self) {
        // SAFETY: the forking thread held them all.
        self.shards.iter().for_each(|shard| unsafe { shard.reset() });
    }
}
