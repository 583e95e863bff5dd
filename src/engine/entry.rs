//! One entry: a key and its value in one counted block, never changed once made. Knows nothing of the index.
//!
//! Layout: [`Header`], the key's bytes, the value's bytes. A reader that wants
//! to keep a large value clones the reference instead of copying the bytes.

use std::alloc::Layout;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::{memory, prefetch_at};
use crate::Error;

struct Header {
    /// 64 bits: one batch may ask for the same large value 2^32 times.
    references: AtomicU64,
    /// When the entry ends.
    deadline: u64,
    key_len: u32,
    value_len: u32,
}

/// A counted reference to an entry; the last one frees it.
pub struct Entry(NonNull<Header>);

// SAFETY: the bytes never change, the count is atomic, and any thread may free.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl Entry {
    /// Copies key and value into a new block. Longer than 2^32 - 1 bytes:
    /// `InvalidArgument`.
    pub fn try_new(key: &[u8], value: &[u8], deadline: u64) -> Result<Self, Error> {
        let key_len = u32::try_from(key.len()).map_err(|_| Error::InvalidArgument)?;
        let value_len = u32::try_from(value.len()).map_err(|_| Error::InvalidArgument)?;
        let block = memory::allocate(layout(key_len, value_len))?;
        let header = Header { references: AtomicU64::new(1), deadline, key_len, value_len };
        // SAFETY: the block is fresh and as long as header, key and value
        // together, and aligned for the header.
        unsafe {
            block.cast::<Header>().write(header);
            let body = block.add(size_of::<Header>());
            body.copy_from_nonoverlapping(NonNull::from(key).cast(), key.len());
            body.add(key.len()).copy_from_nonoverlapping(NonNull::from(value).cast(), value.len());
        }
        Ok(Entry(block.cast()))
    }

    pub fn key(&self) -> &[u8] {
        // SAFETY: the key's bytes follow the header and live as long as it.
        unsafe { slice::from_raw_parts(self.body(), self.header().key_len as usize) }
    }

    pub fn value(&self) -> &[u8] {
        let Header { key_len, value_len, .. } = *self.header();
        // SAFETY: the value's bytes follow the key and live as long as the header.
        unsafe { slice::from_raw_parts(self.body().add(key_len as usize), value_len as usize) }
    }

    /// Bytes of the block of an entry.
    pub fn block_len(key_len: usize, value_len: usize) -> usize {
        size_of::<Header>() + key_len + value_len
    }

    pub fn deadline(&self) -> u64 {
        self.header().deadline
    }

    /// Bytes of its block.
    pub fn len(&self) -> usize {
        layout(self.header().key_len, self.header().value_len).size()
    }

    /// Asks for its header and the beginning of its key, which may lie in two lines.
    #[inline(always)]
    pub fn prefetch(&self) {
        let start = self.0.as_ptr().cast::<u8>();
        prefetch_at(start);
        prefetch_at(start.wrapping_add(63));
    }

    fn header(&self) -> &Header {
        // SAFETY: this reference keeps the block alive.
        unsafe { self.0.as_ref() }
    }

    fn body(&self) -> *const u8 {
        // SAFETY: the block is at least as long as its header.
        unsafe { self.0.as_ptr().add(1).cast() }
    }
}

/// Cannot overflow: two 32-bit lengths and a header in 64 bits.
fn layout(key_len: u32, value_len: u32) -> Layout {
    let size = Entry::block_len(key_len as usize, value_len as usize);
    // SAFETY: the alignment is a power of two, and the size is below 2^34.
    unsafe { Layout::from_size_align_unchecked(size, align_of::<Header>()) }
}

impl Clone for Entry {
    fn clone(&self) -> Self {
        // Relaxed: the clone is made through a live reference.
        self.header().references.fetch_add(1, Ordering::Relaxed);
        Entry(self.0)
    }
}

impl Entry {
    /// Drops the reference to an entry that was deleted: if it is the last one,
    /// the block's memory goes back to the system at once, where the allocator
    /// would keep it for another. For an entry that was replaced that would be
    /// waste: its memory is wanted again.
    pub fn discard(self) {
        std::mem::ManuallyDrop::new(self).give_up(memory::discard);
    }

    fn give_up(&mut self, before_release: unsafe fn(NonNull<u8>, Layout)) {
        let Header { key_len, value_len, .. } = *self.header();
        if self.header().references.fetch_sub(1, Ordering::AcqRel) == 1 {
            let (block, layout) = (self.0.cast(), layout(key_len, value_len));
            // SAFETY: this was the last reference; try_new allocated the block
            // with this layout, and nothing in it needs dropping.
            unsafe {
                before_release(block, layout);
                memory::release(block, layout);
            }
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.give_up(|_, _| ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_was_given() {
        for (key, value) in [(&b""[..], &b""[..]), (b"\0\xff", b""), (b"", b"v"), (b"key", b"a value")] {
            let entry = Entry::try_new(key, value, 7).unwrap();
            let clone = entry.clone();
            drop(entry);
            assert_eq!((clone.key(), clone.value(), clone.deadline()), (key, value, 7));
        }
    }
}
