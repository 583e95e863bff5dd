//! Slices of memory that begin as zero: a page of a pool, or less from malloc. Knows nothing of what is in them.

use std::alloc::{alloc_zeroed, dealloc, Layout};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::erase_at;
use super::pages::{Pool, RegionNumber};
use super::region::PAGE;
use super::Shared;
use crate::Error;

/// Types for which all bytes zero is a value.
///
/// # Safety
/// That is so, there is nothing to drop, and a cache line is aligned for them.
pub unsafe trait Plain: Copy {}

// SAFETY: a number.
unsafe impl Plain for u8 {}
// SAFETY: a number.
unsafe impl Plain for u32 {}
// SAFETY: a number.
unsafe impl Plain for u64 {}
// SAFETY: nothing but its elements.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// Alignment of every slice: a cache line.
const ALIGN: usize = 64;

pub struct Zeroed<T: Plain> {
    start: NonNull<T>,
    len: u32,
    /// Of a page.
    region: RegionNumber,
    /// Whose page it is, if it is a whole one; otherwise the memory is malloc's. `None`: no memory.
    pool: Option<Shared<Pool>>,
}

// SAFETY: an owned slice, like Box<[T]>.
unsafe impl<T: Plain + Send> Send for Zeroed<T> {}
// SAFETY: as above.
unsafe impl<T: Plain + Sync> Sync for Zeroed<T> {}

impl<T: Plain> Zeroed<T> {
    /// The longest.
    pub(crate) const MAX: usize = PAGE / size_of::<T>();

    /// No memory at all.
    pub const fn new() -> Self {
        Zeroed { start: NonNull::dangling(), len: 0, region: 0, pool: None }
    }

    /// At most [`MAX`](Self::MAX) zeroes.
    pub fn try_new(pool: &Shared<Pool>, len: usize) -> Result<Self, Error> {
        if len == 0 {
            return Ok(Self::new());
        }
        assert!(len <= Self::MAX && align_of::<T>() <= ALIGN);
        #[cfg(bytestore_faults)]
        crate::faults::panic_point();
        let (start, region) = match len == Self::MAX {
            true => pool.take()?,
            false => {
                // SAFETY: the size is not zero.
                let start = NonNull::new(unsafe { alloc_zeroed(layout::<T>(len)) });
                (start.ok_or(Error::OutOfMemory)?, 0)
            }
        };
        Ok(Zeroed { start: start.cast(), len: len as u32, region, pool: Some(pool.clone()) })
    }

    /// Makes the slice longer, with zeroes, or shorter.
    pub fn resize(&mut self, pool: &Shared<Pool>, len: usize) -> Result<(), Error> {
        let mut resized = Self::try_new(pool, len)?;
        let kept = len.min(self.len());
        resized[..kept].copy_from_slice(&self[..kept]);
        *self = resized;
        Ok(())
    }
}

fn layout<T>(len: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and the size that of a page at most.
    unsafe { Layout::from_size_align_unchecked(len * size_of::<T>(), ALIGN) }
}

impl<T: Plain> Deref for Zeroed<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: `len` values, zero or written through this slice.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len as usize) }
    }
}

impl<T: Plain> DerefMut for Zeroed<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and borrowed alone.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len as usize) }
    }
}

impl<T: Plain> Drop for Zeroed<T> {
    fn drop(&mut self) {
        let Some(pool) = &self.pool else { return };
        if pool.erases() {
            // SAFETY: all of this slice.
            unsafe { erase_at(self.start.cast(), size_of_val(&**self)) };
        }
        match self.len() == Self::MAX {
            // SAFETY: the page came from this pool, and goes with this slice.
            true => unsafe { pool.put(self.start.cast(), self.region) },
            // SAFETY: allocated with this layout, not used again.
            false => unsafe { dealloc(self.start.as_ptr().cast(), layout::<T>(self.len())) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_with_zeroes_and_shrinks_to_nothing() {
        let pool = Shared::try_new(Pool::new()).unwrap();
        let mut numbers = Zeroed::<u32>::try_new(&pool, 3).unwrap();
        numbers.copy_from_slice(&[1, 2, 3]);
        for (len, expected) in [(5, &[1, 2, 3, 0, 0][..]), (2, &[1, 2]), (0, &[]), (1, &[0])] {
            numbers.resize(&pool, len).unwrap();
            assert_eq!(*numbers, *expected);
        }
        numbers.resize(&pool, Zeroed::<u32>::MAX).unwrap();
        assert_eq!(pool.used_and_kept().0, 1);
        numbers.resize(&pool, 0).unwrap();
        assert_eq!((pool.used_and_kept().0, numbers.len()), (0, 0));
    }
}
