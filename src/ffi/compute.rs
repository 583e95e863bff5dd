//! `mget` that has the caller compute what is missing. Knows not who waits for whom.

use std::ffi::c_void;

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::guard_or;
use super::handle;
use super::input::{bytestore_slice, Items};
use super::output::Out;
use super::status::{bytestore_status, BYTESTORE_ERR_INTERNAL, BYTESTORE_OK};
use super::store::bytestore_store;
use crate::engine::ValueSink;
use crate::store::{Failure, Missing, Store};
use crate::Error;

/// Computes values for bytestore_mget_or_compute.
///
/// `context`: as that was given it. `missing`: `n` keys, at least one, each
/// once, to be read during the call only. `values`: `n` slices, to be written:
/// the values. What they point to must stay until bytestore_mget_or_compute
/// returns or calls again; a slice that is not written is
/// BYTESTORE_ERR_INVALID_ARGUMENT.
///
/// Returns BYTESTORE_OK, or any other number: that is what
/// bytestore_mget_or_compute returns then. May use the store. Must return: no
/// longjmp, no exception may leave it.
pub type bytestore_compute = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        n: usize,
        missing: *const bytestore_slice,
        values: *mut bytestore_slice,
    ) -> bytestore_status,
>;

/// Looks `n` keys up as bytestore_mget does, has the missing ones computed, and
/// sets what was computed in one step.
///
/// Of several threads that miss the same key at once (through any handle of the
/// store) one computes it, and the others wait for its value. Nothing is locked
/// meanwhile. What a computation fails with goes to all who wait for its keys,
/// and nothing is kept: the next call computes again.
///
/// `keys`, `key_lens`: `n` keys in either shape (see Inputs).
/// `ttl_ms`: as for bytestore_mset_ttl; 0: as the store's default says.
/// `compute`: required; called at most once with the keys that are missing, and
/// again only for keys whose computation another thread gave up. `context` may
/// be NULL.
/// `out`: required; `n` answers in the order of the keys, none missing; yours to
/// give to bytestore_free_buffer. Zeroed on error and when `n` is 0.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (also when a computation asks for a key that
/// waits for this computation itself), _OVER_LIMIT, _CLOSED_HANDLE,
/// _OUT_OF_MEMORY, and what `compute` returned.
#[no_mangle]
pub unsafe extern "C" fn bytestore_mget_or_compute(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    ttl_ms: u64,
    compute: bytestore_compute,
    context: *mut c_void,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard_or(BYTESTORE_ERR_INTERNAL, || {
        // SAFETY: the C caller's promise for every pointer.
        match unsafe { answer(store, n, keys, key_lens, ttl_ms, compute, context, out) } {
            Ok(()) => BYTESTORE_OK,
            Err(Failure::Status(status)) => status,
            Err(Failure::Store(error)) => error.into(),
            Err(Failure::Computation(_)) => BYTESTORE_ERR_INTERNAL, // nothing in C computes so
        }
    })
}

/// What it does.
///
/// # Safety
/// As for it.
#[allow(clippy::too_many_arguments)] // its own
unsafe fn answer(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    ttl_ms: u64,
    compute: bytestore_compute,
    context: *mut c_void,
    out: *mut bytestore_buffer,
) -> Result<(), Failure> {
    // SAFETY: the caller's promise for every pointer.
    let out = unsafe { Out::required(out) }?;
    let store = handle::pin::<Store>(store.cast())?;
    let compute = compute.ok_or(Error::InvalidArgument)?;
    // SAFETY: as above.
    let keys = unsafe { Items::new(n, keys, key_lens) }?;
    let ttl = (ttl_ms != 0).then_some(ttl_ms);
    let answers = get_or_compute(&store, keys, ttl, &mut |missing, values| {
        // SAFETY: there are as many slices as keys, and the rest the caller promised.
        unsafe { compute(context, missing.len(), missing.as_ptr(), values.as_mut_ptr()) }
    })?;
    answers.into_buffer()?.give(out);
    Ok(())
}

/// What a slice is until it is written: no computation's answer.
const NOT_WRITTEN: bytestore_slice = bytestore_slice { ptr: std::ptr::null(), len: usize::MAX };

type Call<'c> = &'c mut dyn FnMut(&[bytestore_slice], &mut [bytestore_slice]) -> bytestore_status;

fn get_or_compute(store: &Store, keys: Items, ttl: Option<u64>, call: Call) -> Result<Answers, Failure> {
    let seen = store.landings();
    let mut answers = Answers::new();
    store.mget_items(keys.clone(), &mut answers)?;
    let absent = keys.clone().zip(answers.values()).filter(|(_, value)| value.is_none()).map(|(key, _)| key);
    let missing = Missing::new(absent)?;
    if missing.keys.is_empty() {
        return Ok(answers);
    }
    let computed = store.compute(&missing.keys, seen, ttl, &mut |keys, give| {
        let mut slices = Vec::new();
        slices.try_reserve_exact(keys.len())?;
        slices.extend(keys.iter().map(|key| bytestore_slice::of(key)));
        let mut values = Vec::new();
        values.try_reserve_exact(keys.len())?;
        values.resize(keys.len(), NOT_WRITTEN);
        match call(&slices, &mut values) {
            BYTESTORE_OK => (),
            status => return Err(Failure::Status(status)),
        }
        // SAFETY: written by the computation, which promised that they can be read.
        let items = unsafe { Items::new(values.len(), values.as_ptr().cast(), std::ptr::null()) }?;
        let mut given = Vec::new();
        given.try_reserve_exact(values.len())?;
        given.extend(items);
        give(&given)
    })?;
    let mut all = Answers::new();
    all.expect(answers.slices().len(), 0)?;
    for (key, value) in keys.zip(answers.values()) {
        all.copied(match value {
            Some(value) => value,
            None => missing.value(key, &computed)?,
        })?;
    }
    Ok(all)
}
