//! A reader-writer lock that allocates nothing and survives `fork`. Knows nothing of what it guards.
//!
//! Why not the standard one: the child of a fork must be able to reset a lock
//! whose holder stayed behind in the parent, and ThreadSanitizer must
//! understand it without a rebuilt standard library. Writers go first: a
//! waiting writer keeps new readers out, so a thread must not lock twice.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::futex;

/// A writer holds the lock.
const WRITER: u32 = 1 << 31;
/// A writer waits: no new readers.
const PENDING: u32 = 1 << 30;
/// The rest of the word counts the readers that hold the lock.
const READERS: u32 = PENDING - 1;

/// Tries before a thread goes to sleep; batches hold locks for microseconds.
const SPINS: u32 = 64;

pub struct Lock<T> {
    state: AtomicU32,
    /// How many threads sleep or are about to.
    waiters: AtomicU32,
    /// Counts the wake-ups; sleepers wait for it to change.
    wakeups: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: readers share &T between threads and writers pass &mut T on, as in
// the standard RwLock.
unsafe impl<T: Send + Sync> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub const fn new(value: T) -> Self {
        Lock {
            state: AtomicU32::new(0),
            waiters: AtomicU32::new(0),
            wakeups: AtomicU32::new(0),
            value: UnsafeCell::new(value),
        }
    }

    pub fn read(&self) -> ReadGuard<'_, T> {
        self.acquire(Self::try_read);
        ReadGuard(self)
    }

    pub fn write(&self) -> WriteGuard<'_, T> {
        self.acquire(Self::try_write);
        WriteGuard(self)
    }

    /// Keeps the lock, as its writer, until `release_held` or `reset`: for the
    /// time around a fork, where no guard can live.
    pub fn hold(&self) {
        self.acquire(Self::try_write);
    }

    /// The value, between `hold` and its end.
    ///
    /// # Safety
    /// This thread called `hold`, and does not end it while the reference lives.
    pub unsafe fn held(&self) -> &T {
        // SAFETY: the caller keeps every writer out.
        unsafe { &*self.value.get() }
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// This thread called `hold`, and has not ended it yet.
    pub unsafe fn release_held(&self) {
        self.end_write();
    }

    /// Ends `hold` in the child of a fork, where the other threads that waited
    /// for this lock do not exist.
    ///
    /// # Safety
    /// The thread that forked called `hold`, and no other thread runs yet.
    pub unsafe fn reset(&self) {
        self.waiters.store(0, SeqCst);
        self.wakeups.store(0, SeqCst);
        self.state.store(0, SeqCst);
    }

    fn try_read(&self) -> bool {
        let mut state = self.state.load(SeqCst);
        while state & (WRITER | PENDING) == 0 {
            match self.state.compare_exchange_weak(state, state + 1, SeqCst, SeqCst) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    fn try_write(&self) -> bool {
        let mut state = self.state.load(SeqCst);
        loop {
            // Taking the lock clears PENDING; other waiting writers set it again.
            let (next, taken) = match state & !PENDING {
                0 => (WRITER, true),
                _ if state & PENDING != 0 => return false,
                _ => (state | PENDING, false),
            };
            match self.state.compare_exchange_weak(state, next, SeqCst, SeqCst) {
                Ok(_) => return taken,
                Err(now) => state = now,
            }
        }
    }

    fn acquire(&self, attempt: fn(&Self) -> bool) {
        for _ in 0..SPINS {
            if attempt(self) {
                return;
            }
            std::hint::spin_loop();
        }
        // An eventcount: either the thread that unlocks sees this waiter, or
        // the attempt below sees the lock free. That takes SeqCst throughout.
        self.waiters.fetch_add(1, SeqCst);
        loop {
            let seen = self.wakeups.load(SeqCst);
            if attempt(self) {
                break;
            }
            futex::wait(&self.wakeups, seen);
        }
        self.waiters.fetch_sub(1, SeqCst);
    }

    fn end_read(&self) {
        if self.state.fetch_sub(1, SeqCst) & READERS == 1 {
            self.wake();
        }
    }

    fn end_write(&self) {
        self.state.fetch_and(!WRITER, SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if self.waiters.load(SeqCst) != 0 {
            self.wakeups.fetch_add(1, SeqCst);
            futex::wake_all(&self.wakeups);
        }
    }
}

pub struct ReadGuard<'a, T>(&'a Lock<T>);

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: while this guard lives, readers only.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        self.0.end_read();
    }
}

pub struct WriteGuard<'a, T>(&'a Lock<T>);

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: while this guard lives, nobody else.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: while this guard lives, nobody else.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        self.0.end_write();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writers add to two numbers, readers must find them equal; on two cores
    /// this also goes through the sleeping path.
    #[test]
    fn writers_exclude_everyone() {
        const EACH: u64 = if cfg!(miri) { 100 } else { 20_000 };
        let lock = Lock::new((0u64, 0u64));
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for round in 0..EACH {
                        let mut guard = lock.write();
                        let pair = &mut *guard;
                        pair.0 += 1;
                        if round % 64 == 0 {
                            std::thread::yield_now();
                        }
                        pair.1 += 1;
                    }
                });
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let pair = &*lock.read();
                        assert_eq!(pair.0, pair.1);
                    }
                });
            }
        });
        assert_eq!(*lock.read(), (3 * EACH, 3 * EACH));
        assert_eq!(lock.state.load(SeqCst), 0);
        assert_eq!(lock.waiters.load(SeqCst), 0);
    }

    #[test]
    fn a_held_lock_can_be_released_or_reset() {
        let lock = Lock::new(1);
        lock.hold();
        assert!(!lock.try_read());
        // SAFETY: held above, by this thread.
        unsafe { lock.release_held() };
        assert_eq!(*lock.read(), 1);
        lock.hold();
        // SAFETY: held above; no other thread uses this lock.
        unsafe { lock.reset() };
        *lock.write() += 1;
        assert_eq!(*lock.read(), 2);
    }
}
