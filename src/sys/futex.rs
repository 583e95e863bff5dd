//! Sleeping until a 32-bit word changes. Knows nothing of locks.

#[cfg(modelled)]
mod modelled;

#[cfg(modelled)]
pub use modelled::{wait, wake_all};

#[cfg(not(modelled))]
use super::atomic::AtomicU32;

/// Sleeps while `word` is `expected`; may also return early, so callers loop.
#[cfg(all(target_os = "linux", not(modelled)))]
pub fn wait(word: &AtomicU32, expected: u32) {
    let no_timeout = std::ptr::null::<libc::timespec>();
    // SAFETY: the word lives through the call, and the kernel only reads it.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            expected,
            no_timeout,
        );
    }
}

/// Wakes everyone asleep on `word`.
#[cfg(all(target_os = "linux", not(modelled)))]
pub fn wake_all(word: &AtomicU32) {
    // SAFETY: the kernel uses the word's address as a name and does not touch it.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, i32::MAX);
    }
}

/// Without futexes: a short nap. Correct, as callers loop, though slower to wake.
#[cfg(not(any(target_os = "linux", modelled)))]
pub fn wait(word: &AtomicU32, expected: u32) {
    if word.load(std::sync::atomic::Ordering::SeqCst) == expected {
        let nap = libc::timespec { tv_sec: 0, tv_nsec: 50_000 };
        // SAFETY: nanosleep reads the one struct and accepts NULL for the rest.
        unsafe { libc::nanosleep(&nap, std::ptr::null_mut()) };
    }
}

/// Nobody sleeps longer than a nap.
#[cfg(not(any(target_os = "linux", modelled)))]
pub fn wake_all(_word: &AtomicU32) {}
