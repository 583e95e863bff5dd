//! The registry: a name is one store's until its last handle is closed, and nobody counts a handle twice.

use super::*;
use crate::sys::schedules::{model, often, spawn};

fn use_it() {
    let core = open(b"shared", Settings::default()).unwrap();
    assert!(core.join()); // a namespace of it
    core.leave();
    core.leave();
}

#[test]
fn three_open_and_close_one_name() {
    model(Some(2), || {
        use_it();
        let others = [0, 1].map(|_| spawn(|| often(use_it)));
        often(use_it);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(REGISTRY.names.lock().is_empty());
        assert!(REGISTRY.live.lock().0.is_empty());
    });
}

#[test]
fn who_holds_the_name_keeps_the_store() {
    model(Some(2), || {
        let first = open(b"shared", Settings::default()).unwrap();
        let other = spawn(|| often(use_it));
        let second = open(b"shared", Settings::default()).unwrap();
        assert!(std::ptr::eq(&*first, &*second));
        first.leave();
        other.join().unwrap();
        assert!(second.join());
        second.leave();
        second.leave();
        assert!(!first.join());
    });
}
