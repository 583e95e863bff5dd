//! Computing once: threads that miss the same keys. Knows the public Rust API only.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

mod child;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use bytestore::{ComputeError, Error, Store};
use child::in_child;

type Values = Result<Vec<String>, Error>;

/// Values that tell which key they are of.
fn echo(keys: &[&[u8]]) -> Values {
    Ok(keys.iter().map(|key| format!("<{}>", String::from_utf8_lossy(key))).collect())
}

/// Lets other threads come to where they wait. Whether they do is left to
/// chance; what is asserted holds in either case.
fn let_others_wait() {
    thread::sleep(Duration::from_millis(30));
}

#[test]
fn of_many_threads_one_computes() {
    let store = Store::new().unwrap();
    let runs = AtomicUsize::new(0);
    let start = Barrier::new(8);
    for round in 0..50 {
        let keys = [format!("a{round}"), format!("b{round}")];
        runs.store(0, SeqCst);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let values = store.mget_or_compute(&keys, |keys| {
                        runs.fetch_add(keys.len(), SeqCst);
                        if round % 10 == 0 {
                            let_others_wait();
                        }
                        echo(keys)
                    });
                    assert_eq!(values.unwrap(), [format!("<a{round}>"), format!("<b{round}>")].map(String::into_bytes));
                });
            }
        });
        assert_eq!(runs.load(SeqCst), 2, "each key once");
    }
    assert_eq!(store.counters().unwrap().sets, 100);
}

/// Runs `first` until its computation is under way, then `others` beside it,
/// and then lets the computation end.
fn beside<T: Send>(
    store: &Store,
    computation: impl FnOnce() -> Values + Send,
    others: impl Fn() -> T + Sync,
) -> Vec<T> {
    let (started, is_started) = channel();
    let (go, may_go) = channel();
    let mut computation = Some(computation);
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            store.mget_or_compute(&["key"], |_| {
                started.send(()).unwrap();
                may_go.recv().unwrap();
                computation.take().expect("once")()
            })
        });
        is_started.recv().unwrap();
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(&others)).collect();
        let_others_wait();
        go.send(()).unwrap();
        let _ = first.join();
        waiting.into_iter().map(|other| other.join().unwrap()).collect()
    })
}

#[test]
fn a_failure_goes_to_all_who_wait_and_is_not_kept() {
    let store = Store::new().unwrap();
    let runs = AtomicUsize::new(0);
    let answers = beside(
        &store,
        || Err(Error::RemoteFailure),
        || {
            store.mget_or_compute(&["key"], |keys| {
                runs.fetch_add(1, SeqCst);
                echo(keys)
            })
        },
    );
    for answer in &answers {
        match answer {
            Err(ComputeError::Computation(error)) => assert_eq!(error.to_string(), Error::RemoteFailure.message()),
            Ok(values) => assert!(values == &[b"<key>"] && runs.load(SeqCst) > 0), // came too late to wait
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.mget_or_compute(&["key"], echo).unwrap(), [b"<key>"]);
}

#[test]
fn after_a_panic_one_of_those_who_wait_computes() {
    let store = Store::new().unwrap();
    let runs = AtomicUsize::new(0);
    let answers = beside(
        &store,
        || std::panic::resume_unwind(Box::new("on purpose")),
        || {
            store.mget_or_compute(&["key"], |keys| {
                runs.fetch_add(1, SeqCst);
                echo(keys)
            })
        },
    );
    answers.into_iter().for_each(|answer| assert_eq!(answer.unwrap(), [b"<key>"]));
    assert_eq!(runs.load(SeqCst), 1);
}

#[test]
fn namespaces_and_openings_of_a_name_share() {
    let store = Store::open("memory:compute-shares").unwrap();
    let same = Store::open("memory:compute-shares").unwrap();
    let view = same.namespace("ke").unwrap();
    let answers = beside(
        &store,
        || Ok(vec!["1".to_string()]),
        || view.mget_or_compute(&["y"], |_| -> Values { panic!("it is computed already") }),
    );
    answers.into_iter().for_each(|answer| assert_eq!(answer.unwrap(), [b"1"]));
}

#[test]
fn batches_that_overlap_in_both_orders_end() {
    let store = Store::new().unwrap();
    let start = Barrier::new(2);
    for round in 0..200 {
        let one = [format!("a{round}"), format!("b{round}"), format!("c{round}")];
        let mut other = one.clone();
        other.reverse();
        let runs = AtomicUsize::new(0);
        thread::scope(|scope| {
            for keys in [&one[..2], &other[..2]] {
                let (store, start, runs) = (&store, &start, &runs);
                scope.spawn(move || {
                    start.wait();
                    store.mget_or_compute(keys, |keys| {
                        runs.fetch_add(keys.len(), SeqCst);
                        echo(keys)
                    })
                });
            }
        });
        assert_eq!(runs.load(SeqCst), 3);
    }
}

#[test]
fn a_computation_may_use_the_store() {
    let store = Store::new().unwrap();
    let values = store.mget_or_compute(&["a"], |keys| -> Result<Vec<Vec<u8>>, ComputeError> {
        store.mset(&[("b", "set meanwhile")])?;
        assert_eq!(keys, [b"a"]);
        store.mget_or_compute(&["c"], echo)
    });
    assert_eq!(values.unwrap(), [b"<c>"]);
    assert_eq!(store.len(), Ok(3));
}

#[test]
fn asking_for_what_waits_for_oneself_is_an_error() {
    let store = Store::new().unwrap();
    let is_refused = |answer: &Result<Vec<Vec<u8>>, ComputeError>| {
        matches!(answer, Err(ComputeError::Store(Error::InvalidArgument)))
    };
    let outer = store.mget_or_compute(&["a"], |_| {
        let inner = store.mget_or_compute(&["x", "a"], echo);
        assert!(is_refused(&inner), "{inner:?}");
        inner
    });
    assert!(matches!(outer, Err(ComputeError::Computation(_))), "{outer:?}");
    assert_eq!(store.len(), Ok(0));
}

/// Each thread computes one key, and asks for the other's: in one store, and in two.
#[test]
fn of_two_who_would_wait_for_each_other_one_is_refused() {
    let (store, other) = (Store::new().unwrap(), Store::new().unwrap());
    for second in [&store, &other] {
        let both_compute = Barrier::new(2);
        let refused = AtomicUsize::new(0);
        thread::scope(|scope| {
            for ((own, key), (others, other_key)) in [((&store, "a"), (second, "b")), ((second, "b"), (&store, "a"))] {
                let (both_compute, refused) = (&both_compute, &refused);
                scope.spawn(move || {
                    own.mget_or_compute(&[key], |keys| {
                        both_compute.wait();
                        let inner = others.mget_or_compute(&[other_key], |_| -> Values { panic!("it is under way") });
                        let is_refused = matches!(inner, Err(ComputeError::Store(Error::InvalidArgument)));
                        refused.fetch_add(usize::from(is_refused), SeqCst);
                        echo(keys)
                    })
                });
            }
        });
        assert_eq!(refused.load(SeqCst), 1, "one is refused, the other gets its value");
        assert_eq!(store.mdelete(&["a", "b"]).unwrap() + other.mdelete(&["b"]).unwrap(), 2);
    }
}

#[test]
fn an_error_says_what_failed() {
    let store = Store::new().unwrap();
    let of_the_computation = store.mget_or_compute(&["a"], |_| Values::Err(Error::RemoteFailure)).unwrap_err();
    let of_the_store = store.mget_or_compute(&["a"], |_| Values::Ok(vec![])).unwrap_err();
    for (error, cause) in [(of_the_computation, Error::RemoteFailure), (of_the_store, Error::InvalidArgument)] {
        assert_eq!(error.to_string(), cause.to_string());
        let source = std::error::Error::source(&error).expect("a cause");
        assert_eq!(source.downcast_ref(), Some(&cause));
    }
}

#[test]
fn another_number_of_values_is_refused() {
    let store = Store::new().unwrap();
    for values in [vec![], vec!["1"], vec!["1", "2", "3"]] {
        let answer = store.mget_or_compute(&["a", "b"], |_| Ok::<_, Error>(values.clone()));
        assert!(matches!(answer, Err(ComputeError::Store(Error::InvalidArgument))));
    }
    assert_eq!(store.len(), Ok(0));
}

#[test]
fn who_waits_gets_what_was_evicted_at_once() {
    let store = Store::open("memory:?max_entries=1").unwrap();
    let answers = beside(&store, || Ok(vec!["kept".to_string()]), || store.mget_or_compute(&["key"], echo));
    answers.into_iter().for_each(|answer| assert!([b"kept".to_vec(), b"<key>".to_vec()].contains(&answer.unwrap()[0])));
}

/// As a scan that began does.
#[test]
fn goes_on_when_the_store_is_closed() {
    let store = Store::open("memory:compute-closed").unwrap();
    let same = Store::open("memory:compute-closed").unwrap();
    let answer = store.mget_or_compute(&["a"], |keys| {
        store.close().unwrap();
        echo(keys)
    });
    assert_eq!(answer.unwrap(), [b"<a>"]);
    assert_eq!(same.mget(&["a"]).unwrap(), [Some(b"<a>".to_vec())]);
    let answer = store.mget_or_compute(&["a"], echo);
    assert!(matches!(answer, Err(ComputeError::Store(Error::ClosedHandle))), "{answer:?}");
}

/// The child of a fork waits for nobody whom it left behind.
#[test]
fn a_child_computes_what_only_its_parent_did() {
    let store = Arc::new(Store::new().unwrap());
    let answers = beside(
        &store,
        || Ok(vec!["parent".to_string()]),
        || {
            in_child(|| {
                let answer = store.mget_or_compute(&["key"], |_| Ok::<_, Error>(vec!["child"]));
                let is_own = answer.is_ok_and(|values| values == [b"child"]);
                // Those whom it left behind do not count where it looks for who waits for whom.
                let inner = || store.mget_or_compute(&["other"], echo);
                let outer = store.mget_or_compute(&["other"], |_| inner());
                is_own && matches!(outer, Err(ComputeError::Computation(_)))
            })
        },
    );
    assert!(answers.iter().all(|&is_own| is_own), "{answers:?}");
    assert_eq!(store.mget(&["key"]).unwrap(), [Some(b"parent".to_vec())]);
}
