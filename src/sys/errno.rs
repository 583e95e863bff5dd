//! The C library's errno, for who reads it after a call. Knows no error of ours.

/// What errno says from now on in this thread.
pub fn set_errno(errno: i32) {
    #[cfg(target_vendor = "apple")]
    let place = libc::__error;
    #[cfg(not(target_vendor = "apple"))]
    let place = libc::__errno_location;
    // SAFETY: each thread has its own, as long as it runs.
    unsafe { *place() = errno }
}
