//! 64 `hashbrown` tables, each behind a `parking_lot` read-write lock taken for every key: what one writes oneself.

use crate::{
    peer::{Kind, Output, Peer, Slice},
    peers::table::Table,
};
use crossbeam_utils::CachePadded;
use parking_lot::RwLock;
use std::hash::BuildHasher;

const SHARDS: usize = 64;

pub fn kind() -> Kind {
    Kind::new("sharded_hashbrown", env!("VERSION_HASHBROWN"), || Box::new(Sharded::new()))
}

type Shard = CachePadded<RwLock<Table>>;

struct Sharded {
    shards: Vec<Shard>,
    hasher: foldhash::fast::RandomState,
}

impl Sharded {
    fn new() -> Self {
        let hasher = foldhash::fast::RandomState::default();
        let shard = || CachePadded::new(RwLock::new(Table::with_hasher(hasher.clone())));
        Sharded { shards: (0..SHARDS).map(|_| shard()).collect(), hasher }
    }

    /// `hashbrown` takes the lowest bits for the place and the highest seven for the tag: the shard takes others.
    #[inline]
    fn shard(&self, key: &[u8]) -> (u64, &Shard) {
        let hash = self.hasher.hash_one(key);
        (hash, &self.shards[(hash >> 48) as usize % SHARDS])
    }
}

impl Peer for Sharded {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        for (key, value) in keys.iter().zip(values) {
            let (hash, shard) = self.shard(key.bytes());
            shard.write().set(hash, key.bytes(), value.bytes());
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        for key in keys {
            let (hash, shard) = self.shard(key.bytes());
            out.push(shard.read().get(hash, key.bytes()));
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        keys.iter()
            .filter(|key| {
                let (hash, shard) = self.shard(key.bytes());
                shard.write().remove(hash, key.bytes())
            })
            .count()
    }

    fn scan(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().scan()).sum()
    }
}
