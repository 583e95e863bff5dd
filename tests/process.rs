//! What happens around the store: threads that tear at batches, and forks in the middle of writing.

mod child;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytestore::Store;
use child::in_child;

const KEYS: usize = 64;

fn keys() -> Vec<String> {
    (0..KEYS).map(|number| format!("key{number}")).collect()
}

fn write_round(store: &Store, keys: &[String], value: &str) {
    let pairs: Vec<_> = keys.iter().map(|key| (key, value)).collect();
    store.mset(&pairs).expect("memory");
}

/// All answers of one mget are of one batch: all missing or all equal.
fn assert_whole(answers: &[Option<Vec<u8>>]) {
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "a torn batch: {answers:?}");
}

#[test]
fn batches_are_seen_whole() {
    let (store, keys) = (Store::new().expect("a store"), keys());
    let (writing, seen) = (AtomicUsize::new(3), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let (store, keys, writing) = (&store, &keys, &writing);
            scope.spawn(move || {
                for round in 0..2_000 {
                    match (writer, round % 2) {
                        (2, 1) => {
                            store.mdelete(keys).expect("memory");
                        }
                        _ => write_round(store, keys, &format!("{writer}-{round}")),
                    }
                }
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        scope.spawn(|| {
            // Backwards: a reader that locked in its own order would tear or hang.
            let backwards: Vec<_> = keys.iter().rev().collect();
            while writing.load(Ordering::SeqCst) > 0 {
                assert_whole(&store.mget(&backwards).expect("memory"));
                let len = store.len().expect("open");
                assert!(len == 0 || len == KEYS, "half a batch: {len}");
                seen.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    assert!(seen.load(Ordering::SeqCst) > 0);
}

#[test]
fn scans_beside_writers_miss_nothing_and_repeat_nothing() {
    let store = Store::new().expect("a store");
    let stays: Vec<_> = (0..5_000).map(|number| format!("stays{number:04}")).collect();
    write_round(&store, &stays, "value");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for churner in 0..2 {
            let (store, done) = (&store, &done);
            scope.spawn(move || {
                let mine: Vec<_> = (0..500).map(|number| format!("churn{churner}-{number}")).collect();
                while !done.load(Ordering::SeqCst) {
                    write_round(store, &mine, "value");
                    store.mdelete(&mine).expect("memory");
                }
            });
        }
        for _ in 0..40 {
            let found: Result<Vec<_>, _> = store.keys("").expect("a scan").collect();
            let found = found.expect("memory");
            let steady: Vec<_> = found.iter().filter(|key| key.starts_with(b"stays")).collect();
            assert!(steady.iter().copied().eq(stays.iter().map(|key| key.as_bytes())), "order or keys lost");
            let mut unique = found.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), found.len(), "a key came twice");
        }
        done.store(true, Ordering::SeqCst);
    });
}

/// Forks while other threads write; each child must find whole batches and be
/// able to write, read and open stores of its own.
#[test]
fn the_child_of_a_fork_has_a_working_copy() {
    const FORKS: usize = 300;
    let (store, keys) = (Store::new().expect("a store"), keys());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let (store, keys, done) = (&store, &keys, &done);
            scope.spawn(move || {
                let mut round = 0;
                while !done.load(Ordering::SeqCst) {
                    write_round(store, keys, &format!("{writer}-{round}"));
                    round += 1;
                }
            });
        }
        for _ in 0..FORKS {
            assert!(in_child(|| use_in_child(&store, &keys)), "the child hung, crashed, or found half a batch");
        }
        done.store(true, Ordering::SeqCst);
    });
}

fn use_in_child(store: &Store, keys: &[String]) -> bool {
    let Ok(before) = store.mget(keys) else { return false };
    let whole = before.windows(2).all(|pair| pair[0] == pair[1]);
    write_round(store, keys, "child");
    let after = store.mget(keys).is_ok_and(|values| values.iter().all(|value| value.as_deref() == Some(b"child")));
    let fresh = Store::new().is_ok_and(|fresh| fresh.mset(&[("a", "b")]).is_ok() && fresh.len() == Ok(1));
    whole && after && fresh && store.mdelete(keys) == Ok(keys.len())
}

/// Stores come and go in any order; those that stay survive a fork.
#[test]
fn many_stores_are_listed_and_taken_off_in_any_order() {
    let mut stores: Vec<_> = (0..200).map(|_| Store::new().expect("a store")).collect();
    for step in 0..150 {
        stores.swap_remove(step * 7919 % stores.len());
        if step % 10 == 0 {
            assert!(in_child(|| stores.iter().all(|store| store.mset(&[("a", "b")]).is_ok() && store.len() == Ok(1))));
        }
    }
}
