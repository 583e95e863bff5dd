//! Computing what is missing, from the look into the store to the values: each key is computed once in all.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::*;
use crate::sys::schedules::{model, spawn};

/// A store, and how many keys were computed for it.
struct Computing {
    store: Store,
    computed: AtomicUsize,
}

impl Computing {
    fn ask(&self, keys: &[&str]) {
        let values = self.store.mget_or_compute(keys, |missing| {
            self.computed.fetch_add(missing.len(), Relaxed);
            Ok::<_, Error>(missing.iter().map(|key| key.to_vec()).collect())
        });
        assert_eq!(values.unwrap(), keys.iter().map(|key| key.as_bytes()).collect::<Vec<_>>());
    }
}

fn model_of(preemptions: usize, batches: &'static [&'static [&'static str]]) {
    model(Some(preemptions), move || {
        let computing = Arc::new(Computing { store: Store::new().unwrap(), computed: AtomicUsize::new(0) });
        computing.ask(&["before"]); // uses all that threads will share
        let [first, others @ ..] = batches else { return };
        let others = others.iter().map(|keys| {
            let computing = computing.clone();
            spawn(move || computing.ask(keys))
        });
        let others: Vec<_> = others.collect();
        computing.ask(first);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(computing.computed.load(Relaxed), computing.store.len().unwrap());
    });
}

#[test]
fn two_batches_in_both_orders_compute_each_key_once() {
    model_of(2, &[&["a", "b"], &["b", "a"]]);
}

#[test]
fn three_batches_in_a_ring_compute_each_key_once() {
    model_of(1, &[&["a", "b"], &["b", "c"], &["c", "a"]]);
}
