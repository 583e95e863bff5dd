//! The memory behind one buffer: slices, then the bytes that were copied, in one block. Knows not how answers are found.

use std::alloc::Layout;
use std::ptr::NonNull;

use super::handle::Object;
use super::input::bytestore_slice;
use crate::engine::{Entry, ValueSink};
use crate::store::KeyPage;
use crate::sys::{copy, erase_at, memory, Bytes};
use crate::Error;

pub struct Answers {
    /// `count` slices, then bytes.
    block: NonNull<u8>,
    count: usize,
    size: usize,
    /// Slices written.
    answered: usize,
    /// How far the block is written: where the next bytes go.
    end: usize,
    /// The answers handed out by reference.
    entries: Vec<Entry>,
    /// Keys that a scan has put side by side.
    keys: Bytes,
    /// Whether the block is erased.
    erase: bool,
}

// SAFETY: the slices point into what this owns, which is only read.
unsafe impl Send for Answers {}
// SAFETY: as above.
unsafe impl Sync for Answers {}

impl Object for Answers {
    const KIND: u64 = 3;
}

impl ValueSink for Answers {
    fn expect(&mut self, answers: usize, bytes: usize) -> Result<(), Error> {
        let slices = answers.checked_mul(size_of::<bytestore_slice>()).ok_or(Error::OutOfMemory)?;
        (self.count, self.end) = (answers, slices);
        self.resize(slices.checked_add(bytes).ok_or(Error::OutOfMemory)?)
    }

    #[inline(always)]
    fn missing(&mut self) -> Result<(), Error> {
        self.answer(bytestore_slice::MISSING)
    }

    #[inline(always)]
    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        if value.len() > self.size.wrapping_sub(self.end) {
            self.grow(value.len())?;
        }
        // SAFETY: there is room for that many bytes behind those written so far.
        let place = unsafe {
            let place = self.block.add(self.end);
            copy(value, place);
            place
        };
        let slice = bytestore_slice { ptr: place.as_ptr(), len: value.len() };
        self.end = self.end.wrapping_add(value.len());
        self.answer(slice)
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.entries.try_reserve(1)?;
        self.entries.push(entry.clone());
        self.answer(bytestore_slice::of(entry.value()))
    }
}

impl Answers {
    /// None yet; erased, if so wanted, when they go.
    pub fn new(erase: bool) -> Self {
        Answers {
            block: NonNull::dangling(),
            count: 0,
            size: 0,
            answered: 0,
            end: 0,
            entries: Vec::new(),
            keys: Bytes::default(),
            erase,
        }
    }

    /// The keys of a page.
    pub fn of_keys(page: KeyPage) -> Result<Self, Error> {
        let mut answers = Answers::new(false);
        answers.expect(page.len(), 0)?;
        page.keys().try_for_each(|key| answers.answer(bytestore_slice::of(key)))?;
        answers.keys = page.bytes; // moves; the bytes stay where they are
        Ok(answers)
    }

    /// A single one.
    pub fn of_bytes(bytes: Bytes) -> Result<Self, Error> {
        let mut answers = Answers::new(false);
        answers.expect(1, 0)?;
        answers.answer(bytestore_slice::of(&bytes))?;
        answers.keys = bytes; // moves; they stay where they are
        Ok(answers)
    }

    pub fn slices(&self) -> &[bytestore_slice] {
        if self.answered == 0 {
            return &[];
        }
        // SAFETY: that many have been written at the beginning of the block.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr().cast(), self.answered) }
    }

    /// The answers; `None` is a missing one.
    pub fn values(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.slices().iter().map(|slice| {
            // SAFETY: an answer that is there points into what this owns.
            (!slice.ptr.is_null()).then(|| unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) })
        })
    }

    /// All present answers side by side, if they are.
    pub fn data(&self) -> bytestore_slice {
        let start = self.count * size_of::<bytestore_slice>();
        match (self.entries.is_empty(), self.keys.is_empty()) {
            (false, _) => bytestore_slice::MISSING,
            (true, false) => bytestore_slice::of(&self.keys),
            // SAFETY: that many bytes of the block have been written.
            (true, true) => bytestore_slice { ptr: unsafe { self.block.add(start) }.as_ptr(), len: self.end - start },
        }
    }

    #[inline(always)]
    fn answer(&mut self, slice: bytestore_slice) -> Result<(), Error> {
        if self.answered == self.count {
            return Err(Error::Internal);
        }
        // SAFETY: below `count`.
        unsafe { self.block.cast::<bytestore_slice>().add(self.answered).write(slice) };
        self.answered += 1;
        Ok(())
    }

    /// Makes room for `more` bytes, and for as many again as there are.
    #[cold]
    fn grow(&mut self, more: usize) -> Result<(), Error> {
        self.resize(self.end.saturating_mul(2).saturating_add(more))
    }

    /// Makes the block one of `size` bytes.
    fn resize(&mut self, size: usize) -> Result<(), Error> {
        if size <= self.size {
            return Ok(());
        }
        if self.size == 0 {
            self.block = memory::allocate(layout(size)?)?;
            self.size = size;
            return Ok(());
        }
        let old = self.block.addr().get();
        let grow = if self.erase { memory::grow_erasing } else { memory::grow };
        // SAFETY: allocated with this layout, and not longer than that.
        self.block = unsafe { grow(self.block, layout(self.size)?, layout(size)?.size())? };
        self.size = size;
        // What was copied has moved.
        for answer in 0..self.answered {
            // SAFETY: written, and nobody else has it yet; the offset lies within the block.
            unsafe {
                let slice = self.block.cast::<bytestore_slice>().add(answer).as_mut();
                let offset = slice.ptr.addr().wrapping_sub(old);
                if offset <= self.end && slice.len <= self.end - offset {
                    slice.ptr = self.block.add(offset).as_ptr();
                }
            }
        }
        Ok(())
    }
}

fn layout(size: usize) -> Result<Layout, Error> {
    Layout::from_size_align(size, align_of::<bytestore_slice>()).map_err(|_| Error::OutOfMemory)
}

impl Drop for Answers {
    fn drop(&mut self) {
        if let Some(layout) = layout(self.size).ok().filter(|layout| layout.size() > 0) {
            // SAFETY: allocated with this layout, not used again.
            unsafe {
                if self.erase {
                    erase_at(self.block, self.size);
                }
                memory::release(self.block, layout);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::counted::most_of;
    use crate::sys::{Heap, Shared};

    /// However wrong the expectation, and wherever the block moves.
    #[test]
    fn grows_and_keeps_what_is_there() {
        for expected in [0, 1, 10, 5000] {
            let mut answers = Answers::new(expected % 2 == 0);
            answers.expect(40, expected).unwrap();
            let heap = Shared::try_new(Heap::new()).unwrap();
            let large = Entry::try_new(&heap, b"", &[7; 5000], crate::engine::NEVER).unwrap();
            for number in 0..38_usize {
                match number {
                    3 => answers.missing(),
                    5 => answers.shared(&large),
                    _ => answers.copied(&vec![number as u8; number * 20 % 190]),
                }
                .unwrap();
            }
            answers.copied(b"").unwrap();
            answers.missing().unwrap();
            assert_eq!(answers.missing(), Err(Error::Internal));
            for (number, slice) in answers.slices().iter().enumerate() {
                let len = if number == 5 { 5000 } else { number * 20 % 190 };
                match number {
                    3 | 39 => assert!(slice.ptr.is_null()),
                    38 => assert!(!slice.ptr.is_null() && slice.len == 0),
                    _ => {
                        // SAFETY: an answer that is there.
                        let value = unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) };
                        assert_eq!(value, vec![if number == 5 { 7 } else { number as u8 }; len]);
                    }
                }
            }
            assert!(answers.data().ptr.is_null());
        }
    }

    #[test]
    fn what_was_expected_is_all_that_is_taken() {
        let fill = || {
            let mut answers = Answers::new(false);
            answers.expect(3, 6).unwrap();
            answers.copied(b"abc").unwrap();
            answers.missing().unwrap();
            answers.copied(b"def").unwrap();
            answers
        };
        let (answers, most) = most_of(fill);
        assert!(most <= 3 * size_of::<bytestore_slice>() + 6, "{most} bytes");
        assert!(answers.values().eq([Some(&b"abc"[..]), None, Some(b"def")]));
        let data = answers.data();
        assert_eq!((data.ptr, data.len), (answers.slices()[0].ptr, 6));
    }

    #[test]
    fn its_memory_goes_with_it() {
        for erase in [false, true] {
            drop(Answers::new(erase));
            let fill = || {
                let mut answers = Answers::new(erase);
                answers.expect(1, 1000).unwrap();
                answers.copied(&[7; 1000]).unwrap();
            };
            let (_, most) = most_of(|| (0..100).for_each(|_| fill()));
            assert!(most < 2000, "{most} bytes");
        }
    }
}
