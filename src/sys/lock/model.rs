//! The lock: nobody is inside with another, nobody sleeps for ever.

use super::Lock;
use crate::sys::schedules::{self, model, often, thread, Arc, ROUNDS};

/// A value whose use is watched.
type Watched = schedules::Watched<u32>;

fn add(value: &Watched) {
    // SAFETY: nobody else is here, which is watched.
    value.with_mut(|value| unsafe { *value += 1 });
}

fn with_two_others(run: impl Fn(&Lock<Watched>) + Copy + Send + Sync + 'static) {
    model(Some(3), move || {
        let lock = Arc::new(Lock::new(Watched::new(0)));
        drop(lock.lock());
        let others = [0, 1].map(|_| {
            let lock = lock.clone();
            thread::spawn(move || often(|| run(&lock)))
        });
        often(|| run(&lock));
        others.into_iter().for_each(|other| other.join().unwrap());
        // SAFETY: the others have gone.
        let sum = lock.lock().with(|value| unsafe { *value });
        assert_eq!(sum, 3 * ROUNDS);
    });
}

#[test]
fn three_come_through_one_at_a_time() {
    with_two_others(|lock| add(&lock.lock()));
}

#[test]
fn who_only_tries_disturbs_nobody() {
    model(Some(3), || {
        let lock = Arc::new(Lock::new(Watched::new(0)));
        drop(lock.lock());
        let others = [true, false].map(|waits| {
            let lock = lock.clone();
            thread::spawn(move || {
                often(|| match waits {
                    true => add(&lock.lock()),
                    false => lock.try_lock().into_iter().for_each(|value| add(&value)),
                })
            })
        });
        often(|| {
            lock.hold();
            // SAFETY: held.
            unsafe {
                add(lock.held());
                lock.release_held();
            }
        });
        others.into_iter().for_each(|other| other.join().unwrap());
        // SAFETY: the others have gone.
        let sum = lock.lock().with(|value| unsafe { *value });
        assert!((2 * ROUNDS..=3 * ROUNDS).contains(&sum));
    });
}
