//! What callers pass in: pointers and lengths, checked, then plain `&[u8]` for the rest of the library.

use std::ffi::{c_char, c_void, CStr};
use std::slice;

use super::guard::guard;
use super::output::Out;
use super::status::bytestore_status;
use crate::Error;

/// The longest key and the longest value, in bytes.
pub const BYTESTORE_MAX_ITEM_LEN: u64 = 4294967295;

/// Some bytes that somebody else owns.
///
/// As input: `ptr` may be NULL when `len` is 0. As output: `ptr` NULL means
/// missing; an empty value has `len` 0 and a `ptr` that is not NULL but some
/// real address.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bytestore_slice {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

impl bytestore_slice {
    pub(super) const MISSING: bytestore_slice = bytestore_slice { ptr: std::ptr::null(), len: 0 };

    /// A slice whose pointer is not NULL, even if it is empty.
    pub(super) fn of(bytes: &[u8]) -> Self {
        static EMPTY: [u8; 1] = [0];
        let ptr = if bytes.is_empty() { EMPTY.as_ptr() } else { bytes.as_ptr() };
        bytestore_slice { ptr, len: bytes.len() }
    }
}

/// The items of a batch, in either of the two shapes.
#[derive(Clone)]
pub enum Items<'a> {
    Slices(Slices<'a>),
    Packed(Packed<'a>),
}

/// Items that were checked, one slice each.
#[derive(Clone)]
pub struct Slices<'a>(slice::Iter<'a, bytestore_slice>);

/// Items that were checked, side by side.
#[derive(Clone)]
pub struct Packed<'a> {
    blob: &'a [u8],
    lens: slice::Iter<'a, u32>,
}

impl Items<'_> {
    /// Checks the arguments of a batch.
    ///
    /// # Safety
    /// What the pointers point to may be read, and does not change, for `'a`.
    #[inline(always)]
    pub unsafe fn new(n: usize, items: *const c_void, lens: *const u32) -> Result<Self, Error> {
        // SAFETY: as the caller promises.
        unsafe { Self::check(n, items, lens) }.map_err(|_index| Error::InvalidArgument)
    }

    /// As `new`; the error is the index of the item at fault, or `n` when the
    /// arguments are at fault as a whole.
    #[inline(always)]
    unsafe fn check(n: usize, items: *const c_void, lens: *const u32) -> Result<Self, usize> {
        if lens.is_null() {
            // SAFETY: as the caller promises.
            let slices = unsafe { bytes_of(items.cast::<bytestore_slice>(), n) }.ok_or(n)?;
            // All at once: one branch for the batch, not one for each item.
            return match slices.iter().fold(false, |any, slice| any | slice.is_bad()) {
                true => Err(slices.iter().position(bytestore_slice::is_bad).unwrap_or(n)),
                false => Ok(Items::Slices(Slices(slices.iter()))),
            };
        }
        // SAFETY: as the caller promises.
        let lens = unsafe { bytes_of(lens, n) }.ok_or(n)?;
        let total = lens.iter().try_fold(0usize, |total, &len| total.checked_add(len as usize)).ok_or(n)?;
        // SAFETY: as the caller promises.
        let blob = unsafe { bytes_of(items.cast::<u8>(), total) }.ok_or(n)?;
        Ok(Items::Packed(Packed { blob, lens: lens.iter() }))
    }
}

impl bytestore_slice {
    /// Too long, NULL with a length, or wrapping around the address space.
    #[inline(always)]
    fn is_bad(&self) -> bool {
        let is_null = self.ptr.is_null() & (self.len > 0);
        is_null | (self.len as u64 > BYTESTORE_MAX_ITEM_LEN) | self.ptr.addr().checked_add(self.len).is_none()
    }
}

impl<'a> Iterator for Slices<'a> {
    type Item = &'a [u8];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [u8]> {
        let slice = self.0.next()?;
        if slice.len == 0 {
            return Some(&[]);
        }
        // SAFETY: check() refused NULL and wrapping around, and the rest the
        // caller of Items::new() promised.
        Some(unsafe { slice::from_raw_parts(slice.ptr, slice.len) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Slices<'_> {}

impl<'a> Iterator for Packed<'a> {
    type Item = &'a [u8];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (item, rest) = self.blob.split_at(*self.lens.next()? as usize);
        self.blob = rest;
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lens.size_hint()
    }
}

impl ExactSizeIterator for Packed<'_> {}

/// For those to whom the shape does not matter.
impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match self {
            Items::Slices(items) => items.next(),
            Items::Packed(items) => items.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Items::Slices(items) => items.size_hint(),
            Items::Packed(items) => items.size_hint(),
        }
    }
}

impl ExactSizeIterator for Items<'_> {}

/// `n` values at `ptr`; none at all may be at NULL. None: NULL, misaligned or
/// longer than memory can be.
///
/// # Safety
/// The values may be read, and do not change, for `'a`.
pub unsafe fn bytes_of<'a, T>(ptr: *const T, n: usize) -> Option<&'a [T]> {
    if n == 0 {
        return Some(&[]);
    }
    let size = n.checked_mul(size_of::<T>())?;
    if ptr.is_null() || !ptr.is_aligned() || isize::try_from(size).is_err() || ptr.addr().checked_add(size).is_none() {
        return None;
    }
    // SAFETY: not NULL, aligned, within the address space; readable and
    // unchanging as the caller promises.
    Some(unsafe { slice::from_raw_parts(ptr, n) })
}

/// A NUL-terminated string without its NUL; None: NULL.
///
/// # Safety
/// A pointer that is not NULL points to a NUL-terminated string that does not
/// change for `'a`.
pub unsafe fn text_of<'a>(text: *const c_char) -> Option<&'a [u8]> {
    match text.is_null() {
        true => None,
        // SAFETY: as the caller promises.
        false => Some(unsafe { CStr::from_ptr(text) }.to_bytes()),
    }
}

/// Finds the item of an input that bytestore_mset, _mget or _mdelete refuse
/// with BYTESTORE_ERR_INVALID_ARGUMENT; looks at lengths and pointers only.
///
/// `n`, `items`, `lens`: an input in either shape. `bad_index` (optional): on
/// BYTESTORE_ERR_INVALID_ARGUMENT the index of the first item at fault, or `n`
/// when the arguments are at fault as a whole; 0 otherwise.
///
/// BYTESTORE_OK: the input is fine.
#[no_mangle]
pub unsafe extern "C" fn bytestore_check_items(
    n: usize,
    items: *const c_void,
    lens: *const u32,
    bad_index: *mut usize,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let bad_index = unsafe { Out::optional(bad_index) }?;
        // SAFETY: as above.
        match unsafe { Items::check(n, items, lens) } {
            Ok(_) => Ok(()),
            Err(index) => {
                bad_index.set(index);
                Err(Error::InvalidArgument)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_makes_a_slice_bad_and_so_do_two() {
        let slice = |address, len| bytestore_slice { ptr: std::ptr::without_provenance(address), len };
        let most = BYTESTORE_MAX_ITEM_LEN as usize;
        for (address, len) in [(0, 0), (1, 0), (1, most), (usize::MAX - 1, 1), (usize::MAX, 0)] {
            assert!(!slice(address, len).is_bad(), "{len} bytes at {address}");
        }
        for (address, len) in [(0, 1), (1, most + 1), (usize::MAX, 1), (0, most + 1), (2, usize::MAX)] {
            assert!(slice(address, len).is_bad(), "{len} bytes at {address}");
        }
    }
}
