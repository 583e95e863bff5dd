//! What the operating system is asked for: processors and memory. Knows no store.

use std::{mem, sync::OnceLock};

/// The processors that this process may run on.
fn processors() -> &'static [usize] {
    static PROCESSORS: OnceLock<Vec<usize>> = OnceLock::new();
    PROCESSORS.get_or_init(|| {
        // SAFETY: a set of bits, which the call fills.
        let set = unsafe {
            let mut set: libc::cpu_set_t = mem::zeroed();
            libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set);
            set
        };
        // SAFETY: within the set's size.
        (0..libc::CPU_SETSIZE as usize).filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect()
    })
}

/// Keeps the calling thread on one processor, the same for the same number, so that it does not lose its caches.
pub fn pin(thread: usize) {
    let processors = processors();
    if processors.is_empty() {
        return;
    }
    // SAFETY: a set of bits of this thread's own.
    unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(processors[thread % processors.len()], &mut set);
        libc::sched_setaffinity(0, mem::size_of_val(&set), &set);
    }
}

/// Gives memory that malloc keeps back to the system, so that the next store begins as in a fresh process.
pub fn trim() {
    // SAFETY: no arguments that matter.
    unsafe { libc::malloc_trim(0) };
}
