//! The dict that a store must be like, too simple to be wrong. Knows no store.

// Not all who use it need all of it.
#![allow(dead_code)]

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};

pub type Bytes = Vec<u8>;

/// The time to live, and the end, of what stays.
pub const NEVER: u64 = u64::MAX;

/// Values by key, and keys by when they were inserted.
pub struct Dict {
    /// In the same buckets in each run.
    values: HashMap<Bytes, Entry, BuildHasherDefault<DefaultHasher>>,
    order: BTreeMap<u64, Bytes>,
    inserted: u64,
    now: u64,
    /// No entry ends before.
    earliest: u64,
}

struct Entry {
    /// When it was inserted.
    time: u64,
    /// When it ends.
    end: u64,
    value: Bytes,
}

impl Default for Dict {
    fn default() -> Self {
        Dict { values: HashMap::default(), order: BTreeMap::new(), inserted: 0, now: 1, earliest: NEVER }
    }
}

impl Dict {
    pub fn mset(&mut self, pairs: &[(Bytes, Bytes)]) {
        self.mset_for(pairs, NEVER);
    }

    /// What is set ends after `ttl` milliseconds.
    pub fn mset_for(&mut self, pairs: &[(Bytes, Bytes)], ttl: u64) {
        let end = if ttl == NEVER { NEVER } else { self.now.saturating_add(ttl).min(NEVER - 1) };
        self.earliest = self.earliest.min(end);
        for (key, value) in pairs {
            let time = match self.values.get(key) {
                Some(entry) => entry.time,
                None => {
                    self.inserted += 1;
                    self.order.insert(self.inserted, key.clone());
                    self.inserted
                }
            };
            self.values.insert(key.clone(), Entry { time, end, value: value.clone() });
        }
        self.end();
    }

    /// Time goes on.
    pub fn advance(&mut self, milliseconds: u64) {
        self.now = self.now.saturating_add(milliseconds).min(NEVER - 1);
        self.end();
    }

    /// Removes what has ended.
    fn end(&mut self) {
        let Dict { values, order, now, earliest, .. } = self;
        if *earliest <= *now {
            values.retain(|_, entry| entry.end > *now);
            order.retain(|_, key| values.contains_key(key));
            *earliest = values.values().map(|entry| entry.end).min().unwrap_or(NEVER);
        }
    }

    pub fn get(&self, key: &[u8]) -> Option<&Bytes> {
        self.values.get(key).map(|entry| &entry.value)
    }

    pub fn mdelete(&mut self, keys: &[Bytes]) -> usize {
        let before = self.values.len();
        for key in keys {
            if let Some(entry) = self.values.remove(key) {
                self.order.remove(&entry.time);
            }
        }
        before - self.values.len()
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// How many insertions there were.
    pub fn inserted(&self) -> u64 {
        self.inserted
    }

    /// Bytes of all keys, and of all values.
    pub fn bytes(&self) -> (u64, u64) {
        let values = self.values.values().map(|entry| entry.value.len() as u64).sum();
        (self.values.keys().map(|key| key.len() as u64).sum(), values)
    }

    /// The keys that begin with `prefix`, each with the time of its insertion.
    pub fn keys(&self, prefix: &[u8]) -> VecDeque<(u64, Bytes)> {
        self.matching(prefix).map(|(time, key)| (time, key.clone())).collect()
    }

    /// The same, not copied.
    pub fn matching<'d>(&'d self, prefix: &'d [u8]) -> impl Iterator<Item = (u64, &'d Bytes)> {
        self.order.iter().filter(|(_, key)| key.starts_with(prefix)).map(|(time, key)| (*time, key))
    }

    /// Whether what was inserted then is still there.
    pub fn has_time(&self, time: u64) -> bool {
        self.order.contains_key(&time)
    }
}
