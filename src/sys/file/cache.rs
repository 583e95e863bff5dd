//! What the system's cache of files is told: what will be read, and what need not stay. Knows no contents. All of it is
//! advice: where it is refused, the same bytes are read, later.

use std::ffi::c_int;

/// Bytes that the disk is asked for at once: one stretch is under way while the one before is worked on.
pub(super) const STRETCH: u64 = 8 << 20;
/// A file so long that it leaves no copy in the cache, unless there was one: what was loaded is in memory already, and a
/// second copy would drive out what others have there.
const LONG: u64 = if cfg!(test) { 2 * STRETCH } else { 256 << 20 };

/// How far a file was asked for, and is done with.
pub struct Ahead {
    asked: u64,
    /// None: all of it stays.
    forgotten: Option<u64>,
}

impl Ahead {
    /// For a file that is open, from its beginning on.
    pub fn new(file: c_int, len: u64) -> Self {
        let leaves_none = len >= LONG && !system::has_beginning(file);
        Ahead { asked: 0, forgotten: leaves_none.then_some(0) }
    }

    /// The bytes from `at` on will be read.
    pub fn will_read(&mut self, file: c_int, at: u64, len: u64) {
        while self.asked < (at + STRETCH).min(len) {
            system::ask(file, self.asked, STRETCH);
            self.asked += STRETCH;
        }
    }

    /// The bytes up to `at` were read.
    pub fn has_read(&mut self, file: c_int, at: u64) {
        if let Some(forgotten) = self.forgotten.as_mut().filter(|forgotten| at - **forgotten >= STRETCH) {
            system::forget(file, *forgotten, at - *forgotten);
            *forgotten = at;
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::c_int;

    pub fn ask(file: c_int, from: u64, len: u64) {
        advise(file, from, len, libc::POSIX_FADV_WILLNEED);
    }

    pub fn forget(file: c_int, from: u64, len: u64) {
        advise(file, from, len, libc::POSIX_FADV_DONTNEED);
    }

    fn advise(file: c_int, from: u64, len: u64, advice: c_int) {
        // SAFETY: takes numbers alone.
        unsafe { libc::posix_fadvise(file, from as libc::off_t, len as libc::off_t, advice) };
    }

    /// Whether its first byte is there, as far as the system can say.
    pub fn has_beginning(file: c_int) -> bool {
        let mut byte = 0u8;
        let place = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
        // SAFETY: writes one byte, at most.
        let read = unsafe { libc::preadv2(file, &place, 1, 0, libc::RWF_NOWAIT) };
        !(read == -1 && crate::sys::errno() == libc::EAGAIN)
    }
}

/// Elsewhere the system knows best.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::ffi::c_int;

    pub fn ask(_file: c_int, _from: u64, _len: u64) {}

    pub fn forget(_file: c_int, _from: u64, _len: u64) {}

    pub fn has_beginning(_file: c_int) -> bool {
        true
    }
}

/// What a test wants to know.
#[cfg(test)]
pub use system::{forget, has_beginning};
