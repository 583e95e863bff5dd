//! Who tries the schedules of a model, by the same names: loom (`--cfg loom`) tries all that differ, most of them within a
//! bound of preemptions, and knows what weak orderings allow; shuttle (`--cfg shuttle`) tries random ones without a bound.
//! Knows no protocol. Only built with `--cfg modelled` beside one of those.

#[cfg(loom)]
mod loom;
#[cfg(shuttle)]
mod shuttle;

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[cfg(loom)]
pub use self::loom::*;
#[cfg(shuttle)]
pub use self::shuttle::*;

/// Counts the schedules that were begun.
static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// The number of this schedule: no other one of this process has it.
pub fn number() -> usize {
    BEGUN.load(Relaxed)
}

/// The same bytes in every schedule, as all but the schedule is to be the same.
///
/// # Safety
/// As for the system's.
pub unsafe fn getentropy(bytes: *mut c_void, len: usize) -> c_int {
    // SAFETY: the caller's promise.
    (0..len).for_each(|place| unsafe { bytes.cast::<u8>().add(place).write((place * 151 + 7) as u8) });
    0
}

/// Does the same again and again in a thread of a model.
#[cfg(test)]
pub fn often(mut run: impl FnMut()) {
    (0..ROUNDS).for_each(|_| run());
}

/// Tries the schedules of `run`: with so many preemptions, or all, where all are tried. Says how many there were.
#[cfg(test)]
pub fn model(preemptions: Option<usize>, run: impl Fn() + Sync + Send + 'static) {
    let before = number();
    explore(preemptions, move || {
        BEGUN.fetch_add(1, Relaxed);
        run();
    });
    let name = std::thread::current().name().unwrap_or_default().to_string();
    println!("{KIND}: {} of {name}", number() - before);
}
