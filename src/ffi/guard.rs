//! The boundary that no panic crosses. Every export goes through here.

use std::panic::{catch_unwind, AssertUnwindSafe};

use super::status::{bytestore_status, BYTESTORE_ERR_INTERNAL, BYTESTORE_OK};
use crate::Error;

/// Lets contained panics say nothing. Only in a library built for C alone (`--cfg bytestore_for_c`): its copy of the
/// standard library is its own, and so is the hook. A Rust program's would be the program's.
pub fn be_quiet() {
    #[cfg(bytestore_for_c)]
    {
        use std::sync::atomic::{AtomicBool, Ordering};
        static IS_QUIET: AtomicBool = AtomicBool::new(false);
        if !IS_QUIET.load(Ordering::Relaxed) && !IS_QUIET.swap(true, Ordering::Relaxed) {
            #[allow(clippy::disallowed_methods)] // a box of nothing allocates nothing
            std::panic::set_hook(Box::new(|_| ()));
        }
    }
}

/// Runs an export that answers with a status.
pub fn guard(body: impl FnOnce() -> Result<(), Error>) -> bytestore_status {
    guard_or(BYTESTORE_ERR_INTERNAL, || match body() {
        Ok(()) => BYTESTORE_OK,
        Err(error) => error.into(),
    })
}

/// Runs an export that answers with something else: `fallback` after a panic.
pub fn guard_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    // Unwind safety: guards unlock as they unwind, and a store changes only in
    // phases that cannot panic halfway.
    // The payload, a message of ours, is dropped here.
    catch_unwind(AssertUnwindSafe(|| {
        #[cfg(bytestore_faults)]
        crate::faults::panic_point();
        body()
    }))
    .unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status() {
        assert_eq!(guard(|| panic!("on purpose")), BYTESTORE_ERR_INTERNAL);
        assert_eq!(guard_or(7, || panic!("on purpose")), 7);
        assert_eq!(guard(|| Err(Error::OverLimit)), 4);
        assert_eq!(guard(|| Ok(())), BYTESTORE_OK);
    }
}
