//! Pages of keys: how long they are, and what a scan sees.

use super::*;

fn filled(count: u32) -> Store {
    let store = Store::new().unwrap();
    let pairs: Vec<_> = (0..count).map(|number| (number.to_be_bytes(), "")).collect();
    store.mset(&pairs).unwrap();
    store
}

fn next(cursor: &Cursor, max_keys: usize) -> Vec<Vec<u8>> {
    let page = cursor.next_page(max_keys, Ok).unwrap();
    let keys: Vec<_> = page.keys().map(<[u8]>::to_vec).collect();
    assert_eq!(page.len(), keys.len());
    keys
}

#[test]
fn a_page_has_as_many_keys_as_were_asked_for_or_as_are_usual() {
    let count = PAGE_KEYS as u32 + 6;
    let cursor = filled(count).cursor(b"", 0).unwrap();
    let pages = [2, 0, usize::MAX, 1].map(|max_keys| next(&cursor, max_keys));
    assert_eq!(pages.each_ref().map(Vec::len), [2, PAGE_KEYS, 4, 0]);
    assert_eq!(pages.concat(), (0..count).map(|number| number.to_be_bytes()).collect::<Vec<_>>());
}

#[test]
fn a_scan_sees_what_was_there_at_its_first_step() {
    let store = filled(2);
    let cursor = store.cursor(b"", 0).unwrap();
    store.mset(&[("before", "")]).unwrap();
    assert_eq!(next(&cursor, 1), [[0; 4]]);
    store.mset(&[("after", "")]).unwrap();
    assert_eq!(next(&cursor, 9), [&[0, 0, 0, 1][..], b"before"]);
    assert!(next(&cursor, 9).is_empty());
}

/// A page ends early where its keys are long.
#[test]
fn keys_from_gives_no_more_than_were_asked_for() {
    let store = Store::new().unwrap();
    let long = vec![b'l'; PAGE_BYTES];
    store.mset(&[(&long[..], ""), (b"b", ""), (b"c", ""), (b"d", ""), (b"e", "")]).unwrap();
    let (keys, position) = store.keys_from("", 0, 2).unwrap();
    assert!(keys == [&long[..], b"b"], "{} keys", keys.len());
    let (keys, position) = store.keys_from("", position, 1).unwrap();
    assert_eq!(keys, [b"c"]);
    let (keys, position) = store.keys_from("", position, 9).unwrap();
    assert_eq!(keys, [b"d", b"e"]);
    assert_eq!(store.keys_from("", position, 9), Ok((Vec::new(), position)));
}

#[test]
fn keys_of_a_namespace_are_without_it() {
    let store = Store::new().unwrap();
    store.mset(&[("ns/a", ""), ("other", ""), ("ns/", ""), ("ns/ab", "")]).unwrap();
    let view = store.namespace("ns/").unwrap();
    assert_eq!(next(&view.cursor(b"", 0).unwrap(), 9), [&b"a"[..], b"", b"ab"]);
    assert_eq!(view.keys("a").unwrap().collect::<Result<Vec<_>, _>>().unwrap(), [&b"a"[..], b"ab"]);
    assert_eq!(view.keys_from("a", 0, 9).unwrap().0, [&b"a"[..], b"ab"]);
}

#[test]
fn keys_of_a_store_that_erases_are_erased() {
    for (url, erase) in [("memory:", false), ("memory:?erase=true", true)] {
        let cursor = Store::open(url).unwrap().cursor(b"p", 0).unwrap();
        assert_eq!(cursor.prefix.is_erased(), erase);
        assert_eq!(cursor.next_page(1, |page| Ok(page.bytes.is_erased())), Ok(erase));
    }
}

/// A server that knows two keys, for one connection.
#[cfg(feature = "redis")]
fn server() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}?retries=0", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut client = listener.accept().unwrap().0;
        let mut heard = [0; 4096];
        while let Ok(len @ 1..) = client.read(&mut heard) {
            let times = |word: &[u8]| heard[..len].windows(word.len()).filter(|part| *part == word).count();
            let answer = b"*2\r\n$1\r\n0\r\n*2\r\n$4\r\nns/a\r\n$4\r\nns/b\r\n".repeat(times(b"SCAN"));
            // The library's name comes first.
            client.write_all(&[&b"+OK\r\n".repeat(times(b"SETINFO"))[..], &answer].concat()).unwrap();
        }
    });
    url
}

#[cfg(feature = "redis")]
#[test]
#[cfg_attr(miri, ignore)] // which has no sockets
fn keys_on_a_server_are_read_from_the_beginning_alone() {
    let view = Store::open(&server()).unwrap().namespace("ns/").unwrap();
    assert_eq!(view.cursor(b"", 1).err(), Some(Error::Unsupported));
    let cursor = view.cursor(b"", 0).unwrap();
    assert_eq!(next(&cursor, 1), [b"a"]);
    assert_eq!(next(&cursor, 9), [b"b"]);
    assert!(next(&cursor, 9).is_empty());
    assert_eq!(cursor.position(), Err(Error::Unsupported));
}
