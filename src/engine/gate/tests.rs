//! The gate with real threads, and who is let in when.

use super::*;

/// Writers add to two shards, readers must find them equal, also through
/// the sleeping paths; disjoint writers run beside them.
#[test]
fn writers_exclude_everyone() {
    const EACH: u64 = if cfg!(miri) { 60 } else { 20_000 };
    let gate = Gate::<_>::new(|_| 0u64, (), || Ok::<_, ()>(())).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let gate = &gate;
            scope.spawn(move || {
                for round in 0..EACH {
                    let mut shards = gate.write(0b1001);
                    *shards.shard(0) += 1;
                    if round % 64 == 0 {
                        std::thread::yield_now();
                    }
                    *shards.shard(3) += 1;
                    drop(shards);
                    *gate.write(1 << (5 + writer)).shard(5 + writer) += 1;
                }
            });
            scope.spawn(move || {
                for _ in 0..EACH {
                    let shards = gate.read(0b1011);
                    assert_eq!(shards.shard(0), shards.shard(3));
                }
            });
        }
    });
    let all = gate.read(ALL);
    assert_eq!([0, 3, 5, 6, 7].map(|shard| *all.shard(shard)), [3 * EACH, 3 * EACH, EACH, EACH, EACH]);
    drop(all);
    assert_eq!(gate.writers.load(SeqCst), 0);
    assert_eq!(gate.sleepers.load(SeqCst) + gate.waiting_readers.load(SeqCst), 0);
    assert!(gate.slots.iter().all(|slot| slot.mask.load(SeqCst) == 0));
}

#[test]
fn a_held_gate_can_be_released_or_reset() {
    let gate = Gate::<_>::new(|_| 1, (), || Ok::<_, ()>(())).unwrap();
    gate.hold();
    assert!(gate.try_read(1).is_none() && gate.try_claim(1).is_none());
    // SAFETY: held above, by this thread.
    unsafe { gate.release_held() };
    assert_eq!(*gate.read(1).shard(0), 1);
    gate.hold();
    // SAFETY: held above; no other thread uses this gate.
    unsafe { gate.reset() };
    *gate.write(2).shard(1) += 1;
    assert_eq!(*gate.read(2).shard(1), 2);
}

/// As many as there are slots; who reads no shard takes none, and leaves those of others alone.
#[test]
fn every_reader_has_a_slot_of_its_own() {
    let gate = Gate::<_>::new(|_| (), (), || Ok::<_, ()>(())).unwrap();
    let slots: Vec<_> = (0..SLOTS).filter_map(|_| gate.try_read(0b10)).collect();
    assert_eq!(slots.len(), SLOTS);
    assert!(gate.try_read(0b10).is_none());
    drop(gate.read(0));
    assert!(gate.slots.iter().all(|slot| slot.mask.load(SeqCst) == 0b10));
    slots.into_iter().for_each(|slot| gate.end_read(slot, 0b10));
    assert!(gate.try_read(0b10).is_some());
}

/// A writer that leaves lets readers in that wait, before the next writer.
#[test]
fn those_who_wait_to_read_have_the_next_turn() {
    let gate = Gate::<_>::new(|_| (), (), || Ok::<_, ()>(())).unwrap();
    for waiting in [0, 1] {
        let writing = gate.write(0b10);
        gate.waiting_readers.store(waiting, SeqCst);
        drop(writing);
        assert_eq!(gate.writers.load(SeqCst), if waiting == 0 { 0 } else { READERS_TURN });
    }
    assert!(gate.try_claim(0b1).is_none());
    gate.waiting_readers.store(0, SeqCst); // which the next one counts itself
    gate.end_read(gate.wait_to_read(0b10), 0b10);
    assert_eq!(gate.writers.load(SeqCst), 0);
    assert!(gate.try_claim(0b11).is_some());
}
