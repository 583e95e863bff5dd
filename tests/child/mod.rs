//! Work in the child of a fork, and how it ended. Knows no store.

// Not all who use it need all of it.
#![allow(dead_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a child may take: longer, and it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Child(libc::pid_t);

/// Begins it in a child of this process, which it may use as the thread that calls could.
pub fn start(run: impl FnOnce() -> bool) -> Child {
    // SAFETY: the child runs what follows and ends; glibc sees to it that memory is in working order there.
    match unsafe { libc::fork() } {
        -1 => panic!("no child"),
        0 => {
            let ended_well = catch_unwind(AssertUnwindSafe(run)).unwrap_or(false);
            // SAFETY: ends the child, and runs nothing of its parent's.
            unsafe { libc::_exit(i32::from(!ended_well)) }
        }
        child => Child(child),
    }
}

/// Whether it ended well in a child, not with a panic or a signal, and at all.
pub fn in_child(run: impl FnOnce() -> bool) -> bool {
    start(run).ended_well()
}

impl Child {
    pub fn ended_well(self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let mut status = -1;
            // SAFETY: writes one number.
            if unsafe { libc::waitpid(self.0, &mut status, libc::WNOHANG) } == self.0 {
                return status == 0;
            }
            sleep(Duration::from_millis(1));
        }
        // SAFETY: a child of this process that nobody has waited for yet.
        unsafe { libc::kill(self.0, libc::SIGKILL) };
        false
    }
}
