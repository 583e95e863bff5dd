//! One entry: a key and its value in one counted block, never changed once others have it. Knows nothing of the index.
//!
//! Layout: [`Header`], the key's bytes, the value's bytes. A reader that wants
//! to keep a large value clones the reference instead of copying the bytes.

use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::heap::{rounded, Heap, SpanNumber};
use crate::sys::{prefetch_at, Shared};
use crate::Error;

struct Header {
    /// 64 bits: one batch may ask for the same large value 2^32 times.
    references: AtomicU64,
    /// When the entry ends.
    deadline: u64,
    key_len: u32,
    value_len: u32,
    /// Where the block came from: it may outlive its store.
    heap: Shared<Heap>,
    span: SpanNumber,
}

/// A counted reference to an entry; the last one frees it.
pub struct Entry(NonNull<Header>);

// SAFETY: what others have never changes, the count is atomic, and any thread may free.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl Entry {
    /// Copies key and value into a new block. Longer than 2^32 - 1 bytes:
    /// `InvalidArgument`.
    pub fn try_new(heap: &Shared<Heap>, key: &[u8], value: &[u8], deadline: u64) -> Result<Self, Error> {
        let key_len = u32::try_from(key.len()).map_err(|_| Error::InvalidArgument)?;
        let value_len = u32::try_from(value.len()).map_err(|_| Error::InvalidArgument)?;
        let (block, span) = heap.take(unrounded(key.len(), value.len()))?;
        let header = Header { references: AtomicU64::new(1), deadline, key_len, value_len, heap: heap.clone(), span };
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
        let Header { key_len, value_len, .. } = self.header();
        // SAFETY: the value's bytes follow the key and live as long as the header.
        unsafe { slice::from_raw_parts(self.body().add(*key_len as usize), *value_len as usize) }
    }

    /// Bytes of the block of an entry.
    pub fn block_len(key_len: usize, value_len: usize) -> usize {
        rounded(unrounded(key_len, value_len))
    }

    pub fn deadline(&self) -> u64 {
        self.header().deadline
    }

    /// Sets when it ends, before anybody else has it.
    pub fn with_deadline(mut self, deadline: u64) -> Self {
        assert!(self.header().references.load(Ordering::Acquire) == 1);
        // SAFETY: this is the only reference.
        unsafe { self.0.as_mut() }.deadline = deadline;
        self
    }

    /// Bytes of its block.
    pub fn len(&self) -> usize {
        Self::block_len(self.header().key_len as usize, self.header().value_len as usize)
    }

    /// Where its block is.
    pub fn span(&self) -> SpanNumber {
        self.header().span
    }

    /// A copy elsewhere, unless there are more references than this one. Nobody makes one meanwhile.
    pub fn copy_if_alone(&self) -> Option<Result<Self, Error>> {
        let Header { references, deadline, heap, .. } = self.header();
        let alone = references.load(Ordering::Acquire) == 1;
        alone.then(|| Self::try_new(heap, self.key(), self.value(), *deadline))
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

/// Bytes that an entry needs. Cannot overflow: two 32-bit lengths and a header in 64 bits.
fn unrounded(key_len: usize, value_len: usize) -> usize {
    size_of::<Header>() + key_len + value_len
}

impl Clone for Entry {
    fn clone(&self) -> Self {
        // Relaxed: the clone is made through a live reference.
        self.header().references.fetch_add(1, Ordering::Relaxed);
        Entry(self.0)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.header().references.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: this was the last reference: the header is read for the
            // last time, and the block goes back to where try_new took it.
            unsafe {
                let Header { key_len, value_len, heap, span, .. } = self.0.read();
                heap.put(self.0.cast(), unrounded(key_len as usize, value_len as usize), span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_was_given() {
        let heap = Shared::try_new(Heap::new()).unwrap();
        let long = vec![3; 5000];
        for (key, value) in [(&b""[..], &long[..]), (&long, b""), (b"\0\xff", &long), (&long, &long)] {
            let entry = Entry::try_new(&heap, key, value, 7).unwrap();
            let clone = entry.clone();
            drop(entry);
            assert_eq!((clone.key(), clone.value(), clone.deadline()), (key, value, 7));
        }
    }

    /// Whose length would fill the block without its header needs a longer one.
    #[test]
    fn a_block_has_room_for_header_key_and_value() {
        let heap = Shared::try_new(Heap::new()).unwrap();
        let long = [3; 5120];
        for (key, value) in [(&b""[..], &long[..]), (b"1", &long[1..]), (&long, b""), (&long, &long)] {
            let needed = rounded(size_of::<Header>() + key.len() + value.len());
            assert_eq!(Entry::block_len(key.len(), value.len()), needed);
            assert_eq!(Entry::try_new(&heap, key, value, 7).unwrap().len(), needed);
        }
        assert!(Entry::block_len(0, long.len()) > rounded(long.len()));
    }
}
