//! `bytestore._accelerator`: the batches of the Python package without ctypes. Takes keys and values in their plain
//! form, and succeeds; whatever else may come, an error of the library's too, it leaves to the package by answering
//! None. So the package has one place for mistakes, and this module no message of its own.

mod abi;
mod batch;
mod copies;
mod crossing;
mod object;
mod prefetch;
mod scratch;
mod views;

use std::ffi::{c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;

use pyo3_ffi::*;

use batch::Batch;
use crossing::{Crossing, MANY_BYTES, MANY_ITEMS};
use object::{none, Owned, Raised};

/// What a function answers; None is Python's too.
type Answer = Result<Option<Owned>, Raised>;

/// connect(*addresses): True. They are what `abi::connect` takes.
unsafe extern "C" fn connect(_module: *mut PyObject, args: *mut *mut PyObject, nargs: Py_ssize_t) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let args = unsafe { arguments(args, nargs) };
        let mut addresses = [null_mut(); abi::COUNT];
        if args.len() != addresses.len() {
            return Ok(None);
        }
        for (address, &arg) in addresses.iter_mut().zip(args) {
            match pointer(arg) {
                Some(pointer) if !pointer.is_null() => *address = pointer,
                _ => return Ok(None),
            }
        }
        // SAFETY: the package hands over what ctypes found under those names, and never unloads it.
        unsafe { abi::connect(addresses) };
        Ok(Some(yes()))
    })
}

/// mget(store, keys): a list of bytes and None.
unsafe extern "C" fn mget(_module: *mut PyObject, args: *mut *mut PyObject, nargs: Py_ssize_t) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let Some((store, keys)) = (unsafe { store_and_batch(args, nargs) }) else { return Ok(None) };
        // SAFETY: as above.
        unsafe { copies::mget(store, keys) }
    })
}

/// mget_views(store, keys): a list of memoryviews and None.
unsafe extern "C" fn mget_views(module: *mut PyObject, args: *mut *mut PyObject, nargs: Py_ssize_t) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let Some((store, keys)) = (unsafe { store_and_batch(args, nargs) }) else { return Ok(None) };
        // SAFETY: as above; a module whose state `execute` has made.
        unsafe { views::mget((*state(module)).pinned, store, keys) }
    })
}

/// mget_waiting(store, keys): a list of bytes and None, or the status of the failure. For stores that wait for others.
unsafe extern "C" fn mget_waiting(
    _module: *mut PyObject,
    args: *mut *mut PyObject,
    nargs: Py_ssize_t,
) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let Some((store, keys)) = (unsafe { store_and_batch(args, nargs) }) else { return Ok(None) };
        // SAFETY: as above.
        unsafe { copies::mget_waiting(store, keys) }
    })
}

/// mset(store, pairs): True.
unsafe extern "C" fn mset(_module: *mut PyObject, args: *mut *mut PyObject, nargs: Py_ssize_t) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let done = unsafe { set(args, nargs, false) };
        Ok(done.and_then(Result::ok).map(|()| yes()))
    })
}

/// mset_waiting(store, pairs): the status. For stores that wait for others.
unsafe extern "C" fn mset_waiting(
    _module: *mut PyObject,
    args: *mut *mut PyObject,
    nargs: Py_ssize_t,
) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let done = unsafe { set(args, nargs, true) };
        let status = done.map(|done| done.err().unwrap_or(abi::OK));
        // SAFETY: makes a new object.
        status.map(|status| unsafe { Owned::new(PyLong_FromLong(status.into())) }).transpose()
    })
}

/// None: not in the plain form.
///
/// # Safety
/// What Python calls a function with.
unsafe fn set(args: *mut *mut PyObject, nargs: Py_ssize_t, waits: bool) -> Option<Result<(), i32>> {
    // SAFETY: as the caller promises.
    let (store, pairs) = unsafe { store_and_batch(args, nargs) }?;
    // SAFETY: as above.
    let batch = unsafe { Batch::new(pairs) }?;
    let mut held = Vec::new(); // let go of last: that may run anything
    let done = scratch::with(|scratch| {
        let seen = batch.pairs(&mut scratch.keys, &mut scratch.values)?;
        let is_large = batch.len() >= MANY_ITEMS || seen.bytes >= MANY_BYTES;
        let unlocked = seen.are_tuples && (is_large || waits);
        if unlocked {
            held = batch.hold()?;
        } else if waits {
            return None; // a pair that is a list may change meanwhile
        }
        // SAFETY: whoever has the lock changes nothing, and without it the pairs are held.
        Some(unsafe { Crossing::new(store, unlocked)?.mset(&scratch.keys, &scratch.values) })
    });
    done.flatten()
}

/// mdelete(store, keys): how many were deleted.
unsafe extern "C" fn mdelete(_module: *mut PyObject, args: *mut *mut PyObject, nargs: Py_ssize_t) -> *mut PyObject {
    answer(|| {
        // SAFETY: Python's arguments, which outlive the call.
        let Some((store, keys)) = (unsafe { store_and_batch(args, nargs) }) else { return Ok(None) };
        // SAFETY: as above.
        let Some(batch) = (unsafe { Batch::new(keys) }) else { return Ok(None) };
        let mut held = Vec::new();
        let removed = scratch::with(|scratch| {
            let is_large = batch.len() >= MANY_ITEMS;
            if is_large {
                held = batch.hold()?;
            }
            batch.keys(&mut scratch.keys)?;
            // SAFETY: as in `mset`.
            unsafe { Crossing::new(store, is_large)?.mdelete(&scratch.keys) }.ok()
        });
        // SAFETY: makes a new object.
        removed.flatten().map(|removed| unsafe { Owned::new(PyLong_FromSize_t(removed)) }).transpose()
    })
}

/// Runs a function; should it panic, that is an exception too.
fn answer(function: impl FnOnce() -> Answer) -> *mut PyObject {
    match catch_unwind(AssertUnwindSafe(function)) {
        Ok(Ok(Some(object))) => object.into_ptr(),
        Ok(Ok(None)) => none().into_ptr(),
        Ok(Err(Raised)) => null_mut(),
        Err(_) => {
            // SAFETY: an exception of Python's own and a C string.
            unsafe {
                PyErr_SetString(PyExc_RuntimeError, c"a defect of bytestore's accelerator: please report it".as_ptr())
            };
            null_mut()
        }
    }
}

/// # Safety
/// What Python calls a function with.
unsafe fn arguments<'a>(args: *mut *mut PyObject, nargs: Py_ssize_t) -> &'a [*mut PyObject] {
    match usize::try_from(nargs) {
        // SAFETY: as the caller promises.
        Ok(count) if count > 0 => unsafe { std::slice::from_raw_parts(args, count) },
        _ => &[],
    }
}

/// # Safety
/// What Python calls a function with.
unsafe fn store_and_batch(args: *mut *mut PyObject, nargs: Py_ssize_t) -> Option<(*mut c_void, *mut PyObject)> {
    // SAFETY: as the caller promises.
    let &[store, batch] = (unsafe { arguments(args, nargs) }) else { return None };
    Some((pointer(store)?, batch))
}

/// An int as the pointer that it stands for.
fn pointer(number: *mut PyObject) -> Option<*mut c_void> {
    // SAFETY: an argument; what it raises is not passed on.
    unsafe {
        let pointer = PyLong_AsVoidPtr(number);
        if pointer.is_null() && !PyErr_Occurred().is_null() {
            PyErr_Clear();
            return None;
        }
        Some(pointer)
    }
}

/// `True`
fn yes() -> Owned {
    // SAFETY: a valid object, which is always alive.
    unsafe { Owned::another(std::ptr::NonNull::new_unchecked(Py_True())) }
}

/// What a module keeps: one for each interpreter that imports it.
struct State {
    pinned: *mut PyObject,
}

/// # Safety
/// A module of ours; null fields until `execute` has run.
unsafe fn state(module: *mut PyObject) -> *mut State {
    // SAFETY: as the caller promises.
    unsafe { PyModule_GetState(module).cast() }
}

unsafe extern "C" fn execute(module: *mut PyObject) -> c_int {
    // SAFETY: a new module of ours.
    match unsafe { views::new_type(module) } {
        Ok(pinned) => {
            // SAFETY: as above; its state is zeroed memory of the size that the definition says.
            unsafe { (*state(module)).pinned = pinned.into_ptr() };
            0
        }
        Err(Raised) => -1,
    }
}

unsafe extern "C" fn traverse(module: *mut PyObject, visit: visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a module of ours, whose state may not be there yet.
    unsafe {
        match state(module).as_ref() {
            Some(state) if !state.pinned.is_null() => visit(state.pinned, arg),
            _ => 0,
        }
    }
}

unsafe extern "C" fn clear(module: *mut PyObject) -> c_int {
    // SAFETY: as above; whoever calls is the last to look at it.
    unsafe {
        if let Some(state) = state(module).as_mut() {
            let pinned = std::mem::replace(&mut state.pinned, null_mut());
            Py_XDECREF(pinned);
        }
    }
    0
}

unsafe extern "C" fn free(module: *mut c_void) {
    // SAFETY: a module of ours that is going.
    unsafe { clear(module.cast()) };
}

const fn method(name: &'static std::ffi::CStr, function: PyCFunctionFast) -> PyMethodDef {
    PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunctionFast: function },
        ml_flags: METH_FASTCALL,
        ml_doc: std::ptr::null(),
    }
}

static mut METHODS: [PyMethodDef; 8] = [
    method(c"connect", connect),
    method(c"mget", mget),
    method(c"mget_waiting", mget_waiting),
    method(c"mget_views", mget_views),
    method(c"mset", mset),
    method(c"mset_waiting", mset_waiting),
    method(c"mdelete", mdelete),
    PyMethodDef::zeroed(),
];

// No promise for interpreters with a lock of their own: there the import fails, and the package takes ctypes.
static mut SLOTS: [PyModuleDef_Slot; 2] = [
    PyModuleDef_Slot { slot: Py_mod_exec, value: execute as *mut c_void },
    PyModuleDef_Slot { slot: 0, value: null_mut() },
];

static mut MODULE: PyModuleDef = PyModuleDef {
    m_base: PyModuleDef_HEAD_INIT,
    m_name: c"_accelerator".as_ptr(),
    m_doc: c"Batches of str and bytes without ctypes; None: not in the plain form.".as_ptr(),
    m_size: size_of::<State>() as Py_ssize_t,
    m_methods: (&raw mut METHODS).cast(),
    m_slots: (&raw mut SLOTS).cast(),
    m_traverse: Some(traverse),
    m_clear: Some(clear),
    m_free: Some(free),
};

/// What Python calls when it imports the module.
///
/// # Safety
/// Python calls it.
#[no_mangle]
#[allow(non_snake_case)]
pub unsafe extern "C" fn PyInit__accelerator() -> *mut PyObject {
    // SAFETY: a definition that stays, and that only Python changes.
    unsafe { PyModuleDef_Init(&raw mut MODULE) }
}
