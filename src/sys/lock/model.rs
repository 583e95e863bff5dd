//! The lock under loom: nobody is inside with another, nobody sleeps for ever.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::Lock;
use crate::sys::atomic::model;

/// A value whose use loom watches.
type Watched = UnsafeCell<u32>;

fn add(value: &Watched) {
    // SAFETY: loom checks that nobody else is here.
    value.with_mut(|value| unsafe { *value += 1 });
}

fn with_two_others(run: impl Fn(&Lock<Watched>) + Copy + Send + Sync + 'static) {
    model(Some(3), move || {
        let lock = Arc::new(Lock::new(UnsafeCell::new(0)));
        drop(lock.lock());
        let others = [0, 1].map(|_| {
            let lock = lock.clone();
            thread::spawn(move || run(&lock))
        });
        run(&lock);
        others.into_iter().for_each(|other| other.join().unwrap());
        // SAFETY: the others have gone.
        let sum = lock.lock().with(|value| unsafe { *value });
        assert!((1..=3).contains(&sum));
    });
}

#[test]
fn three_come_through_one_at_a_time() {
    with_two_others(|lock| add(&lock.lock()));
}

#[test]
fn who_only_tries_disturbs_nobody() {
    model(Some(3), || {
        let lock = Arc::new(Lock::new(UnsafeCell::new(0)));
        drop(lock.lock());
        let others = [true, false].map(|waits| {
            let lock = lock.clone();
            thread::spawn(move || match waits {
                true => add(&lock.lock()),
                false => lock.try_lock().into_iter().for_each(|value| add(&value)),
            })
        });
        lock.hold();
        // SAFETY: held.
        unsafe {
            add(lock.held());
            lock.release_held();
        }
        others.into_iter().for_each(|other| other.join().unwrap());
        // SAFETY: the others have gone.
        let sum = lock.lock().with(|value| unsafe { *value });
        assert!(sum == 2 || sum == 3);
    });
}
