//! Stores and the four operations.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::{be_quiet, guard, guard_or};
use super::handle::{self, Object};
use super::input::{bytes_of, bytestore_slice, text_of, Items};
use super::output::Out;
use super::status::bytestore_status;
use crate::store::Store;
use crate::Error;

/// A store. Opaque: a number that names it, not an address. Open it with
/// bytestore_new or bytestore_open, close it with bytestore_close; any thread
/// may use it at any time.
pub struct bytestore_store {
    _private: [u8; 0],
}

impl Object for Store {
    const KIND: u64 = 1;
}

/// A new, empty store without options: bytestore_open with "memory:".
///
/// Yours until bytestore_close. NULL: memory ran out.
#[no_mangle]
pub extern "C" fn bytestore_new() -> *mut bytestore_store {
    guard_or(ptr::null_mut(), || {
        be_quiet();
        Store::new().and_then(handle::insert).map_or(ptr::null_mut(), |store| store.cast())
    })
}

/// A store as a URL describes it.
///
/// `url`: required, NUL-terminated UTF-8, read during the call only:
/// "memory:", with options as in "memory:?max_bytes=512MiB&ttl=1h" (see
/// Options), is a new store. "memory:NAME", with options or without, is the
/// one of that name in this process, whichever language opened it first; a new
/// one, if there is none. NAME: 1 to 255 of A-Z, a-z, 0-9, '.', '_', '-'. A
/// store that is there already was made with the same options, or none are
/// given. It is freed, and its name with it, when the last handle of it is
/// closed. "snapshot:PATH" is a new store with the options and the entries that
/// bytestore_save has written to that file. "redis://…" and its kin are stores
/// on a server (see Servers), and "memory:?over=redis://…" with copies here (see
/// Two tiers).
/// `store`: required; yours until bytestore_close; NULL on error.
/// `bad_part` (optional): on BYTESTORE_ERR_INVALID_ARGUMENT the part of `url`
/// at fault, pointing into `url`: an unknown scheme or option, or all options,
/// when the store of that name has others. Zero otherwise.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _OUT_OF_MEMORY; of a file those of
/// bytestore_load, too; of a server _UNSUPPORTED (the library was built without
/// its feature "redis").
#[no_mangle]
pub unsafe extern "C" fn bytestore_open(
    url: *const c_char,
    store: *mut *mut bytestore_store,
    bad_part: *mut bytestore_slice,
) -> bytestore_status {
    guard(|| {
        be_quiet();
        // SAFETY: the C caller's promise for every pointer.
        let (out, bad_part) = unsafe { (Out::required(store), Out::optional(bad_part)) };
        let (out, bad_part) = (out?, bad_part?);
        let refuse = |part: &[u8]| {
            bad_part.set(bytestore_slice { ptr: part.as_ptr(), len: part.len() });
            Error::InvalidArgument
        };
        // SAFETY: as above.
        let url = unsafe { text_of(url) }.ok_or(Error::InvalidArgument)?;
        let url = std::str::from_utf8(url).map_err(|_| refuse(url))?;
        let store = Store::open_or_say(url).map_err(|(error, part)| match error {
            Error::InvalidArgument => refuse(part.as_bytes()),
            other => other,
        })?;
        out.set(handle::insert(store)?.cast());
        Ok(())
    })
}

/// A store of those keys of another one that begin with `prefix`: a namespace.
/// It takes and gives keys without the prefix; every function works on it,
/// this one too. All else is the whole store's: limits, where the prefix counts
/// as part of the key, counters, time. An empty prefix makes a second handle of
/// the same store.
///
/// `prefix`: `prefix_len` bytes, copied; may be NULL when there are none.
/// `view`: required; yours until bytestore_close; NULL on error. Each of the
/// two handles is closed on its own, in any order.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_namespace(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    view: *mut *mut bytestore_store,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::required(view) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let prefix = unsafe { bytes_of(prefix, prefix_len) }.ok_or(Error::InvalidArgument)?;
        out.set(handle::insert(store.namespace(prefix)?)?.cast());
        Ok(())
    })
}

/// Closes a store: every later call with this handle is
/// BYTESTORE_ERR_CLOSED_HANDLE, this one included. Calls under way on other
/// threads finish; buffers and cursors stay until they are freed and closed.
///
/// `store`: NULL is fine.
#[no_mangle]
pub unsafe extern "C" fn bytestore_close(store: *mut bytestore_store) -> bytestore_status {
    guard(|| match store.is_null() {
        true => Ok(()),
        false => handle::close::<Store>(store.cast()),
    })
}

/// Sets `n` pairs in one step: other threads see all of them or none. Keys and
/// values are copied. Of equal keys in the batch the last value wins and the
/// first one's place in the order stands; overwriting an entry keeps its place.
///
/// `keys`, `key_lens`, `values`, `value_lens`: `n` keys and `n` values, each in
/// either shape (see Inputs).
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
/// _OVER_LIMIT (the batch, or a pair of it, is more than the store may hold),
/// _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mset(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    values: *const c_void,
    value_lens: *const u32,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        unsafe { set(store, n, keys, key_lens, values, value_lens, None) }
    })
}

/// As bytestore_mset, and the entries live for `ttl_ms` milliseconds: then they
/// are as good as deleted, for every function at once. BYTESTORE_NO_TTL: they
/// stay until they are deleted, whatever the store's default. A ttl of 0 is
/// BYTESTORE_ERR_INVALID_ARGUMENT.
///
/// Setting an entry again, in either way, gives it a new end or none.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mset_ttl(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    values: *const c_void,
    value_lens: *const u32,
    ttl_ms: u64,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        unsafe { set(store, n, keys, key_lens, values, value_lens, Some(ttl_ms)) }
    })
}

/// What both do; without a ttl, as the store's default says.
///
/// # Safety
/// As for them.
#[inline(always)]
unsafe fn set(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    values: *const c_void,
    value_lens: *const u32,
    ttl_ms: Option<u64>,
) -> Result<(), Error> {
    let store = handle::pin::<Store>(store.cast())?;
    // SAFETY: the caller's promise.
    let (keys, values) = unsafe { (Items::new(n, keys, key_lens)?, Items::new(n, values, value_lens)?) };
    if ttl_ms == Some(0) {
        return Err(Error::InvalidArgument);
    }
    match (keys, values) {
        (Items::Slices(keys), Items::Slices(values)) => store.mset_items(keys.zip(values), ttl_ms),
        (Items::Packed(keys), Items::Packed(values)) => store.mset_items(keys.zip(values), ttl_ms),
        (keys, values) => store.mset_items(keys.zip(values), ttl_ms),
    }
}

/// Looks `n` keys up, all as of one moment.
///
/// `keys`, `key_lens`: `n` keys in either shape (see Inputs).
/// `out`: required; `n` answers in the order of the keys, equal keys answered
/// each time; yours to give to bytestore_free_buffer. Zeroed on error and when
/// `n` is 0. A missing key is not an error: its slice's `ptr` is NULL.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
/// _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mget(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::required(out) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let keys = unsafe { Items::new(n, keys, key_lens) }?;
        let mut answers = Answers::new(store.erases());
        match keys {
            Items::Slices(keys) => store.mget_items(keys, &mut answers)?,
            Items::Packed(keys) => store.mget_items(keys, &mut answers)?,
        }
        answers.into_buffer()?.give(out);
        Ok(())
    })
}

/// Deletes `n` keys in one step: other threads see all of it or nothing.
/// Missing and repeated keys are fine.
///
/// `keys`, `key_lens`: `n` keys in either shape (see Inputs).
/// `removed` (optional): how many entries were deleted; 0 on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
/// _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mdelete(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    removed: *mut usize,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let removed = unsafe { Out::optional(removed) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let keys = unsafe { Items::new(n, keys, key_lens) }?;
        removed.set(match keys {
            Items::Slices(keys) => store.mdelete_items(keys)?,
            Items::Packed(keys) => store.mdelete_items(keys)?,
        });
        Ok(())
    })
}

/// Deletes all entries whose keys begin with `prefix`, in one step: other
/// threads see all of it or nothing. As bytestore_count it takes time by what
/// it finds.
///
/// `prefix`: `prefix_len` bytes; (NULL, 0) means all keys.
/// `removed` (optional): how many entries were deleted; 0 on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_delete_prefix(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    removed: *mut usize,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::optional(removed) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let prefix = unsafe { bytes_of(prefix, prefix_len) }.ok_or(Error::InvalidArgument)?;
        out.set(store.delete_prefix(prefix)?);
        Ok(())
    })
}

/// How many entries a store has that have not ended and whose keys begin with
/// `prefix`, at one moment.
///
/// The first question about a prefix that is not empty (this one,
/// bytestore_delete_prefix or bytestore_keys) makes a store of some thousand
/// entries keep them in the order of their keys, too, until it is empty: some
/// 0.1 s for a million, in which others wait, and some 10 bytes for each.
/// From then on such questions take time by what they find, not by what there
/// is, and writes cost more. Stores that are never asked pay nothing.
///
/// `prefix`: `prefix_len` bytes; (NULL, 0) means all keys.
/// `count`: required; 0 on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, and of a namespace
/// _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_count(
    store: *mut bytestore_store,
    prefix: *const u8,
    prefix_len: usize,
    count: *mut usize,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::required(count) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let prefix = unsafe { bytes_of(prefix, prefix_len) }.ok_or(Error::InvalidArgument)?;
        out.set(store.count(prefix)?);
        Ok(())
    })
}

/// How many entries a store has that have not ended.
///
/// `len`: required; 0 on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_len(store: *mut bytestore_store, len: *mut usize) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(len) }?;
        out.set(handle::pin::<Store>(store.cast())?.len()?);
        Ok(())
    })
}

/// Compares what a store counts with what is there, and says where they differ.
#[cfg(bytestore_faults)]
pub(crate) fn check_store(store: *mut bytestore_store) -> bytestore_status {
    let quiet = std::panic::take_hook();
    let status = guard(|| handle::pin::<Store>(store.cast())?.check());
    std::panic::set_hook(quiet);
    status
}
