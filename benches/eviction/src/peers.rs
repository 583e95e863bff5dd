//! The caches of other libraries, each with an exact bound and one shard. Must not know what is replayed.

use foyer_memory as foyer;
use quick_cache::{unsync, OptionsBuilder, Weighter};

use crate::Cache;

/// Values are weights.
pub struct Moka(moka::sync::Cache<u32, u32>);

impl Moka {
    pub fn new(bound: u64) -> Self {
        Moka(moka::sync::Cache::builder().max_capacity(bound).weigher(|_, &weight| weight).build())
    }
}

impl Cache for Moka {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        let hit = self.0.get(&key).is_some();
        if !hit {
            self.0.insert(key, weight);
        }
        // Its housekeeping is put off otherwise, and the bound with it.
        self.0.run_pending_tasks();
        hit
    }
}

#[derive(Clone)]
pub struct Weight;

impl Weighter<u32, u32> for Weight {
    fn weight(&self, _: &u32, weight: &u32) -> u64 {
        u64::from(*weight)
    }
}

pub struct QuickCache(unsync::Cache<u32, u32, Weight>);

impl QuickCache {
    /// `entries`: how many it is expected to hold.
    pub fn new(bound: u64, entries: usize) -> Self {
        let options = OptionsBuilder::new().shards(1).estimated_items_capacity(entries).weight_capacity(bound).build();
        let options = options.expect("both are given");
        QuickCache(unsync::Cache::with_options(options, Weight, Default::default(), Default::default()))
    }
}

impl Cache for QuickCache {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        let hit = self.0.get(&key).is_some();
        if !hit {
            self.0.insert(key, weight);
        }
        hit
    }
}

pub struct Foyer(foyer::Cache<u32, u32>);

impl Foyer {
    /// `policy`: one of its own, each as it comes.
    pub fn new(bound: u64, policy: &str) -> Self {
        let config = match policy {
            "lru" => foyer::EvictionConfig::Lru(Default::default()),
            "lfu" => foyer::EvictionConfig::Lfu(Default::default()),
            "s3fifo" => foyer::EvictionConfig::S3Fifo(Default::default()),
            _ => foyer::EvictionConfig::Sieve(Default::default()),
        };
        let builder = foyer::CacheBuilder::new(bound as usize).with_shards(1).with_eviction_config(config);
        Foyer(builder.with_weighter(|_, weight| *weight as usize).build())
    }
}

impl Cache for Foyer {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        let hit = self.0.get(&key).is_some();
        if !hit {
            self.0.insert(key, weight);
        }
        hit
    }
}
