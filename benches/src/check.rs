//! The guard: a store that answers wrongly ends the program before anything is timed. Knows no store.

use crate::{
    drive::{empty, fill},
    peer::{Kind, Output, Peer},
    workload::{draws, each_chunk, shuffled, Draw, Shape, Values},
};

const BATCH: usize = 64;

/// Puts a small store of this kind through every operation.
pub fn contract(kind: &Kind) {
    let shape = Shape { entries: 3000, key: 20, value: 100 };
    let (old, new, big) = (Values::new(100), Values::new(99), Values::new(9000));
    let peer = (kind.open)();
    let peer = &*peer;
    let name = &kind.name;
    fill(peer, shape, &old, BATCH);
    answers(name, peer, shape, &old, 0..shape.entries);
    fill(peer, shape, &new, BATCH);
    answers(name, peer, shape, &new, 0..shape.entries);
    fill(peer, Shape { entries: 70, ..shape }, &big, BATCH);
    answers(name, peer, shape, &big, 0..70);
    fill(peer, Shape { entries: 70, ..shape }, &new, 1);
    answers(name, peer, shape, &new, draws(Draw::Missing, shape.entries, 500).into_iter());

    let order = shuffled(shape.entries);
    let (gone, left) = order.split_at(shape.entries / 2);
    empty(peer, shape, &new, BATCH, gone);
    assert_eq!(peer.scan(), left.len() * shape.key, "{name}: a scan after deletes");
    each_chunk(gone.iter().copied(), shape, &new, |_, pairs| {
        for (keys, _) in pairs.batches(BATCH) {
            assert_eq!(peer.mdelete(keys), 0, "{name}: deleted twice");
            let mut out = Output::new(BATCH, 0);
            peer.mget_copy(keys, &mut out);
            assert!(out.answers().all(|answer| answer.is_none()), "{name}: found after it was deleted");
        }
    });
    answers(name, peer, shape, &new, left.iter().copied());
}

/// Whether the store answers for these entries as it should: with `values`, or not at all beyond the shape.
pub fn answers(name: &str, peer: &dyn Peer, shape: Shape, values: &Values, entries: impl Iterator<Item = usize>) {
    let mut out = Output::new(BATCH, values.of(0).len());
    each_chunk(entries, shape, values, |entries, pairs| {
        for (entries, (keys, values)) in entries.chunks(BATCH).zip(pairs.batches(BATCH)) {
            peer.mget_copy(keys, &mut out);
            assert_eq!(out.answers().count(), keys.len(), "{name}: not one answer for each key");
            for ((&entry, value), answer) in entries.iter().zip(values).zip(out.answers()) {
                let expected = (entry < shape.entries).then(|| value.bytes());
                assert!(answer == expected, "{name}: a wrong answer for entry {entry}");
            }
        }
    });
}
