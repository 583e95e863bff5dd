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

#[test]
fn a_name_is_one_stores_until_its_last_handle_is_left() {
    let open = |name: &[u8]| open(name, Settings::default()).unwrap();
    let (first, second) = (open(b"registry-tests-1"), open(b"registry-tests-2"));
    assert!(second.join());
    second.leave();
    assert!(std::ptr::eq(&*open(b"registry-tests-2"), &*second));
    second.leave();
    assert!(second.join(), "one handle is left");
    second.leave();
    second.leave();
    assert!(!second.join(), "none is left");
    let other = open(b"registry-tests-2");
    assert!(!std::ptr::eq(&*other, &*second));
    second.leave(); // the name is another store's
    assert!(other.join() && first.join());
    for core in [&first, &other] {
        core.leave();
        core.leave();
        assert!(!core.join());
    }
}

#[test]
fn a_name_is_opened_with_its_own_settings_or_none() {
    let settings = Settings { ttl: 7, ..Settings::default() };
    let open = |settings| open(b"registry-tests-settings", settings);
    let core = open(settings).unwrap();
    assert!([settings, Settings::default()]
        .map(open)
        .iter()
        .all(|same| std::ptr::eq(&**same.as_ref().unwrap(), &*core)));
    assert_eq!(open(Settings { ttl: 8, ..settings }).err(), Some(Error::InvalidArgument));
    (0..3).for_each(|_| core.leave());
    assert!(!core.join());
}

/// Other tests have some at the same time, but not so many.
#[test]
fn who_goes_is_listed_no_more() {
    for _ in 0..300 {
        drop(open(b"", Settings::default()).unwrap());
    }
    assert!(REGISTRY.live.lock().0.len() < 200);
}
