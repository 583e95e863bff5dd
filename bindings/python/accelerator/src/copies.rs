//! mget: every value as a `bytes` of its own.

use std::ffi::{c_char, c_void};

use pyo3_ffi::*;

use crate::abi::{Slice, MISSING, NOTHING};
use crate::batch::Batch;
use crate::crossing::{Crossing, MANY_ITEMS};
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
    let Some(answers) = (unsafe { crossing.mget(&scratch.keys) }) else { return Ok(false) };
    scratch.usual = answers.slices().iter().map(|value| value.len).sum::<usize>() / n.max(1);
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
