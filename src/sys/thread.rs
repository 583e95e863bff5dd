//! Which thread this is. Knows nothing of what threads do.

/// A number that no other living thread of this process has.
#[cfg(not(modelled))]
pub fn this_thread() -> usize {
    // SAFETY: asks for a number.
    unsafe { libc::pthread_self() as usize }
}

/// The threads of a model are one for the system.
#[cfg(modelled)]
pub use super::schedules::this_thread;
