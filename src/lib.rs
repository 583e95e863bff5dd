//! One in-process byte store for C, C++, Go, Swift, Python and Rust programs.
//!
//! Keys and values are arbitrary bytes. A batch is one atomic step, keys keep
//! their insertion order, and scans run safely beside writers. Other languages
//! come in through the C ABI (`include/bytestore.h`); Rust uses [`Store`].
//!
//! ```
//! let store = bytestore::Store::new()?;
//! store.mset(&[("key1", "value1"), ("key2", "value2")])?;
//! assert_eq!(store.mget(&["key1", "none"])?, [Some(b"value1".to_vec()), None]);
//! # Ok::<(), bytestore::Error>(())
//! ```

// What aborts when memory runs out (clippy.toml); tests may.
#![cfg_attr(not(any(test, bytestore_faults)), deny(clippy::disallowed_methods))]
// Where only models are tested, some helpers of other tests are not used.
#![cfg_attr(modelled, allow(dead_code))]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("bytestore handles carry 64 bits in a pointer: only 64-bit targets are supported");

// Arrows run one way: ffi → store → engine → sys. Each layer's first line says
// what it must not know.
mod engine;
mod error;
/// cbindgen:ignore
#[cfg(bytestore_faults)]
mod faults;
pub mod ffi;
mod store;
mod sys;

pub use error::Error;
pub use store::{BadPart, Capabilities, ComputeError, Counters, Keys, Options, Progress, Store};
