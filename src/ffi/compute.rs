//! Computing what is missing, each key once for all threads. Knows not who waits for whom.

use std::ffi::c_void;

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::{guard, guard_or};
use super::handle::{self, Object};
use super::input::Items;
use super::output::Out;
use super::status::{bytestore_status, BYTESTORE_ERR_INTERNAL, BYTESTORE_OK};
use super::store::bytestore_store;
use crate::engine::ValueSink;
use crate::store::{Computation, Failure, Store};
use crate::sys::lock::{Guard, Lock};
use crate::sys::try_collect;
use crate::Error;

/// A batch that is looked up, and what is missing of it computed. Opaque; open
/// it with bytestore_compute, close it with bytestore_computation_close. One
/// thread at a time: a call while another one is inside is
/// BYTESTORE_ERR_INVALID_ARGUMENT.
pub struct bytestore_computation {
    _private: [u8; 0],
}

/// What it is.
struct Computing {
    /// What was there.
    answers: Answers,
    computation: Lock<Computation>,
}

impl Object for Computing {
    const KIND: u64 = 4;
}

impl Computing {
    fn computation(&self) -> Result<Guard<'_, Computation>, Error> {
        self.computation.try_lock().ok_or(Error::InvalidArgument)
    }
}

/// Looks `n` keys up as bytestore_mget does, for a caller that will compute
/// what is missing:
///
///   bytestore_compute(store, n, keys, key_lens, 0, &computation);
///   while (bytestore_computation_next(computation, &missing) == BYTESTORE_OK &&
///          missing.count > 0) {
///     ... one value for each of missing.slices ...
///     bytestore_computation_set(computation, missing.count, values, NULL);
///     bytestore_free_buffer(&missing);
///   }
///   bytestore_computation_values(computation, &answers);
///   bytestore_computation_close(computation);
///
/// Of several threads that miss the same key at once, through any handle of the
/// store, one is given it to compute, and the others wait for its value. Nothing
/// is locked meanwhile, and the store may be used. Failures go to all who wait,
/// and are not kept: the next one computes again.
///
/// `keys`, `key_lens`: `n` keys in either shape (see Inputs).
/// `ttl_ms`: how long what is computed lives, as for bytestore_mset_ttl; 0: as
/// the store's default says.
/// `computation`: required; yours until bytestore_computation_close; NULL on
/// error. It goes on after bytestore_close(store), whose memory it keeps.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_compute(
    store: *mut bytestore_store,
    n: usize,
    keys: *const c_void,
    key_lens: *const u32,
    ttl_ms: u64,
    computation: *mut *mut bytestore_computation,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise for every pointer.
        let out = unsafe { Out::required(computation) }?;
        let store = handle::pin::<Store>(store.cast())?;
        // SAFETY: as above.
        let keys = unsafe { Items::new(n, keys, key_lens) }?;
        let seen = store.landings();
        let mut answers = Answers::new(store.erases());
        store.mget_items(keys.clone(), &mut answers)?;
        let missing = keys.zip(answers.values()).filter(|(_, value)| value.is_none()).map(|(key, _)| key);
        let computation = Computation::new(&store, missing, seen, (ttl_ms != 0).then_some(ttl_ms))?;
        out.set(handle::insert(Computing { answers, computation: Lock::new(computation) })?.cast());
        Ok(())
    })
}

/// The keys that the caller is to compute now: all that are missing and that
/// nobody else computes, each once, in the order of their first places. When
/// there are none, it waits for those that others compute; when one of them
/// gives up, its keys are the next ones to compute.
///
/// `missing`: required; the keys, as a page of bytestore_cursor_next; yours to
/// give to bytestore_free_buffer. `missing->count` 0: all keys have values.
/// Asked again before they are set, it gives the same keys.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (also for keys that this thread is computing
/// already, or that wait for it), _CLOSED_HANDLE, _OUT_OF_MEMORY; what another
/// thread gave to bytestore_computation_fail for one of these keys, or its
/// bytestore_computation_set failed with.
#[no_mangle]
pub unsafe extern "C" fn bytestore_computation_next(
    computation: *mut bytestore_computation,
    missing: *mut bytestore_buffer,
) -> bytestore_status {
    guard_or(BYTESTORE_ERR_INTERNAL, || {
        // SAFETY: the C caller's promise.
        match unsafe { next(computation, missing) } {
            Ok(()) => BYTESTORE_OK,
            Err(Failure::Status(status)) => status,
            Err(Failure::Store(error)) => error.into(),
            Err(Failure::Computation(_)) => BYTESTORE_ERR_INTERNAL, // nothing in C fails so
        }
    })
}

/// What it does.
///
/// # Safety
/// As for it.
unsafe fn next(computation: *mut bytestore_computation, missing: *mut bytestore_buffer) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    let out = unsafe { Out::required(missing) }?;
    let computing = handle::pin::<Computing>(computation.cast())?;
    let mut computation = computing.computation()?;
    let mut answers = Answers::new(computation.erases());
    let keys = computation.next_keys()?;
    answers.expect(keys.len(), keys.iter().map(|key| key.len()).sum())?;
    keys.iter().try_for_each(|key| answers.copied(key))?;
    answers.into_buffer()?.give(out);
    Ok(())
}

/// Sets the values of the keys that bytestore_computation_next gave, in one
/// step, and gives them to all who wait.
///
/// `n`, `values`, `value_lens`: as many values, in the order of those keys, in
/// either shape (see Inputs).
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (also for another number of values),
/// _OVER_LIMIT, _CLOSED_HANDLE, _OUT_OF_MEMORY: then all who wait are told so,
/// and the keys may be computed again.
#[no_mangle]
pub unsafe extern "C" fn bytestore_computation_set(
    computation: *mut bytestore_computation,
    n: usize,
    values: *const c_void,
    value_lens: *const u32,
) -> bytestore_status {
    guard(|| {
        let computing = handle::pin::<Computing>(computation.cast())?;
        // SAFETY: the C caller's promise.
        let items = unsafe { Items::new(n, values, value_lens) }?;
        let values = try_collect(items)?;
        let result = computing.computation()?.set(&values);
        result
    })
}

/// Tells all who wait for the keys that bytestore_computation_next gave that
/// they will not come.
///
/// `status`: what their bytestore_computation_next returns; any number but
/// BYTESTORE_OK, which is BYTESTORE_ERR_INVALID_ARGUMENT.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_computation_fail(
    computation: *mut bytestore_computation,
    status: bytestore_status,
) -> bytestore_status {
    guard(|| {
        let computing = handle::pin::<Computing>(computation.cast())?;
        if status == BYTESTORE_OK {
            return Err(Error::InvalidArgument);
        }
        computing.computation()?.fail(Failure::Status(status));
        Ok(())
    })
}

/// The values of all keys that bytestore_compute was given.
///
/// `out`: required; one answer for each key, in order, none of them missing;
/// yours to give to bytestore_free_buffer. Zeroed on error. `out->data` has all
/// of them side by side, whatever their lengths.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT (also when some are not computed yet),
/// _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_computation_values(
    computation: *mut bytestore_computation,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(out) }?;
        let computing = handle::pin::<Computing>(computation.cast())?;
        let computation = computing.computation()?;
        let mut computed = computation.values()?;
        let mut answers = Answers::new(computation.erases());
        answers.expect(computing.answers.slices().len(), 0)?;
        for answer in computing.answers.values() {
            answers.copied(answer.or_else(|| computed.next()).ok_or(Error::Internal)?)?;
        }
        answers.into_buffer()?.give(out);
        Ok(())
    })
}

/// Closes a computation. Keys that were given to compute and have no values yet
/// are left to those who wait for them.
///
/// `computation`: NULL is fine. BYTESTORE_ERR_CLOSED_HANDLE the second time.
#[no_mangle]
pub unsafe extern "C" fn bytestore_computation_close(computation: *mut bytestore_computation) -> bytestore_status {
    guard(|| match computation.is_null() {
        true => Ok(()),
        false => handle::close::<Computing>(computation.cast()),
    })
}
