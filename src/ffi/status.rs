//! Status numbers, their names and messages. The numbers never change.

use std::ffi::{c_char, CStr};

use super::guard::guard_or;
use crate::Error;

/// What a call answers: BYTESTORE_OK, or why it failed. A call that failed has
/// changed nothing. The numbers are pinned; later versions may add new ones,
/// so treat an unknown number as an error.
pub type bytestore_status = i32;

/// The call did what it says.
pub const BYTESTORE_OK: bytestore_status = 0;
/// An argument is outside its documented domain: a NULL or misaligned pointer,
/// an item longer than BYTESTORE_MAX_ITEM_LEN, an unknown URL scheme or option.
pub const BYTESTORE_ERR_INVALID_ARGUMENT: bytestore_status = 1;
/// The handle is not open: NULL, closed, never given out, or of another kind.
pub const BYTESTORE_ERR_CLOSED_HANDLE: bytestore_status = 2;
/// Memory ran out.
pub const BYTESTORE_ERR_OUT_OF_MEMORY: bytestore_status = 3;
/// The call would exceed a configured limit.
pub const BYTESTORE_ERR_OVER_LIMIT: bytestore_status = 4;
/// A remote backend failed or could not be reached.
pub const BYTESTORE_ERR_REMOTE_FAILURE: bytestore_status = 5;
/// A defect of bytestore, contained: please report it.
pub const BYTESTORE_ERR_INTERNAL: bytestore_status = 6;
/// The system refused to read or write a file; errno says why.
pub const BYTESTORE_ERR_IO_FAILURE: bytestore_status = 7;
/// A snapshot is damaged or not whole, or is none.
pub const BYTESTORE_ERR_BAD_SNAPSHOT: bytestore_status = 8;
/// A snapshot of a later version, or compression by a library that has none.
pub const BYTESTORE_ERR_UNSUPPORTED: bytestore_status = 9;

/// The error of each number from 1 on.
const ERRORS: [Error; 9] = [
    Error::InvalidArgument,
    Error::ClosedHandle,
    Error::OutOfMemory,
    Error::OverLimit,
    Error::RemoteFailure,
    Error::Internal,
    Error::Io,
    Error::BadSnapshot,
    Error::Unsupported,
];

impl From<Error> for bytestore_status {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidArgument => BYTESTORE_ERR_INVALID_ARGUMENT,
            Error::ClosedHandle => BYTESTORE_ERR_CLOSED_HANDLE,
            Error::OutOfMemory => BYTESTORE_ERR_OUT_OF_MEMORY,
            Error::OverLimit => BYTESTORE_ERR_OVER_LIMIT,
            Error::RemoteFailure => BYTESTORE_ERR_REMOTE_FAILURE,
            Error::Internal => BYTESTORE_ERR_INTERNAL,
            Error::Io => BYTESTORE_ERR_IO_FAILURE,
            Error::BadSnapshot => BYTESTORE_ERR_BAD_SNAPSHOT,
            Error::Unsupported => BYTESTORE_ERR_UNSUPPORTED,
        }
    }
}

/// The text for a status: of OK, of an error, of a number that is neither.
fn text(
    status: bytestore_status,
    ok: &'static CStr,
    of: fn(Error) -> &'static CStr,
    other: &'static CStr,
) -> *const c_char {
    if status == BYTESTORE_OK {
        return ok.as_ptr();
    }
    let place = usize::try_from(status).ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| ERRORS.get(place)).map_or(other, |&error| of(error)).as_ptr()
}

const UNKNOWN: &CStr = c"unknown status: the library is newer than this program, so update the program";

/// The short name of a status, the same in every language: "ok",
/// "invalid_argument", "closed_handle", "out_of_memory", "over_limit",
/// "remote_failure", "internal_error", "io_failure", "bad_snapshot",
/// "unsupported"; "unknown" for any other number.
///
/// Never NULL. The string is static: do not free it.
#[no_mangle]
pub extern "C" fn bytestore_status_name(status: bytestore_status) -> *const c_char {
    guard_or(c"unknown".as_ptr(), || text(status, c"ok", Error::c_name, c"unknown"))
}

/// What a status means and what to do about it: one English sentence without a
/// full stop, for logs and exceptions.
///
/// Never NULL. The string is static: do not free it.
#[no_mangle]
pub extern "C" fn bytestore_status_message(status: bytestore_status) -> *const c_char {
    guard_or(UNKNOWN.as_ptr(), || text(status, c"the call did what it says", Error::c_message, UNKNOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_numbers_agree() {
        for (place, &error) in ERRORS.iter().enumerate() {
            assert_eq!(bytestore_status::from(error) as usize, place + 1);
        }
    }

    #[test]
    fn every_number_has_a_text() {
        let texts = |status| {
            [bytestore_status_name(status), bytestore_status_message(status)].map(|text| {
                assert!(!text.is_null());
                // SAFETY: a string that ends.
                unsafe { CStr::from_ptr(text) }
            })
        };
        assert_eq!(texts(BYTESTORE_OK), [c"ok", c"the call did what it says"]);
        for &error in &ERRORS {
            assert_eq!(texts(error.into()), [error.c_name(), error.c_message()]);
        }
        for other in [-1, ERRORS.len() as bytestore_status + 1, bytestore_status::MIN, bytestore_status::MAX] {
            assert_eq!(texts(other), [c"unknown", UNKNOWN]);
        }
    }
}
