//! What misuse of handles comes to. The table is shared by all tests of the process.

use super::*;
use crate::sys::child::in_child;
use std::collections::HashSet;
use std::sync::atomic::AtomicUsize;
use std::sync::Arc;

/// Counts how often it is destroyed.
struct Probe(Arc<AtomicUsize>);

impl Object for Probe {
    const KIND: u64 = 14;
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Other;

impl Object for Other {
    const KIND: u64 = 15;
}

fn probe() -> (*mut c_void, Arc<AtomicUsize>) {
    let destroyed = Arc::new(AtomicUsize::new(0));
    (insert(Probe(destroyed.clone())).unwrap(), destroyed)
}

#[test]
fn an_object_is_destroyed_once_by_the_last_to_leave() {
    let (handle, destroyed) = probe();
    let in_use = pin::<Probe>(handle).unwrap();
    assert_eq!(close::<Probe>(handle), Ok(()));
    assert_eq!(close::<Probe>(handle), Err(Error::ClosedHandle));
    assert!(pin::<Probe>(handle).is_err());
    assert_eq!(destroyed.load(Ordering::SeqCst), 0);
    drop(in_use);
    assert_eq!(destroyed.load(Ordering::SeqCst), 1);
    assert_eq!(close::<Probe>(handle), Err(Error::ClosedHandle));
}

#[test]
fn stale_forged_and_foreign_numbers_are_no_handles() {
    let (handle, _) = probe();
    assert!(pin::<Other>(handle).is_err());
    let number = handle.addr();
    for bit in 0..64 {
        let forged = ptr::without_provenance::<c_void>(number ^ (1 << bit));
        assert!(pin::<Probe>(forged).is_err() || forged.addr() == number, "bit {bit}");
    }
    for address in [0, 1, usize::MAX, (&raw const number).addr()] {
        assert!(pin::<Probe>(ptr::without_provenance(address)).is_err());
    }
    close::<Probe>(handle).unwrap();
    // The slot is used again, the number is not.
    for _ in 0..1_000 {
        let (next, _) = probe();
        assert_ne!(next, handle);
        assert!(pin::<Probe>(handle).is_err());
        close::<Probe>(next).unwrap();
    }
}

/// As well as the number, the slot knows what it has.
#[test]
fn a_number_that_says_another_kind_is_no_handle() {
    let (handle, destroyed) = probe();
    let (_, index, generation) = find::<Probe>(handle).unwrap();
    let forged = handle_of(Other::KIND, generation, index);
    assert_eq!(pin::<Other>(forged).err(), Some(Error::ClosedHandle));
    assert_eq!(destroyed.load(Ordering::SeqCst), 0);
    assert_eq!(close::<Probe>(handle), Ok(()));
}

#[test]
fn slots_are_used_again() {
    let mut indices = HashSet::new();
    for _ in 0..1000 {
        let (handle, _) = probe();
        indices.insert(find::<Probe>(handle).unwrap().1);
        close::<Probe>(handle).unwrap();
    }
    assert!(indices.len() < 500, "{} slots for one handle at a time", indices.len());
}

#[test]
fn one_generation_follows_another() {
    assert_eq!(after(6), 7 << 36);
    assert_eq!(after(LAST_GENERATION - 1), LAST_GENERATION << 36);
    assert_eq!(after(LAST_GENERATION), 0);
}

#[test]
fn a_handle_does_not_show_its_slot() {
    let name = |index| handle_of(Probe::KIND, 1, index) as u64 & NAME_BITS;
    for index in 0..64 {
        let distance = (name(index) ^ ((1 << 32) | u64::from(index))).count_ones();
        assert!(distance > 8, "the secret changes too little: a chance of one in a thousand million");
    }
}

#[test]
fn no_head_of_the_free_slots_is_as_one_before() {
    let mut head = 0;
    for count in 1..100 {
        head = head_after(head, 7);
        assert_eq!(head, count << 32 | 7);
    }
    assert_eq!(head_after(u64::MAX, 7), 7, "it counts round and round");
}

#[test]
fn a_slot_retires_after_its_last_generation() {
    for in_use in [false, true] {
        let (handle, destroyed) = probe();
        let name = (handle.addr() as u64 ^ scramble()) & NAME_BITS;
        let slot = slot_at(name as u32).unwrap();
        // As if it had been used 2^28 - 1 times.
        let worn = slot.state.load(Ordering::SeqCst) | (LAST_GENERATION << 36);
        slot.state.store(worn, Ordering::SeqCst);
        let last = handle_of(Probe::KIND, LAST_GENERATION, name as u32);
        let pin = in_use.then(|| pin::<Probe>(last).unwrap());
        close::<Probe>(last).unwrap();
        drop(pin);
        assert_eq!(destroyed.load(Ordering::SeqCst), 1);
        let mut opened = Vec::new();
        for _ in 0..100 {
            let (next, _) = probe();
            assert_ne!((next.addr() as u64 ^ scramble()) as u32, name as u32);
            opened.push(next);
        }
        assert!(opened.into_iter().all(|handle| close::<Probe>(handle).is_ok()));
    }
}

#[test]
fn a_slot_takes_no_more_pins_than_it_can_count() {
    let (handle, destroyed) = probe();
    let (slot, ..) = find::<Probe>(handle).unwrap();
    let idle = slot.state.load(Ordering::SeqCst);
    for (pins, expected) in [(PINS, Some(Error::Internal)), (PINS - 1, None)] {
        // As if so many calls were under way.
        slot.state.store(idle | pins, Ordering::SeqCst);
        assert_eq!(pin::<Probe>(handle).err(), expected);
        assert_eq!(slot.state.load(Ordering::SeqCst), idle | pins);
    }
    slot.state.store(idle, Ordering::SeqCst);
    close::<Probe>(handle).unwrap();
    assert_eq!(destroyed.load(Ordering::SeqCst), 1);
}

#[test]
fn places_cover_the_chunks_without_gaps() {
    assert_eq!(place_of(0), (0, 0));
    assert_eq!(place_of(63), (0, 63));
    assert_eq!(place_of(64), (1, 0));
    assert_eq!(place_of(191), (1, 127));
    assert_eq!(place_of(192), (2, 0));
    assert!(place_of(u32::MAX).0 <= CHUNKS);
}

#[test]
#[cfg_attr(miri, ignore)] // no fork
fn calls_under_way_are_forgotten_in_the_child_of_a_fork() {
    let (handle, destroyed) = probe();
    let in_use = pin::<Probe>(handle).unwrap();
    assert!(in_child(|| {
        // Its one pin comes and goes; nobody waits for the other one, whose thread is the parent's.
        let is_whole = pin::<Probe>(handle).is_ok() && destroyed.load(Ordering::SeqCst) == 0;
        is_whole && close::<Probe>(handle) == Ok(()) && destroyed.load(Ordering::SeqCst) == 1
    }));
    drop(in_use);
    assert_eq!(destroyed.load(Ordering::SeqCst), 0, "the parent's handle is as it was");
    assert_eq!(close::<Probe>(handle), Ok(()));
}

#[test]
fn closing_races_using() {
    for _ in 0..if cfg!(miri) { 4 } else { 300 } {
        let (handle, destroyed) = probe();
        let number = handle.addr();
        let closed = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(move || {
                    while let Ok(object) = pin::<Probe>(ptr::without_provenance(number)) {
                        assert_eq!(object.0.load(Ordering::SeqCst), 0);
                    }
                });
            }
            let closers = [0, 1].map(|_| scope.spawn(move || close::<Probe>(ptr::without_provenance(number)).is_ok()));
            closers.into_iter().map(|closer| usize::from(closer.join().unwrap())).sum::<usize>()
        });
        assert_eq!((closed, destroyed.load(Ordering::SeqCst)), (1, 1));
    }
}
