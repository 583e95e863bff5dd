//! What is done around a fork, also where it is told twice; under Miri, which has no fork, without one.

use super::*;
#[cfg(not(miri))]
use crate::sys::child::in_child;

fn works(core: &Core) -> bool {
    core.engine.mset([(&b"key"[..], &b"value"[..])].into_iter(), None).is_ok() && core.engine.len() == 1
}

#[test]
fn of_handlers_that_come_twice_the_last_one_releases() {
    let cores = [(); 3].map(|()| open(b"", Settings::default()).unwrap());
    hold_all();
    hold_all();
    release_all();
    assert!(REGISTRY.live.try_lock().is_none());
    release_all();
    for core in cores {
        assert!(works(&core));
    }
}

/// As the child does, which has one thread; so has Miri.
#[cfg(miri)]
#[test]
fn a_child_makes_all_locks_anew() {
    let core = open(b"", Settings::default()).unwrap();
    hold_all();
    reset_all();
    assert!(works(&core));
}

#[cfg(not(miri))]
#[test]
fn a_fork_that_knows_of_it_twice_leaves_both_a_whole_store() {
    let core = open(b"", Settings::default()).unwrap();
    fork::at_fork(hold_all, release_all, reset_all).unwrap();
    assert!(in_child(|| works(&core)));
    assert!(works(&core));
}
