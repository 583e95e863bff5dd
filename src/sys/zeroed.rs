//! Slices of memory that begins as zero and is given back whole. Knows nothing of what is in them.
//!
//! From 128 KiB on they are mappings of their own: pages that were never
//! touched cost nothing, and freeing gives the rest to the system at once.

use std::alloc::{alloc_zeroed, dealloc, Layout};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::Error;

/// Types for which all bytes zero is a value.
///
/// # Safety
/// That is so, and there is nothing to drop.
pub unsafe trait Plain: Copy {}

// SAFETY: a number.
unsafe impl Plain for u8 {}

/// Alignment of every slice: a cache line.
const ALIGN: usize = 64;
const MAPPED: usize = if cfg!(any(miri, not(unix))) { usize::MAX } else { 128 * 1024 };

pub struct Zeroed<T: Plain> {
    start: NonNull<T>,
    len: usize,
}

// SAFETY: an owned slice, like Box<[T]>.
unsafe impl<T: Plain + Send> Send for Zeroed<T> {}
// SAFETY: as above.
unsafe impl<T: Plain + Sync> Sync for Zeroed<T> {}

impl<T: Plain> Zeroed<T> {
    /// No memory at all.
    pub const fn new() -> Self {
        Zeroed { start: NonNull::dangling(), len: 0 }
    }

    pub fn try_new(len: usize) -> Result<Self, Error> {
        if len == 0 {
            return Ok(Self::new());
        }
        let layout = layout::<T>(len)?;
        let start = match layout.size() >= MAPPED {
            true => map(layout.size()),
            // SAFETY: the size is not zero.
            false => NonNull::new(unsafe { alloc_zeroed(layout) }),
        };
        Ok(Zeroed { start: start.ok_or(Error::OutOfMemory)?.cast(), len })
    }

    /// Makes the slice longer, with zeroes, or shorter. Mappings move without
    /// being copied.
    pub fn resize(&mut self, len: usize) -> Result<(), Error> {
        if let Some(start) = self.remap(len)? {
            (self.start, self.len) = (start, len);
            return Ok(());
        }
        let mut resized = Self::try_new(len)?;
        let kept = len.min(self.len);
        resized[..kept].copy_from_slice(&self[..kept]);
        *self = resized;
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn remap(&mut self, len: usize) -> Result<Option<NonNull<T>>, Error> {
        let (old, new) = (layout::<T>(self.len)?.size(), layout::<T>(len)?.size());
        if old < MAPPED || new < MAPPED {
            return Ok(None);
        }
        // SAFETY: our own mapping of that size, which nobody borrows.
        let start = unsafe { libc::mremap(self.start.as_ptr().cast(), old, new, libc::MREMAP_MAYMOVE) };
        match start == libc::MAP_FAILED {
            true => Err(Error::OutOfMemory),
            false => Ok(NonNull::new(start.cast())),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn remap(&mut self, _len: usize) -> Result<Option<NonNull<T>>, Error> {
        Ok(None)
    }
}

fn layout<T>(len: usize) -> Result<Layout, Error> {
    let array = Layout::array::<T>(len).map_err(|_| Error::OutOfMemory)?;
    array.align_to(ALIGN).map_err(|_| Error::OutOfMemory)
}

fn map(size: usize) -> Option<NonNull<u8>> {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, wherever the system puts it.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(start.cast())
}

impl<T: Plain> Deref for Zeroed<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `len` values, zero or written through this slice.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> DerefMut for Zeroed<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and borrowed alone.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Plain> Drop for Zeroed<T> {
    fn drop(&mut self) {
        let Some(layout) = layout::<T>(self.len).ok().filter(|layout| layout.size() > 0) else { return };
        match layout.size() >= MAPPED {
            // SAFETY: our own mapping of that size, not used again.
            true => drop(unsafe { libc::munmap(self.start.as_ptr().cast(), layout.size()) }),
            // SAFETY: allocated with this layout, not used again.
            false => unsafe { dealloc(self.start.as_ptr().cast(), layout) },
        }
    }
}

/// Asks for the cache line of a value that is wanted soon.
#[inline(always)]
pub fn prefetch<T: ?Sized>(value: &T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a hint, which reads nothing; SSE is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
        _mm_prefetch::<_MM_HINT_T0>((&raw const *value).cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = value;
}
