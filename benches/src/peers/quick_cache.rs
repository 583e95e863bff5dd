//! `quick_cache`: a cache with room for more than is ever set, so that it never evicts.
//! It hands out clones of its values: shared slices, whose clone copies nothing.

use crate::peer::{read_key, Kind, Output, Peer, Slice};
use foldhash::fast::RandomState;
use quick_cache::{
    sync::{Cache, DefaultLifecycle},
    UnitWeighter,
};
use std::sync::Arc;

/// Only an estimate, for its number of shards; the bound is far above.
const ESTIMATED_ENTRIES: usize = 1 << 20;
const MOST_ENTRIES: u64 = 1 << 32;

type Store = Cache<Box<[u8]>, Arc<[u8]>, UnitWeighter, RandomState>;

pub fn kind() -> Kind {
    Kind::new("quick_cache", env!("VERSION_QUICK_CACHE"), || {
        let (hasher, lifecycle) = (RandomState::default(), DefaultLifecycle::default());
        Box::new(Store::with(ESTIMATED_ENTRIES, MOST_ENTRIES, UnitWeighter, hasher, lifecycle))
    })
}

impl Peer for Store {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        for (key, value) in keys.iter().zip(values) {
            self.insert(key.bytes().into(), value.bytes().into());
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        for key in keys {
            out.push(self.get(key.bytes()).as_deref());
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        keys.iter().filter(|key| self.remove(key.bytes()).is_some()).count()
    }

    fn scan(&self) -> usize {
        self.iter().map(|(key, _)| read_key(&key)).sum()
    }
}
