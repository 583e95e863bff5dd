//! Where results go: out-parameters, checked and zeroed before anything else happens.

use std::ptr::NonNull;

use super::buffer::bytestore_buffer;
use super::input::bytestore_slice;
use crate::Error;

/// Types whose all-zero value means "nothing".
///
/// # Safety
/// All bytes zero is a valid value.
pub unsafe trait Zero: Copy {}

// SAFETY: a number.
unsafe impl Zero for usize {}
// SAFETY: a number.
unsafe impl Zero for u64 {}
// SAFETY: a NULL pointer.
unsafe impl<T> Zero for *mut T {}
// SAFETY: a NULL pointer and a number.
unsafe impl Zero for bytestore_slice {}
// SAFETY: NULL pointers and numbers.
unsafe impl Zero for bytestore_buffer {}

/// An out-parameter of the caller's.
#[derive(Clone, Copy)]
pub struct Out<T>(Option<NonNull<T>>);

impl<T: Zero> Out<T> {
    /// Zeroes the caller's place; NULL or misaligned: `InvalidArgument`.
    ///
    /// # Safety
    /// A pointer that is neither may be written to until the call ends.
    pub unsafe fn required(place: *mut T) -> Result<Self, Error> {
        // SAFETY: as the caller promises.
        let out = unsafe { Self::optional(place) }?;
        out.0.map(|_| out).ok_or(Error::InvalidArgument)
    }

    /// As `required`, but NULL means that the caller does not want to know.
    ///
    /// # Safety
    /// As for `required`.
    pub unsafe fn optional(place: *mut T) -> Result<Self, Error> {
        if !place.is_aligned() {
            return Err(Error::InvalidArgument);
        }
        if !place.is_null() {
            // SAFETY: aligned, and writable as the caller promises.
            unsafe { place.write_bytes(0, 1) };
        }
        Ok(Out(NonNull::new(place)))
    }

    pub fn set(self, value: T) {
        if let Some(place) = self.0 {
            // SAFETY: checked when this was made, by the caller's promise.
            unsafe { place.write(value) }
        }
    }
}
