//! The shipped policy, with just enough of an engine around it. Must not know how it decides.

use std::collections::HashMap;

use crate::policy::Policy;
use crate::trace::mix;
use crate::Cache;

pub struct Ours {
    policy: Policy,
    bound: u64,
    used: u64,
    ids: HashMap<u32, u32>,
    /// Key and weight of each id.
    entries: Vec<(u32, u32)>,
    free: Vec<u32>,
}

impl Ours {
    pub fn new(bound: u64, by_weight: bool) -> Self {
        Ours {
            policy: Policy::new(by_weight).expect("memory"),
            bound,
            used: 0,
            ids: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl Cache for Ours {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        if let Some(&id) = self.ids.get(&key) {
            self.policy.hit(id);
            return true;
        }

        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push((0, 0));
            self.entries.len() as u32 - 1
        });
        self.policy.reserve(self.entries.len()).expect("memory");
        self.entries[id as usize] = (key, weight);
        self.ids.insert(key, id);
        self.used += u64::from(weight);
        self.policy.begin();
        self.policy.insert(id, mix(key.into()), weight);
        while self.used > self.bound {
            let id = self.policy.victims(1, 0).ids()[0]; // something has weight
            let (key, weight) = self.entries[id as usize];
            self.policy.evict(id, mix(key.into()));
            self.used -= u64::from(weight);
            self.ids.remove(&key);
            self.free.push(id);
        }
        false
    }
}
