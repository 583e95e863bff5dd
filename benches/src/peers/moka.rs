//! `moka`: a cache without a bound, so that it neither evicts nor counts how often a key is asked for.
//! It hands out clones of its values: shared slices, whose clone copies nothing.

use crate::peer::{read_key, Kind, Output, Peer, Slice};
use foldhash::fast::RandomState;
use moka::sync::Cache;
use std::sync::Arc;

pub fn kind() -> Kind {
    Kind::new("moka", env!("VERSION_MOKA"), || {
        Box::new(Cache::<Box<[u8]>, Arc<[u8]>>::builder().build_with_hasher(RandomState::default()))
    })
}

impl Peer for Cache<Box<[u8]>, Arc<[u8]>, RandomState> {
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
