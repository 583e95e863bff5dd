//! A counted reference under loom: the last owner drops the value, after all others have read it.

use loom::cell::UnsafeCell;
use loom::thread;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use super::Shared;
use crate::sys::atomic::model;

struct Watched {
    value: UnsafeCell<u32>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: loom checks that nobody else is here.
        self.value.with_mut(|value| unsafe { *value = 0 });
        self.drops.fetch_add(1, Relaxed);
    }
}

fn read(owner: Shared<Watched>) {
    // SAFETY: loom checks that nobody writes here.
    assert_eq!(owner.value.with(|value| unsafe { *value }), 7);
}

#[test]
fn the_last_of_three_owners_drops_it() {
    model(None, || {
        let drops = Arc::new(AtomicUsize::new(0));
        let first = Shared::try_new(Watched { value: UnsafeCell::new(7), drops: drops.clone() }).unwrap();
        let others = [first.clone(), first.clone()].map(|owner| {
            thread::spawn(move || {
                read(owner.clone()); // one more, and one less
                read(owner);
            })
        });
        read(first);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(drops.load(Relaxed), 1);
    });
}
