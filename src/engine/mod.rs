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
mod aside;
mod batch;
mod block;
mod bounds;
#[cfg(any(test, bytestore_faults))]
mod check;
mod clock;
mod compaction;
mod counters;
mod entry;
mod gate;
mod holes;
mod index;
mod large;
mod line;
mod matches;
mod merge;
mod note;
mod order;
mod paged;
mod policy;
mod prefixes;
mod read;
mod replace;
mod scan;
mod shard;
mod snapshot;
mod whole;
mod write;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};

use crate::sys::{Heap, Lock, Pool, Shared};
use crate::Error;

pub use answer::ValueSink;
use batch::Seed;
use bounds::Bounds;
pub use bounds::Limits;
use clock::Clock;
pub(crate) use clock::NEVER;
pub use counters::Counters;
pub use entry::Entry;
use gate::{Gate, ALL, SHARDS};
use matches::len_of;
use note::Note;
pub use replace::{Staged, Staging};
pub use scan::KeySink;
use shard::Shard;
pub use snapshot::SnapshotSink;
use whole::Whole;

/// Values from this length on are handed out by reference, not copied: below,
/// copying a value costs less than pinning and releasing it does.
pub(crate) const SHARED_VALUE_LEN: usize = 4096;

/// How an engine is made; by default unbounded, and nothing ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    pub limits: Limits,
    /// Milliseconds that an entry lives when its batch does not say; `NEVER`: until it is deleted.
    pub ttl: u64,
    /// Whether time stands still but for `advance_clock`.
    pub manual_clock: bool,
    /// Whether keys and values are erased when they go.
    pub erase: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { limits: Limits::default(), ttl: NEVER, manual_clock: false, erase: false }
    }
}

/// Some entries have had a deadline: every entry's is looked at.
const EXPIRING: u32 = 1;
/// There are bounds.
const BOUNDED: u32 = 2;
/// There is a set of all entries in the order of their keys.
const PREFIXES: u32 = 4;
/// A snapshot is under way.
const SAVING: u32 = 16;
/// Somebody is told of every entry: writers take all shards.
const TOGETHER: u32 = BOUNDED | PREFIXES | SAVING;
/// What goes is erased: with the next write, for what has ended.
const ERASING: u32 = 8;

/// Whether writers take all shards.
#[inline(always)]
fn takes_all(uses: u32) -> bool {
    uses & TOGETHER != 0 || uses & (ERASING | EXPIRING) == ERASING | EXPIRING
}

pub struct Engine {
    gate: Gate<Shard, Whole, Note>,
    /// Every insertion takes a number and keeps it: the order of keys.
    next_sequence: AtomicU64,
    /// Where large entries come from. Goes after them.
    heap: HeapOfAll,
    seed: Seed,
    clock: Clock,
    settings: Settings,
    /// What is in use of all that not every store uses. Who changes `TOGETHER` has all shards.
    uses: AtomicU32,
    /// Whose turn it is to save, or to replace what is saved.
    turn: Lock<()>,
}

/// A heap whose engine's entries all go before it does.
struct HeapOfAll(Shared<Heap>);

impl Deref for HeapOfAll {
    type Target = Shared<Heap>;

    fn deref(&self) -> &Shared<Heap> {
        &self.0
    }
}

impl Drop for HeapOfAll {
    fn drop(&mut self) {
        self.0.end_emptying();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.heap.begin_emptying();
    }
}

impl Engine {
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Self::with_pool(&Shared::try_new(Pool::new().erasing(settings.erase))?, settings)
    }

    fn with_pool(pool: &Shared<Pool>, settings: Settings) -> Result<Self, Error> {
        let heap = Shared::try_new(Heap::new().erasing(settings.erase))?;
        let clock = if settings.manual_clock { Clock::manual() } else { Clock::System };
        Self::of_parts(pool, heap, Seed::new(), clock, settings)
    }

    fn of_parts(
        pool: &Shared<Pool>,
        heap: Shared<Heap>,
        seed: Seed,
        clock: Clock,
        settings: Settings,
    ) -> Result<Self, Error> {
        let bound = settings.limits.bound();
        let whole = Whole::new(bound.then(|| Bounds::new(settings.limits)).transpose()?);
        let note = || if bound { Note::remembering() } else { Ok(Note::default()) };
        Ok(Engine {
            gate: Gate::new(|number| Shard::new(pool.clone(), number), whole, note)?,
            next_sequence: AtomicU64::new(0),
            heap: HeapOfAll(heap),
            seed,
            clock,
            settings,
            uses: AtomicU32::new(if bound { BOUNDED } else { 0 } | if settings.erase { ERASING } else { 0 }),
            turn: Lock::new(()),
        })
    }

    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Whether keys and values are erased when they go.
    pub fn erases(&self) -> bool {
        self.settings.erase
    }

    /// How many entries there are, between two batches.
    pub fn len(&self) -> usize {
        let shards = self.gate.read(ALL);
        let all = len_of(|shard| shards.shard(shard));
        match self.time() {
            0 => all,
            now => all - (0..SHARDS).map(|shard| shards.shard(shard).ended(now)).sum::<usize>(),
        }
    }

    /// What was counted so far, between two batches.
    pub fn counters(&self) -> Counters {
        let shards = self.gate.read(ALL);
        let limit = |limit| if limit == u64::MAX { 0 } else { limit };
        let Limits { max_bytes, max_entries, .. } = self.settings.limits;
        let mut counters =
            Counters { max_bytes: limit(max_bytes), max_entries: limit(max_entries), ..Counters::default() };
        for (hits, misses) in self.gate.notes().map(Note::hits_and_misses) {
            counters.hits += hits;
            counters.misses += misses;
        }
        let mut bytes = 0;
        for shard in (0..SHARDS).map(|number| shards.shard(number)) {
            shard.tally().add_to(&mut counters);
            counters.entries += shard.len() as u64;
            bytes += shard.bytes();
        }
        counters.overhead_bytes = bytes - counters.key_bytes - counters.value_bytes;
        counters
    }

    /// Turns a manual clock forward; whether it is one.
    pub fn advance_clock(&self, milliseconds: u64) -> bool {
        // Between two batches: one that has looked at the clock takes its numbers later.
        let _shards = self.gate.write(ALL);
        self.clock.advance(milliseconds)
    }

    /// Whether a writer must watch: entries may end, or somebody is told of them.
    #[inline(always)]
    fn watches(&self) -> bool {
        self.uses.load(SeqCst) != 0
    }

    /// Whether a reader must: entries may end, or it matters which ones are found.
    #[inline(always)]
    fn observes(&self) -> bool {
        self.uses(EXPIRING | BOUNDED)
    }

    #[inline(always)]
    fn uses(&self, what: u32) -> bool {
        self.uses.load(SeqCst) & what != 0
    }

    /// The time, if any entry may have ended, otherwise 0. The caller has the
    /// shards that it looks at.
    #[inline(always)]
    fn time(&self) -> u64 {
        match self.uses(EXPIRING) {
            true => self.clock.now(),
            false => 0,
        }
    }

    /// Waits for every batch and keeps new ones out, until one of the next two.
    pub fn hold(&self) {
        self.gate.hold();
        self.heap.hold(); // large entries are made outside the gate
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// As for [`Gate::release_held`].
    pub unsafe fn release_held(&self) {
        // SAFETY: the caller's promise.
        unsafe {
            self.heap.release_held();
            self.gate.release_held();
        }
    }

    /// Ends `hold` in the child of a fork. Who saved there is not here: nothing
    /// is put aside for him any more.
    ///
    /// # Safety
    /// As for [`Gate::reset`].
    pub unsafe fn reset_held(&self) {
        self.uses.fetch_and(!SAVING, SeqCst);
        // SAFETY: the caller's promise; nobody here has the turn, and it guards no data.
        unsafe {
            self.gate.held_whole().aside().into_iter().for_each(|aside| aside.lock().fail());
            self.turn.reset();
            self.heap.reset_held();
            self.gate.reset();
        }
    }

    /// For a test that is alone with it: what a fork does to it in the child.
    #[cfg(test)]
    fn be_forked(&self) {
        self.hold();
        // SAFETY: held above; no other thread uses this engine.
        unsafe { self.reset_held() };
    }
}

#[cfg(all(test, not(modelled)))]
mod tests;
