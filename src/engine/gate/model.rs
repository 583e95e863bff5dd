//! The gate in every schedule that matters: who is inside with whom, and that all come through.

use super::*;
use crate::sys::schedules::{self, often, thread, Arc, ROUNDS};

/// A shard whose use is watched.
type Watched = schedules::Watched<u32>;

fn add(gate: &Gate<Watched>, mask: u32, shards: &[usize]) {
    let mut writing = gate.write(mask);
    for &shard in shards {
        // SAFETY: nobody else is here, which is watched.
        writing.shard(shard).with_mut(|value| unsafe { *value += 1 });
    }
}

fn read(gate: &Gate<Watched>, mask: u32, shards: [usize; 2]) -> [u32; 2] {
    let reading = gate.read(mask);
    // SAFETY: nobody writes here, which is watched.
    shards.map(|shard| reading.shard(shard).with(|value| unsafe { *value }))
}

fn model(run: impl Fn(Arc<Gate<Watched>>) + Sync + Send + 'static) {
    schedules::model(Some(3), move || {
        let gate = Arc::new(Gate::new(|_| Watched::new(0), (), || Ok::<_, ()>(())).unwrap());
        // SAFETY: no thread runs yet, and nothing is held.
        unsafe { gate.reset() };
        run(gate);
    });
}

#[test]
fn a_reader_sees_a_batch_whole_or_not_at_all() {
    model(|gate| {
        let writer = thread::spawn({
            let gate = gate.clone();
            move || often(|| add(&gate, 0b11, &[0, 1]))
        });
        often(|| {
            let [a, b] = read(&gate, 0b11, [0, 1]);
            assert_eq!(a, b);
        });
        writer.join().unwrap();
        assert_eq!(read(&gate, 0b11, [0, 1]), [ROUNDS; 2]);
    });
}

#[test]
fn two_writers_and_a_reader_all_come_through() {
    model(|gate| {
        let writers = [0b01u32, 0b11].map(|mask| {
            let gate = gate.clone();
            thread::spawn(move || often(|| add(&gate, mask, if mask == 1 { &[0] } else { &[0, 1] })))
        });
        often(|| {
            let [a, b] = read(&gate, 0b11, [0, 1]);
            assert!((b..=b + ROUNDS).contains(&a));
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        assert_eq!(read(&gate, 0b11, [0, 1]), [2 * ROUNDS, ROUNDS]);
    });
}

#[test]
fn two_readers_and_a_writer_all_come_through() {
    model(|gate| {
        let reader = thread::spawn({
            let gate = gate.clone();
            move || often(|| _ = read(&gate, 0b01, [0, 0]))
        });
        let writer = thread::spawn({
            let gate = gate.clone();
            move || often(|| add(&gate, 0b01, &[0]))
        });
        often(|| _ = read(&gate, 0b01, [0, 0]));
        reader.join().unwrap();
        writer.join().unwrap();
    });
}

/// The readers that a writer finds waiting may be gone before it gives them the turn.
#[test]
fn a_turn_that_nobody_takes_is_taken_back() {
    model(|gate| {
        let other = thread::spawn({
            let gate = gate.clone();
            move || often(|| add(&gate, 0b10, &[1]))
        });
        let writer = thread::spawn({
            let gate = gate.clone();
            move || often(|| add(&gate, 0b01, &[0]))
        });
        often(|| _ = read(&gate, 0b10, [1, 1]));
        other.join().unwrap();
        writer.join().unwrap();
        add(&gate, 0b01, &[0]);
    });
}
