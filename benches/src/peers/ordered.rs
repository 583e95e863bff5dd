//! std's BTreeMap: keys that begin alike lie side by side. For one thread, without a lock.

use crate::peer::{read_key, Prefixed};
use std::{
    collections::BTreeMap,
    ops::Bound::{Included, Unbounded},
};

#[derive(Default)]
pub struct Ordered(BTreeMap<Box<[u8]>, Box<[u8]>>);

impl Ordered {
    fn matches<'a>(&'a self, prefix: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .range::<[u8], _>((Included(prefix), Unbounded))
            .map(|(key, _)| &**key)
            .take_while(move |key| key.starts_with(prefix))
    }
}

impl Prefixed for Ordered {
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
        // There is no stable way to take a range out.
        let keys: Vec<Box<[u8]>> = self.matches(prefix).map(Box::from).collect();
        keys.iter().filter(|key| self.0.remove(*key).is_some()).count()
    }
}
