//! Scans beside what they may still give.

use std::collections::VecDeque;

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Cursor, Store};
use bytestore_fuzz::dict::{Bytes, Dict};

pub struct Scan {
    cursor: Cursor,
    /// Of its namespace and its own.
    prefix: Bytes,
    /// How much of it is not given.
    cut: usize,
    /// Keys and insertion times as of the first page; `None` before it.
    ahead: Option<VecDeque<(u64, Bytes)>>,
}

impl Scan {
    pub fn new(store: Store, namespace: &[u8], prefix: &[u8]) -> Self {
        let cursor = abi::keys_from(store, prefix, 0).expect("a scan");
        Scan { cursor, prefix: [namespace, prefix].concat(), cut: namespace.len(), ahead: None }
    }

    /// Takes up to `take` keys; says whether the scan ended.
    pub fn advance(&mut self, dict: &Dict, take: usize) -> bool {
        let ahead = self.ahead.get_or_insert_with(|| dict.keys(&self.prefix));
        let mut taken = 0;
        while taken < take {
            let page = abi::cursor_next(self.cursor, take - taken).expect("a page").keys();
            assert!(page.len() <= take - taken);
            for given in &page {
                // What the scan passes over must have been deleted since it began.
                loop {
                    let (time, key) = ahead.pop_front().expect("a key that is ahead");
                    if key[self.cut..] == given[..] {
                        break;
                    }
                    assert!(!dict.has_time(time), "left out: {key:?}");
                }
            }
            taken += page.len();
            if page.is_empty() {
                assert!(ahead.iter().all(|(time, _)| !dict.has_time(*time)), "keys are left");
                return true;
            }
        }
        false
    }

    pub fn close(self) {
        // SAFETY: a handle.
        unsafe {
            assert_eq!(bytestore_cursor_close(self.cursor), BYTESTORE_OK);
            assert_eq!(bytestore_cursor_close(self.cursor), BYTESTORE_ERR_CLOSED_HANDLE);
        }
    }
}

/// All keys, a page at a time: each of a cursor that begins where the one before ended. 0: one cursor, its own pages.
pub fn all_in_pages(dict: &Dict, store: Store, namespace: &[u8], prefix: &[u8], max_keys: usize) {
    let full = [namespace, prefix].concat();
    let (mut ahead, mut position) = (dict.matching(&full), 0);
    let mut cursor = abi::keys_from(store, prefix, 0).expect("a scan");
    loop {
        let page = abi::cursor_next(cursor, max_keys).expect("a page");
        let keys = page.values();
        if keys.is_empty() {
            break;
        }
        assert!(max_keys == 0 || keys.len() <= max_keys);
        for key in keys {
            let expected = ahead.next().map(|(_, key)| &key[namespace.len()..]);
            assert!(key.is_some() && key == expected, "keys differ");
        }
        assert!(abi::cursor_position(cursor) > position);
        position = abi::cursor_position(cursor);
        if max_keys != 0 {
            // SAFETY: a handle.
            assert_eq!(unsafe { bytestore_cursor_close(cursor) }, BYTESTORE_OK);
            cursor = abi::keys_from(store, prefix, position).expect("a scan");
        }
    }
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_cursor_close(cursor) }, BYTESTORE_OK);
    assert!(ahead.next().is_none(), "keys are left out");
}
