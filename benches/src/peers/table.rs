//! A `hashbrown` table of owned bytes: what the two locked peers share. Knows no lock.

use crate::peer::read_key;
use foldhash::fast::RandomState;
use hashbrown::hash_table::{Entry, HashTable};
use std::hash::BuildHasher;

type Pair = (Box<[u8]>, Box<[u8]>);

#[derive(Default)]
pub struct Table {
    pairs: HashTable<Pair>,
    hasher: RandomState,
}

impl Table {
    pub fn with_hasher(hasher: RandomState) -> Table {
        Table { pairs: HashTable::new(), hasher }
    }

    /// A key is hashed once a call, by whoever calls: the sharded peer also picks the shard with it.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    #[inline]
    pub fn get(&self, hash: u64, key: &[u8]) -> Option<&[u8]> {
        self.pairs.find(hash, |pair| &*pair.0 == key).map(|pair| &*pair.1)
    }

    /// A value of the same length is overwritten where it is.
    #[inline]
    pub fn set(&mut self, hash: u64, key: &[u8], value: &[u8]) {
        match self.pairs.entry(hash, |pair| &*pair.0 == key, |pair| self.hasher.hash_one(&*pair.0)) {
            Entry::Occupied(mut entry) => overwrite(&mut entry.get_mut().1, value),
            Entry::Vacant(entry) => {
                entry.insert((key.into(), value.into()));
            }
        }
    }

    #[inline]
    pub fn remove(&mut self, hash: u64, key: &[u8]) -> bool {
        self.pairs.find_entry(hash, |pair| &*pair.0 == key).map(|entry| drop(entry.remove())).is_ok()
    }

    pub fn scan(&self) -> usize {
        self.pairs.iter().map(|pair| read_key(&pair.0)).sum()
    }
}

/// What every peer that lends its values for writing does with an overwrite.
#[inline]
pub fn overwrite(old: &mut Box<[u8]>, new: &[u8]) {
    if old.len() == new.len() {
        old.copy_from_slice(new);
    } else {
        *old = new.into();
    }
}
