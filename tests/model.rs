//! Random operation sequences, against a model that is too simple to be wrong. Knows only the public API.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytestore::{Keys, Store};
use proptest::prelude::*;
use proptest::sample::select;

type Bytes = Vec<u8>;

/// One thing to do. Numbers of scans are taken modulo those that are open.
#[derive(Clone, Debug)]
enum Step {
    Mset(Vec<(Bytes, Bytes)>),
    Mget(Vec<Bytes>),
    Mdelete(Vec<Bytes>),
    /// Many keys, so that scans need several pages and the engine grows and shrinks.
    MsetMany(u16, u16),
    MdeleteMany(u16, u16),
    Keys(Bytes),
    Len,
    ScanStart(Bytes),
    ScanNext(usize, usize),
    ScanRest(usize),
}

/// The dict: values by key, and keys by when they were inserted.
#[derive(Default)]
struct Model {
    values: HashMap<Bytes, (u64, Bytes)>,
    order: BTreeMap<u64, Bytes>,
    clock: u64,
}

/// A scan beside what it may still give.
struct Scan {
    keys: Keys,
    prefix: Bytes,
    /// Keys and insertion times as of the first step; `None` before it.
    ahead: Option<VecDeque<(u64, Bytes)>>,
}

impl Model {
    fn mset(&mut self, pairs: &[(Bytes, Bytes)]) {
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

    fn mget(&self, keys: &[Bytes]) -> Vec<Option<Bytes>> {
        keys.iter().map(|key| self.values.get(key).map(|(_, value)| value.clone())).collect()
    }

    fn mdelete(&mut self, keys: &[Bytes]) -> usize {
        let before = self.values.len();
        for key in keys {
            if let Some((time, _)) = self.values.remove(key) {
                self.order.remove(&time);
            }
        }
        before - self.values.len()
    }

    fn keys(&self, prefix: &[u8]) -> VecDeque<(u64, Bytes)> {
        let matching = self.order.iter().filter(|(_, key)| key.starts_with(prefix));
        matching.map(|(time, key)| (*time, key.clone())).collect()
    }
}

impl Scan {
    /// Takes up to `take` keys; says whether the scan ended.
    fn advance(&mut self, model: &Model, take: usize) -> Result<bool, TestCaseError> {
        let ahead = self.ahead.get_or_insert_with(|| model.keys(&self.prefix));
        for _ in 0..take {
            let given = self.keys.next().transpose().expect("a key");
            // What the scan passes over must have been deleted since it began.
            loop {
                match (ahead.pop_front(), &given) {
                    (Some((_, key)), Some(given)) if key == *given => break,
                    (Some((time, key)), _) => prop_assert!(!model.order.contains_key(&time), "left out: {key:?}"),
                    (None, Some(given)) => return Err(TestCaseError::fail(format!("not ahead: {given:?}"))),
                    (None, None) => return Ok(true),
                }
            }
        }
        Ok(false)
    }
}

fn many(start: u16, count: u16) -> Vec<Bytes> {
    (start..start + count).map(|i| format!("many/{i}").into_bytes()).collect()
}

fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let store = Store::new().expect("a store");
    let mut model = Model::default();
    let mut scans: Vec<Scan> = Vec::new();
    for step in steps {
        match step {
            Step::Mset(pairs) => {
                prop_assert_eq!(store.mset(&pairs), Ok(()));
                model.mset(&pairs);
            }
            Step::MsetMany(start, count) => {
                let pairs: Vec<_> = many(start, count).into_iter().map(|key| (key.clone(), key)).collect();
                prop_assert_eq!(store.mset(&pairs), Ok(()));
                model.mset(&pairs);
            }
            Step::Mget(keys) => prop_assert_eq!(store.mget(&keys), Ok(model.mget(&keys))),
            Step::Mdelete(keys) => prop_assert_eq!(store.mdelete(&keys), Ok(model.mdelete(&keys))),
            Step::MdeleteMany(start, count) => {
                let keys = many(start, count);
                prop_assert_eq!(store.mdelete(&keys), Ok(model.mdelete(&keys)));
            }
            Step::Keys(prefix) => {
                let keys: Result<Vec<_>, _> = store.keys(&prefix).and_then(Iterator::collect);
                prop_assert_eq!(keys, Ok(model.keys(&prefix).into_iter().map(|(_, key)| key).collect()));
            }
            Step::Len => prop_assert_eq!(store.len(), Ok(model.values.len())),
            Step::ScanStart(prefix) => {
                let keys = store.keys(&prefix).expect("a scan");
                scans.push(Scan { keys, prefix, ahead: None });
            }
            Step::ScanNext(number, take) => {
                let open = scans.len().max(1);
                if let Some(scan) = scans.get_mut(number % open) {
                    scan.advance(&model, take)?;
                }
            }
            Step::ScanRest(number) => {
                if !scans.is_empty() {
                    let mut scan = scans.swap_remove(number % scans.len());
                    prop_assert!(scan.advance(&model, usize::MAX)?);
                }
            }
        }
    }
    let keys: Vec<_> = model.values.keys().cloned().collect();
    prop_assert_eq!(store.mget(&keys), Ok(model.mget(&keys)));
    // Those that began see their keys to the end, whatever becomes of the store.
    let begun = scans.into_iter().filter(|scan| scan.ahead.is_some());
    prop_assert_eq!(store.close(), Ok(()));
    drop(store);
    for mut scan in begun {
        prop_assert!(scan.advance(&model, usize::MAX)?);
    }
    Ok(())
}

/// Few bytes and short: so that keys meet again, and begin alike.
fn key() -> impl Strategy<Value = Bytes> {
    let short = prop::collection::vec(select(vec![0, b'a', b'/', 0x7F, 0x80, 0xFF]), 0..4);
    prop_oneof![9 => short, 1 => (0..8_usize).prop_map(|n| vec![b'a'; 5000 + n])]
}

/// Around the sizes at which values are kept in another way.
fn value() -> impl Strategy<Value = Bytes> {
    let length = prop_oneof![4 => 0..40_usize, 1 => 4090..4100_usize, 1 => select(vec![65_536, 200_000])];
    (length, any::<u8>()).prop_map(|(length, byte)| vec![byte; length])
}

fn step() -> impl Strategy<Value = Step> {
    let keys = || prop::collection::vec(key(), 0..20);
    let prefix = || prop_oneof![3 => key(), 1 => Just(b"many/".to_vec()), 1 => Just(Vec::new())];
    let take = prop_oneof![1..8_usize, 900..1200_usize];
    prop_oneof![
        6 => prop::collection::vec((key(), value()), 0..20).prop_map(Step::Mset),
        4 => keys().prop_map(Step::Mget),
        4 => keys().prop_map(Step::Mdelete),
        2 => (0..4000_u16, 0..3000_u16).prop_map(|(start, count)| Step::MsetMany(start, count)),
        2 => (0..4000_u16, 0..3000_u16).prop_map(|(start, count)| Step::MdeleteMany(start, count)),
        2 => prefix().prop_map(Step::Keys),
        1 => Just(Step::Len),
        3 => prefix().prop_map(Step::ScanStart),
        5 => (any::<usize>(), take).prop_map(|(number, take)| Step::ScanNext(number, take)),
        2 => any::<usize>().prop_map(Step::ScanRest),
    ]
}

proptest! {
    // A failure prints its shortest sequence; nothing is written into the source tree.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_the_model(steps in prop::collection::vec(step(), 1..60)) {
        run(steps)?;
    }
}
