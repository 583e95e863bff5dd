//! One in-process byte store for C, C++, Go, Swift, Python, JavaScript and Rust programs.
//!
//! Keys and values are arbitrary bytes, and both may be empty. A batch is one atomic step, keys keep their insertion order,
//! and scans run safely beside writers. It is LangChain's `InMemoryByteStore` as a native library: for embeddings, document
//! chunks and cached answers, with bounds, time to live and files, shared by all threads and all languages of a process.
//!
//! # Quick start
//!
//! ```sh
//! cargo add bytestore --path …/bytestore # a checkout of the repository
//! ```
//!
//! ```
//! use bytestore::{Error, Store};
//!
//! let store = Store::new()?;
//! store.mset(&[("key1", "value1"), ("key2", "value2")])?;
//! assert_eq!(store.mget(&["key1", "none"])?, [Some(b"value1".to_vec()), None]);
//!
//! for key in store.keys("key")? {
//!     println!("{}", String::from_utf8_lossy(&key?));
//! }
//! assert_eq!(store.mdelete(&["key1", "none"])?, 1);
//! # Ok::<(), Error>(())
//! ```
//!
//! All operations are methods of [`Store`]:
//!
//! | what | with |
//! |---|---|
//! | batches | [`mset`](Store::mset), [`mget`](Store::mget), [`mdelete`](Store::mdelete) |
//! | keys, in their order | [`keys`](Store::keys), an iterator; [`keys_from`](Store::keys_from) for who goes on later |
//! | all that begin alike | [`count`](Store::count), [`delete_prefix`](Store::delete_prefix), [`namespace`](Store::namespace) |
//! | bounds, time to live, a name | [`Options`], or the same in the URL of [`Store::open`] |
//! | computing what is missing, once | [`mget_or_compute`](Store::mget_or_compute) |
//! | files | [`save`](Store::save), [`load`](Store::load) |
//! | figures | [`counters`](Store::counters) |
//! | a Valkey or Redis server in place of the memory | [`Store::open`], [`capabilities`](Store::capabilities) |
//!
//! # Features
//!
//! | feature | by default | what for |
//! |---|---|---|
//! | `zstd` | on | snapshots may be compressed; it brings C code |
//! | `redis` | on | stores on a Valkey or Redis server or cluster |
//! | `redis-tls` | on | the same through TLS; it brings C code and assembler |
//! | `capi` | off | nothing: cargo-c sets it |
//!
//! The API is the same without them: what a feature would do is then [`Error::Unsupported`]. A program that wants none of
//! the C code writes `default-features = false`.
//!
//! # Threads, tasks and forks
//!
//! A [`Store`] is `Send` and `Sync`, and all its methods take `&self`: share it by reference, in an `Arc`, or as a second
//! handle, `store.namespace("")`. Closing beside running calls is safe. No thread is started, but for the one that listens
//! for a store of [two tiers](Options::over). After `fork` the child has a working copy of its own.
//!
//! Calls of a store in memory wait for each other only, so asynchronous tasks may make them; those of a store on a server,
//! and saving and loading, block the thread.
//!
//! # Errors
//!
//! An operation that fails returns an [`Error`], which is `Copy`, and has changed nothing, unless it is on a server. That
//! memory ran out is [`Error::OutOfMemory`], not the end of the process; talking to a server is the exception.
//!
//! # Limits
//!
//! Unix with 64 bits, and tested on Linux. Keys and values have 2<sup>32</sup> - 1 bytes at most. Rust 1.85.
//!
//! No `unsafe` is needed to use it. The module `ffi`, which is not shown here, is the C ABI (`include/bytestore.h`), for
//! other languages; for Rust it is no part of the API, and changes without notice.
//!
//! # More
//!
//! The [guide](https://github.com/bytestore/bytestore/tree/main/docs/site/guide) shows each operation in all languages, the
//! [contract](https://github.com/bytestore/bytestore/blob/main/docs/contract.md) says exactly what is promised, and
//! [performance](https://github.com/bytestore/bytestore/blob/main/docs/performance.md) how fast it is beside others.

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
#[doc(hidden)]
pub mod ffi;
mod store;
mod sys;

pub use error::Error;
pub use store::{BadPart, Capabilities, ComputeError, Counters, Keys, Options, Progress, Store};

#[cfg(test)]
mod tests {
    use super::*;

    fn is_for_all_threads<T: Send + Sync + std::fmt::Debug>() {}

    #[test]
    fn types_have_the_traits_that_are_expected() {
        is_for_all_threads::<Store>();
        is_for_all_threads::<Keys>();
        is_for_all_threads::<Options>();
        is_for_all_threads::<(Capabilities, Counters, Progress)>();
        is_for_all_threads::<(Error, ComputeError, BadPart)>();
        let _: [Box<dyn std::error::Error + Send + Sync>; 2] = [Error::Io.into(), BadPart("a=b").into()];
    }

    #[test]
    fn what_is_in_a_store_is_not_printed() {
        let store = Store::open("memory:secret-name").unwrap();
        let store = store.namespace("secret-prefix").unwrap();
        store.mset(&[("secret-key", "secret-value")]).unwrap();
        let keys = store.keys("").unwrap();
        assert_eq!(format!("{store:?} {keys:?}"), "Store { closed: false, .. } Keys { .. }");
    }

    #[test]
    fn a_bad_part_says_what_it_is() {
        let part = Options::parse("memory:?size=3").unwrap_err();
        assert!(part.to_string().starts_with("\"size=3\" in the URL is"), "{part}");
        assert_eq!(Error::from(part), Error::InvalidArgument);
    }
}
