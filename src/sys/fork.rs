//! Being told of `fork`. Knows nothing of what must be locked.

#[cfg(bytestore_faults)]
use crate::faults::pthread_atfork;
use crate::Error;
#[cfg(not(bytestore_faults))]
use libc::pthread_atfork;

/// Calls `prepare` before each fork of this process, then `parent` in the
/// parent and `child` in the child, for ever: register once.
pub fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> Result<(), Error> {
    // SAFETY: the handlers are functions of this library, which stays loaded
    // (-z nodelete).
    match unsafe { pthread_atfork(Some(prepare), Some(parent), Some(child)) } {
        0 => Ok(()),
        _ => Err(Error::OutOfMemory), // ENOMEM is its only error
    }
}
