//! Allocation that answers instead of aborting. Knows nothing of what is stored.

use std::alloc::{alloc, dealloc, realloc, Layout};
use std::ptr::NonNull;

use super::erase_at;
use crate::Error;

/// A new block of uninitialised memory for a layout of at least one byte.
pub fn allocate(layout: Layout) -> Result<NonNull<u8>, Error> {
    assert!(layout.size() > 0);
    #[cfg(bytestore_faults)]
    crate::faults::panic_point();
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

/// As [`grow`], and nothing is left of its bytes where it was.
///
/// # Safety
/// As for `grow`; and the new size is not less.
pub unsafe fn grow_erasing(block: NonNull<u8>, layout: Layout, size: usize) -> Result<NonNull<u8>, Error> {
    // SAFETY: the caller's promise; as many bytes as there were fit into the new block.
    unsafe {
        let moved = allocate(Layout::from_size_align_unchecked(size, layout.align()))?;
        moved.copy_from_nonoverlapping(block, layout.size());
        erase_at(block, layout.size());
        release(block, layout);
        Ok(moved)
    }
}

/// Gives a block back.
///
/// # Safety
/// `block` came from [`allocate`] with this layout and is not used again.
pub unsafe fn release(block: NonNull<u8>, layout: Layout) {
    // SAFETY: the caller's promise is dealloc's condition.
    unsafe { dealloc(block.as_ptr(), layout) }
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
    #[allow(clippy::disallowed_methods)] // reserved above
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// `Iterator::collect` that fails instead of aborting; for iterators that know
/// how much they give at most.
pub fn try_collect<T>(items: impl Iterator<Item = T>) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    all.try_reserve_exact(items.size_hint().1.ok_or(Error::OutOfMemory)?)?;
    all.extend(items);
    Ok(all)
}
