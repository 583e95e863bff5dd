//! The errors of a store, in every language the same. Knows no status numbers (see `ffi::status`).

use std::ffi::CStr;
use std::fmt;

/// Why an operation failed. Nothing was changed by an operation that failed, unless it is on a server.
///
/// Later versions may have more of them.
///
/// ```
/// use bytestore::{Error, Store};
///
/// let store = Store::open("memory:?max_item_bytes=1KiB")?;
/// match store.mset(&[("key", [0; 2000])]) {
///     Err(Error::OverLimit) => (), // nothing was set
///     other => panic!("{other:?}"),
/// }
/// assert_eq!(Error::OverLimit.name(), "over_limit"); // in every language
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// An argument is outside its documented domain.
    InvalidArgument,
    /// The store was closed.
    ClosedHandle,
    /// Memory ran out.
    OutOfMemory,
    /// The operation would exceed a configured limit.
    OverLimit,
    /// A server failed or could not be reached, which [`Store::remote_message`](crate::Store::remote_message) explains.
    /// Whether what was asked for has been done is not known.
    RemoteFailure,
    /// A defect of bytestore itself, contained at the boundary.
    Internal,
    /// The operating system refused to read or write a file; `std::io::Error::last_os_error` says why, as C's `errno`.
    Io,
    /// A snapshot is incomplete or damaged, or is none.
    BadSnapshot,
    /// A store on a server does not do this, or a snapshot is of a newer version, or compression or a server is asked of
    /// a library that was built without it.
    Unsupported,
}

impl Error {
    /// The error's name, the same in every language: `"closed_handle"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        str_of(self.c_name())
    }

    /// What happened and what to do about it, in one English sentence.
    #[must_use]
    pub const fn message(self) -> &'static str {
        str_of(self.c_message())
    }

    pub(crate) const fn c_name(self) -> &'static CStr {
        match self {
            Error::InvalidArgument => c"invalid_argument",
            Error::ClosedHandle => c"closed_handle",
            Error::OutOfMemory => c"out_of_memory",
            Error::OverLimit => c"over_limit",
            Error::RemoteFailure => c"remote_failure",
            Error::Internal => c"internal_error",
            Error::Io => c"io_failure",
            Error::BadSnapshot => c"bad_snapshot",
            Error::Unsupported => c"unsupported",
        }
    }

    pub(crate) const fn c_message(self) -> &'static CStr {
        match self {
            Error::InvalidArgument => {
                c"an argument is outside its documented domain: check pointers, lengths (at most 4294967295 bytes an item), and the URL's scheme and options"
            }
            Error::ClosedHandle => {
                c"the handle is closed, or was never one of this kind: open a store, and use it only until it is closed"
            }
            Error::OutOfMemory => {
                c"memory ran out; the store is unchanged: delete entries or use smaller batches, then try again"
            }
            Error::OverLimit => {
                c"the operation would exceed a configured limit; the store is unchanged: raise the limit or send less"
            }
            Error::RemoteFailure => {
                c"the remote backend failed or could not be reached: check that it runs and that the URL is right, then try again"
            }
            Error::Internal => {
                c"a defect in bytestore was contained; the process is safe: please report it with the call that led here"
            }
            Error::Io => {
                c"the system refused to read or write the file: check the path, permissions and free space, then try again"
            }
            Error::BadSnapshot => {
                c"the snapshot is incomplete or damaged, or is no snapshot; the store is unchanged: take another copy of it"
            }
            Error::Unsupported => {
                c"this library or store cannot do that: it is for stores in memory, or the snapshot is of a newer version, or the library was built without its features zstd, redis or redis-tls"
            }
        }
    }
}

const fn str_of(text: &'static CStr) -> &'static str {
    match text.to_str() {
        Ok(text) => text,
        Err(_) => "",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Error::OutOfMemory
    }
}
