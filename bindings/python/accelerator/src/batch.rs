//! What Python hands over, seen as bytes where they lie. Takes the plain form only: a list or tuple of str, or of pairs
//! of str and bytes. No Python code runs while it looks, so nothing changes under its hands.

use std::ptr::NonNull;

use pyo3_ffi::*;

use crate::abi::Slice;
use crate::object::Owned;

/// A list or tuple.
#[derive(Clone, Copy)]
pub struct Batch {
    items: *mut PyObject,
    is_list: bool,
}

impl Batch {
    /// None: something else, a subclass too.
    ///
    /// # Safety
    /// An object that outlives the batch.
    pub unsafe fn new(items: *mut PyObject) -> Option<Batch> {
        // SAFETY: an object, as the caller promises.
        let (is_list, is_tuple) = unsafe { (PyList_CheckExact(items) != 0, PyTuple_CheckExact(items) != 0) };
        (is_list || is_tuple).then_some(Batch { items, is_list })
    }

    pub fn len(&self) -> usize {
        // SAFETY: a list or a tuple.
        let len = unsafe {
            if self.is_list {
                PyList_Size(self.items)
            } else {
                PyTuple_Size(self.items)
            }
        };
        usize::try_from(len).unwrap_or(0)
    }

    /// The item, borrowed; None: there are fewer.
    fn get(&self, index: usize) -> Option<NonNull<PyObject>> {
        let index = Py_ssize_t::try_from(index).ok()?;
        // SAFETY: a list or a tuple, which checks the index.
        let item = unsafe {
            if self.is_list {
                PyList_GetItem(self.items, index)
            } else {
                PyTuple_GetItem(self.items, index)
            }
        };
        if item.is_null() {
            // SAFETY: it has raised.
            unsafe { PyErr_Clear() };
        }
        NonNull::new(item)
    }

    /// Holds every item, so that the batch can be let go of. None: memory ran out.
    pub fn hold(&self) -> Option<Vec<Owned>> {
        let mut held = Vec::new();
        held.try_reserve_exact(self.len()).ok()?;
        for index in 0..self.len() {
            // SAFETY: the batch has it.
            held.push(unsafe { Owned::another(self.get(index)?) });
        }
        Some(held)
    }

    /// Where the keys' bytes lie. None: one of them is no str, or has no UTF-8.
    pub fn keys(&self, keys: &mut Vec<Slice>) -> Option<()> {
        keys.clear();
        keys.try_reserve(self.len()).ok()?;
        for index in 0..self.len() {
            keys.push(utf8(self.get(index)?)?);
        }
        Some(())
    }

    /// Where the pairs' bytes lie. None: one of them is no tuple or list of a str and bytes.
    pub fn pairs(&self, keys: &mut Vec<Slice>, values: &mut Vec<Slice>) -> Option<Pairs> {
        keys.clear();
        values.clear();
        keys.try_reserve(self.len()).ok()?;
        values.try_reserve(self.len()).ok()?;
        let mut seen = Pairs { bytes: 0, are_tuples: true };
        for index in 0..self.len() {
            // SAFETY: the batch keeps the pair.
            let pair = unsafe { Batch::new(self.get(index)?.as_ptr()) }?;
            if pair.len() != 2 {
                return None;
            }
            let value = bytes(pair.get(1)?)?;
            keys.push(utf8(pair.get(0)?)?);
            values.push(value);
            seen.bytes = seen.bytes.saturating_add(value.len);
            seen.are_tuples &= !pair.is_list;
        }
        Some(seen)
    }
}

/// What there is to know of pairs.
pub struct Pairs {
    /// Of all values.
    pub bytes: usize,
    /// They keep what is in them: holding the pairs is enough.
    pub are_tuples: bool,
}

/// The bytes of a str; for one beyond ASCII Python makes them, and keeps them as long as the str.
fn utf8(object: NonNull<PyObject>) -> Option<Slice> {
    let mut len = 0;
    // SAFETY: an object that is alive; a str where it is asked for its UTF-8.
    let ptr = unsafe {
        if PyUnicode_Check(object.as_ptr()) == 0 {
            return None;
        }
        PyUnicode_AsUTF8AndSize(object.as_ptr(), &mut len)
    };
    if ptr.is_null() {
        // SAFETY: it has raised: a lone surrogate.
        unsafe { PyErr_Clear() };
        return None;
    }
    Some(Slice { ptr: ptr.cast(), len: usize::try_from(len).ok()? })
}

/// The bytes of a `bytes`; a subclass may have a buffer of its own.
fn bytes(object: NonNull<PyObject>) -> Option<Slice> {
    // SAFETY: an object that is alive; a `bytes` where it is asked for its own.
    unsafe {
        if PyBytes_CheckExact(object.as_ptr()) == 0 {
            return None;
        }
        let len = usize::try_from(PyBytes_Size(object.as_ptr())).ok()?;
        Some(Slice { ptr: PyBytes_AsString(object.as_ptr()).cast(), len })
    }
}
