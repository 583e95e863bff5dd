//! The list of stores. Each has a file of its own, which says how it is used at its best.

mod bytestore;
mod dashmap;
mod moka;
mod mutex;
#[cfg(feature = "native")]
mod native;
#[cfg(not(feature = "native"))]
mod native {
    pub fn kinds() -> Vec<crate::peer::Kind> {
        Vec::new()
    }
}
mod papaya;
mod quick_cache;
mod scc;
mod sharded;
mod table;

use crate::peer::Kind;

/// The store that all others are compared with.
pub fn ours() -> Kind {
    bytestore::kind("bytestore", &bytestore::shipped())
}

/// A build of bytestore that takes no locks, which BYTESTORE_UNGATED names: for one thread.
pub fn ungated() -> Option<Kind> {
    let library = std::env::var_os("BYTESTORE_UNGATED")?;
    Some(bytestore::kind("bytestore, not atomic", library.as_ref()))
}

/// Every other store of this build.
pub fn others() -> Vec<Kind> {
    let rust = [
        mutex::kind(),
        sharded::kind(),
        dashmap::kind(),
        papaya::kind(),
        scc::kind(),
        quick_cache::kind(),
        moka::kind(),
    ];
    rust.into_iter().chain(native::kinds()).collect()
}

/// A store by its name or a part of it; a name with a slash is another build of bytestore.
pub fn named(name: &str) -> Result<Kind, String> {
    if name == "bytestore" {
        return Ok(ours());
    }
    if name.contains('/') {
        return Ok(bytestore::kind(name, name.as_ref()));
    }
    let found = others().into_iter().find(|kind| kind.name.contains(name));
    found.ok_or_else(|| format!("no peer is called '{name}'; `bytestore-bench peers` lists them"))
}
