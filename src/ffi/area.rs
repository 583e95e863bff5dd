//! `mget` into the caller's memory: no result to be freed. Knows not how answers are found.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use super::guard::guard;
use super::handle;
use super::input::Items;
use super::status::bytestore_status;
use super::store::bytestore_store;
use crate::engine::{Entry, ValueSink};
use crate::store::Store;
use crate::sys::copy;
use crate::Error;

/// In place of a length: the key is missing. cbindgen.toml has its C form.
const BYTESTORE_MISSING: usize = usize::MAX;

/// Memory of the caller's for the answers of bytestore_mget_into. All of it is
/// and stays yours; use it again as often as you like.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bytestore_area {
    /// Where values are written, side by side, in the order of the keys. May be
    /// NULL when `capacity` is 0.
    pub bytes: *mut u8,
    /// How many bytes there is room for.
    pub capacity: usize,
    /// Where each value's length is written, or BYTESTORE_MISSING: room for one
    /// for each key.
    pub lens: *mut usize,
    /// Written: how many bytes all the values have together. More than
    /// `capacity`: `bytes` holds nothing of use.
    pub len: usize,
}

/// What the caller gave, checked.
struct Area<'a> {
    /// Where the next value goes, and how much room there is.
    place: NonNull<u8>,
    room: usize,
    /// One for each key that is not answered yet.
    lens: slice::IterMut<'a, MaybeUninit<usize>>,
    /// Bytes of the values that there was no room for.
    beyond: usize,
}

impl<'a> Area<'a> {
    /// # Safety
    /// The area's memory may be written to until the call ends, and nothing
    /// else of the call lies in it.
    unsafe fn new(area: &bytestore_area, count: usize) -> Result<Self, Error> {
        let is_bad = (area.bytes.is_null() && area.capacity > 0)
            || (area.lens.is_null() && count > 0)
            || !area.lens.is_aligned()
            || isize::try_from(area.capacity).is_err();
        if is_bad {
            return Err(Error::InvalidArgument);
        }
        let place = NonNull::new(area.bytes).unwrap_or(NonNull::dangling());
        let lens = NonNull::new(area.lens).unwrap_or(NonNull::dangling());
        // SAFETY: not NULL, aligned, and the caller has room for one of each key.
        let lens = unsafe { slice::from_raw_parts_mut(lens.as_ptr().cast(), count) };
        Ok(Area { place, room: area.capacity, lens: lens.iter_mut(), beyond: 0 })
    }

    #[inline(always)]
    fn answer(&mut self, len: usize) -> Result<(), Error> {
        self.lens.next().ok_or(Error::Internal)?.write(len);
        Ok(())
    }

    /// Bytes of all values, in an area of this capacity.
    fn len(&self, capacity: usize) -> usize {
        (capacity - self.room).saturating_add(self.beyond)
    }

    /// Of a value without room only the length counts.
    #[cold]
    fn pass_over(&mut self, len: usize) {
        self.beyond = self.beyond.saturating_add(len);
    }
}

impl ValueSink for Area<'_> {
    fn expect(&mut self, _answers: usize, _bytes: usize) -> Result<(), Error> {
        Ok(())
    }

    #[inline(always)]
    fn missing(&mut self) -> Result<(), Error> {
        self.answer(BYTESTORE_MISSING)
    }

    #[inline(always)]
    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        match self.room.checked_sub(value.len()) {
            Some(room) => {
                // SAFETY: there is room for that many bytes.
                self.place = unsafe { copy(value, self.place) };
                self.room = room;
            }
            None => self.pass_over(value.len()),
        }
        self.answer(value.len())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.copied(entry.value())
    }

    fn is_of_use(&self) -> bool {
        self.beyond == 0
    }
}

/// Looks `n` keys up as bytestore_mget does, all as of one moment, but writes
/// the values into memory of the caller's: nothing is allocated (but for the
/// full keys of a namespace), and nothing needs to be freed. The fastest form
/// for one key, and for callers that copy values anyway.
///
/// `keys`, `key_lens`: `n` keys in either shape (see Inputs).
/// `area`: required; none of its memory may overlap the keys. `area->len` is
/// always written, 0 on error. When it is more than `area->capacity`, the
/// values did not fit: the lengths are right, `area->bytes` is of no use, and a
/// call with more room will do, unless others write meanwhile. Only calls whose
/// values fit count hits and misses.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
/// _CLOSED_HANDLE, and of a namespace _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mget_into(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    area: *mut bytestore_area,
) -> bytestore_status {
    guard(|| {
        if !area.is_aligned() {
            return Err(Error::InvalidArgument);
        }
        // SAFETY: the C caller's promise for every pointer.
        let area = unsafe { area.as_mut() }.ok_or(Error::InvalidArgument)?;
        area.len = 0;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let (keys, mut sink) = unsafe { (Items::new(n, keys, key_lens)?, Area::new(area, n)?) };
        match keys {
            Items::Slices(keys) => store.mget_items(keys, &mut sink)?,
            Items::Packed(keys) => store.mget_items(keys, &mut sink)?,
        }
        area.len = sink.len(area.capacity);
        Ok(())
    })
}
