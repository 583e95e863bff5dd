//! The C library's errno, for who reads it after a call. Knows no error of ours.

#[cfg(not(target_vendor = "apple"))]
use libc::__errno_location as place;
#[cfg(target_vendor = "apple")]
use libc::__error as place;

/// What the last call that failed in this thread said.
pub fn errno() -> i32 {
    // SAFETY: each thread has its own, as long as it runs.
    unsafe { *place() }
}

/// What it says from now on.
pub fn set_errno(errno: i32) {
    // SAFETY: as above.
    unsafe { *place() = errno }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_its_own() {
        set_errno(libc::ENOENT);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                set_errno(libc::EIO);
                assert_eq!(errno(), libc::EIO);
            });
        });
        assert_eq!(errno(), libc::ENOENT);
    }
}
