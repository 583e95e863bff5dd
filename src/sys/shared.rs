//! A counted reference whose allocation may fail: what `Arc` has no stable way to be.
//!
//! The count is released with a read-modify-write that also acquires, never a
//! separate fence, so that ThreadSanitizer understands it.

use std::alloc::Layout;
use std::ops::Deref;
use std::ptr::NonNull;

use super::atomic::{AtomicUsize, Ordering};
use super::memory;
use crate::Error;

struct Counted<T> {
    references: AtomicUsize,
    value: T,
}

/// One of several owners of a `T`; the last one drops it.
pub struct Shared<T>(NonNull<Counted<T>>);

// SAFETY: as for Arc: owners on several threads read the T, and any may drop it.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub fn try_new(value: T) -> Result<Self, Error> {
        let place = memory::allocate(Layout::new::<Counted<T>>())?.cast::<Counted<T>>();
        let references = AtomicUsize::new(1);
        // SAFETY: the block is fresh and has the layout of Counted<T>.
        unsafe { place.write(Counted { references, value }) };
        Ok(Shared(place))
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: this owner's reference keeps the block alive.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        // Relaxed: the clone is made through a live owner, and handing it to
        // another thread synchronises by itself. 2^64 owners cannot exist.
        self.counted().references.fetch_add(1, Ordering::Relaxed);
        Shared(self.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.counted().references.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: this was the last owner, so nobody else can reach the
            // block, which try_new allocated with this layout.
            unsafe {
                std::ptr::drop_in_place(self.0.as_ptr());
                memory::release(self.0.cast(), Layout::new::<Counted<T>>());
            }
        }
    }
}

#[cfg(all(test, modelled))]
mod model;
