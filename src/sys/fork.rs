//! Being told of `fork`. Knows nothing of what must be locked.

#[cfg(bytestore_faults)]
use crate::faults::pthread_atfork;
use crate::Error;
#[cfg(not(bytestore_faults))]
use libc::pthread_atfork;

/// Calls `prepare` before each fork of this process, then `parent` in the
/// parent and `child` in the child, for ever. Told twice, it calls twice.
pub fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> Result<(), Error> {
    register(Some(prepare), Some(parent), child)
}

/// Calls `child` in the child of each fork of this process, for ever.
pub fn in_child(child: extern "C" fn()) -> Result<(), Error> {
    register(None, None, child)
}

type Handler = extern "C" fn();

fn register(prepare: Option<Handler>, parent: Option<Handler>, child: Handler) -> Result<(), Error> {
    let as_c = |handler: Handler| handler as unsafe extern "C" fn();
    // SAFETY: the handlers are functions of this library, which stays loaded
    // (-z nodelete).
    match unsafe { pthread_atfork(prepare.map(as_c), parent.map(as_c), Some(child)) } {
        0 => Ok(()),
        _ => Err(Error::OutOfMemory), // ENOMEM is its only error
    }
}
