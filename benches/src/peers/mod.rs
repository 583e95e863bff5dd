//! The list of stores. Each has a file of its own, which says how it is used at its best.

mod bytestore;
mod dashmap;
mod mutex;
mod sharded;
mod table;

use crate::peer::Kind;

/// The store that all others are compared with.
pub fn ours() -> Kind {
    bytestore::kind("bytestore", &bytestore::shipped())
}

/// Every other store of this build.
pub fn others() -> Vec<Kind> {
    vec![mutex::kind(), sharded::kind(), dashmap::kind()]
}

/// The stores with these names, in the order of the names; a name with a slash is another build of bytestore.
pub fn named(names: &str) -> Result<Vec<Kind>, String> {
    let mut all = others();
    all.push(ours());
    names
        .split(',')
        .map(|name| match all.iter().position(|kind| kind.name == name) {
            Some(at) => Ok(all.swap_remove(at)),
            None if name.contains('/') => Ok(bytestore::kind(name, name.as_ref())),
            None => Err(format!("no peer is called '{name}'; `peers` lists them")),
        })
        .collect()
}
