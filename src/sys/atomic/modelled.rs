//! Atomics of whoever tries schedules, which may stand in statics: each is made anew in every schedule. Only built with
//! `--cfg modelled`.
//!
//! To loom that counts as a write of whoever uses one first: a model touches all of them before it starts threads.

#![allow(dead_code)] // all have the same operations

use std::cell::UnsafeCell;

use crate::sys::schedules::{atomic as modelled, number};
pub use modelled::Ordering;

/// What was made in the schedule with that number.
struct Made<A>(UnsafeCell<Option<(usize, A)>>);

// SAFETY: the threads of a model run one at a time, on one thread of the system.
unsafe impl<A> Send for Made<A> {}
// SAFETY: as above.
unsafe impl<A> Sync for Made<A> {}

impl<A> Made<A> {
    fn get(&self, make: impl FnOnce() -> A) -> &A {
        let schedule = number();
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
