//! Results: one owned buffer a call, one free. Knows nothing of where the values came from.

use super::guard::guard;
use super::handle::{self, Object};
use super::input::bytestore_slice;
use super::output::Out;
use super::status::bytestore_status;
use crate::engine::{Entry, ValueSink};
use crate::store::KeyPage;
use crate::{sys, Error};

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
    /// are shorter than 4096 bytes or are keys; otherwise NULL.
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

/// What a buffer's memory is.
#[derive(Default)]
pub struct Answers {
    slices: Vec<bytestore_slice>,
    /// The copied answers; never reallocated once it has been reserved.
    copied: Vec<u8>,
    /// The answers handed out by reference.
    entries: Vec<Entry>,
}

// SAFETY: the slices point into `copied` and `entries`, which move with them
// and are only read.
unsafe impl Send for Answers {}
// SAFETY: as above.
unsafe impl Sync for Answers {}

impl Object for Answers {
    const KIND: u64 = 3;
}

impl ValueSink for Answers {
    fn reserve(&mut self, answers: usize, copied_bytes: usize, shared: usize) -> Result<(), Error> {
        self.slices.try_reserve_exact(answers)?;
        self.copied.try_reserve_exact(copied_bytes)?;
        self.entries.try_reserve_exact(shared)?;
        Ok(())
    }

    fn missing(&mut self) -> Result<(), Error> {
        self.slices.push(bytestore_slice::MISSING);
        Ok(())
    }

    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        let start = self.copied.len();
        sys::append(&mut self.copied, value)?;
        self.slices.push(bytestore_slice::of(&self.copied[start..]));
        Ok(())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.slices.push(bytestore_slice::of(entry.value()));
        self.entries.push(entry.clone());
        Ok(())
    }
}

impl Answers {
    /// The keys of a page.
    pub fn of_keys(page: KeyPage) -> Result<Self, Error> {
        let mut answers = Answers::default();
        answers.slices.try_reserve_exact(page.len())?;
        page.keys().for_each(|key| answers.slices.push(bytestore_slice::of(key)));
        answers.copied = page.bytes; // moves; the bytes stay where they are
        Ok(answers)
    }

    /// Gives the answers their handle, the last step that can fail.
    pub fn into_buffer(self) -> Result<Buffer, Error> {
        if self.slices.is_empty() {
            return Ok(Buffer(bytestore_buffer::NOTHING));
        }
        let (slices, count) = (self.slices.as_ptr(), self.slices.len());
        let all_copied = self.entries.is_empty();
        let data = if all_copied { bytestore_slice::of(&self.copied) } else { bytestore_slice::MISSING };
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
