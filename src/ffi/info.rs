//! Which library this is.

use std::ffi::{c_char, CStr};

use super::guard::guard_or;

/// With the NUL that C wants.
const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The version of the binary interface that this header describes. It grows
/// only when a program built with an older header could not work any more, and
/// is the number in the shared library's name (libbytestore.so.1).
pub const BYTESTORE_ABI_VERSION: u32 = 1;

/// The version of the library: "major.minor.patch".
///
/// Never NULL. The string is static: do not free it.
#[no_mangle]
pub extern "C" fn bytestore_version() -> *const c_char {
    guard_or(VERSION.as_ptr(), || VERSION.as_ptr())
}

/// The version of the library's binary interface. A program that loads the
/// library at run time compares it with its header's BYTESTORE_ABI_VERSION
/// before it calls anything else.
#[no_mangle]
pub extern "C" fn bytestore_abi_version() -> u32 {
    guard_or(BYTESTORE_ABI_VERSION, || BYTESTORE_ABI_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_says_which_it_is() {
        let version = bytestore_version();
        assert!(!version.is_null());
        // SAFETY: a string that ends.
        assert_eq!(unsafe { CStr::from_ptr(version) }.to_str(), Ok(env!("CARGO_PKG_VERSION")));
        assert_eq!(bytestore_abi_version(), BYTESTORE_ABI_VERSION);
    }
}
