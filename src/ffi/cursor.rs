//! The key cursor.

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::guard;
use super::handle::{self, Object};
use super::input::bytes_of;
use super::output::Out;
use super::status::bytestore_status;
use super::store::bytestore_store;
use crate::store::{Cursor, Store};
use crate::Error;

/// A scan of a store's keys. Opaque; open it with bytestore_keys, close it with
/// bytestore_cursor_close. Any threads may take pages from one cursor: each
/// page goes to one of them.
pub struct bytestore_cursor {
    _private: [u8; 0],
}

impl Object for Cursor {
    const KIND: u64 = 2;
}

/// Opens a scan of the keys that begin with `prefix`, compared byte by byte, in
/// insertion order: overwriting an entry keeps its place, deleting and setting
/// it again moves it to the end.
///
/// The scan sees the keys as of its first page. Others may write meanwhile: no
/// key comes twice, none is missing that was there throughout, and one deleted
/// meanwhile may be left out. Between pages nothing is locked.
///
/// `prefix`: `prefix_len` bytes, copied; (NULL, 0) means all keys.
/// `cursor`: required; yours until bytestore_cursor_close; NULL on error. It
/// goes on after bytestore_close(store), whose memory it keeps.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_keys(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    cursor: *mut *mut bytestore_cursor,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        unsafe { open(store, prefix, prefix_len, 0, cursor) }
    })
}

/// As bytestore_keys, from a position on, as bytestore_cursor_position gave it:
/// for who goes on later without keeping the cursor, as a web handler does.
///
/// `position`: 0 is the beginning. It is a number of this store's, good for as
/// long as the store is, whichever cursor it came from and whatever was set or
/// deleted since; keys inserted meanwhile come when their turn does.
#[no_mangle]
pub unsafe extern "C" fn bytestore_keys_from(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    position: u64,
    cursor: *mut *mut bytestore_cursor,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        unsafe { open(store, prefix, prefix_len, position, cursor) }
    })
}

/// What both do.
///
/// # Safety
/// As for them.
unsafe fn open(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    position: u64,
    cursor: *mut *mut bytestore_cursor,
) -> Result<(), Error> {
    // SAFETY: the caller's promise for every pointer.
    let out = unsafe { Out::required(cursor) }?;
    let store = handle::pin::<Store>(store.cast())?;
    // SAFETY: as above.
    let prefix = unsafe { bytes_of(prefix, prefix_len) }.ok_or(Error::InvalidArgument)?;
    let cursor = handle::insert(store.cursor(prefix, position)?)?;
    out.set(cursor.cast());
    Ok(())
}

/// Where a cursor's next page begins, for bytestore_keys_from. After the last
/// page it is where keys that are inserted from now on will come.
///
/// `position`: required; 0 on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_cursor_position(
    cursor: *mut bytestore_cursor,
    position: *mut u64,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(position) }?;
        out.set(handle::pin::<Cursor>(cursor.cast())?.position()?);
        Ok(())
    })
}

/// The next page of keys.
///
/// `max_keys`: the most keys to give; 0 means 1024. A page may have fewer, as
/// it also ends after about 1 MiB of keys.
/// `out`: required; the keys, with `out->data` holding all of them side by
/// side; yours to give to bytestore_free_buffer. `out->count` 0 is the end of
/// the scan, now and on every later call. Zeroed on error; the page is not lost
/// then: ask again.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_cursor_next(
    cursor: *mut bytestore_cursor,
    max_keys: usize,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(out) }?;
        let cursor = handle::pin::<Cursor>(cursor.cast())?;
        cursor.next_page(max_keys, |page| Answers::of_keys(page)?.into_buffer())?.give(out);
        Ok(())
    })
}

/// Closes a cursor and gives back what it kept. Pages taken from it stay.
///
/// `cursor`: NULL is fine. BYTESTORE_ERR_CLOSED_HANDLE the second time. Safe
/// while other threads take pages from it.
#[no_mangle]
pub unsafe extern "C" fn bytestore_cursor_close(cursor: *mut bytestore_cursor) -> bytestore_status {
    guard(|| match cursor.is_null() {
        true => Ok(()),
        false => handle::close::<Cursor>(cursor.cast()),
    })
}
