//! loom, by the names of `schedules`.

pub use ::loom::lazy_static;
pub use ::loom::sync::{atomic, Arc, Condvar, Mutex};
pub use ::loom::thread;

/// A value whose use is watched.
pub type Watched<T> = ::loom::cell::UnsafeCell<T>;

/// What its schedules are called.
#[cfg(test)]
pub const KIND: &str = "schedules";

/// How often a thread of a model does the same: each time multiplies the schedules.
#[cfg(test)]
pub const ROUNDS: u32 = 1;

#[cfg(test)]
pub fn explore(preemptions: Option<usize>, run: impl Fn() + Sync + Send + 'static) {
    let mut builder = ::loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 100_000;
    let run = std::sync::Arc::new(run);
    builder.check(move || {
        let run = run.clone();
        spawn(move || run()).join().unwrap();
    });
}

/// Starts a thread that has room for an engine on its stack.
#[cfg(test)]
pub fn spawn<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    const WORDS: usize = 1 << 16;
    thread::Builder::new().stack_size(WORDS).spawn(run).unwrap()
}

/// A number that no other thread of this schedule has; not 0.
pub fn this_thread() -> usize {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(thread::current().id()) as usize
}
