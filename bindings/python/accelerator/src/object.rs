//! References to Python objects that are given back by themselves. The interpreter's lock is held wherever one is used.

use std::ptr::NonNull;

use pyo3_ffi::*;

/// One reference of ours.
pub struct Owned(NonNull<PyObject>);

/// A Python exception is set.
pub struct Raised;

impl Owned {
    /// Takes over what a function of Python's returned; null: it has raised.
    ///
    /// # Safety
    /// Null, or a new reference.
    pub unsafe fn new(object: *mut PyObject) -> Result<Owned, Raised> {
        NonNull::new(object).map(Owned).ok_or(Raised)
    }

    /// One more reference to it.
    ///
    /// # Safety
    /// An object that is alive.
    pub unsafe fn another(object: NonNull<PyObject>) -> Owned {
        // SAFETY: as the caller promises.
        unsafe { Py_INCREF(object.as_ptr()) };
        Owned(object)
    }

    pub fn as_ptr(&self) -> *mut PyObject {
        self.0.as_ptr()
    }

    /// Hands the reference on.
    pub fn into_ptr(self) -> *mut PyObject {
        let object = self.as_ptr();
        std::mem::forget(self);
        object
    }
}

/// `None`
pub fn none() -> Owned {
    // SAFETY: a valid object, which is always alive.
    unsafe { Owned::another(NonNull::new_unchecked(Py_None())) }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: a reference of ours, given back once.
        unsafe { Py_DECREF(self.as_ptr()) }
    }
}
