//! Bytes that leave nothing behind where they were, if so wanted. Knows not what they say.

use std::ops::Deref;
use std::ptr::NonNull;

use super::{copy, Plain};
use crate::Error;

/// Overwrites bytes, or numbers, with zeroes, whether or not the compiler sees anybody read them again.
pub fn erase<T: Plain>(values: &mut [T]) {
    let size = size_of_val(values);
    // SAFETY: as many bytes, borrowed alone, for which zero is a value.
    unsafe { erase_at(NonNull::from(values).cast(), size) }
}

/// As [`erase`]; what is there may be uninitialised.
///
/// # Safety
/// So many bytes may be written there.
pub unsafe fn erase_at(start: NonNull<u8>, len: usize) {
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: the caller's promise.
    unsafe {
        libc::explicit_bzero(start.as_ptr().cast(), len);
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    {
        const AT_ONCE: usize = 64;
        for block in 0..len / AT_ONCE {
            // SAFETY: the caller's promise.
            unsafe { start.cast::<[u8; AT_ONCE]>().add(block).write_volatile([0; AT_ONCE]) }
        }
        for at in len / AT_ONCE * AT_ONCE..len {
            // SAFETY: as above.
            unsafe { start.add(at).write_volatile(0) }
        }
    }
}

/// Bytes in one piece of memory, which may grow: erased, if so wanted, where they were before and when they go.
#[derive(Default)]
pub struct Bytes {
    bytes: Vec<u8>,
    erase: bool,
}

impl Bytes {
    pub const fn new(erase: bool) -> Self {
        Bytes { bytes: Vec::new(), erase }
    }

    pub fn copy_of(bytes: &[u8], erase: bool) -> Result<Self, Error> {
        let mut copy = Bytes::new(erase);
        copy.reserve_exact(bytes.len())?;
        copy.append(bytes)?;
        Ok(copy)
    }

    /// Makes room for `more` bytes and no others.
    pub fn reserve_exact(&mut self, more: usize) -> Result<(), Error> {
        match self.erase {
            true => self.move_to(self.len().saturating_add(more)),
            false => Ok(self.bytes.try_reserve_exact(more)?),
        }
    }

    #[inline(always)]
    pub fn append(&mut self, more: &[u8]) -> Result<(), Error> {
        if more.len() > self.bytes.capacity() - self.bytes.len() {
            self.grow(more.len())?;
        }
        let len = self.bytes.len();
        // SAFETY: there is room behind those that are there.
        unsafe {
            copy(more, NonNull::from(self.bytes.spare_capacity_mut()).cast());
            self.bytes.set_len(len + more.len());
        }
        Ok(())
    }

    /// Makes them so many: those that are new are zeroes, and those that go stay in memory, erased if so wanted.
    pub fn resize(&mut self, len: usize) -> Result<&mut [u8], Error> {
        match len.checked_sub(self.len()) {
            Some(more) => {
                if len > self.bytes.capacity() {
                    self.reserve_exact(more)?;
                }
                self.bytes.resize(len, 0); // there is room
            }
            None => {
                if self.erase {
                    erase(&mut self.bytes[len..]);
                }
                self.bytes.truncate(len);
            }
        }
        Ok(&mut self.bytes)
    }

    /// For whom they are made: from now on his own.
    pub fn take(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    #[cold]
    fn grow(&mut self, more: usize) -> Result<(), Error> {
        match self.erase {
            true => self.move_to(self.len().saturating_mul(2).saturating_add(more)),
            false => Ok(self.bytes.try_reserve(more)?),
        }
    }

    /// The allocator would leave the old ones where they were.
    fn move_to(&mut self, capacity: usize) -> Result<(), Error> {
        let mut moved = Vec::new();
        moved.try_reserve_exact(capacity)?;
        #[allow(clippy::disallowed_methods)] // there is room
        moved.extend_from_slice(&self.bytes);
        erase(&mut self.bytes);
        self.bytes = moved;
        Ok(())
    }
}

/// Of bytes that are to be erased, or are not.
impl From<(Vec<u8>, bool)> for Bytes {
    fn from((bytes, erase): (Vec<u8>, bool)) -> Self {
        Bytes { bytes, erase }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    #[inline(always)]
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if self.erase {
            erase(&mut self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For tests of those who have some.
    impl Bytes {
        pub fn is_erased(&self) -> bool {
            self.erase
        }
    }

    #[test]
    fn erases_all_and_nothing_else() {
        for end in [20, 75, 84, 212, 275] {
            let mut bytes = [7_u8; 300];
            erase(&mut bytes[20..end]);
            assert!(bytes.iter().enumerate().all(|(at, &byte)| byte == if (20..end).contains(&at) { 0 } else { 7 }));
        }
        erase::<u64>(&mut []);
        let mut numbers = [u64::MAX; 3];
        erase(&mut numbers[1..]);
        assert_eq!(numbers, [u64::MAX, 0, 0]);
    }

    #[test]
    fn grows_as_it_must_either_way() {
        for erase in [false, true] {
            let mut bytes = Bytes::new(erase);
            let mut expected = Vec::new();
            for len in 0..50_u8 {
                bytes.append(&vec![len; usize::from(len)]).unwrap();
                expected.resize(expected.len() + usize::from(len), len);
                assert_eq!(*bytes, expected);
            }
            let memory = bytes.as_ptr();
            bytes.resize(7).unwrap();
            assert_eq!(*bytes, expected[..7]);
            assert_eq!(bytes.resize(9).unwrap(), [&expected[..7], &[0, 0]].concat());
            assert!(bytes.as_ptr() == memory && bytes.resize(usize::MAX).is_err());
            bytes.resize(7).unwrap();
            bytes.append(&expected[7..]).unwrap();
            bytes.reserve_exact(1000).unwrap();
            assert_eq!(*Bytes::copy_of(&bytes, erase).unwrap(), expected);
            assert!(bytes.reserve_exact(usize::MAX).is_err() && *bytes == expected);
            assert_eq!(bytes.take(), expected);
        }
    }

    #[test]
    fn leaves_nothing_of_what_was_cut_off() {
        for (erase, left) in [(true, 0), (false, 7)] {
            let mut bytes = Bytes::copy_of(&[7; 100], erase).unwrap();
            bytes.resize(10).unwrap();
            // SAFETY: they were written, and are still of the same memory.
            let all = unsafe { std::slice::from_raw_parts(bytes.bytes.as_ptr(), 100) };
            assert!(all[..10] == [7; 10] && all[10..] == [left; 90]);
        }
    }
}
