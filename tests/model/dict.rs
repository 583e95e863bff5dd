//! The dict that a store must be like, too simple to be wrong. Knows no store.

use std::collections::{BTreeMap, HashMap, VecDeque};

pub type Bytes = Vec<u8>;

/// Values by key, and keys by when they were inserted.
#[derive(Default)]
pub struct Dict {
    values: HashMap<Bytes, (u64, Bytes)>,
    order: BTreeMap<u64, Bytes>,
    clock: u64,
}

impl Dict {
    pub fn mset(&mut self, pairs: &[(Bytes, Bytes)]) {
        for (key, value) in pairs {
            let time = match self.values.get(key) {
                Some((time, _)) => *time,
                None => {
                    self.clock += 1;
                    self.order.insert(self.clock, key.clone());
                    self.clock
                }
            };
            self.values.insert(key.clone(), (time, value.clone()));
        }
    }

    pub fn get(&self, key: &[u8]) -> Option<&Bytes> {
        self.values.get(key).map(|(_, value)| value)
    }

    pub fn mdelete(&mut self, keys: &[Bytes]) -> usize {
        let before = self.values.len();
        for key in keys {
            if let Some((time, _)) = self.values.remove(key) {
                self.order.remove(&time);
            }
        }
        before - self.values.len()
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The keys that begin with `prefix`, each with the time of its insertion.
    pub fn keys(&self, prefix: &[u8]) -> VecDeque<(u64, Bytes)> {
        let matching = self.order.iter().filter(|(_, key)| key.starts_with(prefix));
        matching.map(|(time, key)| (*time, key.clone())).collect()
    }

    /// Whether what was inserted then is still there.
    pub fn has_time(&self, time: u64) -> bool {
        self.order.contains_key(&time)
    }
}
