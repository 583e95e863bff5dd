//! hashbrown's map, of which every key is looked at: what a prefix costs without an order. For one thread, without a lock.

use crate::peer::{read_key, Prefixed};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

#[derive(Default)]
pub struct Walked(HashMap<Box<[u8]>, Box<[u8]>, RandomState>);

impl Walked {
    fn matches<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0.keys().map(|key| &**key).filter(move |key| key.starts_with(prefix))
    }
}

impl Prefixed for Walked {
    fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.0.insert(key.into(), value.into());
    }

    fn count(&self, prefix: &[u8]) -> usize {
        self.matches(prefix).count()
    }

    fn keys(&self, prefix: &[u8]) -> usize {
        self.matches(prefix).map(read_key).sum()
    }

    fn delete(&mut self, prefix: &[u8]) -> usize {
        let before = self.0.len();
        self.0.retain(|key, _| !key.starts_with(prefix));
        before - self.0.len()
    }
}
