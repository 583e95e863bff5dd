//! include/bytestore.h, as far as the benchmark needs it, written by hand. Must not know how it is used.
//!
//! The library is loaded when the program runs, so that two builds of it can be compared in one process.

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::{
    ffi::{c_char, c_void, CStr},
    path::Path,
    ptr, slice,
};

/// A handle: a number, never looked into.
pub enum Store {}
pub enum Cursor {}

#[repr(C)]
pub struct Bytes {
    ptr: *const u8,
    len: usize,
}

#[repr(C)]
pub struct Buffer {
    slices: *const Bytes,
    pub count: usize,
    data: *const u8,
    data_len: usize,
    owner: *mut c_void,
}

impl Buffer {
    pub const EMPTY: Buffer =
        Buffer { slices: ptr::null(), count: 0, data: ptr::null(), data_len: 0, owner: ptr::null_mut() };

    /// Every answer in turn: `None` is missing.
    #[inline]
    pub fn each(&self, mut see: impl FnMut(Option<&[u8]>)) {
        for index in 0..self.count {
            // SAFETY: a buffer that the library filled and that is not freed yet.
            see(unsafe {
                let answer = &*self.slices.add(index);
                (!answer.ptr.is_null()).then(|| slice::from_raw_parts(answer.ptr, answer.len))
            });
        }
    }
}

/// The caller's memory for answers.
#[repr(C)]
pub struct Area {
    pub bytes: *mut u8,
    pub capacity: usize,
    pub lens: *mut usize,
    pub len: usize,
}

type Items = *const c_void;
type Lens = *const u32;

pub struct Abi {
    pub new: unsafe extern "C" fn() -> *mut Store,
    /// Older builds, which are compared with newer ones, do not have what is optional.
    pub open: Option<unsafe extern "C" fn(*const c_char, *mut *mut Store, *mut Bytes) -> i32>,
    pub close: unsafe extern "C" fn(*mut Store) -> i32,
    pub mset: unsafe extern "C" fn(*mut Store, usize, Items, Lens, Items, Lens) -> i32,
    pub mget: unsafe extern "C" fn(*mut Store, usize, Items, Lens, *mut Buffer) -> i32,
    pub mget_into: Option<unsafe extern "C" fn(*mut Store, usize, Items, Lens, *mut Area) -> i32>,
    pub mdelete: unsafe extern "C" fn(*mut Store, usize, Items, Lens, *mut usize) -> i32,
    pub keys: unsafe extern "C" fn(*mut Store, *const u8, usize, *mut *mut Cursor) -> i32,
    pub cursor_next: unsafe extern "C" fn(*mut Cursor, usize, *mut Buffer) -> i32,
    pub cursor_close: unsafe extern "C" fn(*mut Cursor) -> i32,
    pub count: Option<unsafe extern "C" fn(*mut Store, *const u8, usize, *mut usize) -> i32>,
    pub delete_prefix: Option<unsafe extern "C" fn(*mut Store, *const u8, usize, *mut usize) -> i32>,
    pub free_buffer: unsafe extern "C" fn(*mut Buffer) -> i32,
    version: unsafe extern "C" fn() -> *const c_char,
    _library: Library,
}

impl Abi {
    /// Loads the library at `path`, or ends the program: there is nothing to measure without it.
    pub fn load(path: &Path) -> Abi {
        // SAFETY: the library has no initialisers that could do harm; it stays loaded.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        let library = library.unwrap_or_else(|error| panic!("{}: {error} (`make lib` builds it)", path.display()));
        macro_rules! symbol {
            ($name:literal) => {
                // SAFETY: the type is the one of the header.
                *unsafe { library.get($name) }.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            };
        }
        macro_rules! optional {
            ($name:literal) => {
                // SAFETY: the type is the one of the header.
                unsafe { library.get($name) }.ok().map(|symbol| *symbol)
            };
        }
        Abi {
            new: symbol!(b"bytestore_new\0"),
            open: optional!(b"bytestore_open\0"),
            close: symbol!(b"bytestore_close\0"),
            mset: symbol!(b"bytestore_mset\0"),
            mget: symbol!(b"bytestore_mget\0"),
            mget_into: optional!(b"bytestore_mget_into\0"),
            mdelete: symbol!(b"bytestore_mdelete\0"),
            keys: symbol!(b"bytestore_keys\0"),
            cursor_next: symbol!(b"bytestore_cursor_next\0"),
            cursor_close: symbol!(b"bytestore_cursor_close\0"),
            count: optional!(b"bytestore_count\0"),
            delete_prefix: optional!(b"bytestore_delete_prefix\0"),
            free_buffer: symbol!(b"bytestore_free_buffer\0"),
            version: symbol!(b"bytestore_version\0"),
            _library: library,
        }
    }

    pub fn version(&self) -> String {
        // SAFETY: a static string.
        unsafe { CStr::from_ptr((self.version)()) }.to_string_lossy().into_owned()
    }
}
