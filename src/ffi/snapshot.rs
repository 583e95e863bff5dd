//! Saving a store and loading one, from files and from memory.

use std::ffi::c_char;

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::guard;
use super::handle;
use super::input::{bytes_of, text_of};
use super::output::Out;
use super::status::bytestore_status;
use super::store::bytestore_store;
use crate::store::Store;
use crate::Error;

/// Saves the store to a file: its entries at one moment, in order, each with
/// the time that it still has to live, and the store's options. Others may
/// write meanwhile; they never wait for longer than for a large batch, and
/// what they replace of what is not saved yet is kept until it is. Of a
/// namespace its own keys are saved. bytestore_open opens such a file, as
/// "snapshot:PATH". Saves of one store take turns.
///
/// `path`: required, NUL-terminated bytes as the system takes them. The file is
/// there in whole or not at all: it is written beside, as a temporary file that
/// only its owner may read, and takes the old one's place when it is on disk;
/// a symbolic link at `path` is replaced, not followed. After a failure the old
/// file stands and no other is left (the new one, where only the last step
/// failed: to write the folder); a process that is killed leaves its temporary
/// file, `.bytestore-*.tmp`, behind.
/// `level`: 0: not compressed; 1 to 22: Zstandard's level, the usual one is 3.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY,
/// _IO_FAILURE (errno says why), _UNSUPPORTED (a level, of a library that was
/// built without Zstandard).
#[no_mangle]
pub unsafe extern "C" fn bytestore_save(
    store: *mut bytestore_store,
    path: *const c_char,
    level: i32,
) -> bytestore_status {
    guard(|| {
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: the C caller's promise for every pointer.
        let path = unsafe { text_of(path) }.ok_or(Error::InvalidArgument)?;
        store.save_file(path, level_of(level)?)
    })
}

/// As bytestore_save, to memory.
///
/// `out`: required; one answer, the bytes of such a file; yours until
/// bytestore_free_buffer; zeroed on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY,
/// _UNSUPPORTED.
#[no_mangle]
pub unsafe extern "C" fn bytestore_save_buffer(
    store: *mut bytestore_store,
    level: i32,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::required(out) }?;
        let store = handle::pin::<Store>(store.cast())?;
        Answers::of_bytes(store.save_bytes(level_of(level)?)?)?.into_buffer()?.give(out);
        Ok(())
    })
}

/// Loads a file that bytestore_save has written: in one step its entries take
/// the place of all that the store had; a namespace's, of what the namespace
/// had. Options stay the store's own: what is more than it may hold is evicted,
/// and the time to live that entries have left is the file's. Counters of what
/// happened so far stay. Until that step the store is as it was, and in use;
/// after any error it stays so.
///
/// `path`: required, NUL-terminated; a regular file.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _BAD_SNAPSHOT (not such a file, or not
/// whole), _UNSUPPORTED (of a later version, or compressed, and the library was
/// built without Zstandard), _OVER_LIMIT (an entry is more than the store may
/// hold), _IO_FAILURE (errno says why), _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_load(store: *mut bytestore_store, path: *const c_char) -> bytestore_status {
    guard(|| {
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: the C caller's promise for every pointer.
        store.load_file(unsafe { text_of(path) }.ok_or(Error::InvalidArgument)?)
    })
}

/// As bytestore_load, from memory.
///
/// `bytes`: `len` bytes, read during the call only, as bytestore_save_buffer
/// has given them or as they stand in a file.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _BAD_SNAPSHOT, _UNSUPPORTED, _OVER_LIMIT,
/// _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_load_buffer(
    store: *mut bytestore_store,
    bytes: *const u8,
    len: usize,
) -> bytestore_status {
    guard(|| {
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: the C caller's promise for every pointer.
        store.load_from_slice(unsafe { bytes_of(bytes, len) }.ok_or(Error::InvalidArgument)?)
    })
}

fn level_of(level: i32) -> Result<u32, Error> {
    u32::try_from(level).map_err(|_| Error::InvalidArgument)
}

/// How far the saving or loading of a store is that is under way on another
/// thread: asked as often as one likes, at the cost of reading two numbers.
///
/// `done` (optional), `total` (optional): of a save entries, of a load bytes;
/// `total` may be some more than there is to do. Both 0 when nothing is under
/// way. Of a save and a load at once, or of two loads, they say nothing of use.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_progress(
    store: *mut bytestore_store,
    done: *mut u64,
    total: *mut u64,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let (done, total) = unsafe { (Out::optional(done), Out::optional(total)) };
        let (done, total) = (done?, total?);
        let progress = handle::pin::<Store>(store.cast())?.progress()?;
        done.set(progress.done);
        total.set(progress.total);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_that_number() {
        for (level, expected) in [(0, Ok(0)), (1, Ok(1)), (22, Ok(22)), (-1, Err(Error::InvalidArgument))] {
            assert_eq!(level_of(level), expected);
        }
    }
}
