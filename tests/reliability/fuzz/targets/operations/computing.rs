//! A computation that others may come between: its keys, its values, its ends.

use std::collections::BTreeMap;

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Computation, Store};
use bytestore_fuzz::choices::Choices;
use bytestore_fuzz::dict::Bytes;

use super::world::World;

pub struct Computing {
    handle: Computation,
    ttl: u64,
    /// All that was asked for, as the whole store has it, with what was there.
    asked: Vec<(Bytes, Option<Bytes>)>,
    /// What is to be computed: as the whole store has it.
    claimed: Vec<Bytes>,
}

impl Computing {
    /// Begins one. None: everything was there, and it has ended.
    pub fn new(world: &mut World, store: Store, prefix: &[u8], choices: &mut Choices) -> Option<Self> {
        let (keys, packed, ttl) = (choices.keys(), choices.flag(), choices.milliseconds());
        let handle = abi::compute(store, &keys, packed, ttl).expect("a computation");
        let full: Vec<_> = keys.iter().map(|key| [prefix, key].concat()).collect();
        let there = world.look_up(&full);
        let asked: Vec<_> = full.into_iter().zip(there).collect();
        let mut claimed: Vec<Bytes> = Vec::new();
        for (key, _) in asked.iter().filter(|(_, value)| value.is_none()) {
            if !claimed.contains(key) {
                claimed.push(key.clone());
            }
        }
        let computing = Computing { handle, ttl, asked, claimed };
        if computing.claimed.iter().any(|key| world.claimed().contains(key)) {
            // This thread computes it already, and would wait for itself.
            assert_eq!(abi::computation_next(handle).err(), Some(BYTESTORE_ERR_INVALID_ARGUMENT));
            computing.abandon();
            return None;
        }
        computing.check_next(prefix.len());
        if computing.claimed.is_empty() {
            computing.finish(&BTreeMap::new());
            return None;
        }
        Some(computing)
    }

    pub fn claimed(&self) -> &[Bytes] {
        &self.claimed
    }

    /// Asked twice, it gives the same keys.
    fn check_next(&self, cut: usize) {
        for _ in 0..2 {
            let missing = abi::computation_next(self.handle).expect("keys").keys();
            assert!(missing.iter().eq(self.claimed.iter().map(|key| &key[cut..])), "other keys are missing");
        }
    }

    /// In one of several ways.
    pub fn end(self, world: &mut World, choices: &mut Choices) {
        match choices.below(8) {
            0 => self.abandon(),
            1 => {
                // SAFETY: a handle.
                unsafe {
                    assert_eq!(bytestore_computation_fail(self.handle, 0), BYTESTORE_ERR_INVALID_ARGUMENT);
                    assert_eq!(bytestore_computation_fail(self.handle, 77), BYTESTORE_OK);
                }
                self.abandon();
            }
            2 => {
                let few = vec![Bytes::new(); self.claimed.len() - 1];
                assert_eq!(abi::computation_set(self.handle, &few, true), BYTESTORE_ERR_INVALID_ARGUMENT);
                self.abandon();
            }
            _ => {
                assert_eq!(abi::computation_values(self.handle).err(), Some(BYTESTORE_ERR_INVALID_ARGUMENT));
                let values: Vec<_> = self.claimed.iter().map(|_| choices.value()).collect();
                let status = abi::computation_set(self.handle, &values, choices.flag());
                let pairs: Vec<_> = self.claimed.iter().cloned().zip(values).collect();
                world.has_set(status, &pairs, (self.ttl != 0).then_some(self.ttl));
                match status {
                    BYTESTORE_OK => self.finish(&pairs.into_iter().collect()),
                    _ => self.abandon(),
                }
            }
        }
    }

    /// All is there: what was found, and what was computed.
    fn finish(self, computed: &BTreeMap<Bytes, Bytes>) {
        assert_eq!(abi::computation_next(self.handle).expect("nothing").values().len(), 0);
        let values = abi::computation_values(self.handle).expect("values").owned();
        let expected = self.asked.iter().map(|(key, value)| value.as_ref().or_else(|| computed.get(key)));
        assert!(values.iter().map(Option::as_ref).eq(expected), "other values");
        self.abandon();
    }

    pub fn abandon(self) {
        // SAFETY: a handle.
        unsafe {
            assert_eq!(bytestore_computation_close(self.handle), BYTESTORE_OK);
            assert_eq!(bytestore_computation_close(self.handle), BYTESTORE_ERR_CLOSED_HANDLE);
        }
    }
}
