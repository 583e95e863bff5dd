//! The tests of two tiers.

use std::fs;
use std::process::Command;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytestore::ffi::{bytestore_open, bytestore_slice, BYTESTORE_ERR_INVALID_ARGUMENT};
use bytestore::{Error, Options, Store};

use super::child;
use super::server::{eventually, get, Server, PAUSE};

#[test]
fn reads_come_in_order_and_become_copies() {
    let server = Server::start();
    let (store, plain) = (server.tiers("max_bytes=8MiB"), server.plain());
    let large = "x".repeat(100_000);
    let keys = ["a", "none", "large", "a", "b", "large", "none", ""];
    plain.mset(&[("a", "1"), ("large", large.as_str()), ("b", ""), ("", "empty")]).expect("a server");
    let expected = plain.mget(&keys).expect("a server");
    get(&store, "a");
    get(&store, "large");
    for _ in 0..3 {
        assert_eq!(store.mget(&keys).expect("a server"), expected);
    }
    eventually("copies", || ["a", "large", "b", ""].iter().all(|key| server.is_local(&store, key)));
    assert!(!server.is_local(&store, "none"));
    assert_eq!(store.mget(&keys).expect("a server"), expected);
    let user = store.namespace("us").expect("open");
    plain.mset(&[("user", "7")]).expect("a server");
    assert_eq!(get(&user, "er").as_deref(), Some("7"));
    assert_eq!(store.count("us"), Ok(1));
    assert_eq!(store.len(), plain.len());
    let counters = store.counters().expect("open");
    assert_eq!(counters.max_bytes, 8 << 20);
    assert!(counters.entries >= 4 && counters.hits > counters.misses && counters.misses > 0, "{counters:?}");
    assert!(!store.capabilities().expect("open").atomic_batches);
    assert_eq!(store.save_to_vec(0), Err(Error::Unsupported));
}

#[test]
fn own_writes_are_read_at_once() {
    let server = Server::start();
    let (store, plain) = (server.tiers(""), server.plain());
    for round in 0..500 {
        let value = round.to_string();
        store.mset(&[("a", &value), ("b", &value)]).expect("a server");
        assert_eq!(get(&store, "a"), Some(value.clone()));
        assert_eq!(get(&plain, "a"), Some(value.clone()));
        assert_eq!(get(&store, "b"), Some(value));
        match round % 3 {
            0 => assert_eq!(store.mdelete(&["a", "none"]), Ok(1)),
            1 => assert_eq!(store.delete_prefix("a"), Ok(1)),
            _ => continue,
        }
        assert_eq!(get(&store, "a"), None);
        assert_eq!(get(&plain, "a"), None);
    }
}

#[test]
fn the_writes_of_others_are_seen() {
    let server = Server::start();
    let (store, plain) = (server.tiers(""), server.plain());
    for round in 0..100 {
        let value = round.to_string();
        plain.mset(&[("a", &value), ("b", &value)]).expect("a server");
        eventually("the new value", || get(&store, "a").as_ref() == Some(&value));
        eventually("a copy of it", || server.is_local(&store, "a"));
    }
    plain.mdelete(&["a"]).expect("a server");
    eventually("it goes", || get(&store, "a").is_none());
    eventually("a copy", || get(&store, "b").is_some() && server.is_local(&store, "b"));
    server.command("FLUSHALL");
    eventually("all go", || get(&store, "b").is_none());
    plain.mset(&[("b", "again")]).expect("a server");
    eventually("another copy", || get(&store, "b").is_some() && server.is_local(&store, "b"));
}

#[test]
fn a_copy_ends_with_its_entry() {
    let server = Server::start();
    let store = server.tiers("");
    // Now the server tells of an end only when somebody asks it for the entry.
    server.command("DEBUG SET-ACTIVE-EXPIRE 0");
    for (command, key) in [("SET t/a 1 PX 1500", "a"), ("SET t/b 1 PX 1500", "b"), ("SET t/c 1", "c")] {
        server.command(command);
        get(&store, key);
    }
    // The server counts whole milliseconds, and the last one is still the entry's.
    let ends = Instant::now() + Duration::from_millis(1502);
    // The word of its change may have come later than it was read.
    eventually("a copy", || ["a", "b", "c"].iter().all(|key| server.is_local(&store, key)) || Instant::now() >= ends);
    sleep(ends.saturating_duration_since(Instant::now()));
    assert_eq!((get(&store, "a"), get(&store, "b")), (None, None));
    assert_eq!(get(&store, "c").as_deref(), Some("1"));
}

#[test]
fn a_server_that_dies_takes_the_copies_along() {
    let mut server = Server::start();
    let store = server.tiers("");
    store.mset(&[("a", "1")]).expect("a server");
    eventually("a copy", || get(&store, "a").is_some() && server.is_local(&store, "a"));
    server.kill();
    eventually("the failure is told", || store.mget(&["a"]) == Err(Error::RemoteFailure));
    assert_eq!(store.mset(&[("a", "2")]), Err(Error::RemoteFailure));
    server.restart(); // it has kept nothing
    assert_eq!(get(&store, "a"), None);
    server.warm(&store);
    assert_eq!(server.watchers(), 1);
}

/// The server is there and says nothing: what was copied is not used for ever.
#[test]
fn a_silent_server_is_not_trusted() {
    let server = Server::start();
    let store = server.tiers("");
    let signal = |name: &str| Command::new("kill").arg(name).arg(server.process.id().to_string()).status();
    assert!(signal("-STOP").expect("kill").success());
    let url = format!("{}&timeout=100ms", server.url());
    assert_eq!(Store::open(&url).expect("a good URL").mget(&["warm"]), Err(Error::RemoteFailure));
    let stopped = std::thread::scope(|scope| {
        // With the copy it answers at once; later it waits for the server.
        let reader = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while longest < Duration::from_millis(500) {
                let begin = Instant::now();
                _ = store.mget(&["warm"]);
                longest = longest.max(begin.elapsed());
                sleep(PAUSE);
            }
        });
        eventually("the copy is not used", || reader.is_finished());
        signal("-CONT")
    });
    assert!(stopped.expect("kill").success());
    server.warm(&store);
}

#[test]
fn copies_keep_to_their_bound() {
    let server = Server::start();
    let store = server.tiers("max_entries=10&max_item_bytes=100");
    let keys: Vec<String> = (0..100).map(|number| format!("key{number}")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key, key)).collect();
    server.plain().mset(&pairs).expect("a server");
    server.plain().mset(&[("large", "x".repeat(1000))]).expect("a server");
    for _ in 0..3 {
        for some in keys.chunks(7) {
            let values = store.mget(some).expect("a server");
            assert!(values.iter().zip(some).all(|(value, key)| value.as_deref() == Some(key.as_bytes())));
        }
        assert_eq!(get(&store, "large").map(|value| value.len()), Some(1000));
    }
    eventually("evictions", || {
        let counters = store.counters().expect("open");
        assert!(counters.entries <= 10, "{counters:?}");
        store.mget(&keys[..7]).and_then(|_| store.mget(&keys[7..14])).expect("a server");
        counters.evictions_by_entries > 0 && counters.entries > 1
    });
    assert!(!server.is_local(&store, "large"));
}

#[test]
fn the_child_of_a_fork_hears_for_itself() {
    let server = Server::start();
    let (store, plain) = (server.tiers(""), server.plain());
    plain.mset(&[("a", "before")]).expect("a server");
    eventually("a copy", || get(&store, "a").as_deref() == Some("before") && server.is_local(&store, "a"));
    let child = child::start(|| {
        server.plain().mset(&[("a", "after")]).expect("a server");
        assert_eq!(get(&store, "a").as_deref(), Some("after"));
        server.warm(&store);
        eventually("a copy", || server.is_local(&store, "a"));
        store.mset(&[("b", "child")]).expect("a server");
        eventually("the parent's answer", || get(&store, "b").as_deref() == Some("parent"));
        server.warm(&store);
        store.close().is_ok()
    });
    eventually("the child's write", || get(&store, "b").as_deref() == Some("child"));
    plain.mset(&[("b", "parent")]).expect("a server");
    assert!(child.ended_well(), "the child failed");
    eventually("its own write", || get(&store, "b").as_deref() == Some("parent"));
    eventually("a copy", || server.is_local(&store, "b"));
}

#[test]
fn the_thread_ends_with_the_store_and_gets_no_signals() {
    let server = Server::start();
    let store = Store::open(&format!("memory:?over={}", server.url())).expect("a good URL");
    assert_eq!(server.watchers(), 0, "it began before it was needed");
    server.warm(&store);
    assert_eq!(server.watchers(), 1);
    let mut watching = 0;
    for task in fs::read_dir("/proc/self/task").expect("Linux") {
        let Ok(status) = fs::read_to_string(task.expect("a thread").path().join("status")) else { continue };
        if status.starts_with("Name:\tbytestore-watch\n") {
            watching += 1;
            let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:\t")).expect("a mask");
            let blocked = u64::from_str_radix(blocked, 16).expect("hexadecimal");
            // Two signals cannot be blocked, and two are the C library's.
            assert_eq!(blocked | 1 << (9 - 1) | 1 << (19 - 1) | 3 << (32 - 1), u64::MAX);
        }
    }
    assert!(watching > 0);
    let other = store.namespace("x").expect("open");
    store.close().expect("open");
    drop(store);
    assert_eq!(get(&other, "y"), None);
    assert_eq!(server.watchers(), 1);
    drop(other);
    eventually("the thread ends", || server.watchers() == 0);
}

/// Somebody else counts up; whoever reads sees no number after a higher one, and in the end the last one.
#[test]
fn no_copy_is_older_than_what_was_read_before() {
    const ROUNDS: usize = 200;
    const READERS: usize = 3;
    let server = Server::start();
    let (store, plain) = (server.tiers(""), server.plain());
    let keys = ["k0", "k1", "k2", "k3"];
    let is_over = AtomicBool::new(false);
    let highest: Vec<AtomicUsize> = keys.iter().map(|_| AtomicUsize::new(0)).collect();
    let number = |value: &Option<Vec<u8>>| {
        value
            .as_ref()
            .map_or(0, |value| std::str::from_utf8(value).expect("digits").parse::<usize>().expect("a number"))
    };
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    let before: Vec<_> = highest.iter().map(|highest| highest.load(Ordering::SeqCst)).collect();
                    let values = store.mget(&keys).expect("a server");
                    for ((value, before), highest) in values.iter().map(number).zip(before).zip(&highest) {
                        assert!(value >= before, "{value} after {before}");
                        highest.fetch_max(value, Ordering::SeqCst);
                    }
                }
            });
        }
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for round in 0..ROUNDS {
                let mut last = 0;
                for write in 0..20 {
                    last = 1 + round * 20 + write;
                    let value = last.to_string();
                    plain.mset(&[(keys[write % keys.len()], &value)]).expect("a server");
                }
                let key = keys[19 % keys.len()];
                eventually("the last write", || number(&store.mget(&[key]).expect("a server")[0]) == last);
            }
        }));
        is_over.store(true, Ordering::SeqCst);
        assert!(checked.is_ok(), "a copy is out of date for good");
    });
    for key in keys {
        eventually("a copy", || server.is_local(&store, key));
        assert_eq!(get(&store, key), get(&plain, key));
    }
}

/// Each has copies of its own and hears for itself.
#[test]
fn two_stores_on_the_same_keys_see_each_other() {
    let server = Server::start();
    let (one, other) = (server.tiers("max_entries=9"), server.tiers(""));
    for round in 0..100 {
        let (value, writer, reader) =
            if round % 2 == 0 { (format!("{round}"), &one, &other) } else { (format!("{round}"), &other, &one) };
        writer.mset(&[("a", &value)]).expect("a server");
        eventually("the other's value", || get(reader, "a").as_ref() == Some(&value));
        assert_eq!(get(writer, "a"), Some(value));
    }
    assert_eq!(server.watchers(), 2);
}

/// A server that does not tell of changes, as an old one or a proxy: all is read from it, and it is asked for the word
/// again until it gives it.
#[test]
fn without_the_word_nothing_is_copied() {
    let server = Server::start();
    server.command("ACL SETUSER default -client|tracking");
    let store = Store::open(&format!("memory:?over={}", server.url())).expect("a good URL");
    for round in 0..100 {
        let value = round.to_string();
        server.plain().mset(&[("a", &value)]).expect("a server");
        assert_eq!(get(&store, "a"), Some(value));
        sleep(PAUSE);
    }
    assert_eq!(store.counters().map(|counters| counters.entries), Ok(0));
    server.command("ACL SETUSER default +client|tracking");
    server.warm(&store);
}

/// What a URL must not have, and which part of it the caller is told: nothing behind a scheme, where a password may be.
#[test]
fn what_cannot_be_is_refused() {
    for (url, part) in [
        (c"memory:name?over=redis://:secret@localhost", "name"),
        (c"memory:?erase=true&over=redis://:secret@localhost", "erase=true"),
        (c"memory:?max_bytes=0&over=redis://:secret@localhost", "max_bytes=0"),
        (c"memory:?over=memory:", "memory"),
        (c"memory:?over=", ""),
        (c"memory:?over=secret", ""),
        (c"memory:?over=http://me:secret@localhost", "http"),
        (c"memory:?over=me:secret@localhost", "me"),
        (c"memory:?over=redis+cluster://me:secret@localhost", "redis+cluster"),
        (c"memory:?over=memory:?over=redis://me:secret@localhost", "memory"),
        (c"memory:?over=redis://me:secret@localhost:port", "localhost:port"),
        (c"memory:?over=redis://me:secret@localhost?max_bytes=1MiB", "max_bytes=1MiB"),
        (c"memory:?ttl=1s&overt=redis://me:secret@localhost", "overt=redis"),
    ] {
        let (mut store, mut bad) = (null_mut(), bytestore_slice { ptr: null(), len: 7 });
        // SAFETY: a string with a NUL, and pointers to live locals.
        let status = unsafe { bytestore_open(url.as_ptr(), &mut store, &mut bad) };
        assert!(status == BYTESTORE_ERR_INVALID_ARGUMENT && store.is_null(), "{url:?}");
        assert!(url.to_bytes().as_ptr_range().contains(&bad.ptr) || url.to_bytes().as_ptr_range().end == bad.ptr);
        // SAFETY: it points into the URL.
        assert_eq!(unsafe { std::slice::from_raw_parts(bad.ptr, bad.len) }, part.as_bytes(), "{url:?}");
    }
    let mut options = Options::default();
    (options.over, options.name) = (Some("redis://localhost"), Some("name"));
    assert_eq!(Store::with_options(&options).err(), Some(Error::InvalidArgument));
}
