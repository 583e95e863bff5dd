//! Atomics as loom has them, which may stand in statics: each is made anew in every schedule. Only built with `--cfg loom`.
//!
//! That counts as a write of whoever uses one first: a model touches all of them before it starts threads.

#![allow(dead_code)] // all have the same operations

use std::cell::UnsafeCell;

use loom::sync::atomic as modelled;
pub use loom::sync::atomic::Ordering;

/// Counts the schedules that were begun.
static SCHEDULES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Tries the schedules of `run` with so many preemptions, or all; says how many there were.
#[cfg(test)]
pub fn model(preemptions: Option<usize>, run: impl Fn() + Sync + Send + 'static) {
    use std::sync::atomic::Ordering::Relaxed;
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 100_000;
    let (before, run) = (SCHEDULES.load(Relaxed), std::sync::Arc::new(run));
    builder.check(move || {
        SCHEDULES.fetch_add(1, Relaxed);
        let run = run.clone();
        spawn(move || run()).join().unwrap();
    });
    let name = std::thread::current().name().unwrap_or_default().to_string();
    println!("schedules: {} of {name}", SCHEDULES.load(Relaxed) - before);
}

/// Starts a thread that has room for an engine on its stack.
#[cfg(test)]
pub fn spawn<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> loom::thread::JoinHandle<R> {
    const WORDS: usize = 1 << 16;
    loom::thread::Builder::new().stack_size(WORDS).spawn(run).unwrap()
}

/// What was made in the schedule with that number.
struct Made<A>(UnsafeCell<Option<(usize, A)>>);

// SAFETY: the threads of a model run one at a time, on one thread of the system.
unsafe impl<A> Send for Made<A> {}
// SAFETY: as above.
unsafe impl<A> Sync for Made<A> {}

impl<A> Made<A> {
    fn get(&self, make: impl FnOnce() -> A) -> &A {
        let schedule = SCHEDULES.load(std::sync::atomic::Ordering::Relaxed);
        // SAFETY: as above; who had a reference in an earlier schedule has gone.
        let made = unsafe { &mut *self.0.get() };
        match made {
            Some((of, _)) if *of == schedule => (),
            _ => *made = Some((schedule, make())),
        }
        &made.get_or_insert_with(|| unreachable!()).1
    }
}

macro_rules! atomic {
    ($name:ident $(<$type:ident>)?, $value:ty) => {
        pub struct $name $(<$type>)? {
            initial: $value,
            made: Made<modelled::$name $(<$type>)?>,
        }

        impl $(<$type>)? $name $(<$type>)? {
            pub const fn new(initial: $value) -> Self {
                $name { initial, made: Made(UnsafeCell::new(None)) }
            }

            fn get(&self) -> &modelled::$name $(<$type>)? {
                self.made.get(|| modelled::$name::new(self.initial))
            }

            pub fn load(&self, order: Ordering) -> $value {
                self.get().load(order)
            }

            pub fn store(&self, value: $value, order: Ordering) {
                self.get().store(value, order);
            }

            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.get().swap(value, order)
            }

            pub fn compare_exchange(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.get().compare_exchange(old, new, success, failure)
            }

            pub fn compare_exchange_weak(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.get().compare_exchange_weak(old, new, success, failure)
            }
        }
    };
}

macro_rules! number {
    ($name:ident, $value:ty) => {
        atomic!($name, $value);

        impl $name {
            pub fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.get().fetch_add(value, order)
            }

            pub fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.get().fetch_sub(value, order)
            }

            pub fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.get().fetch_or(value, order)
            }

            pub fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.get().fetch_and(value, order)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name::new(0)
            }
        }
    };
}

number!(AtomicU32, u32);
number!(AtomicU64, u64);
number!(AtomicUsize, usize);
atomic!(AtomicPtr<T>, *mut T);

// SAFETY: as for the standard one.
unsafe impl<T> Send for AtomicPtr<T> {}
// SAFETY: as for the standard one.
unsafe impl<T> Sync for AtomicPtr<T> {}
