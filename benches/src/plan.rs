//! Which cases are measured: a base case, and from it one axis at a time. Knows no store and measures nothing.

use crate::{
    args::Args,
    drive::Op,
    rates::{Case, Pace},
    workload::{Draw, Shape},
};
use std::time::Duration;

/// The base case.
pub const BASE: Shape = Shape { entries: 1_000_000, key: 20, value: 100 };
const BATCH: usize = 64;
const HUGE: usize = 12 << 10;
/// So many that a run with two stores in memory stays below 20 GiB.
const HUGE_ENTRIES: usize = 100_000;

/// What is measured on stores of one shape.
pub struct Group {
    pub shape: Shape,
    pub cases: Vec<Case>,
}

/// The whole run.
pub struct Plan {
    pub rates: Vec<Group>,
    pub pace: Pace,
    pub growth: usize,
    pub memory: Vec<Shape>,
    /// Parts of the names of the peers that take part; none means all.
    pub peers: &'static [&'static str],
}

fn cases(ops: &[Op], batch: usize, dist: Draw, threads: usize) -> Vec<Case> {
    ops.iter().map(|&op| Case { op, batch, dist, threads }).collect()
}

fn base_cases(ops: &[Op]) -> Vec<Case> {
    cases(ops, BATCH, Draw::Uniform, 1)
}

const READS_AND_WRITES: [Op; 5] = [Op::MgetHit, Op::MgetHitBuffer, Op::MgetMiss, Op::Mixed, Op::Overwrite];
const TOGETHER: [Op; 2] = [Op::MgetHit, Op::Mixed];

pub fn full() -> Plan {
    use Op::{Delete, Insert, MgetHit, MgetHitBuffer, Overwrite, Scan};
    let base = [
        base_cases(&READS_AND_WRITES),
        base_cases(&[Scan, Insert, Delete]),
        cases(&TOGETHER, BATCH, Draw::Zipf, 1),
        cases(&TOGETHER, BATCH, Draw::Uniform, 2),
        cases(&READS_AND_WRITES, 1, Draw::Uniform, 1),
        [4, 16, 256, 1024].iter().flat_map(|&batch| cases(&[MgetHit, Overwrite], batch, Draw::Uniform, 1)).collect(),
    ];
    let most = [
        base_cases(&READS_AND_WRITES),
        cases(&TOGETHER, BATCH, Draw::Zipf, 1),
        cases(&TOGETHER, BATCH, Draw::Uniform, 2),
    ];
    let few = [base_cases(&READS_AND_WRITES), cases(&READS_AND_WRITES, 1, Draw::Uniform, 1)];
    let group = |shape, cases: Vec<Case>| Group { shape, cases };
    let (long_keys, small, large) =
        (Shape { key: 45, ..BASE }, Shape { value: 16, ..BASE }, Shape { value: 1024, ..BASE });
    let huge = Shape { entries: HUGE_ENTRIES, value: HUGE, ..BASE };
    Plan {
        rates: vec![
            group(BASE, base.concat()),
            group(Shape { entries: 10_000, ..BASE }, few.concat()),
            group(Shape { entries: 10_000_000, ..BASE }, most.concat()),
            group(long_keys, base_cases(&READS_AND_WRITES)),
            group(small, base_cases(&[MgetHit, Overwrite])),
            group(large, base_cases(&[MgetHit, Overwrite])),
            group(huge, base_cases(&[MgetHit, MgetHitBuffer, Overwrite])),
        ],
        pace: Pace { rounds: 7, slice: Duration::from_millis(60), patience: Duration::from_secs(10) },
        growth: 10_000_000,
        memory: vec![BASE, small, large, huge],
        peers: &[],
    }
}

pub fn quick() -> Plan {
    let base = [
        base_cases(&READS_AND_WRITES),
        base_cases(&[Op::Scan, Op::Insert, Op::Delete]),
        cases(&[Op::MgetHit], BATCH, Draw::Zipf, 1),
        cases(&TOGETHER, BATCH, Draw::Uniform, 2),
        cases(&[Op::MgetHit], 1, Draw::Uniform, 1),
    ];
    Plan {
        rates: vec![
            Group { shape: BASE, cases: base.concat() },
            Group { shape: Shape { entries: 10_000, ..BASE }, cases: base_cases(&READS_AND_WRITES) },
        ],
        pace: Pace { rounds: 5, slice: Duration::from_millis(30), patience: Duration::from_secs(5) },
        growth: 1_000_000,
        memory: vec![BASE],
        peers: &["mutex_hashbrown", "sharded_hashbrown", "dashmap", "boost"],
    }
}

/// What shows the cost of batches that are one step: the calls that take the fewest and the most shards.
pub fn isolation() -> Group {
    let ops = [Op::MgetHit, Op::Mixed, Op::Overwrite];
    let cases = [1, 8, 64, 1024].iter().flat_map(|&batch| cases(&ops, batch, Draw::Uniform, 1)).collect();
    Group { shape: Shape { entries: 10_000, ..BASE }, cases }
}

/// What a bound costs: the bounds, as options of a store's URL, and what is measured beside a store without.
pub fn bounds() -> Vec<(&'static str, String, Group)> {
    use Op::{Insert, MgetHit, Overwrite};
    let mut found = Vec::new();
    for entries in [10_000, BASE.entries] {
        let steady = [cases(&[MgetHit], BATCH, Draw::Uniform, 2), base_cases(&[MgetHit, Overwrite])].concat();
        for (name, url) in
            [("never reached", NEVER_REACHED.to_owned()), ("reached", format!("memory:?max_entries={entries}"))]
        {
            found.push((name, url, Group { shape: Shape { entries, ..BASE }, cases: steady.clone() }));
        }
    }
    // Of the pairs that are set, nine in ten find the store full: each of them takes another entry's place.
    let tenth = format!("memory:?max_entries={}", BASE.entries / 10);
    for (name, url) in [("never reached", NEVER_REACHED.to_owned()), ("a tenth of the entries", tenth)] {
        found.push((name, url, Group { shape: BASE, cases: base_cases(&[Insert]) }));
    }
    found
}

const NEVER_REACHED: &str = "memory:?max_bytes=1TiB";

/// What counting costs a lookup, in and out of the cache.
pub fn counting() -> Vec<Group> {
    let cases = || {
        let of = |batch, threads| cases(&[Op::MgetHit], batch, Draw::Uniform, threads);
        [of(BATCH, 1), of(BATCH, 2), of(1, 1)].concat()
    };
    [10_000, BASE.entries].map(|entries| Group { shape: Shape { entries, ..BASE }, cases: cases() }).into()
}

/// How many entries stores have that are asked about prefixes.
pub const PREFIXED: [usize; 2] = [1_000_000, 10_000_000];

/// One group, as the command line describes it. What it leaves open is as in the base case, and the operations are
/// all that make sense.
pub fn single(args: &Args) -> Group {
    let shape = Shape {
        entries: args.entries.unwrap_or(BASE.entries),
        key: args.key.unwrap_or(BASE.key),
        value: args.value.unwrap_or(BASE.value),
    };
    let (dist, threads) = (args.dist.unwrap_or(Draw::Uniform), args.threads.unwrap_or(1));
    let ops = Op::ALL.iter().map(|(op, _)| *op).filter(|op| match args.only {
        Some(only) => *op == only,
        None => makes_sense(*op, dist, threads),
    });
    Group { shape, cases: cases(&ops.collect::<Vec<_>>(), args.batch.unwrap_or(BATCH), dist, threads) }
}

fn makes_sense(op: Op, dist: Draw, threads: usize) -> bool {
    match op {
        Op::MgetHit | Op::MgetHitBuffer | Op::Mixed | Op::Overwrite => true,
        Op::MgetMiss => dist == Draw::Uniform,
        Op::Scan | Op::Insert | Op::Delete => dist == Draw::Uniform && threads == 1,
    }
}
