//! mget_views: every value as a memoryview over the library's memory, which is kept until the last of them has gone.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;

use pyo3_ffi::*;

use crate::abi::{Slice, NOTHING};
use crate::batch::Batch;
use crate::crossing::{Answers, Crossing, MANY_ITEMS};
use crate::object::{none, Owned, Raised};
use crate::scratch;

/// What CPython 3.10 has already, though only 3.11 made it part of the stable interface.
mod buffer {
    use super::*;

    pub const GET: c_int = 1; // Py_bf_getbuffer

    /// `Py_buffer`
    #[repr(C)]
    pub struct View {
        pub buf: *mut c_void,
        pub obj: *mut PyObject,
        pub len: Py_ssize_t,
        pub itemsize: Py_ssize_t,
        pub readonly: c_int,
        pub ndim: c_int,
        pub format: *mut c_char,
        pub shape: *mut Py_ssize_t,
        pub strides: *mut Py_ssize_t,
        pub suboffsets: *mut Py_ssize_t,
        pub internal: *mut c_void,
    }

    extern "C" {
        pub fn PyBuffer_FillInfo(
            view: *mut View,
            owner: *mut PyObject,
            bytes: *mut c_void,
            len: Py_ssize_t,
            readonly: c_int,
            flags: c_int,
        ) -> c_int;
    }
}

/// The Python object that the views of one answer refer to.
#[repr(C)]
struct Pinned {
    head: PyObject,
    answers: Option<Answers>,
    /// What the next view shows; null when all are made.
    next: Slice,
}

/// The list of views. None: not in the plain form, or the library refused.
///
/// # Safety
/// `keys` is an object that outlives the call, `kind` what `new_type` made.
pub unsafe fn mget(kind: *mut PyObject, store: *mut c_void, keys: *mut PyObject) -> Result<Option<Owned>, Raised> {
    // SAFETY: as the caller promises.
    let Some(batch) = (unsafe { Batch::new(keys) }) else { return Ok(None) };
    let is_large = batch.len() >= MANY_ITEMS;
    let held = if is_large { batch.hold() } else { Some(Vec::new()) };
    let (Some(_held), Some(crossing)) = (held, Crossing::new(store, is_large)) else { return Ok(None) };
    let answers = scratch::with(|scratch| {
        batch.keys(&mut scratch.keys)?;
        // SAFETY: whoever has the lock changes nothing, and without it the keys are held.
        unsafe { crossing.mget(&scratch.keys) }.ok()
    });
    let Some(answers) = answers.flatten() else { return Ok(None) };
    // SAFETY: as the caller promises.
    unsafe { views(kind.cast(), answers) }.map(Some)
}

/// # Safety
/// `kind` is what `new_type` made.
unsafe fn views(kind: *mut PyTypeObject, answers: Answers) -> Result<Owned, Raised> {
    // SAFETY: a type that is alive; the object is ours, and its memory as large as the type says.
    let owner = unsafe { Owned::new(PyType_GenericAlloc(kind, 0)) }?;
    let pinned = owner.as_ptr().cast::<Pinned>();
    // SAFETY: as above; what is there is zeroed and needs no drop. The slices lie in memory of the answers' own.
    let slices = unsafe {
        (&raw mut (*pinned).next).write(NOTHING);
        (&raw mut (*pinned).answers).write(Some(answers));
        (*pinned).answers.as_ref().map_or(&[][..], |answers| answers.slices())
    };
    // SAFETY: a length that a list has.
    let list = unsafe { Owned::new(PyList_New(slices.len() as Py_ssize_t)) }?;
    for (index, &value) in slices.iter().enumerate() {
        // SAFETY: owner and list are alive; the owner's fields are ours while we have the interpreter's lock.
        unsafe {
            let item = match value.ptr.is_null() {
                true => none(),
                false => {
                    (*pinned).next = value;
                    Owned::new(PyMemoryView_FromObject(owner.as_ptr()))?
                }
            };
            if PyList_SetItem(list.as_ptr(), index as Py_ssize_t, item.into_ptr()) != 0 {
                return Err(Raised);
            }
        }
    }
    // SAFETY: as above.
    unsafe { (*pinned).next = NOTHING };
    Ok(list)
}

/// The type of a module's `Pinned` objects.
///
/// # Safety
/// `module` is a module that is being made.
pub unsafe fn new_type(module: *mut PyObject) -> Result<Owned, Raised> {
    let mut slots = [
        PyType_Slot { slot: Py_tp_dealloc, pfunc: dealloc as *mut c_void },
        PyType_Slot { slot: buffer::GET, pfunc: get_buffer as *mut c_void },
        PyType_Slot::default(),
    ];
    let mut spec = PyType_Spec {
        name: c"bytestore._accelerator.Pinned".as_ptr(),
        basicsize: size_of::<Pinned>() as c_int,
        itemsize: 0,
        flags: (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION) as _,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a specification that is complete; Python copies what it keeps of it.
    unsafe { Owned::new(PyType_FromModuleAndSpec(module, &mut spec, null_mut())) }
}

unsafe extern "C" fn dealloc(object: *mut PyObject) {
    // SAFETY: a `Pinned` that nobody refers to any more; its type was kept alive by it.
    unsafe {
        let kind = Py_TYPE(object);
        (&raw mut (*object.cast::<Pinned>()).answers).drop_in_place();
        PyObject_Free(object.cast());
        Py_DECREF(kind.cast());
    }
}

unsafe extern "C" fn get_buffer(object: *mut PyObject, view: *mut buffer::View, flags: c_int) -> c_int {
    // SAFETY: a `Pinned`, and a view that Python wants filled in.
    unsafe {
        let next = (*object.cast::<Pinned>()).next;
        if next.ptr.is_null() {
            (*view).obj = null_mut();
            PyErr_SetString(PyExc_BufferError, c"all views of these values have been made: slice one of them".as_ptr());
            return -1;
        }
        buffer::PyBuffer_FillInfo(view, object, next.ptr.cast_mut().cast(), next.len as Py_ssize_t, 1, flags)
    }
}
