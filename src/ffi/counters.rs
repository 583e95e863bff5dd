//! What a store counts, as C reads it.

use super::guard::guard;
use super::handle;
use super::status::bytestore_status;
use super::store::bytestore_store;
use crate::store::{Counters, Store};
use crate::Error;

/// What happened in a store since it was opened, and what is in it now. Of a
/// call that fails for want of memory, hits and misses may have been counted.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct bytestore_counters {
    /// Set by you: sizeof(bytestore_counters). Later versions of the library
    /// append fields, and fill what you have room for.
    pub size: usize,
    /// Keys that were looked up and found.
    pub hits: u64,
    /// Keys that were looked up and not found.
    pub misses: u64,
    /// Pairs that were set.
    pub sets: u64,
    /// Entries that callers deleted.
    pub deletes: u64,
    /// Entries that went because the store was over max_bytes.
    pub evictions_by_bytes: u64,
    /// Entries that went because the store was over max_entries.
    pub evictions_by_entries: u64,
    /// Entries whose time to live was over, as far as their memory was taken back.
    pub expirations: u64,
    /// Entries that are there; those whose time is over until their memory is taken back.
    pub entries: u64,
    /// Bytes of their keys.
    pub key_bytes: u64,
    /// Bytes of their values.
    pub value_bytes: u64,
    /// Bytes that they take beside; max_bytes is compared with the sum of the three.
    pub overhead_bytes: u64,
    /// The store's bound; 0: none.
    pub max_bytes: u64,
    /// As `max_bytes`.
    pub max_entries: u64,
}

impl From<Counters> for bytestore_counters {
    fn from(counted: Counters) -> Self {
        bytestore_counters {
            size: size_of::<Self>(),
            hits: counted.hits,
            misses: counted.misses,
            sets: counted.sets,
            deletes: counted.deletes,
            evictions_by_bytes: counted.evictions_by_bytes,
            evictions_by_entries: counted.evictions_by_entries,
            expirations: counted.expirations,
            entries: counted.entries,
            key_bytes: counted.key_bytes,
            value_bytes: counted.value_bytes,
            overhead_bytes: counted.overhead_bytes,
            max_bytes: counted.max_bytes,
            max_entries: counted.max_entries,
        }
    }
}

/// Reads what a store counts: a moment's work, whatever is in it.
///
/// `counters`: required; its `size` is set by you, and all else is written, up
/// to that size. A `size` smaller than the first version of the struct is
/// BYTESTORE_ERR_INVALID_ARGUMENT. On error only `size` is left as it was, all
/// else is zeroed, unless `size` itself is at fault.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_read_counters(
    store: *mut bytestore_store,
    counters: *mut bytestore_counters,
) -> bytestore_status {
    guard(|| {
        if counters.is_null() || !counters.is_aligned() {
            return Err(Error::InvalidArgument);
        }
        // SAFETY: aligned and not NULL; the rest is the C caller's promise.
        let size = unsafe { (*counters).size };
        if size < size_of::<bytestore_counters>() {
            return Err(Error::InvalidArgument);
        }
        let empty = bytestore_counters { size, ..bytestore_counters::default() };
        // SAFETY: the caller's struct has at least this size.
        unsafe { counters.write(empty) };
        let counted = handle::pin::<Store>(store.cast())?.counters()?;
        // SAFETY: as above.
        unsafe { counters.write(bytestore_counters { size, ..counted.into() }) };
        Ok(())
    })
}

/// Turns the clock of a store that was opened with "clock=manual" forward, by
/// milliseconds: for tests of programs that use time to live.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT for a store with the system's clock,
/// _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_advance_clock(store: *mut bytestore_store, milliseconds: u64) -> bytestore_status {
    guard(|| handle::pin::<Store>(store.cast())?.advance_clock(milliseconds))
}
