//! URLs of servers, as the header's section "Servers" says: nothing is sent before a call. Whether a host can be one is
//! left to the library; where it finds the fault is not, and never shows a password.

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Store};

use super::{amount, TIMES};

/// Whether it is one.
pub fn is_named(url: &str) -> bool {
    let scheme = url.find("://").map_or("", |end| &url[..end]);
    let (kind, way) = scheme.split_at(scheme.find('+').unwrap_or(scheme.len()));
    match kind {
        "redis" | "valkey" => ["", "+unix", "+cluster"].contains(&way),
        "rediss" | "valkeys" => ["", "+cluster"].contains(&way),
        _ => false,
    }
}

/// A whole number of at most 32 bits.
fn is_whole(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.bytes().fold(0_u64, |sum, digit| (sum * 10 + u64::from(digit - b'0')).min(1 << 40)) < 1 << 32
}

/// Whether an option may have a value.
fn is_good(name: &str, value: &str, is_socket: bool) -> bool {
    match name {
        "namespace" => true,
        "ttl" => amount(value, TIMES).is_some(),
        "timeout" => amount(value, TIMES).is_some_and(|time| time < 1 << 31),
        "retries" | "replicas" => is_whole(value),
        "batch" => amount(value, &[("", 1)]).is_some(),
        "db" | "user" | "pass" => is_socket,
        _ => false,
    }
}

/// The first part of the query that is at fault, as the header says it.
fn fault(query: &str, is_socket: bool) -> Option<&str> {
    let parts: Vec<_> = query.split('&').collect();
    let name = |part: &'_ str| part.find('=').map_or(part.len(), |end| end);
    parts.iter().enumerate().filter(|(_, part)| !part.is_empty()).find_map(|(index, part)| {
        let (own, value) = part.split_at(name(part));
        let is_repeated = || parts[index + 1..].iter().any(|later| &later[..name(later)] == own);
        match value.get(1..) {
            None => Some(*part),
            Some(_) if is_repeated() => Some(own),
            Some(value) if is_good(own, value, is_socket) => None,
            // The value may be a password.
            Some(_) if own == "pass" => Some(own),
            Some(_) => Some(*part),
        }
    })
}

/// What opening one gave is what it should be.
pub fn check(url: &str, status: i32, store: Store, bad_part: bytestore_slice) {
    let start = url.find("://").expect("a scheme") + 3;
    let is_socket = url[..start].contains("+unix");
    let (place, query) = url[start..].split_at(url[start..].find('?').unwrap_or(url.len() - start));
    let fault = fault(query.get(1..).unwrap_or_default(), is_socket);
    if status == BYTESTORE_OK {
        assert!(fault.is_none(), "{fault:?} was taken");
        assert!(bad_part.ptr.is_null() && bad_part.len == 0);
        return check_open(store);
    }
    assert_eq!((status, store.is_null()), (BYTESTORE_ERR_INVALID_ARGUMENT, true));
    let secret = if is_socket { None } else { url.rfind('@') }.filter(|&end| end >= start);
    let host = match place.rfind('@').filter(|_| !is_socket) {
        Some(end) => &place[end + 1..],
        None => place,
    };
    let part = fault.unwrap_or(host);
    let from = part.as_ptr().addr() - url.as_ptr().addr();
    // What stands before an @ may be a password, however it is written: then the scheme is named.
    let expected = if secret.is_some_and(|end| from < end) { &url[..start - 3] } else { part };
    assert_eq!((bad_part.ptr, bad_part.len), (expected.as_ptr(), expected.len()), "another part than {expected:?}");
}

/// It does what needs no server.
fn check_open(store: Store) {
    let mut capabilities = 7;
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_capabilities(store, &mut capabilities) }, BYTESTORE_OK);
    assert_eq!(capabilities & (BYTESTORE_CAN_KEEP_ORDER | BYTESTORE_CAN_FIND_PREFIXES | BYTESTORE_CAN_SAVE), 0);
    assert_eq!(abi::save(store, 0).err(), Some(BYTESTORE_ERR_UNSUPPORTED));
    assert_eq!(abi::load(store, b""), BYTESTORE_ERR_UNSUPPORTED);
    let view = abi::namespace(store, b"view/").expect("a view");
    for store in [view, store] {
        // SAFETY: a handle.
        assert_eq!(unsafe { bytestore_close(store) }, BYTESTORE_OK);
    }
}
