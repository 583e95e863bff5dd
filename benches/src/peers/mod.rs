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
mod ordered;
mod papaya;
mod quick_cache;
mod scc;
mod sharded;
mod table;
mod walked;

use crate::peer::{Kind, Prefixed};

/// The store that all others are compared with.
pub fn ours() -> Kind {
    bytestore::kind("bytestore", &bytestore::shipped(), bytestore::PLAIN)
}

/// A build of bytestore that takes no locks, which BYTESTORE_UNGATED names: for one thread.
pub fn ungated() -> Option<Kind> {
    build("bytestore, not atomic", "BYTESTORE_UNGATED")
}

/// A build of bytestore that counts nothing, which BYTESTORE_UNCOUNTED names.
pub fn uncounted() -> Option<Kind> {
    build("bytestore, not counting", "BYTESTORE_UNCOUNTED")
}

fn build(name: &str, variable: &str) -> Option<Kind> {
    let library = std::env::var_os(variable)?;
    Some(bytestore::kind(name, library.as_ref(), bytestore::PLAIN))
}

/// The store under test, opened with options.
pub fn with_options(name: &str, url: &str) -> Kind {
    bytestore::kind(name, &bytestore::shipped(), url)
}

/// What is asked about prefixes, the store under test first.
pub fn prefixed() -> Vec<(&'static str, Box<dyn Prefixed>)> {
    vec![
        ("bytestore", Box::new(bytestore::prefixed())),
        ("BTreeMap", Box::new(ordered::Ordered::default())),
        ("hash map, walked", Box::new(walked::Walked::default())),
    ]
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

/// A store by its name or a part of it; a name that begins as a URL is bytestore opened by it, and one with a slash
/// is another build of bytestore.
pub fn named(name: &str) -> Result<Kind, String> {
    if name == "bytestore" {
        return Ok(ours());
    }
    if name.starts_with(bytestore::PLAIN) {
        return Ok(with_options(name, name));
    }
    if name.contains('/') {
        return Ok(bytestore::kind(name, name.as_ref(), bytestore::PLAIN));
    }
    let found = others().into_iter().find(|kind| kind.name.contains(name));
    found.ok_or_else(|| format!("no peer is called '{name}'; `bytestore-bench peers` lists them"))
}
