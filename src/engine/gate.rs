//! The lock of a batch: any set of shards, shared or alone, taken in one step. Knows nothing of what the shards hold.
//!
//! A reader announces the shards it reads in a slot of its own, so readers on
//! different cores share no cache line; a writer takes all its shards with one
//! compare-and-swap, then waits until no slot announces any of them. Either
//! the reader sees the writer's bits or the writer sees the reader's slot:
//! both store first and look afterwards (SeqCst), as in Dekker's algorithm.
//! Taking everything at once leaves no order to deadlock in.
//!
//! Writers go before new readers, but a writer that finds readers waiting when
//! it leaves gives them the next turn (phase-fairness: Brandenburg, Anderson:
//! Reader-Writer Synchronization for Shared-Memory Multiprocessors, 2009).

mod guards;

use std::cell::UnsafeCell;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use crate::sys::atomic::AtomicU32;
use crate::sys::futex;

pub use guards::{Reading, Writing};

/// How many shards a gate has.
pub(crate) const SHARDS: usize = 16;
/// A bit for each shard.
pub(crate) const ALL: u32 = (1 << SHARDS) - 1;
/// Beside the writers' bits: no new writer before the waiting readers.
const READERS_TURN: u32 = 1 << 31;

/// More readers than this at once wait for each other.
const SLOTS: usize = if cfg!(modelled) { 2 } else { 32 };
/// Tries before a thread goes to sleep, and those of them before it lets others
/// run in between. Batches hold shards for microseconds, and being woken takes
/// longer.
const TRIES: u32 = if cfg!(modelled) { 0 } else { 256 };
const SPINS: u32 = 128;

/// For `make bench` alone, to show what the gate costs: nothing is locked, and
/// only one thread may use the library.
const LOCKS: bool = cfg!(not(bytestore_ungated));

/// One on each cache line.
#[repr(align(64))]
struct Slot<N> {
    /// The shards that its reader announces; 0: it is free.
    mask: AtomicU32,
    note: N,
}

impl<N> Slot<N> {
    /// Whether the slot was free: now it says that the shards of a mask are read.
    #[inline(always)]
    fn announce(&self, mask: u32) -> bool {
        self.mask.compare_exchange(0, mask, SeqCst, SeqCst).is_ok()
    }
}

/// `T`: a shard. `W`: what whoever has all shards may change. `N`: what each
/// reader has for itself.
pub struct Gate<T, W = (), N = ()> {
    slots: [Slot<N>; SLOTS],
    /// The shards that writers have.
    writers: AtomicU32,
    waiting_readers: AtomicU32,
    /// How many threads sleep or are about to.
    sleepers: AtomicU32,
    /// Counts the wake-ups; sleepers wait for it to change.
    wakeups: AtomicU32,
    shards: [UnsafeCell<T>; SHARDS],
    whole: UnsafeCell<W>,
}

// SAFETY: readers share &T and &W between threads and writers pass &mut on, as
// in the standard RwLock; notes are shared.
unsafe impl<T: Send + Sync, W: Send + Sync, N: Send + Sync> Sync for Gate<T, W, N> {}

impl<T, W, N> Gate<T, W, N> {
    pub fn new<E>(make: impl Fn(usize) -> T, whole: W, note: impl Fn() -> Result<N, E>) -> Result<Self, E>
    where
        N: Default,
    {
        let mut slots = std::array::from_fn(|_| Slot { mask: AtomicU32::new(0), note: N::default() });
        for slot in &mut slots {
            slot.note = note()?;
        }
        Ok(Gate {
            slots,
            writers: AtomicU32::new(0),
            waiting_readers: AtomicU32::new(0),
            sleepers: AtomicU32::new(0),
            wakeups: AtomicU32::new(0),
            shards: std::array::from_fn(|shard| UnsafeCell::new(make(shard))),
            whole: UnsafeCell::new(whole),
        })
    }

    /// Shares the shards of a mask with other readers.
    #[inline(always)]
    pub fn read(&self, mask: u32) -> Reading<'_, T, W, N> {
        let slot = match self.try_read(if LOCKS { mask } else { 0 }) {
            Some(slot) => slot,
            None => self.wait_to_read(mask),
        };
        Reading { gate: self, slot, mask }
    }

    /// Whether anybody reads now, or did just before.
    #[inline(always)]
    pub fn has_readers(&self) -> bool {
        self.slots.iter().any(|slot| slot.mask.load(Relaxed) != 0)
    }

    /// What all readers have for themselves. They may be using it.
    pub fn notes(&self) -> impl Iterator<Item = &N> {
        self.slots.iter().map(|slot| &slot.note)
    }

    /// Takes the shards of a mask alone.
    pub fn write(&self, mask: u32) -> Writing<'_, T, W, N> {
        self.start_write(mask);
        Writing { gate: self, mask }
    }

    /// Takes all shards and keeps them, for the time around a fork, where no
    /// guard can live.
    pub fn hold(&self) {
        self.start_write(ALL);
    }

    /// What belongs to all shards, between `hold` and its end.
    ///
    /// # Safety
    /// This thread called `hold`, and does not end it while the reference lives.
    pub unsafe fn held_whole(&self) -> &W {
        // SAFETY: the caller keeps everybody else out.
        unsafe { &*self.whole.get() }
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// This thread called `hold`, and has not ended it yet.
    pub unsafe fn release_held(&self) {
        self.end_write(ALL);
    }

    /// Ends `hold` in the child of a fork, where the other threads that waited
    /// do not exist.
    ///
    /// # Safety
    /// The thread that forked called `hold`, and no other thread runs yet.
    pub unsafe fn reset(&self) {
        self.slots.iter().for_each(|slot| slot.mask.store(0, SeqCst));
        for word in [&self.waiting_readers, &self.sleepers, &self.wakeups, &self.writers] {
            word.store(0, SeqCst);
        }
    }

    #[inline(always)]
    fn try_read(&self, mask: u32) -> Option<&Slot<N>> {
        if mask == 0 || self.writers.load(SeqCst) & mask != 0 {
            return (mask == 0).then(|| &self.slots[0]);
        }
        let own = hint();
        let slot = match self.slots[own].announce(mask) {
            true => &self.slots[own],
            false => self.announce_elsewhere(own, mask)?,
        };
        store_then_look();
        if self.writers.load(SeqCst) & mask == 0 {
            return Some(slot);
        }
        slot.mask.store(0, SeqCst);
        self.wake();
        None
    }

    #[cold]
    #[inline(never)]
    fn announce_elsewhere(&self, own: usize, mask: u32) -> Option<&Slot<N>> {
        (1..SLOTS).map(|step| &self.slots[(own + step) % SLOTS]).find(|slot| slot.announce(mask))
    }

    #[cold]
    fn wait_to_read(&self, mask: u32) -> &Slot<N> {
        self.waiting_readers.fetch_add(1, SeqCst);
        let slot = self.wait_for(|| self.try_read(mask));
        let others = self.waiting_readers.fetch_sub(1, SeqCst) - 1;
        store_then_look();
        if others == 0 && self.writers.load(SeqCst) & READERS_TURN != 0 {
            self.writers.fetch_and(!READERS_TURN, SeqCst);
            self.wake();
        }
        slot
    }

    #[inline(always)]
    fn end_read(&self, slot: &Slot<N>, mask: u32) {
        if mask != 0 && LOCKS {
            slot.mask.store(0, SeqCst);
            self.wake();
        }
    }

    fn start_write(&self, mask: u32) {
        if mask == 0 || !LOCKS {
            return;
        }
        if self.try_claim(mask).is_none() {
            self.wait_for(|| self.try_claim(mask));
        }
        // The shards are claimed: no new reader gets in.
        store_then_look();
        for slot in &self.slots {
            if slot.mask.load(SeqCst) & mask != 0 {
                self.wait_for(|| (slot.mask.load(SeqCst) & mask == 0).then_some(()));
            }
        }
    }

    fn try_claim(&self, mask: u32) -> Option<()> {
        let mut writers = self.writers.load(SeqCst);
        while writers & (mask | READERS_TURN) == 0 {
            match self.writers.compare_exchange_weak(writers, writers | mask, SeqCst, SeqCst) {
                Ok(_) => return Some(()),
                Err(now) => writers = now,
            }
        }
        None
    }

    fn end_write(&self, mask: u32) {
        if mask == 0 || !LOCKS {
            return;
        }
        if self.waiting_readers.load(SeqCst) != 0 {
            self.writers.fetch_or(READERS_TURN, SeqCst);
            store_then_look();
            // The last of them may have left just before.
            if self.waiting_readers.load(SeqCst) == 0 {
                self.writers.fetch_and(!READERS_TURN, SeqCst);
            }
        }
        self.writers.fetch_and(!mask, SeqCst);
        self.wake();
    }

    fn wait_for<R>(&self, attempt: impl Fn() -> Option<R>) -> R {
        for step in 0..TRIES {
            if let Some(result) = attempt() {
                return result;
            }
            match step < SPINS {
                true => std::hint::spin_loop(),
                false => std::thread::yield_now(),
            }
        }
        // An eventcount: either whoever changes something sees this sleeper,
        // or the attempt below sees the change.
        self.sleepers.fetch_add(1, SeqCst);
        store_then_look();
        let result = loop {
            let seen = self.wakeups.load(SeqCst);
            if let Some(result) = attempt() {
                break result;
            }
            futex::wait(&self.wakeups, seen);
        };
        self.sleepers.fetch_sub(1, SeqCst);
        result
    }

    #[inline(always)]
    fn wake(&self) {
        store_then_look();
        if self.sleepers.load(SeqCst) != 0 {
            self.wake_all();
        }
    }

    #[cold]
    fn wake_all(&self) {
        self.wakeups.fetch_add(1, SeqCst);
        futex::wake_all(&self.wakeups);
    }
}

/// Stands where a store must come before a load of another word. SeqCst sees to
/// that; loom takes SeqCst for less, and is told with a fence.
fn store_then_look() {
    #[cfg(modelled)]
    crate::sys::schedules::atomic::fence(SeqCst);
}

/// Where this thread looks for a free slot first. Threads have different
/// stacks, so the address of a local tells them apart without thread-local
/// storage, which a library that is loaded late pays for.
#[cfg(not(modelled))]
fn hint() -> usize {
    let local = 0u8;
    let stack = (&raw const local).addr() as u64 >> 16;
    (stack.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % SLOTS
}

#[cfg(modelled)]
fn hint() -> usize {
    0
}

#[cfg(all(test, modelled))]
mod model;

#[cfg(all(test, not(modelled)))]
mod tests;
