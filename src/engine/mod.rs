//! The engine: entries in shards, batches that are one step for everyone. Knows no handles, no options, no foreign pointers.
//!
//! A key's hash names its shard. A batch takes all shards it involves in one
//! step before it looks at anything, and lets go after its last change: others
//! see all of it or nothing. Nothing waits for one cache miss at a time: first
//! every key is hashed, then every index line is asked for, then every entry,
//! and only then is anything compared (Chen, Gibbons, Mowry: Improving Index
//! Performance through Prefetching, 2001). Writes have two phases: whatever
//! can fail (memory, lengths) comes first, and the commit cannot.

mod answer;
mod arena;
mod batch;
mod block;
mod entry;
mod gate;
mod holes;
mod index;
mod large;
mod line;
mod order;
mod paged;
#[cfg(test)] // until the engine asks it
mod policy;
#[cfg(test)]
mod prefixes;
mod read;
mod scan;
mod shard;
mod write;

use std::sync::atomic::AtomicU64;

use crate::sys::{Pool, Shared};
use crate::Error;

pub use answer::ValueSink;
use batch::Seed;
pub use entry::Entry;
use gate::{Gate, ALL, SHARDS};
pub use scan::KeySink;
use shard::Shard;

/// Values from this length on are handed out by reference, not copied: below,
/// copying a value costs less than pinning and releasing it does.
pub(crate) const SHARED_VALUE_LEN: usize = 4096;

pub struct Engine {
    gate: Gate<Shard>,
    /// Every insertion takes a number and keeps it: the order of keys.
    next_sequence: AtomicU64,
    seed: Seed,
}

impl Engine {
    pub fn new() -> Result<Self, Error> {
        Ok(Self::with_pool(&Shared::try_new(Pool::new())?))
    }

    fn with_pool(pool: &Shared<Pool>) -> Self {
        let gate = Gate::new(|| Shard::new(pool.clone()));
        Engine { gate, next_sequence: AtomicU64::new(0), seed: Seed::new() }
    }

    /// How many entries there are, between two batches.
    pub fn len(&self) -> usize {
        let shards = self.gate.read(ALL);
        (0..SHARDS).map(|shard| shards.shard(shard).len()).sum()
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

#[cfg(test)]
mod tests;
