//! Whatever bytes are given for a URL: opened or refused as the header says, and the part at fault named.

#![no_main]

#[path = "urls/servers.rs"]
mod servers;

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use bytestore::ffi::*;
use bytestore_fuzz::abi;
use libfuzzer_sys::fuzz_target;

/// What a URL asks for.
#[derive(Clone, Copy, Default, PartialEq)]
struct Asked<'u> {
    name: &'u str,
    max_bytes: Option<u64>,
    max_entries: Option<u64>,
    max_item_bytes: Option<u64>,
    ttl: Option<u64>,
    manual: bool,
    erase: bool,
    /// The URL of a server, of which there are copies.
    over: Option<&'u str>,
}

/// A number with one of these units, written without a parser's help; none: it is not one.
fn amount(text: &str, units: &[(&str, u128)]) -> Option<u64> {
    let unit = units.iter().find(|(unit, _)| {
        text.strip_suffix(unit)
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    })?;
    let mut amount = 0_u128;
    for digit in text[..text.len() - unit.0.len()].bytes() {
        amount = (amount * 10 + u128::from(digit - b'0')).min(1 << 64);
    }
    let amount = if amount > u128::from(u64::MAX) { return None } else { amount * unit.1 };
    (1..u128::from(u64::MAX)).contains(&amount).then_some(amount as u64)
}

const BYTES: &[(&str, u128)] = &[
    ("", 1),
    ("KiB", 1024),
    ("MiB", 1024 * 1024),
    ("GiB", 1024 * 1024 * 1024),
    ("TiB", 1024 * 1024 * 1024 * 1024),
    ("KB", 1000),
    ("MB", 1000 * 1000),
    ("GB", 1000 * 1000 * 1000),
    ("TB", 1000 * 1000 * 1000 * 1000),
    ("B", 1),
];
const TIMES: &[(&str, u128)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The same as the header's text says it, or the part at fault.
fn read(url: &str) -> Result<Asked<'_>, &str> {
    let Some((scheme, rest)) = url.split_once(':') else { return Err(url) };
    if scheme != "memory" {
        return Err(scheme);
    }
    let (name, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let mut asked = Asked { name, ..Asked::default() };
    let is_allowed = |byte: u8| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    if name.len() > 255 || !name.bytes().all(is_allowed) {
        return Err(told(name));
    }
    let mut rest = query.get(1..).unwrap_or_default();
    let mut unfit = None; // over a server
    while !rest.is_empty() {
        if let Some(server) = rest.strip_prefix("over=") {
            asked.over = Some(server);
            break;
        }
        let part = &rest[..rest.find('&').unwrap_or(rest.len())];
        rest = rest.get(part.len() + 1..).unwrap_or_default();
        if part.is_empty() {
            continue;
        }
        let (option, value) = part.split_once('=').ok_or(told(part))?;
        let switch = match part {
            "clock=manual" => Some(&mut asked.manual),
            "erase=true" => Some(&mut asked.erase),
            _ => None,
        };
        if let Some(switch) = switch.filter(|is_on| !**is_on) {
            *switch = true;
            unfit = unfit.or(Some(part));
            continue;
        }
        let (place, units) = match option {
            "max_bytes" => (&mut asked.max_bytes, BYTES),
            "max_item_bytes" => (&mut asked.max_item_bytes, BYTES),
            "max_entries" => (&mut asked.max_entries, &BYTES[..1]),
            "ttl" => (&mut asked.ttl, TIMES),
            _ => return Err(told(part)),
        };
        if place.is_some() {
            return Err(told(part));
        }
        *place = Some(amount(value, units).ok_or(told(part))?);
    }
    match asked.over {
        Some(_) if !name.is_empty() => Err(name),
        Some(server) => {
            let scheme = &server[..server.find(':').unwrap_or(0)];
            let is_one = servers::is_named(server) && !scheme.ends_with("+cluster");
            unfit.map_or(Ok(()), Err).and(if is_one { Ok(asked) } else { Err(scheme) })
        }
        None => Ok(asked),
    }
}

/// What may be shown of a part: nothing that follows a scheme.
fn told(part: &str) -> &str {
    &part[..part.find("://").unwrap_or(part.len())]
}

fn open(url: &CStr) -> (i32, abi::Store, bytestore_slice) {
    let (mut store, mut bad_part) = (null_mut(), bytestore_slice { ptr: null(), len: 7 });
    // SAFETY: a string with a NUL.
    let status = unsafe { bytestore_open(url.as_ptr(), &mut store, &mut bad_part) };
    (status, store, bad_part)
}

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let mut text = bytes[..end].to_vec();
    text.push(0);
    let url = CStr::from_bytes_with_nul(&text).expect("one NUL, at the end");
    let expected = match url.to_str() {
        Ok(url) => read(url).map_err(str::as_bytes),
        Err(_) => Err(url.to_bytes()),
    };
    let (status, store, bad_part) = open(url);
    if text.starts_with(b"snapshot:") && expected.as_ref().is_err_and(|part| *part == b"snapshot") {
        // A file of any name, and none of them is one.
        let refusals = [BYTESTORE_ERR_IO_FAILURE, BYTESTORE_ERR_BAD_SNAPSHOT, BYTESTORE_ERR_UNSUPPORTED];
        assert!(refusals.contains(&status) && store.is_null(), "{status}");
        return;
    }
    let over = expected.ok().and_then(|asked| asked.over);
    if let Some(server) = over.or(url.to_str().ok().filter(|url| servers::is_named(url))) {
        return servers::check(server, status, store, bad_part);
    }
    match expected {
        Err(part) => {
            assert_eq!((status, store.is_null()), (BYTESTORE_ERR_INVALID_ARGUMENT, true));
            assert_eq!((bad_part.ptr, bad_part.len), (part.as_ptr(), part.len()), "another part");
        }
        Ok(asked) => {
            assert_eq!((status, store.is_null()), (BYTESTORE_OK, false));
            assert!(bad_part.ptr.is_null() && bad_part.len == 0);
            check(store, &asked);
            if !asked.name.is_empty() {
                check_name(store, url, &asked);
            }
            // SAFETY: a handle.
            assert_eq!(unsafe { bytestore_close(store) }, BYTESTORE_OK);
        }
    }
});

/// The store is as it was asked for.
fn check(store: abi::Store, asked: &Asked) {
    let counters = abi::counters(store);
    assert_eq!(counters.max_bytes, asked.max_bytes.unwrap_or(0));
    assert_eq!(counters.max_entries, asked.max_entries.unwrap_or(0));
    let (key, value) = ([b"k".to_vec()], [b"12345".to_vec()]);
    let status = abi::mset(store, &key, &value, (true, true), None);
    let is_small = asked.max_item_bytes.is_some_and(|most| most < 6) || asked.max_bytes.is_some_and(|most| most < 46);
    if is_small {
        assert_eq!(status, BYTESTORE_ERR_OVER_LIMIT);
    } else if asked.max_bytes.is_none_or(|most| most >= 78) {
        assert_eq!(status, BYTESTORE_OK);
        assert_eq!(abi::len(store), Ok(1));
    }
    // SAFETY: numbers.
    let advanced = unsafe { bytestore_advance_clock(store, asked.ttl.unwrap_or(1)) };
    assert_eq!(advanced, if asked.manual { BYTESTORE_OK } else { BYTESTORE_ERR_INVALID_ARGUMENT });
    if asked.manual && status == BYTESTORE_OK {
        assert_eq!(abi::len(store), Ok(usize::from(asked.ttl.is_none())), "it lives for another time");
    }
}

/// The same name is the same store; other options than its own are refused.
fn check_name(store: abi::Store, url: &CStr, asked: &Asked) {
    let (status, same, _) = open(url);
    assert_eq!((status, abi::len(same)), (BYTESTORE_OK, abi::len(store)));
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_close(same) }, BYTESTORE_OK);
    let other = format!("memory:{}?max_entries=123456789\0", asked.name);
    let (status, refused, part) = open(CStr::from_bytes_with_nul(other.as_bytes()).expect("a NUL"));
    if asked.max_entries != Some(123_456_789) {
        assert_eq!(
            (status, refused.is_null(), part.len),
            (BYTESTORE_ERR_INVALID_ARGUMENT, true, "max_entries=123456789".len())
        );
    } else if !refused.is_null() {
        // SAFETY: a handle.
        assert_eq!(unsafe { bytestore_close(refused) }, BYTESTORE_OK);
    }
}
