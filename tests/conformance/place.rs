//! Where the cases are, and where a case's own store is: in memory, or on the server that the environment names.

use std::env;
use std::path::PathBuf;
use std::process;

use bytestore::{Error, Store};

/// A folder of cases; if it is not set, all of them.
const CASES: &str = "BYTESTORE_TEST_CASES";
/// A server's URL; if it is not set, the cases' own stores are in memory.
const SERVER: &str = "BYTESTORE_TEST_URL";

pub fn folder_of_cases() -> PathBuf {
    // Cargo runs tests in the package's directory.
    env::var_os(CASES).map_or_else(|| "tests/conformance".into(), PathBuf::from)
}

/// An empty store with no options. On a server it has a part of the keys that no other process has, from which goes
/// what the case before left: every scan would walk it.
pub fn own_store() -> Result<Store, Error> {
    let Some(server) = server() else { return Store::new() };
    let separator = if server.contains('?') { '&' } else { '?' };
    let store = Store::open(&format!("{server}{separator}namespace=rust-{}/", process::id()))?;
    store.delete_prefix("")?;
    if server.starts_with("memory:") {
        warm(&store)?;
    }
    Ok(store)
}

/// Waits until copies are made of what is read, which the first reading only prepares.
fn warm(store: &Store) -> Result<(), Error> {
    store.mset(&[("", "")])?;
    while store.counters()?.entries == 0 {
        store.mget(&[""])?;
    }
    store.mdelete(&[""]).map(drop)
}

/// A server gives keys in any order.
pub fn keeps_order() -> bool {
    server().is_none()
}

fn server() -> Option<String> {
    env::var(SERVER).ok()
}
