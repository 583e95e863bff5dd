//! Regions of memory from the system, and what it is told about them. Knows nothing of who uses them.

use std::ptr::NonNull;

use crate::Error;

/// Bytes of a page. Miri wants it small.
pub(super) const PAGE: usize = if cfg!(miri) { 16 * 1024 } else { 64 * 1024 };
/// Pages in a region: the bits of a word.
pub(super) const REGION_PAGES: usize = u32::BITS as usize;
/// Bytes of a region, and its alignment: a huge page.
const REGION: usize = PAGE * REGION_PAGES;

pub use system::{advise_huge, advise_small, discard, make_huge, map, unmap};

#[cfg(all(target_os = "linux", not(miri)))]
mod system {
    use super::*;
    #[cfg(bytestore_faults)]
    use crate::faults::{mmap, munmap};
    #[cfg(not(bytestore_faults))]
    use libc::{mmap, munmap};

    /// A region of zeroes that have no memory yet.
    pub fn map() -> Result<NonNull<u8>, Error> {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // Twice as much, to cut an aligned one out of it.
        // SAFETY: a new mapping, wherever the system puts it.
        let start = unsafe { mmap(std::ptr::null_mut(), 2 * REGION, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Error::OutOfMemory);
        }
        let before = start.addr().next_multiple_of(REGION) - start.addr();
        // SAFETY: parts of the new mapping, before and behind the region.
        unsafe {
            let region = start.add(before);
            if before > 0 {
                munmap(start, before);
            }
            munmap(region.add(REGION), REGION - before);
            NonNull::new(region.cast()).ok_or(Error::OutOfMemory)
        }
    }

    pub fn unmap(region: NonNull<u8>) {
        // SAFETY: from map(), and not used again.
        unsafe { munmap(region.as_ptr().cast(), REGION) };
    }

    /// Asks for one huge page at the first use.
    pub fn advise_huge(region: NonNull<u8>) {
        // SAFETY: advice about our own mapping; a system that knows no huge
        // pages refuses, and nothing else changes.
        unsafe { libc::madvise(region.as_ptr().cast(), REGION, libc::MADV_HUGEPAGE) };
    }

    /// Wants no huge page any more, however much of it is in use.
    pub fn advise_small(region: NonNull<u8>) {
        // SAFETY: as above.
        unsafe { libc::madvise(region.as_ptr().cast(), REGION, libc::MADV_NOHUGEPAGE) };
    }

    /// Makes one huge page of a region in use.
    pub fn make_huge(region: NonNull<u8>) {
        // SAFETY: as above.
        unsafe { libc::madvise(region.as_ptr().cast(), REGION, libc::MADV_COLLAPSE) };
    }

    /// Gives a page's memory back; it reads as zeroes again.
    pub fn discard(page: NonNull<u8>) {
        // SAFETY: a page of our own that nobody uses.
        let status = unsafe { libc::madvise(page.as_ptr().cast(), PAGE, libc::MADV_DONTNEED) };
        if status != 0 {
            // SAFETY: as above.
            unsafe { page.write_bytes(0, PAGE) };
        }
    }
}

/// Elsewhere a region is a block of the allocator's.
#[cfg(not(all(target_os = "linux", not(miri))))]
mod system {
    use std::alloc::{alloc_zeroed, dealloc, Layout};

    use super::*;

    // SAFETY: a power of two, and a size that is a multiple of it.
    const LAYOUT: Layout = unsafe { Layout::from_size_align_unchecked(REGION, PAGE) };

    pub fn map() -> Result<NonNull<u8>, Error> {
        // SAFETY: the size is not zero.
        NonNull::new(unsafe { alloc_zeroed(LAYOUT) }).ok_or(Error::OutOfMemory)
    }

    pub fn unmap(region: NonNull<u8>) {
        // SAFETY: from map(), and not used again.
        unsafe { dealloc(region.as_ptr(), LAYOUT) };
    }

    pub fn advise_huge(_region: NonNull<u8>) {}

    pub fn advise_small(_region: NonNull<u8>) {}

    pub fn make_huge(_region: NonNull<u8>) {}

    pub fn discard(page: NonNull<u8>) {
        // SAFETY: a page of our own that nobody uses.
        unsafe { page.write_bytes(0, PAGE) };
    }
}
