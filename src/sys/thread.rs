//! Which thread this is, and starting one. Knows nothing of what threads do.

/// A number that no other living thread of this process has.
#[cfg(not(modelled))]
pub fn this_thread() -> usize {
    // SAFETY: asks for a number.
    unsafe { libc::pthread_self() as usize }
}

/// The threads of a model are one for the system.
#[cfg(modelled)]
pub use super::schedules::this_thread;

/// Starts a thread that no signal of the program reaches, and that nobody waits for. `stack` is in bytes.
#[cfg(feature = "redis")]
pub fn spawn(name: &str, stack: usize, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: both are written before they are read; a thread begins with the mask of the one that starts it.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    let started = std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work);
    // SAFETY: as above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    started.map(drop)
}
