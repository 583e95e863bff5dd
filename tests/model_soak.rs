//! Lives of a store beside its dict: from nothing to a hundred thousand keys and back. Knows only what both can do.
//!
//! Twenty lives are more than three million operations of single keys:
//! `cargo test --release --test model_soak -- --nocapture`. For a longer run `BYTESTORE_MODEL_CASES` says how many
//! lives, as in `BYTESTORE_MODEL_CASES=1000`. The dev profile lives one small life, for its overflow checks.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

#[path = "model/both.rs"]
mod both;
#[path = "model/dict.rs"]
mod dict;

use std::cell::Cell;
use std::env;

use both::Both;
use dict::Bytes;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

const QUICK: bool = cfg!(debug_assertions);
const CASES: u32 = if QUICK { 1 } else { 20 };
/// The most keys that the tide brings.
const PEAK: u64 = if QUICK { 3_000 } else { 100_000 };

/// The first half of the steps the tide comes in, to `peak` keys, and then goes out.
#[derive(Clone, Debug)]
struct Life {
    peak: u64,
    steps: Vec<Step>,
}

/// Some of the tide, in batches of that size, and one thing beside it.
#[derive(Clone, Debug)]
struct Step {
    batch: usize,
    act: Act,
    seed: u64,
}

/// Keys are drawn from so many neighbours: few make duplicates in a batch.
#[derive(Clone, Debug)]
enum Act {
    Set(u64),
    Get(u64),
    Delete(u64),
    Keys(&'static str),
    Count(&'static str),
    DeletePrefix(&'static str),
    Pages(&'static str, usize),
    ScanStart(&'static str),
    ScanNext(usize, usize),
    ScanRest(usize),
    All,
}

/// A life under way.
struct Living<'l> {
    both: Both,
    random: Random,
    peak: u64,
    /// How far the tide is in.
    level: u64,
    operations: &'l Cell<u64>,
}

/// Marsaglia's xorshift64: a life's content follows from its description.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Mostly short; some around the lengths at which values are kept in another way.
    fn value(&mut self) -> Bytes {
        let len = match self.below(1024) {
            0 => 65_000 + self.below(100_000),
            1..=20 => 4093 + self.below(6),
            21..=40 => self.below(4000),
            41..=60 => 0,
            _ => 20 + self.below(120),
        };
        self.next().to_le_bytes().iter().copied().cycle().take(len as usize).collect()
    }
}

/// Every number's own key. A few are long, around the same lengths or much longer.
fn key(number: u64) -> Bytes {
    let mut key = format!("{}/{number}/", number % 10).into_bytes();
    match number % 2048 {
        0 => key.resize(4093 + (number / 2048 % 6) as usize, b'k'),
        1 => key.resize(70_000, b'k'),
        _ => (),
    }
    key
}

impl Living<'_> {
    fn count(&self, keys: usize) {
        self.operations.set(self.operations.get() + keys as u64);
    }

    fn set(&mut self, keys: Vec<Bytes>) -> Result<(), TestCaseError> {
        self.count(keys.len());
        let pairs: Vec<_> = keys.into_iter().map(|key| (key, self.random.value())).collect();
        self.both.mset(&pairs)
    }

    fn delete(&mut self, keys: &[Bytes]) -> Result<(), TestCaseError> {
        self.count(keys.len());
        self.both.mdelete(keys)
    }

    fn rise(&mut self, level: u64, batch: usize) -> Result<(), TestCaseError> {
        while self.level < level {
            let next = level.min(self.level + batch as u64);
            self.set((self.level..next).map(key).collect())?;
            self.level = next;
        }
        Ok(())
    }

    /// Keys go in another order than they came: holes everywhere, not one long one.
    fn fall(&mut self, level: u64, batch: usize) -> Result<(), TestCaseError> {
        while self.level > level {
            let next = level.max(self.level.saturating_sub(batch as u64));
            let prime = 7919;
            let keys: Vec<_> = (next..self.level).map(|number| key(number * prime % self.peak)).collect();
            self.delete(&keys)?;
            self.level = next;
        }
        Ok(())
    }

    /// As many keys as a batch has, some of which were never set.
    fn draw(&mut self, batch: usize, neighbours: u64) -> Vec<Bytes> {
        let all = self.peak + self.peak / 8 + 1;
        let first = self.random.below(all);
        (0..batch).map(|_| key((first + self.random.below(neighbours)) % all)).collect()
    }

    fn act(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step.act {
            Act::Set(neighbours) => {
                let keys = self.draw(step.batch, neighbours);
                self.set(keys)
            }
            Act::Get(neighbours) => {
                let keys = self.draw(step.batch, neighbours);
                self.count(keys.len());
                self.both.mget(&keys)
            }
            Act::Delete(neighbours) => {
                let keys = self.draw(step.batch, neighbours);
                self.delete(&keys)
            }
            Act::Keys(prefix) => self.both.keys(prefix.as_bytes()),
            Act::Count(prefix) => self.both.count(prefix.as_bytes()),
            Act::DeletePrefix(prefix) => self.both.delete_prefix(prefix.as_bytes()),
            Act::Pages(prefix, keys) => self.both.pages(prefix.as_bytes(), keys),
            Act::ScanStart(prefix) => self.both.scan_start(prefix.as_bytes()),
            Act::ScanNext(number, take) => self.both.scan_next(number, take),
            Act::ScanRest(number) => self.both.scan_rest(number),
            Act::All => {
                self.count(self.both.all_keys().len());
                self.both.all()
            }
        }
    }
}

fn live(life: &Life, operations: &Cell<u64>) -> Result<(), TestCaseError> {
    let mut living = Living { both: Both::new(), random: Random(1), peak: life.peak, level: 0, operations };
    let (flood, ebb) = life.steps.split_at(life.steps.len() / 2);
    for (number, step) in flood.iter().enumerate() {
        living.random = Random(step.seed);
        living.rise(life.peak * (number as u64 + 1) / flood.len() as u64, step.batch)?;
        living.act(step)?;
    }
    living.rise(life.peak, 64)?;
    living.both.all()?;
    for (number, step) in ebb.iter().enumerate() {
        living.random = Random(step.seed);
        living.fall(life.peak - life.peak * (number as u64 + 1) / ebb.len() as u64, step.batch)?;
        living.act(step)?;
    }
    living.fall(0, 64)?;
    // What is left was set beside the tide.
    living.both.all()?;
    living.delete(&living.both.all_keys())?;
    living.both.all()?;
    living.both.close()
}

fn act() -> impl Strategy<Value = Act> {
    let neighbours = || select(vec![3, 1000, PEAK * 2]);
    let prefix = || select(vec!["", "3/", "7/1", "no such key"]);
    prop_oneof![
        8 => neighbours().prop_map(Act::Get),
        8 => neighbours().prop_map(Act::Set),
        5 => neighbours().prop_map(Act::Delete),
        1 => prefix().prop_map(Act::Keys),
        2 => prefix().prop_map(Act::Count),
        2 => select(vec!["3/", "7/1", "8/77", "no such key"]).prop_map(Act::DeletePrefix),
        1 => (prefix(), 300..20_000_usize).prop_map(|(prefix, keys)| Act::Pages(prefix, keys)),
        3 => prefix().prop_map(Act::ScanStart),
        6 => (any::<usize>(), 1..3000_usize).prop_map(|(number, take)| Act::ScanNext(number, take)),
        2 => any::<usize>().prop_map(Act::ScanRest),
        1 => Just(Act::All),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    let batch = select(vec![1, 2, 7, 8, 9, 63, 64, 65, 300, 5000]);
    let step = (batch, act(), 1..u64::MAX).prop_map(|(batch, act, seed)| Step { batch, act, seed });
    // A failure is retried with few keys: so seldom chosen otherwise that no run has to count on it.
    let peak = prop_oneof![1 => 1..500_u64, 1_000_000 => Just(PEAK)];
    (peak, prop::collection::vec(step, 0..400)).prop_map(|(peak, steps)| Life { peak, steps })
}

#[test]
fn lives_like_the_dict() {
    let cases = env::var("BYTESTORE_MODEL_CASES").map_or(CASES, |cases| cases.parse().expect("a number of lives"));
    let config = ProptestConfig {
        cases,
        failure_persistence: None,  // nothing is written into the source tree
        max_shrink_iters: u32::MAX, // but for a minute
        max_shrink_time: 60_000,
        ..ProptestConfig::default()
    };
    let operations = Cell::new(0);
    TestRunner::new(config).run(&life(), |life| live(&life, &operations)).unwrap_or_else(|failure| panic!("{failure}"));
    println!("model: {cases} lives, {} operations of single keys", operations.get());
    // Every key of the tide comes and goes; a small life, which hardly ever is among them, has less.
    assert!(operations.get() >= u64::from(cases) * PEAK * 3 / 2);
}
