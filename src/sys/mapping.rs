//! Memory from the system by the page, without an allocator between. Knows nothing of who uses it.

use std::ptr::NonNull;

use crate::Error;

/// Bytes that the system gives and takes at once, here; where its pages are larger, it takes back less.
pub(super) const PAGE: usize = 4096;

pub use system::{discard, map, populate, unmap};

#[cfg(all(target_os = "linux", not(miri)))]
mod system {
    use super::*;
    #[cfg(bytestore_faults)]
    use crate::faults::{mmap, munmap};
    #[cfg(not(bytestore_faults))]
    use libc::{mmap, munmap};

    /// So many whole pages of zeroes that have no memory yet.
    pub fn map(len: usize) -> Result<NonNull<u8>, Error> {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, wherever the system puts it.
        let start = unsafe { mmap(std::ptr::null_mut(), len, protection, flags, -1, 0) };
        match start == libc::MAP_FAILED {
            true => Err(Error::OutOfMemory),
            false => NonNull::new(start.cast()).ok_or(Error::OutOfMemory),
        }
    }

    /// # Safety
    /// From `map` with that length, and not used again.
    pub unsafe fn unmap(start: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { munmap(start.as_ptr().cast(), len) };
    }

    /// Gives pages their memory, all at once instead of each at its first use.
    pub fn populate(start: NonNull<u8>, len: usize) {
        // SAFETY: pages of our own mapping; what is in them stays. Where that is refused, they get it as before.
        unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_POPULATE_WRITE) };
    }

    /// Gives the memory of pages back; they stay.
    ///
    /// # Safety
    /// Whole pages of a mapping, and nothing in them is wanted any more.
    pub unsafe fn discard(start: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise. Where the advice is refused, the memory stays: no harm.
        unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_DONTNEED) };
    }
}

/// Elsewhere the allocator has it.
#[cfg(not(all(target_os = "linux", not(miri))))]
mod system {
    use std::alloc::{alloc, dealloc, Layout};

    use super::*;

    fn layout(len: usize) -> Result<Layout, Error> {
        Layout::from_size_align(len, PAGE).map_err(|_| Error::OutOfMemory)
    }

    pub fn map(len: usize) -> Result<NonNull<u8>, Error> {
        assert!(len > 0);
        // SAFETY: the size is not zero.
        NonNull::new(unsafe { alloc(layout(len)?) }).ok_or(Error::OutOfMemory)
    }

    /// # Safety
    /// From `map` with that length, and not used again.
    pub unsafe fn unmap(start: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        layout(len).into_iter().for_each(|layout| unsafe { dealloc(start.as_ptr(), layout) });
    }

    pub fn populate(_start: NonNull<u8>, _len: usize) {}

    /// # Safety
    /// Whole pages of a mapping, and nothing in them is wanted any more.
    pub unsafe fn discard(_start: NonNull<u8>, _len: usize) {}
}
