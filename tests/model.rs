//! Short random sequences of operations, on a store and its dict. Knows only what both can do.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

#[path = "model/both.rs"]
mod both;
#[path = "model/dict.rs"]
mod dict;

use both::Both;
use bytestore::Options;
use dict::Bytes;
use proptest::prelude::*;
use proptest::sample::select;

/// One thing to do. Numbers of scans are taken modulo those that are open.
#[derive(Clone, Debug)]
enum Step {
    Mset(Vec<(Bytes, Bytes)>),
    MsetFor(Vec<(Bytes, Bytes)>, Option<u64>),
    Advance(u64),
    /// What follows is done to the keys that begin so, without that.
    View(Bytes),
    Mget(Vec<Bytes>),
    Mdelete(Vec<Bytes>),
    /// Many keys, so that scans need several pages and the engine grows and shrinks.
    MsetMany(u16, u16),
    MdeleteMany(u16, u16),
    Keys(Bytes),
    Pages(Bytes, usize),
    Count(Bytes),
    DeletePrefix(Bytes),
    Len,
    ScanStart(Bytes),
    ScanNext(usize, usize),
    ScanRest(usize),
}

impl Step {
    /// Whether it needs a clock that stands still.
    fn is_of_time(&self) -> bool {
        matches!(self, Step::Advance(_) | Step::MsetFor(_, Some(_)))
    }
}

fn many(start: u16, count: u16) -> Vec<Bytes> {
    (start..start + count).map(|i| format!("many/{i}").into_bytes()).collect()
}

fn run(options: Options<'static>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut both = Both::with(options);
    for step in steps {
        match step {
            Step::Mset(pairs) => both.mset(&pairs)?,
            Step::MsetFor(pairs, ttl) => both.mset_for(&pairs, ttl)?,
            Step::Advance(milliseconds) => both.advance(milliseconds)?,
            Step::View(prefix) => both.view(&prefix)?,
            Step::MsetMany(start, count) => {
                let pairs: Vec<_> = many(start, count).into_iter().map(|key| (key.clone(), key)).collect();
                both.mset(&pairs)?;
            }
            Step::Mget(keys) => both.mget(&keys)?,
            Step::Mdelete(keys) => both.mdelete(&keys)?,
            Step::MdeleteMany(start, count) => both.mdelete(&many(start, count))?,
            Step::Keys(prefix) => both.keys(&prefix)?,
            Step::Pages(prefix, max_keys) => both.pages(&prefix, max_keys)?,
            Step::Count(prefix) => both.count(&prefix)?,
            Step::DeletePrefix(prefix) => both.delete_prefix(&prefix)?,
            Step::Len => both.len()?,
            Step::ScanStart(prefix) => both.scan_start(&prefix)?,
            Step::ScanNext(number, take) => both.scan_next(number, take)?,
            Step::ScanRest(number) => both.scan_rest(number)?,
        }
    }
    both.all()?;
    both.close()
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

/// One without bounds, one with both, and time that stands still until a step turns it.
fn options() -> impl Strategy<Value = Options<'static>> {
    let ttl = select(vec![None, None, Some(20)]);
    (ttl, select(vec![None, Some(30), Some(3000)]), select(vec![None, Some(20_000), Some(400_000)])).prop_map(
        |(ttl_ms, max_entries, max_bytes)| {
            let mut options = Options::default();
            (options.ttl_ms, options.max_entries, options.max_bytes) = (ttl_ms, max_entries, max_bytes);
            options.manual_clock = true;
            options
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let pairs = || prop::collection::vec((key(), value()), 0..20);
    let ttl = select(vec![None, Some(1), Some(30), Some(1000), Some(u64::MAX - 1)]);
    let keys = || prop::collection::vec(key(), 0..20);
    let prefix = || prop_oneof![3 => key(), 1 => Just(b"many/".to_vec()), 1 => Just(Vec::new())];
    let take = prop_oneof![1..8_usize, 900..1200_usize];
    prop_oneof![
        6 => pairs().prop_map(Step::Mset),
        3 => (pairs(), ttl).prop_map(|(pairs, ttl)| Step::MsetFor(pairs, ttl)),
        2 => (0..40_u64).prop_map(Step::Advance),
        2 => prefix().prop_map(Step::View),
        4 => keys().prop_map(Step::Mget),
        4 => keys().prop_map(Step::Mdelete),
        2 => (0..4000_u16, 0..3000_u16).prop_map(|(start, count)| Step::MsetMany(start, count)),
        2 => (0..4000_u16, 0..3000_u16).prop_map(|(start, count)| Step::MdeleteMany(start, count)),
        2 => prefix().prop_map(Step::Keys),
        2 => (prefix(), select(vec![1, 3, 500, 5000])).prop_map(|(prefix, keys)| Step::Pages(prefix, keys)),
        2 => prefix().prop_map(Step::Count),
        1 => prefix().prop_map(Step::DeletePrefix),
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
        run(Options::default(), steps.into_iter().filter(|step| !step.is_of_time()).collect())?;
    }

    #[test]
    fn behaves_like_the_model_with_options(options in options(), steps in prop::collection::vec(step(), 1..60)) {
        run(options, steps)?;
    }
}
