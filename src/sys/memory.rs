//! Allocation that answers instead of aborting. Knows nothing of what is stored.

use std::alloc::{alloc, dealloc, realloc, Layout};
use std::ptr::NonNull;

use crate::Error;

/// A new block of uninitialised memory for a layout of at least one byte.
pub fn allocate(layout: Layout) -> Result<NonNull<u8>, Error> {
    assert!(layout.size() > 0);
    // SAFETY: the layout's size is not zero.
    NonNull::new(unsafe { alloc(layout) }).ok_or(Error::OutOfMemory)
}

/// Makes a block longer; it may move. On failure it stays as it was.
///
/// # Safety
/// `block` came from [`allocate`] with this layout; the new size is not zero
/// and a layout of it would be valid.
pub unsafe fn grow(block: NonNull<u8>, layout: Layout, size: usize) -> Result<NonNull<u8>, Error> {
    // SAFETY: the caller's promise is realloc's condition.
    NonNull::new(unsafe { realloc(block.as_ptr(), layout, size) }).ok_or(Error::OutOfMemory)
}

/// Gives a block back.
///
/// # Safety
/// `block` came from [`allocate`] with this layout and is not used again.
pub unsafe fn release(block: NonNull<u8>, layout: Layout) {
    // SAFETY: the caller's promise is dealloc's condition.
    unsafe { dealloc(block.as_ptr(), layout) }
}

/// Gives the memory of a block's whole pages back to the system, whatever is in
/// them; the block stays.
///
/// # Safety
/// `block` came from [`allocate`] with this layout, and what is in it is not
/// wanted any more.
pub unsafe fn discard(block: NonNull<u8>, layout: Layout) {
    #[cfg(all(target_os = "linux", not(miri)))]
    {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let start = block.addr().get().next_multiple_of(page);
        let end = (block.addr().get() + layout.size()) / page * page;
        if start < end {
            let start = block.as_ptr().with_addr(start);
            // SAFETY: pages that lie within the block, where nothing is wanted.
            // Where the advice is refused, the memory stays: no harm.
            unsafe { libc::madvise(start.cast(), end - start.addr(), libc::MADV_DONTNEED) };
        }
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    let _ = (block, layout);
}

/// Gives all memory back to the system that the allocator has free, whoever had
/// it: milliseconds of work, where there is much.
pub fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
    // SAFETY: takes the allocator's own locks, and nothing of it is held here.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// `Box::new` that fails instead of aborting.
pub fn try_box<T>(value: T) -> Result<Box<T>, Error> {
    let place = allocate(Layout::new::<T>())?.cast::<T>();
    // SAFETY: the block is fresh, and has T's size and alignment; Box gives it
    // back to the same global allocator.
    unsafe {
        place.write(value);
        Ok(Box::from_raw(place.as_ptr()))
    }
}

/// `slice::to_vec` that fails instead of aborting.
pub fn try_to_vec(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())?;
    append(&mut copy, bytes)?;
    Ok(copy)
}

/// `Vec::extend_from_slice` that fails instead of aborting.
pub fn append(to: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Error> {
    to.try_reserve(bytes.len())?;
    #[allow(clippy::disallowed_methods)] // reserved above
    to.extend_from_slice(bytes);
    Ok(())
}
