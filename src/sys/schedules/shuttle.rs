//! shuttle, by the names of `schedules`.

use std::cell::{Cell, UnsafeCell};

#[cfg(test)]
use ::shuttle::scheduler::{PctScheduler, RandomScheduler};
#[cfg(test)]
use ::shuttle::{Config, Runner};

pub use ::shuttle::lazy_static;
pub use ::shuttle::sync::{atomic, Arc, Condvar, Mutex};
pub use ::shuttle::thread;
#[cfg(test)]
pub use ::shuttle::thread::spawn;

/// What its schedules are called.
#[cfg(test)]
pub const KIND: &str = "random schedules";

/// How many steps of a schedule give the turn to others.
#[cfg(test)]
const LOST_PLACES: usize = 4;

/// How often a thread of a model does the same: longer schedules cost in proportion.
#[cfg(test)]
pub const ROUNDS: u32 = 3;

/// `BYTESTORE_SCHEDULES`: how many of each model, otherwise 1000. In one half any thread may go on at each step; in the
/// other one goes on until it waits, or has lost its place at one of a few steps (PCT: Burckhardt et al., ASPLOS 2010).
#[cfg(test)]
pub fn explore(_preemptions: Option<usize>, run: impl Fn() + Sync + Send + 'static) {
    let count = std::env::var("BYTESTORE_SCHEDULES").map_or(1000, |count| count.parse().unwrap());
    let mut config = Config::new();
    config.stack_size = 1 << 19; // room for an engine
    config.silence_warnings = true; // of weak orderings, which loom tries
    let run = Arc::new(run);
    let [again, half] = [run.clone(), run].map(|run| move || run());
    Runner::new(RandomScheduler::new(count - count / 2), config.clone()).run(half);
    Runner::new(PctScheduler::new(LOST_PLACES + 1, count / 2), config).run(again);
}

/// A number that no other thread of this schedule has; not 0.
pub fn this_thread() -> usize {
    usize::from(::shuttle::current::me()) + 1
}

/// A value whose use is watched: others may come while somebody is inside, and whoever may not be there with them panics.
#[derive(Debug)]
pub struct Watched<T> {
    value: UnsafeCell<T>,
    /// How many look at it; -1: somebody changes it.
    inside: Cell<isize>,
}

// SAFETY: the threads of a model run one at a time, on one thread of the system.
unsafe impl<T: Send> Send for Watched<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Watched<T> {}

impl<T> Watched<T> {
    pub const fn new(value: T) -> Self {
        Watched { value: UnsafeCell::new(value), inside: Cell::new(0) }
    }

    pub fn with<R>(&self, look: impl FnOnce(*const T) -> R) -> R {
        assert!(self.inside.get() >= 0, "somebody looks at what another one changes");
        self.inside.set(self.inside.get() + 1);
        thread::yield_now();
        let seen = look(self.value.get());
        self.inside.set(self.inside.get() - 1);
        seen
    }

    pub fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        assert!(self.inside.get() == 0, "somebody changes what another one uses");
        self.inside.set(-1);
        thread::yield_now();
        let changed = change(self.value.get());
        self.inside.set(0);
        changed
    }
}
