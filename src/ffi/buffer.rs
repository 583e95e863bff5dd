//! Results: one owned buffer a call, one free. Knows nothing of where the values came from.

use super::answers::Answers;
use super::guard::guard;
use super::handle;
use super::input::bytestore_slice;
use super::output::Out;
use super::status::bytestore_status;
use crate::Error;

/// Owner of a buffer's memory. Opaque; not yours to use.
pub struct bytestore_result {
    _private: [u8; 0],
}

/// The answers of one call, in the order they were asked for. You own it: give
/// it to bytestore_free_buffer exactly once, from any thread, after the last
/// use of what it points to. It stays readable when its store is closed.
/// Read only: large values are the store's own memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bytestore_buffer {
    /// `count` answers: `ptr` NULL for a missing key, never NULL for an empty
    /// value. NULL when `count` is 0.
    pub slices: *const bytestore_slice,
    /// How many answers.
    pub count: usize,
    /// All present answers side by side, in order, without gaps, if all of them
    /// are shorter than 4096 bytes or are keys; otherwise NULL. This is a copy of
    /// the buffer's own: nobody else reads it, and who changes it changes no store.
    pub data: *const u8,
    /// How many bytes there are at `data`.
    pub data_len: usize,
    /// Do not touch.
    pub owner: *mut bytestore_result,
}

impl bytestore_buffer {
    const NOTHING: bytestore_buffer = bytestore_buffer {
        slices: std::ptr::null(),
        count: 0,
        data: std::ptr::null(),
        data_len: 0,
        owner: std::ptr::null_mut(),
    };
}

impl Answers {
    /// Gives the answers their handle, the last step that can fail.
    pub fn into_buffer(self) -> Result<Buffer, Error> {
        if self.slices().is_empty() {
            return Ok(Buffer(bytestore_buffer::NOTHING));
        }
        let (slices, count) = (self.slices().as_ptr(), self.slices().len());
        let data = self.data();
        let owner = handle::insert(self)?.cast();
        Ok(Buffer(bytestore_buffer { slices, count, data: data.ptr, data_len: data.len, owner }))
    }
}

/// A buffer that is still ours: freed if nobody is given it.
pub struct Buffer(bytestore_buffer);

impl Buffer {
    /// Hands it to the caller.
    pub fn give(self, out: Out<bytestore_buffer>) {
        out.set(self.0);
        std::mem::forget(self);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let _ = free(self.0);
    }
}

fn free(buffer: bytestore_buffer) -> Result<(), Error> {
    match buffer.owner.is_null() {
        true => Ok(()),
        false => handle::close::<Answers>(buffer.owner.cast()),
    }
}

/// Gives back the memory of a buffer and zeroes `*buffer`, so that doing it
/// again does nothing.
///
/// `buffer`: NULL and zeroed ones are fine. Of several copies of one buffer
/// free only one; freeing another is BYTESTORE_ERR_CLOSED_HANDLE and harmless,
/// reading through it is not.
#[no_mangle]
pub unsafe extern "C" fn bytestore_free_buffer(buffer: *mut bytestore_buffer) -> bytestore_status {
    guard(|| {
        if buffer.is_null() {
            return Ok(());
        }
        if !buffer.is_aligned() {
            return Err(Error::InvalidArgument);
        }
        // SAFETY: not NULL, aligned, and the C caller's own.
        free(unsafe { buffer.replace(bytestore_buffer::NOTHING) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ValueSink;

    #[test]
    fn what_nobody_is_given_is_freed() {
        let mut answers = Answers::new(false);
        answers.expect(1, 3).unwrap();
        answers.copied(b"abc").unwrap();
        let buffer = answers.into_buffer().unwrap();
        let copy = buffer.0;
        drop(buffer);
        assert_eq!(free(copy), Err(Error::ClosedHandle));
    }
}
