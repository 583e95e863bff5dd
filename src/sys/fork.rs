//! Being told of `fork`. Knows nothing of what must be locked.

use crate::Error;

/// Calls `prepare` before each fork of this process, then `parent` in the
/// parent and `child` in the child, for ever: register once.
pub fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> Result<(), Error> {
    // SAFETY: the handlers are functions of this library, which stays loaded
    // (-z nodelete).
    match unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) } {
        0 => Ok(()),
        _ => Err(Error::OutOfMemory), // ENOMEM is its only error
    }
}
