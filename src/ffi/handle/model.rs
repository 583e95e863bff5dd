//! The table of handles under loom: an object is destroyed once, after its last use, and its number never means another.

use loom::cell::UnsafeCell;
use loom::thread;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use super::*;
use crate::sys::atomic::model;

struct Watched {
    value: UnsafeCell<usize>,
    destroyed: Arc<AtomicUsize>,
}

// SAFETY: loom checks what threads do with it.
unsafe impl Sync for Watched {}

impl Object for Watched {
    const KIND: u64 = 14;
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: loom checks that nobody else is here.
        self.value.with_mut(|value| unsafe { *value = 0 });
        self.destroyed.fetch_add(1, Relaxed);
    }
}

fn open(value: usize, destroyed: &Arc<AtomicUsize>) -> usize {
    insert(Watched { value: UnsafeCell::new(value), destroyed: destroyed.clone() }).unwrap().addr()
}

/// Uses a handle, if it is open still.
fn look(number: usize, value: usize) {
    if let Ok(object) = pin::<Watched>(ptr::without_provenance(number)) {
        // SAFETY: loom checks that nobody writes here.
        assert_eq!(object.value.with(|value| unsafe { *value }), value);
    }
}

fn close_it(number: usize) -> bool {
    close::<Watched>(ptr::without_provenance(number)).is_ok()
}

/// All slots that a model will use are there before its threads are.
fn touch() {
    let destroyed = Arc::new(AtomicUsize::new(0));
    let numbers = [1, 2, 3].map(|value| open(value, &destroyed));
    assert!(numbers.into_iter().all(close_it));
}

#[test]
fn using_races_closing_and_the_slot_is_used_again() {
    model(Some(3), || {
        touch();
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
    model(Some(2), || {
        touch();
        let destroyed = Arc::new(AtomicUsize::new(0));
        let run = |value: usize, destroyed: &Arc<AtomicUsize>| {
            let number = open(value, destroyed);
            look(number, value);
            assert!(close_it(number));
        };
        let others = [1, 2].map(|value| {
            let destroyed = destroyed.clone();
            thread::spawn(move || run(value, &destroyed))
        });
        run(3, &destroyed);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(destroyed.load(Relaxed), 3);
    });
}
