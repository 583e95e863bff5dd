//! The peers in C and C++, through the table of functions of native/peer.h. Must not know which there are.

use crate::peer::{Kind, Output, Peer, Slice};
use std::{
    ffi::{c_char, c_void, CStr},
    slice,
};

/// `bench_peer`.
#[repr(C)]
struct Table {
    name: *const c_char,
    version: *const c_char,
    open: extern "C" fn() -> *mut c_void,
    close: unsafe extern "C" fn(*mut c_void),
    mset: unsafe extern "C" fn(*mut c_void, usize, *const Slice, *const Slice),
    mget: unsafe extern "C" fn(*mut c_void, usize, *const Slice, *mut u8, *mut u32) -> usize,
    mdelete: unsafe extern "C" fn(*mut c_void, usize, *const Slice) -> usize,
    scan: unsafe extern "C" fn(*mut c_void) -> usize,
}

extern "C" {
    fn bench_native_peers(count: *mut usize) -> *const &'static Table;
}

/// Every native peer of this build.
pub fn kinds() -> Vec<Kind> {
    let mut count = 0;
    // SAFETY: an array of so many pointers, which lives as long as the process.
    let tables = unsafe { slice::from_raw_parts(bench_native_peers(&mut count), count) };
    tables.iter().map(|table| kind(table)).collect()
}

fn kind(table: &'static Table) -> Kind {
    // SAFETY: static strings.
    let text = |text| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    Kind::new(&text(table.name), &text(table.version), move || Box::new(Native { table, store: (table.open)() }))
}

struct Native {
    table: &'static Table,
    store: *mut c_void,
}

// SAFETY: peer.h lets every function be called from any thread.
unsafe impl Send for Native {}
// SAFETY: as above.
unsafe impl Sync for Native {}

impl Peer for Native {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        // SAFETY: an open store and n slices each.
        unsafe { (self.table.mset)(self.store, keys.len(), keys.as_ptr(), values.as_ptr()) }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        assert!(keys.len() <= out.lens.capacity(), "the caller's memory is too small");
        let (bytes, lens) = (out.bytes.as_mut_ptr(), out.lens.as_mut_ptr());
        // SAFETY: an open store and n slices; the room suffices for a batch, and so much of it is written.
        unsafe {
            let written = (self.table.mget)(self.store, keys.len(), keys.as_ptr(), bytes, lens);
            out.bytes.set_len(written);
            out.lens.set_len(keys.len());
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        // SAFETY: an open store and n slices.
        unsafe { (self.table.mdelete)(self.store, keys.len(), keys.as_ptr()) }
    }

    fn scan(&self) -> usize {
        // SAFETY: an open store.
        unsafe { (self.table.scan)(self.store) }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // SAFETY: opened once, closed once.
        unsafe { (self.table.close)(self.store) }
    }
}
