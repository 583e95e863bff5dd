//! The table of handles: an object is destroyed once, after its last use, and its number never means another.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use super::*;
use crate::sys::schedules::{self, often, thread, Watched, ROUNDS};

struct Value {
    value: Watched<usize>,
    destroyed: Arc<AtomicUsize>,
}

// SAFETY: what threads do with it is watched.
unsafe impl Sync for Value {}

impl Object for Value {
    const KIND: u64 = 14;
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: nobody else is here, which is watched.
        self.value.with_mut(|value| unsafe { *value = 0 });
        self.destroyed.fetch_add(1, Relaxed);
    }
}

fn open(value: usize, destroyed: &Arc<AtomicUsize>) -> usize {
    insert(Value { value: Watched::new(value), destroyed: destroyed.clone() }).unwrap().addr()
}

/// Uses a handle, if it is open still.
fn look(number: usize, value: usize) {
    if let Ok(object) = pin::<Value>(ptr::without_provenance(number)) {
        // SAFETY: nobody writes here, which is watched.
        assert_eq!(object.value.with(|value| unsafe { *value }), value);
    }
}

fn close_it(number: usize) -> bool {
    close::<Value>(ptr::without_provenance(number)).is_ok()
}

/// All slots that a model will use are there before its threads are, and gone after them.
fn model(preemptions: usize, run: impl Fn() + Sync + Send + 'static) {
    schedules::model(Some(preemptions), move || {
        touch();
        run();
        forget_chunks();
    });
}

fn touch() {
    let destroyed = Arc::new(AtomicUsize::new(0));
    let numbers = [1, 2, 3].map(|value| open(value, &destroyed));
    assert!(numbers.into_iter().all(close_it));
}

fn forget_chunks() {
    for (chunk, place) in TABLE.iter().enumerate() {
        let Some(slots) = NonNull::new(place.swap(ptr::null_mut(), Ordering::AcqRel)) else { break };
        let count = FIRST_CHUNK << chunk;
        // SAFETY: make_chunk made them, and no thread is left that could find them.
        unsafe {
            (0..count).for_each(|offset| slots.add(offset).drop_in_place());
            memory::release(slots.cast(), Layout::array::<Slot>(count).unwrap());
        }
    }
}

#[test]
fn using_races_closing_and_the_slot_is_used_again() {
    model(3, || {
        let destroyed = Arc::new(AtomicUsize::new(0));
        let number = open(1, &destroyed);
        let user = thread::spawn(move || look(number, 1));
        let closer = thread::spawn({
            let destroyed = destroyed.clone();
            move || {
                let closed = close_it(number);
                let next = open(2, &destroyed);
                look(next, 2);
                assert!(next != number && close_it(next));
                closed
            }
        });
        let mine = close_it(number);
        look(number, 0); // closed: not even looked at
        user.join().unwrap();
        assert!(closer.join().unwrap() ^ mine);
        assert_eq!(destroyed.load(Relaxed), 2);
    });
}

#[test]
fn three_open_at_once() {
    model(2, || {
        let destroyed = Arc::new(AtomicUsize::new(0));
        let run = |value: usize, destroyed: &Arc<AtomicUsize>| {
            often(|| {
                let number = open(value, destroyed);
                look(number, value);
                assert!(close_it(number));
            });
        };
        let others = [1, 2].map(|value| {
            let destroyed = destroyed.clone();
            thread::spawn(move || run(value, &destroyed))
        });
        run(3, &destroyed);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(destroyed.load(Relaxed), 3 * ROUNDS as usize);
    });
}
