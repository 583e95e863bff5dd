//! Whatever bytes are loaded for a snapshot: refused or loaded as docs/snapshot-format.md says, in one step or not at all.
//! They are loaded as they are, with checksums that fit, and made a whole snapshot: so the fuzzer gets behind each check.

#![no_main]

use std::collections::BTreeSet;

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Store};
use bytestore_fuzz::entropy;
use bytestore_fuzz::snapshot::{self, Entry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    entropy::restart();
    let whole = snapshot::whole(bytes);
    BTreeSet::from([bytes.to_vec(), snapshot::with_checksums(bytes), whole.clone()])
        .iter()
        .for_each(|bytes| check(bytes));
    // One of them for each input: all would take as long as three inputs.
    match bytes.iter().map(|&byte| usize::from(byte)).sum::<usize>() % 3 {
        0 => check_saved(&whole),
        1 => check_namespace(&whole),
        _ => check_bounds(&whole),
    }
});

const NEVER: u64 = u64::MAX;
/// Time stands still but where it is told to go on.
const URL: &str = "memory:?clock=manual\0";
/// What a store has before it loads.
const BEFORE: &[u8] = b"before";

fn open(url: &str) -> Store {
    let mut bad_part = bytestore_slice { ptr: std::ptr::null(), len: 0 };
    let store = abi::open(url, &mut bad_part).expect("a store");
    set(store, BEFORE);
    store
}

fn set(store: Store, key: &[u8]) {
    assert_eq!(abi::mset(store, &[key.to_vec()], &[key.to_vec()], (false, true), None), BYTESTORE_OK);
}

fn close(store: Store) {
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_close(store) }, BYTESTORE_OK);
}

/// Shows all keys with their values, in order.
fn each(store: Store, mut show: impl FnMut(&[u8], &[u8])) {
    let cursor = abi::keys_from(store, b"", 0).expect("a cursor");
    let mut count = 0;
    loop {
        let page = abi::cursor_next(cursor, 1000).expect("keys");
        let keys: Vec<_> = page.values().into_iter().map(|key| key.expect("a key")).collect();
        if keys.is_empty() {
            break;
        }
        let values = abi::mget(store, &keys, true).expect("answers");
        values.values().into_iter().zip(&keys).for_each(|(value, key)| show(key, value.expect("a value")));
        count += keys.len();
    }
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_cursor_close(cursor) }, BYTESTORE_OK);
    assert_eq!(abi::len(store), Ok(count));
}

/// Whether it has these entries, in their order, and no others.
fn holds<'e>(store: Store, entries: impl IntoIterator<Item = &'e Entry>) -> bool {
    let (mut expected, mut same) = (entries.into_iter().map(pair), true);
    each(store, |key, value| same &= expected.next() == Some((key, value)));
    same && expected.next().is_none()
}

fn pair(entry: &Entry) -> (&[u8], &[u8]) {
    (&entry.key, &entry.value)
}

fn is_unchanged(store: Store) -> bool {
    let (mut count, mut same) = (0, true);
    each(store, |key, value| (count, same) = (count + 1, same && (key, value) == (BEFORE, BEFORE)));
    count == 1 && same
}

/// Time ends a little before what would be after its end.
fn near(entries: &[Entry]) -> Vec<Entry> {
    let near = |remaining| if remaining == NEVER { NEVER } else { u64::min(remaining, 1 << 62) };
    entries.iter().map(|entry| Entry { remaining: near(entry.remaining), ..entry.clone() }).collect()
}

fn check(bytes: &[u8]) {
    let store = open(URL);
    let status = abi::load(store, bytes);
    match snapshot::read(bytes) {
        Err(expected) => {
            assert_eq!(status, expected);
            assert!(is_unchanged(store), "a refused snapshot has changed the store");
        }
        Ok(entries) => {
            assert_eq!(status, BYTESTORE_OK);
            assert!(holds(store, &entries), "other entries than the snapshot's");
            check_time(store, &entries);
        }
    }
    close(store);
}

/// What is saved is read by the book, and loaded again.
fn check_saved(bytes: &[u8]) {
    let Ok(entries) = snapshot::read(bytes) else { return };
    let store = open(URL);
    assert_eq!(abi::load(store, bytes), BYTESTORE_OK);
    for level in [0, 1] {
        let saved = abi::save(store, level).expect("a snapshot").keys().concat();
        assert!(snapshot::read(&saved).map(|saved| near(&saved)) == Ok(near(&entries)), "saved are others");
        assert_eq!(abi::load(store, &saved), BYTESTORE_OK);
        assert!(holds(store, &entries), "loaded again are others");
    }
    close(store);
}

fn check_time(store: Store, entries: &[Entry]) {
    let passed = entries.iter().map(|entry| entry.remaining).min().unwrap_or(1).min(1 << 40);
    // SAFETY: numbers.
    assert_eq!(unsafe { bytestore_advance_clock(store, passed) }, BYTESTORE_OK);
    assert!(holds(store, entries.iter().filter(|entry| entry.remaining > passed)), "they live for another time");
}

/// Nobody else's keys are touched.
fn check_namespace(bytes: &[u8]) {
    let store = open(URL);
    let view = abi::namespace(store, b"n/").expect("a view");
    set(view, BEFORE);
    let status = abi::load(view, bytes);
    let entries = match snapshot::read(bytes) {
        Err(expected) => {
            assert_eq!(status, expected);
            assert!(is_unchanged(view), "a refused snapshot has changed the view");
            1
        }
        Ok(entries) => {
            assert_eq!(status, BYTESTORE_OK);
            assert!(holds(view, &entries), "other entries than the snapshot's");
            entries.len()
        }
    };
    let outside = abi::mget(store, &[BEFORE.to_vec()], false).expect("answers").owned();
    assert!(outside == [Some(BEFORE.to_vec())], "another one's key has changed");
    assert_eq!(abi::len(store), Ok(1 + entries));
    close(view);
    close(store);
}

/// As much as the store may hold, and no entry that is too long.
fn check_bounds(bytes: &[u8]) {
    let store = open("memory:?max_entries=3&max_item_bytes=64&erase=true&clock=manual\0");
    let status = abi::load(store, bytes);
    if status != BYTESTORE_OK {
        assert!(is_unchanged(store), "a refused snapshot has changed the store");
    }
    match snapshot::read_repeats(bytes) {
        // A key that comes twice is seen to while its first entry is there.
        Ok(entries) if status == BYTESTORE_ERR_BAD_SNAPSHOT && snapshot::repeats(&entries) => {}
        Ok(entries) if entries.iter().all(|entry| entry.key.len() + entry.value.len() <= 64) => {
            assert_eq!((status, abi::len(store)), (BYTESTORE_OK, Ok(entries.len().min(3))));
            each(store, |key, value| {
                assert!(entries.iter().map(pair).any(|pair| pair == (key, value)), "other entries than the snapshot's");
            });
        }
        Ok(_) => assert_eq!(status, BYTESTORE_ERR_OVER_LIMIT),
        // Whichever comes first.
        Err(expected) => assert!([expected, BYTESTORE_ERR_OVER_LIMIT].contains(&status), "{status}"),
    }
    close(store);
}
