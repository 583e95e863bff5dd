//! The calls into the library: one each batch, without the interpreter's lock where that pays. Knows no Python object.

use std::ffi::c_void;

use pyo3_ffi::{PyEval_RestoreThread, PyEval_SaveThread};

use crate::abi::{self, Area, Buffer, Functions, Slice, OK};

/// A batch of this many items lets other threads run meanwhile; `_plain.py` has the figures.
pub const MANY_ITEMS: usize = 512;

/// So do values of as many bytes.
pub const MANY_BYTES: usize = 256 << 10;

/// A store, and whether the interpreter's lock is given away while it works.
#[derive(Clone, Copy)]
pub struct Crossing {
    functions: &'static Functions,
    store: *mut c_void,
    unlocked: bool,
}

impl Crossing {
    /// None: Python has not connected the library yet.
    pub fn new(store: *mut c_void, unlocked: bool) -> Option<Crossing> {
        Some(Crossing { functions: abi::functions()?, store, unlocked })
    }

    // What may fail with a status gives it.

    /// # Safety
    /// What the slices show stays as it is, without the lock too if it is given away.
    pub unsafe fn mset(self, keys: &[Slice], values: &[Slice]) -> Result<(), i32> {
        // SAFETY: as many values as keys; the caller's promise for what they show.
        self.run(|| unsafe {
            let n = keys.len().min(values.len());
            let (keys, values) = (keys.as_ptr().cast(), values.as_ptr().cast());
            (self.functions.mset)(self.store, n, keys, std::ptr::null(), values, std::ptr::null())
        })
    }

    /// Writes as many lengths as keys, and values until `bytes` is full. How many bytes they have together.
    ///
    /// # Safety
    /// As `mset`.
    pub unsafe fn mget_into(self, keys: &[Slice], lens: &mut [usize], bytes: &mut [u8]) -> Option<usize> {
        if lens.len() < keys.len() {
            return None;
        }
        let (capacity, bytes) = (bytes.len(), bytes.as_mut_ptr());
        let mut area = Area { bytes, capacity, lens: lens.as_mut_ptr(), len: 0 };
        let (n, keys) = (keys.len(), keys.as_ptr().cast());
        // SAFETY: there is room for what is written; the caller's promise for the keys.
        self.run(|| unsafe { (self.functions.mget_into)(self.store, n, keys, std::ptr::null(), &mut area) })
            .ok()
            .map(|()| area.len)
    }

    /// # Safety
    /// As `mset`.
    pub unsafe fn mget(self, keys: &[Slice]) -> Result<Answers, i32> {
        let mut answers = Answers(self.functions, Buffer::NOTHING);
        let (n, keys) = (keys.len(), keys.as_ptr().cast());
        // SAFETY: the caller's promise for the keys.
        self.run(|| unsafe { (self.functions.mget)(self.store, n, keys, std::ptr::null(), &mut answers.1) })
            .map(|()| answers)
    }

    /// How many were deleted.
    ///
    /// # Safety
    /// As `mset`.
    pub unsafe fn mdelete(self, keys: &[Slice]) -> Result<usize, i32> {
        let mut removed = 0;
        let (n, keys) = (keys.len(), keys.as_ptr().cast());
        // SAFETY: the caller's promise for the keys.
        self.run(|| unsafe { (self.functions.mdelete)(self.store, n, keys, std::ptr::null(), &mut removed) })
            .map(|()| removed)
    }

    /// The status that it failed with.
    fn run(self, call: impl FnOnce() -> i32) -> Result<(), i32> {
        match if self.unlocked { unlocked(call) } else { call() } {
            OK => Ok(()),
            status => Err(status),
        }
    }
}

/// Gives the interpreter's lock away while `work` is done, which touches nothing of Python's.
pub fn unlocked<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: this thread has the lock, and has it again before anything of Python's is touched.
    let thread = unsafe { PyEval_SaveThread() };
    let result = work();
    // SAFETY: as above.
    unsafe { PyEval_RestoreThread(thread) };
    result
}

/// A buffer of the library's: freed when dropped, on any thread.
pub struct Answers(&'static Functions, Buffer);

impl Answers {
    /// One a key; `ptr` null: missing.
    pub fn slices(&self) -> &[Slice] {
        if self.1.slices.is_null() {
            return &[];
        }
        // SAFETY: so many there are, as long as the buffer is.
        unsafe { std::slice::from_raw_parts(self.1.slices, self.1.count) }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        // SAFETY: a buffer of ours; zeroed ones are fine.
        unsafe { (self.0.free_buffer)(&mut self.1) };
    }
}
