//! mget: every value as a `bytes` of its own.

use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

use pyo3_ffi::*;

use crate::abi::{Slice, MISSING, NOTHING};
use crate::batch::Batch;
use crate::crossing::{unlocked, Answers, Crossing, MANY_BYTES, MANY_ITEMS};
use crate::object::{none, Owned, Raised};
use crate::prefetch;
use crate::scratch::{self, Scratch, ROOM};

/// From this length on the library lends values instead of copying them.
const LENT: usize = 4096;

/// The list of values. None: not in the plain form, or the library refused.
///
/// # Safety
/// `keys` is an object that outlives the call.
pub unsafe fn mget(store: *mut c_void, keys: *mut PyObject) -> Result<Option<Owned>, Raised> {
    // SAFETY: as the caller promises.
    let Some(batch) = (unsafe { Batch::new(keys) }) else { return Ok(None) };
    let n = batch.len();
    // First of all: it may run the garbage collector, which may run anything.
    // SAFETY: a length that a list has.
    let list = unsafe { Owned::new(PyList_New(n as Py_ssize_t)) }?;
    let is_large = n >= MANY_ITEMS;
    let held = if is_large { batch.hold() } else { Some(Vec::new()) };
    let (Some(_held), Some(crossing)) = (held, Crossing::new(store, is_large)) else { return Ok(None) };
    let filled = scratch::with(|scratch| {
        batch.keys(&mut scratch.keys)?;
        // SAFETY: whoever has the lock changes nothing, and without it the keys are held.
        (scratch.keys.len() == n).then(|| unsafe { fill(&list, crossing, scratch) })
    });
    match filled.flatten() {
        None => Ok(None),
        Some(done) => Ok(done?.then_some(list)),
    }
}

/// Fills the list with the values of `scratch.keys`. False: the library refused.
///
/// # Safety
/// What the keys show stays as it is.
unsafe fn fill(list: &Owned, crossing: Crossing, scratch: &mut Scratch) -> Result<bool, Raised> {
    let n = scratch.keys.len();
    if scratch.usual < LENT && scratch.usual.saturating_mul(n) <= ROOM && scratch.make_room() {
        // SAFETY: as the caller promises.
        let len = unsafe { crossing.mget_into(&scratch.keys, &mut scratch.lens, &mut scratch.bytes) };
        let Some(len) = len else { return Ok(false) };
        scratch.usual = len / n.max(1);
        if len <= scratch.bytes.len() {
            let mut rest = scratch.bytes.as_ptr();
            return put(
                list,
                scratch.lens.iter().take(n).map(|&len| match len {
                    MISSING => NOTHING,
                    len => {
                        let value = Slice { ptr: rest, len };
                        rest = rest.wrapping_add(len);
                        value
                    }
                }),
            );
        }
    }
    // SAFETY: as above.
    let Ok(answers) = (unsafe { crossing.mget(&scratch.keys) }) else { return Ok(false) };
    scratch.usual = weight(&answers) / n.max(1);
    put_all(list, &answers)
}

/// As `mget` of a store that may wait for others and is asked once: the status, where it refused.
///
/// # Safety
/// As `mget`.
pub unsafe fn mget_waiting(store: *mut c_void, keys: *mut PyObject) -> Result<Option<Owned>, Raised> {
    // SAFETY: as the caller promises.
    let Some(batch) = (unsafe { Batch::new(keys) }) else { return Ok(None) };
    // SAFETY: a length that a list has.
    let list = unsafe { Owned::new(PyList_New(batch.len() as Py_ssize_t)) }?;
    let (Some(_held), Some(crossing)) = (batch.hold(), Crossing::new(store, true)) else { return Ok(None) };
    let answers = scratch::with(|scratch| {
        batch.keys(&mut scratch.keys)?;
        // SAFETY: the keys are held.
        Some(unsafe { crossing.mget(&scratch.keys) })
    });
    match answers.flatten() {
        None => Ok(None),
        // SAFETY: makes a new object.
        Some(Err(status)) => unsafe { Owned::new(PyLong_FromLong(status.into())) }.map(Some),
        Some(Ok(answers)) => Ok(put_all(&list, &answers)?.then_some(list)),
    }
}

/// How many bytes the values have.
fn weight(answers: &Answers) -> usize {
    answers.slices().iter().map(|value| value.len).sum()
}

/// Puts a copy of each value into a list of as many. False: memory ran out.
fn put_all(list: &Owned, answers: &Answers) -> Result<bool, Raised> {
    if weight(answers) >= MANY_BYTES {
        return put_unlocked(list, answers.slices());
    }
    // They are far away in memory: while one is copied, the next one is on its way.
    let next = answers.slices().iter().skip(1).chain([&NOTHING]);
    put(
        list,
        answers.slices().iter().zip(next).map(|(&value, next)| {
            prefetch::ask_for(next);
            value
        }),
    )
}

/// Puts a copy of each value into the list.
fn put(list: &Owned, values: impl Iterator<Item = Slice>) -> Result<bool, Raised> {
    for (index, value) in values.enumerate() {
        // SAFETY: the list is ours alone; a value is readable as long as it is long.
        unsafe {
            let item = match value.ptr.is_null() {
                true => none(),
                false => Owned::new(PyBytes_FromStringAndSize(value.ptr.cast::<c_char>(), value.len as Py_ssize_t))?,
            };
            if PyList_SetItem(list.as_ptr(), index as Py_ssize_t, item.into_ptr()) != 0 {
                return Err(Raised);
            }
        }
    }
    Ok(true)
}

/// As `put`, for values that take long to copy: other threads run meanwhile.
fn put_unlocked(list: &Owned, values: &[Slice]) -> Result<bool, Raised> {
    let (mut items, mut room) = (Vec::new(), Vec::new());
    if items.try_reserve_exact(values.len()).is_err() || room.try_reserve_exact(values.len()).is_err() {
        return Ok(false);
    }
    for value in values {
        let (item, to) = if value.ptr.is_null() {
            (none(), null_mut())
        } else {
            // SAFETY: a `bytes` of that length, which nobody sees before it is filled: the list does not have it yet.
            let item = unsafe { Owned::new(PyBytes_FromStringAndSize(null(), value.len as Py_ssize_t)) }?;
            // SAFETY: as above.
            let to = unsafe { PyBytes_AsString(item.as_ptr()) };
            (item, to)
        };
        room.push(to);
        items.push(item);
    }
    unlocked(|| {
        let next = values.iter().skip(1).chain([&NOTHING]);
        for ((value, to), next) in values.iter().zip(room).zip(next) {
            prefetch::ask_for(next);
            if !value.ptr.is_null() {
                // SAFETY: as long as the value; the answers keep the one, `items` the other.
                unsafe { to.cast::<u8>().copy_from_nonoverlapping(value.ptr, value.len) };
            }
        }
    });
    for (index, item) in items.into_iter().enumerate() {
        // SAFETY: the list is ours alone.
        if unsafe { PyList_SetItem(list.as_ptr(), index as Py_ssize_t, item.into_ptr()) } != 0 {
            return Err(Raised);
        }
    }
    Ok(true)
}
