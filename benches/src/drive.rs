//! Runs one operation on one store and takes the time. Knows no other store and nothing of results.

use crate::{
    machine,
    peer::{Output, Peer, Slice},
    workload::{each_chunk, Pairs, Shape, Values},
};
use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    MgetHit,
    MgetHitBuffer,
    MgetMiss,
    Mixed,
    Overwrite,
    Scan,
    Insert,
    Delete,
}

impl Op {
    pub const ALL: [(Op, &str); 8] = [
        (Op::MgetHit, "mget_hit"),
        (Op::MgetHitBuffer, "mget_hit_buffer"),
        (Op::MgetMiss, "mget_miss"),
        (Op::Mixed, "mixed"),
        (Op::Overwrite, "overwrite"),
        (Op::Scan, "scan"),
        (Op::Insert, "insert"),
        (Op::Delete, "delete"),
    ];

    /// Whether it begins or ends with an empty store.
    pub fn is_lifecycle(self) -> bool {
        matches!(self, Op::Insert | Op::Delete)
    }

    pub fn name(self) -> &'static str {
        Op::ALL.iter().find(|(op, _)| *op == self).map_or("", |(_, name)| name)
    }
}

/// Of a mixed load every twentieth batch writes.
const WRITE_EVERY: usize = 20;
/// The clock is read after about so many keys.
const KEYS_PER_LOOK: usize = 1024;

/// An operation that leaves the store as full as it was, repeated for a while.
pub struct Steady<'a> {
    pub op: Op,
    pub pairs: &'a Pairs<'a>,
    pub shape: Shape,
    pub batch: usize,
    pub threads: usize,
    pub time: Duration,
}

impl Steady<'_> {
    /// Million keys a second, of all threads together. `from` is where in the pairs the first thread begins.
    pub fn run(&self, peer: &dyn Peer, from: usize) -> f64 {
        let barrier = Barrier::new(self.threads);
        let one = |thread: usize| {
            let _pinned = machine::pin(thread);
            let begin = from + thread * self.pairs.keys.len() / self.threads;
            let mut out = Output::new(self.batch, self.shape.value);
            barrier.wait();
            self.repeat(peer, begin, &mut out)
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads).map(|thread| scope.spawn(move || one(thread))).collect();
            one(0) + others.into_iter().map(|other| other.join().expect("a thread failed")).sum::<f64>()
        })
    }

    fn repeat(&self, peer: &dyn Peer, begin: usize, out: &mut Output) -> f64 {
        let batches = self.pairs.keys.len() / self.batch;
        let mut next = begin / self.batch % batches;
        let (mut keys, mut count) = (0, 0);
        let start = Instant::now();
        loop {
            for _ in 0..(KEYS_PER_LOOK / self.batch).max(1) {
                let range = next * self.batch..(next + 1) * self.batch;
                next = if next + 1 == batches { 0 } else { next + 1 };
                count += 1;
                keys += self.step(peer, count, &self.pairs.keys[range.clone()], &self.pairs.values[range], out);
            }
            let elapsed = start.elapsed();
            if elapsed >= self.time {
                return rate(keys, elapsed);
            }
        }
    }

    /// One batch; how many keys that were.
    #[inline]
    fn step(&self, peer: &dyn Peer, count: usize, keys: &[Slice], values: &[Slice], out: &mut Output) -> usize {
        match self.op {
            Op::MgetHitBuffer => peer.mget_buffer(keys, out),
            Op::Overwrite => peer.mset(keys, values),
            Op::Mixed if count % WRITE_EVERY == 0 => peer.mset(keys, values),
            Op::Scan => {
                let bytes = peer.scan();
                assert_eq!(bytes, self.shape.entries * self.shape.key, "the scan left keys out");
                return self.shape.entries;
            }
            _ => peer.mget(keys, out),
        }
        keys.len()
    }
}

/// Sets entries in their order; the time that the store took.
pub fn fill(peer: &dyn Peer, shape: Shape, values: &Values, batch: usize) -> Duration {
    let _pinned = machine::pin(0);
    let mut time = Duration::ZERO;
    each_chunk(0..shape.entries, shape, values, |_, pairs| {
        let start = Instant::now();
        pairs.batches(batch).for_each(|(keys, values)| peer.mset(keys, values));
        time += start.elapsed();
    });
    time
}

/// Deletes entries in the order given; the time that the store took.
pub fn empty(peer: &dyn Peer, shape: Shape, values: &Values, batch: usize, order: &[usize]) -> Duration {
    let _pinned = machine::pin(0);
    let (mut time, mut removed) = (Duration::ZERO, 0);
    each_chunk(order.iter().copied(), shape, values, |_, pairs| {
        let start = Instant::now();
        removed += pairs.batches(batch).map(|(keys, _)| peer.mdelete(keys)).sum::<usize>();
        time += start.elapsed();
    });
    assert_eq!(removed, order.len(), "not every entry was deleted");
    time
}

pub fn rate(keys: usize, time: Duration) -> f64 {
    keys as f64 / time.as_secs_f64() / 1e6
}
