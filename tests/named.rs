//! Stores by name and namespaces where threads and forks meet. Knows the public Rust API only.

// A test may abort when memory runs out.
#![allow(clippy::disallowed_methods)]

mod child;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use bytestore::{Error, Options, Store};
use child::in_child;

/// Whoever has a name open sees what others set in it; the last one who closes it takes all with it.
#[test]
fn threads_open_and_close_one_name() {
    const ROUNDS: usize = 500;
    let emptied = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..4 {
            let emptied = &emptied;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let store = Store::open("memory:named-threads").unwrap();
                    let view = store.namespace("view/").unwrap();
                    let (key, value) = (format!("{writer}"), format!("{round}"));
                    if store.is_empty().unwrap() {
                        emptied.fetch_add(1, SeqCst);
                    }
                    view.mset(&[(&key, &value)]).unwrap();
                    match round % 3 {
                        0 => drop(store),
                        1 => store.close().unwrap(),
                        _ => assert_eq!(
                            store.mget(&[format!("view/{key}")]).unwrap(),
                            [Some(value.clone().into_bytes())]
                        ),
                    }
                    assert_eq!(view.mget(&[&key]).unwrap(), [Some(value.into_bytes())]);
                }
            });
        }
    });
    assert!(emptied.load(SeqCst) > 0);
    assert!(Store::open("memory:named-threads").unwrap().is_empty().unwrap());
}

#[test]
fn options_in_code_have_a_name_too() {
    let mut options = Options::default();
    options.name = Some("named-options");
    options.max_entries = Some(3);
    let store = Store::with_options(&options).unwrap();
    let same = Store::with_options(&options).unwrap();
    store.mset(&[("a", "1")]).unwrap();
    assert_eq!(same.len(), Ok(1));
    options.max_entries = Some(4);
    assert_eq!(Store::with_options(&options).err(), Some(Error::InvalidArgument));
    for name in ["", "a b", "a/b", "é", "?"] {
        options.name = Some(name);
        assert_eq!(Store::with_options(&options).err(), Some(Error::InvalidArgument), "{name:?}");
    }
}

/// The child's name is the child's own.
#[test]
fn a_child_has_its_own_store_of_the_name() {
    let store = Store::open("memory:named-fork").unwrap();
    store.mset(&[("a", "parent")]).unwrap();
    let run = || {
        let same = Store::open("memory:named-fork")?;
        same.mset(&[("b", "child")])?;
        let both = same.len()? == 2 && store.len()? == 2;
        drop(same);
        store.close()?;
        Ok::<_, Error>(both && Store::open("memory:named-fork")?.is_empty()?)
    };
    assert!(in_child(|| run() == Ok(true)));
    let same = Store::open("memory:named-fork").unwrap();
    assert_eq!(same.keys("").unwrap().collect::<Result<Vec<_>, _>>().unwrap(), [b"a"]);
}

/// A prefix may make a key longer than keys can be, and nothing changes then.
#[test]
fn a_namespace_counts_its_prefix() {
    let store = Store::open("memory:?max_item_bytes=10").unwrap();
    let view = store.namespace("12345678").unwrap();
    assert_eq!(view.mset(&[("9", "0"), ("90", "0")]), Err(Error::OverLimit));
    assert_eq!(store.len(), Ok(0));
    view.mset(&[("9", "0")]).unwrap();
    assert_eq!(store.counters().unwrap().key_bytes, 9);
}
