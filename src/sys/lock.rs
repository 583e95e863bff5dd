//! A lock that allocates nothing and survives `fork`. Knows nothing of what it guards.
//!
//! Why not the standard one: the child of a fork must be able to reset a lock
//! whose holder stayed behind in the parent, and ThreadSanitizer must
//! understand it without a rebuilt standard library. The three states are
//! those of Drepper, "Futexes Are Tricky", 2011.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

use super::atomic::{AtomicU32, Ordering};
use super::futex;

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody sleeps until it is not.
const WANTED: u32 = 2;

pub struct Lock<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time has the value, as in the standard Mutex.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub const fn new(value: T) -> Self {
        Lock { state: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    pub fn lock(&self) -> Guard<'_, T> {
        self.hold();
        Guard(self)
    }

    /// `None`: somebody has it.
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).ok().map(|_| Guard(self))
    }

    /// The value, for who has the lock to himself.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Keeps the lock until `release_held` or `reset`: for the time around a
    /// fork, where no guard can live.
    pub fn hold(&self) {
        if self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
            while self.state.swap(WANTED, Ordering::Acquire) != FREE {
                futex::wait(&self.state, WANTED);
            }
        }
    }

    /// The value, between `hold` and its end.
    ///
    /// # Safety
    /// This thread called `hold`, and does not end it while the reference lives.
    pub unsafe fn held(&self) -> &T {
        // SAFETY: the caller keeps everybody else out.
        unsafe { &*self.value.get() }
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// This thread called `hold`, and has not ended it yet.
    pub unsafe fn release_held(&self) {
        if self.state.swap(FREE, Ordering::Release) == WANTED {
            futex::wake_all(&self.state);
        }
    }

    /// Ends `hold` in the child of a fork, where the threads that waited for
    /// this lock do not exist.
    ///
    /// # Safety
    /// The thread that forked called `hold`, and no other thread runs yet.
    pub unsafe fn reset(&self) {
        self.state.store(FREE, Ordering::Release);
    }
}

pub struct Guard<'a, T>(&'a Lock<T>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: while this guard lives, nobody else.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: while this guard lives, nobody else.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this guard holds the lock.
        unsafe { self.0.release_held() }
    }
}

#[cfg(all(test, modelled))]
mod model;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        const EACH: u64 = if cfg!(miri) { 100 } else { 20_000 };
        let lock = Lock::new(0u64);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 0..EACH {
                        let mut value = lock.lock();
                        let seen = *value;
                        if round % 64 == 0 {
                            std::thread::yield_now();
                        }
                        *value = seen + 1;
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), 4 * EACH);
    }

    #[test]
    fn what_somebody_has_is_not_taken_and_stays_taken() {
        let lock = Lock::new(1);
        let guard = lock.lock();
        assert!(lock.try_lock().is_none());
        assert!(lock.try_lock().is_none());
        drop(guard);
        *lock.try_lock().unwrap() = 2;
        assert_eq!(*lock.lock(), 2);
    }

    #[test]
    fn a_held_lock_can_be_reset() {
        let lock = Lock::new(1);
        lock.hold();
        // SAFETY: held above; no other thread uses this lock.
        unsafe { lock.reset() };
        assert_eq!(*lock.lock(), 1);
    }
}
