//! The part of include/bytestore.h that is called here; a test of the Python package compares the two. The functions
//! are those of the library that Python has loaded, so that both speak of the same stores: they are handed over once.

use std::ffi::c_void;
use std::sync::OnceLock;

/// The status of success. What any other one means is not known here.
pub const OK: i32 = 0;

/// In place of a length: the key is missing.
pub const MISSING: usize = usize::MAX;

/// `bytestore_slice`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    pub ptr: *const u8,
    pub len: usize,
}

/// A missing value.
pub const NOTHING: Slice = Slice { ptr: std::ptr::null(), len: 0 };

/// `bytestore_buffer`
#[repr(C)]
pub struct Buffer {
    pub slices: *const Slice,
    pub count: usize,
    pub data: *const u8,
    pub data_len: usize,
    pub owner: *mut c_void,
}

/// `bytestore_area`
#[repr(C)]
pub struct Area {
    pub bytes: *mut u8,
    pub capacity: usize,
    pub lens: *mut usize,
    pub len: usize,
}

impl Buffer {
    pub const NOTHING: Buffer =
        Buffer { slices: std::ptr::null(), count: 0, data: std::ptr::null(), data_len: 0, owner: std::ptr::null_mut() };
}

macro_rules! functions {
    ($($name:ident: fn($($kind:ty),*);)*) => {
        /// The functions that are called, in the order in which `connect` takes them.
        pub struct Functions {
            $(pub $name: unsafe extern "C" fn($($kind),*) -> i32,)*
        }

        /// How many they are.
        pub const COUNT: usize = [$(stringify!($name)),*].len();

        impl Functions {
            /// # Safety
            /// The addresses are those of the functions named.
            unsafe fn at([$($name),*]: [*mut c_void; COUNT]) -> Functions {
                // SAFETY: as the caller promises.
                unsafe {
                    $(let $name = std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($kind),*) -> i32>($name);)*
                    Functions { $($name),* }
                }
            }
        }
    };
}

// Each is `bytestore_NAME` and answers a `bytestore_status`.
functions! {
    mset: fn(*mut c_void, usize, *const c_void, *const u32, *const c_void, *const u32);
    mget: fn(*mut c_void, usize, *const c_void, *const u32, *mut Buffer);
    mget_into: fn(*mut c_void, usize, *const c_void, *const u32, *mut Area);
    mdelete: fn(*mut c_void, usize, *const c_void, *const u32, *mut usize);
    free_buffer: fn(*mut Buffer);
}

static CONNECTED: OnceLock<Functions> = OnceLock::new();

/// Takes the addresses of the functions. Only the first time counts: a second interpreter has the same library.
///
/// # Safety
/// They are the addresses of those functions, in a library that stays loaded.
pub unsafe fn connect(addresses: [*mut c_void; COUNT]) {
    // SAFETY: as the caller promises.
    CONNECTED.get_or_init(|| unsafe { Functions::at(addresses) });
}

/// The functions; None before `connect`.
pub fn functions() -> Option<&'static Functions> {
    CONNECTED.get()
}
