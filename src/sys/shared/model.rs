//! A counted reference: the last owner drops the value, after all others have read it.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use super::Shared;
use crate::sys::schedules::{model, often, thread, Watched};

struct Value {
    value: Watched<u32>,
    drops: Arc<AtomicUsize>,
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: nobody else is here, which is watched.
        self.value.with_mut(|value| unsafe { *value = 0 });
        self.drops.fetch_add(1, Relaxed);
    }
}

fn read(owner: Shared<Value>) {
    // SAFETY: nobody writes here, which is watched.
    assert_eq!(owner.value.with(|value| unsafe { *value }), 7);
}

#[test]
fn the_last_of_three_owners_drops_it() {
    model(None, || {
        let drops = Arc::new(AtomicUsize::new(0));
        let first = Shared::try_new(Value { value: Watched::new(7), drops: drops.clone() }).unwrap();
        let others = [first.clone(), first.clone()].map(|owner| {
            thread::spawn(move || {
                often(|| read(owner.clone())); // one more, and one less
                read(owner);
            })
        });
        read(first);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(drops.load(Relaxed), 1);
    });
}
