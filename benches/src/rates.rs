//! Rates, pair by pair: bytestore and one other store do the same work in turns, so that both meet the same machine.

use crate::{
    check,
    drive::{empty, fill, rate, Op, Steady},
    machine,
    peer::{Kind, Peer},
    plan::Group,
    results::{rounded, table_line, Results},
    workload::{draws, flat_keys, shuffled, Draw, Pairs, Shape, Values},
};
use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// How one operation is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    pub op: Op,
    pub batch: usize,
    pub dist: Draw,
    pub threads: usize,
}

/// How long and how often.
#[derive(Clone, Copy)]
pub struct Pace {
    pub rounds: usize,
    pub slice: Duration,
    /// Filling and emptying slow stores ends early, after this long but not before the third round.
    pub patience: Duration,
}

/// Filling before the time is taken: large batches spare the slow stores.
const FILL_BATCH: usize = 1024;

/// What is kept of a case: the rates of both stores, round by round.
pub type Record = fn(Shape, Case, &Kind, &Both) -> Value;

/// bytestore beside another store.
pub fn record(shape: Shape, case: Case, other: &Kind, (our, their): &Both) -> Value {
    json!({
        "kind": "rate", "op": case.op.name(), "entries": shape.entries, "key": shape.key, "value": shape.value,
        "dist": if case.dist == Draw::Zipf { "zipf" } else { "uniform" }, "batch": case.batch,
        "threads": case.threads, "peer": other.name, "version": other.version,
        "ours": all_rounded(our), "theirs": all_rounded(their),
    })
}

/// bytestore beside its own build without isolation.
pub fn record_isolation(_: Shape, case: Case, _: &Kind, (atomic, not_atomic): &Both) -> Value {
    json!({
        "kind": "isolation", "op": case.op.name(), "batch": case.batch,
        "atomic": all_rounded(atomic), "not_atomic": all_rounded(not_atomic),
    })
}

/// bytestore without a bound beside the same with one, whose kind the other's name says.
pub fn record_bound(shape: Shape, case: Case, other: &Kind, (unbounded, bounded): &Both) -> Value {
    json!({
        "kind": "bound", "op": case.op.name(), "entries": shape.entries, "batch": case.batch,
        "threads": case.threads, "bound": other.name,
        "unbounded": all_rounded(unbounded), "bounded": all_rounded(bounded),
    })
}

/// bytestore beside its own build that counts nothing.
pub fn record_counting(shape: Shape, case: Case, _: &Kind, (counting, not_counting): &Both) -> Value {
    json!({
        "kind": "counting", "op": case.op.name(), "entries": shape.entries, "batch": case.batch,
        "threads": case.threads, "counting": all_rounded(counting), "not_counting": all_rounded(not_counting),
    })
}

fn all_rounded(rates: &[f64]) -> Vec<f64> {
    rates.iter().copied().map(rounded).collect()
}

/// Measures the cases on stores of one shape.
pub fn run(group: &Group, ours: &Kind, others: &[Kind], pace: Pace, record: Record, results: &mut Results) {
    let (shape, cases) = (group.shape, &group.cases[..]);
    let values = Values::new(shape.value);
    let flat = Flat::new(shape, cases);
    let pools = Pools::new(&flat, shape, &values);
    let ready = |kind: &Kind| {
        let peer = (kind.open)();
        fill(&*peer, shape, &values, FILL_BATCH);
        check::answers(&kind.name, &*peer, shape, &values, draws(Draw::Uniform, shape.entries, 10_000).into_iter());
        check::answers(&kind.name, &*peer, shape, &values, draws(Draw::Missing, shape.entries, 1000).into_iter());
        peer
    };

    let mut loaded = None; // only if a case wants it
    for other in others {
        let report = |results: &mut Results, case: Case, both: Both| {
            table_line(shape, case, &other.name, &both.0, &both.1);
            results.add(record(shape, case, other, &both));
        };
        let steady: Vec<&Case> = cases.iter().filter(|case| !case.op.is_lifecycle()).collect();
        let both = (!steady.is_empty()).then(|| (&**loaded.get_or_insert_with(|| ready(ours)), ready(other)));
        // Long at first: memory that nobody touched while the other store was filled has to become warm again.
        let mut warm_up = pace.slice * 5;
        for case in steady {
            let Some((ours, theirs)) = &both else { break };
            let steady = Steady {
                op: case.op,
                pairs: pools.of(*case),
                shape,
                batch: case.batch,
                threads: case.threads,
                time: pace.slice,
            };
            report(results, *case, rounds(&steady, *ours, &**theirs, pace.rounds, warm_up));
            warm_up = pace.slice / 4;
        }
        drop(both);
        machine::trim();
        for batch in lifecycle_batches(cases) {
            let cases = cases.iter().filter(|case| case.op.is_lifecycle() && case.batch == batch);
            let empties = cases.clone().any(|case| case.op == Op::Delete);
            let (insert, delete) = lifecycle(shape, &values, batch, [ours, other], pace, empties);
            for case in cases {
                report(results, *case, if case.op == Op::Insert { insert.clone() } else { delete.clone() });
            }
        }
    }
    drop(loaded);
    machine::trim();
}

/// The rates of both stores, ours first, round by round.
pub type Both = (Vec<f64>, Vec<f64>);

/// One operation in turns.
fn rounds(steady: &Steady, ours: &dyn Peer, theirs: &dyn Peer, count: usize, warm_up: Duration) -> Both {
    let warm_up = Steady { time: warm_up, ..*steady };
    warm_up.run(ours, 0);
    warm_up.run(theirs, 0);
    (0..count)
        .map(|round| {
            let from = steady.pairs.keys.len() / count * round;
            in_turns(round, || steady.run(ours, from), || steady.run(theirs, from))
        })
        .unzip()
}

/// Who begins changes from round to round.
fn in_turns<T>(round: usize, ours: impl FnOnce() -> T, theirs: impl FnOnce() -> T) -> (T, T) {
    if round % 2 == 0 {
        let our = ours();
        (our, theirs())
    } else {
        let their = theirs();
        (ours(), their)
    }
}

/// Fresh stores, filled and then, if that is measured, emptied in random order.
fn lifecycle(
    shape: Shape,
    values: &Values,
    batch: usize,
    kinds: [&Kind; 2],
    pace: Pace,
    empties: bool,
) -> (Both, Both) {
    let order = shuffled(shape.entries);
    let per_second = |time| rate(shape.entries, time);
    let (mut inserts, mut deletes): (Both, Both) = Default::default();
    let start = Instant::now();
    for round in 0..pace.rounds {
        if round >= 3 && start.elapsed() > pace.patience {
            break;
        }
        let [ours, theirs] = kinds.map(|kind| (kind.open)());
        let fill = |peer: &dyn Peer| per_second(fill(peer, shape, values, batch));
        let empty = |peer: &dyn Peer| per_second(empty(peer, shape, values, batch, &order));
        inserts.extend([in_turns(round, || fill(&*ours), || fill(&*theirs))]);
        if empties {
            deletes.extend([in_turns(round, || empty(&*ours), || empty(&*theirs))]);
        }
        drop((ours, theirs));
        machine::trim();
    }
    (inserts, deletes)
}

fn lifecycle_batches(cases: &[Case]) -> Vec<usize> {
    let mut batches: Vec<usize> = cases.iter().filter(|case| case.op.is_lifecycle()).map(|case| case.batch).collect();
    batches.sort_unstable();
    batches.dedup();
    batches
}

/// Which of the pools a case draws from.
const DRAWS: [Draw; 3] = [Draw::Uniform, Draw::Zipf, Draw::Missing];

fn pool(case: Case) -> Draw {
    if case.op == Op::MgetMiss {
        Draw::Missing
    } else {
        case.dist
    }
}

/// The keys that are asked for, in flat memory; a pool that no case needs is empty.
struct Flat(Vec<(Vec<usize>, Vec<u8>)>);

impl Flat {
    fn new(shape: Shape, cases: &[Case]) -> Flat {
        let count = shape.entries.clamp(1 << 14, 1 << 22);
        let pools = DRAWS.iter().map(|draw| {
            let needed = cases.iter().any(|case| pool(*case) == *draw);
            let entries = draws(*draw, shape.entries, if needed { count } else { 0 });
            let keys = flat_keys(entries.iter().copied(), shape.key);
            (entries, keys)
        });
        Flat(pools.collect())
    }
}

/// The same as slices, with the values beside them.
struct Pools<'a>(Vec<Pairs<'a>>);

impl<'a> Pools<'a> {
    fn new(flat: &'a Flat, shape: Shape, values: &'a Values) -> Self {
        let pairs =
            |(entries, keys): &'a (Vec<usize>, Vec<u8>)| Pairs::new(keys, shape.key, entries.iter().copied(), values);
        Pools(flat.0.iter().map(pairs).collect())
    }

    fn of(&self, case: Case) -> &Pairs<'a> {
        let at = DRAWS.iter().position(|draw| *draw == pool(case));
        &self.0[at.expect("every draw has a pool")]
    }
}
