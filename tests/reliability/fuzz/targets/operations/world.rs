//! All that is open of one store, beside its dict. Knows each operation, and not when it comes.

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Answers, Store};
use bytestore_fuzz::choices::Choices;
use bytestore_fuzz::dict::{Bytes, Dict, NEVER};

use super::computing::Computing;
use super::scans::Scan;

/// Handles, scans and buffers of each kind that are open at once.
const MOST: usize = 4;
/// Keys that make a store large enough for an order of its keys.
const MANY: u32 = 200;

/// What a store may hold, as its URL says.
pub struct Limits {
    pub max_entries: u64,
    pub max_bytes: u64,
    max_item_bytes: u64,
    ttl: u64,
}

/// What the store must have counted.
#[derive(Default)]
pub struct Counted {
    pub hits: u64,
    pub misses: u64,
    sets: u64,
    deletes: u64,
    evictions: u64,
}

impl Counted {
    fn look<'v>(&mut self, found: impl Iterator<Item = Option<&'v [u8]>>) {
        found.for_each(|value| *if value.is_some() { &mut self.hits } else { &mut self.misses } += 1);
    }
}

pub struct World {
    url: String,
    limits: Limits,
    /// Each with what stands before its keys.
    pub handles: Vec<(Store, Bytes)>,
    closed: Option<Store>,
    pub dict: Dict,
    pub counted: Counted,
    /// Whether anything was ever to end.
    expires: bool,
    has_many: bool,
    scans: Vec<Scan>,
    /// Answers, and what they must stay.
    kept: Vec<(Answers, Vec<Option<Bytes>>)>,
    computing: Option<Computing>,
}

impl World {
    pub fn open(choices: &mut Choices) -> Self {
        let mut limits = Limits { max_entries: NEVER, max_bytes: NEVER, max_item_bytes: NEVER, ttl: NEVER };
        let kind = choices.byte();
        let mut url = format!("memory:{}?clock=manual", if kind & 16 != 0 { "fuzz" } else { "" });
        let options = ["max_entries", "max_bytes", "max_item_bytes", "ttl"];
        let places = [&mut limits.max_entries, &mut limits.max_bytes, &mut limits.max_item_bytes, &mut limits.ttl];
        for (bit, (option, place)) in
            options.into_iter().zip(places).enumerate().filter(|(bit, _)| kind >> bit & 1 == 1)
        {
            let (unit, unit_name) = [(1, ""), (61, ""), (100, ""), (1, "ms")][bit];
            *place = (1 + u64::from(choices.byte())) * unit;
            url += &format!("&{option}={place}{unit_name}");
        }
        url.push('\0');
        let mut world = World {
            url,
            limits,
            handles: Vec::new(),
            closed: None,
            dict: Dict::default(),
            counted: Counted::default(),
            expires: false,
            has_many: false,
            scans: Vec::new(),
            kept: Vec::new(),
            computing: None,
        };
        world.open_again();
        assert_eq!(abi::len(world.handles[0].0), Ok(0), "not freed with its last handle");
        world
    }

    fn open_again(&mut self) {
        let mut bad_part = bytestore_slice { ptr: self.url.as_ptr(), len: 7 };
        let store = abi::open(&self.url, &mut bad_part).expect("a store");
        assert!(bad_part.ptr.is_null() && bad_part.len == 0);
        self.handles.push((store, Vec::new()));
    }

    pub fn step(&mut self, choices: &mut Choices) {
        let kind = choices.byte() % 32;
        let (store, prefix) = self.handles[choices.below(self.handles.len())].clone();
        let full = |keys: &[Bytes]| keys.iter().map(|key| [&prefix[..], key].concat()).collect::<Vec<_>>();
        match kind {
            0..=5 => {
                let (ttl, packed) = (choices.flag().then(|| choices.milliseconds()), (choices.flag(), choices.flag()));
                let (keys, values): (Vec<_>, Vec<_>) = choices.pairs().into_iter().unzip();
                let status = abi::mset(store, &keys, &values, packed, ttl);
                let pairs: Vec<_> = full(&keys).into_iter().zip(values).collect();
                self.has_set(status, &pairs, ttl);
            }
            6 if !self.has_many => {
                self.has_many = true;
                let keys: Vec<_> = (0..MANY).map(|number| format!("many/{number}").into_bytes()).collect();
                let status = abi::mset(store, &keys, &keys, (true, true), None);
                let pairs: Vec<_> = full(&keys).into_iter().zip(keys).collect();
                self.has_set(status, &pairs, None);
            }
            6..=9 => {
                let (keys, packed) = (choices.keys(), choices.flag());
                let answers = abi::mget(store, &keys, packed).expect("answers");
                let keys = full(&keys);
                assert!(answers.are(keys.iter().map(|key| self.dict.get(key).map(Vec::as_slice))), "mget differs");
                self.counted.look(answers.values().into_iter());
                if choices.flag() && self.kept.len() < MOST {
                    let expected = answers.owned();
                    self.kept.push((answers, expected));
                }
            }
            10..=12 => self.get_into(store, full, choices),
            13..=15 => {
                let keys = choices.keys();
                let removed = self.dict.mdelete(&full(&keys));
                self.counted.deletes += removed as u64;
                assert_eq!(abi::mdelete(store, &keys, choices.flag()), Ok(removed));
            }
            16 => {
                let key = choices.key();
                let expected = self.dict.matching(&[&prefix[..], &key].concat()).count();
                assert_eq!(abi::count(store, &key), Ok(expected));
            }
            17 => {
                let key = choices.key();
                let matching: Vec<_> = self.dict.keys(&[&prefix[..], &key].concat()).into_iter().collect();
                let removed = self.dict.mdelete(&matching.into_iter().map(|(_, key)| key).collect::<Vec<_>>());
                self.counted.deletes += removed as u64;
                assert_eq!(abi::delete_prefix(store, &key), Ok(removed));
            }
            18 => assert_eq!(abi::len(store), Ok(self.dict.matching(&prefix).count())),
            19 => super::scans::all_in_pages(&self.dict, store, &prefix, &choices.key(), choices.of(&[1, 3, 700, 0])),
            20 if self.scans.len() < MOST => self.scans.push(Scan::new(store, &prefix, &choices.key())),
            20..=22 => {
                if !self.scans.is_empty() {
                    let number = choices.below(self.scans.len());
                    if self.scans[number].advance(&self.dict, choices.of(&[1, 2, 5, 1000])) {
                        self.scans.swap_remove(number).close();
                    }
                }
            }
            23..=24 => {
                let milliseconds = choices.milliseconds();
                // SAFETY: numbers.
                assert_eq!(unsafe { bytestore_advance_clock(store, milliseconds) }, BYTESTORE_OK);
                self.dict.advance(milliseconds);
            }
            25 if self.handles.len() < MOST => {
                let key = choices.key();
                let view = abi::namespace(store, &key).expect("a namespace");
                self.handles.push((view, [&prefix[..], &key].concat()));
            }
            25 if self.handles.len() > 1 => {
                let number = 1 + choices.below(self.handles.len() - 1);
                let (store, _) = self.handles.swap_remove(number);
                self.close_handle(store);
            }
            26 if self.url.starts_with("memory:fuzz") && self.handles.len() < MOST => self.open_again(),
            26 => assert!(self.closed.is_none_or(abi::is_closed)),
            27 => self.kept.drain(..).for_each(|(answers, expected)| assert!(answers.owned() == expected, "changed")),
            28..=30 => match self.computing.take() {
                None => self.computing = Computing::new(self, store, &prefix, choices),
                Some(first) if choices.flag() => {
                    // A second one at the same time. It ends at once.
                    self.computing = Some(first);
                    if let Some(second) = Computing::new(self, store, &prefix, choices) {
                        second.end(self, choices);
                    }
                }
                Some(computing) => computing.end(self, choices),
            },
            _ => self.check(),
        }
    }

    /// Keys that the open computation was given.
    pub fn claimed(&self) -> &[Bytes] {
        self.computing.as_ref().map_or(&[], Computing::claimed)
    }

    /// What a look for these keys must find; counted.
    pub fn look_up(&mut self, keys: &[Bytes]) -> Vec<Option<Bytes>> {
        let expected: Vec<_> = keys.iter().map(|key| self.dict.get(key).cloned()).collect();
        self.counted.look(expected.iter().map(Option::as_deref));
        expected
    }

    fn get_into(&mut self, store: Store, full: impl Fn(&[Bytes]) -> Vec<Bytes>, choices: &mut Choices) {
        let (keys, packed) = (choices.keys(), choices.flag());
        let keys_of_all = full(&keys);
        let expected: Vec<_> = keys_of_all.iter().map(|key| self.dict.get(key).map(Vec::as_slice)).collect();
        let need: usize = expected.iter().flatten().map(|value| value.len()).sum();
        let capacity = match choices.below(4) {
            0 => need,
            1 => need.saturating_sub(1),
            2 => need + 9,
            _ => choices.below(200),
        };
        let (len, lens, bytes) = abi::mget_into(store, &keys, packed, capacity).expect("answers");
        assert_eq!(len, need);
        assert!(lens.into_iter().eq(expected.iter().map(|value| value.map_or(usize::MAX, <[u8]>::len))));
        if need <= capacity {
            assert!(abi::are_side_by_side(&bytes[..need], expected.iter().copied().flatten()), "values differ");
            assert!(bytes[need..].iter().all(|&byte| byte == 0), "written too far");
            self.counted.look(expected.into_iter());
        }
    }

    /// Pairs were set, or refused: with the keys that the whole store has for them.
    pub fn has_set(&mut self, status: i32, pairs: &[(Bytes, Bytes)], ttl: Option<u64>) {
        let ttl_used = ttl.unwrap_or(self.limits.ttl);
        let bytes = pairs.iter().map(|(key, value)| (key.len() + value.len()) as u64);
        let is_over = pairs.len() as u64 > self.limits.max_entries
            || bytes.clone().any(|bytes| bytes > self.limits.max_item_bytes);
        // Each entry takes 40 to 72 bytes beside, and large ones a 32nd more.
        let with = |each, part| bytes.clone().map(|bytes| bytes + each + bytes / part).sum::<u64>();
        match status {
            BYTESTORE_ERR_INVALID_ARGUMENT => return assert_eq!(ttl, Some(0)),
            BYTESTORE_ERR_OVER_LIMIT => return assert!(is_over || with(72, 32) > self.limits.max_bytes, "{pairs:?}"),
            status => assert_eq!(status, BYTESTORE_OK),
        }
        assert!(ttl != Some(0) && !is_over && with(40, NEVER) <= self.limits.max_bytes, "{pairs:?}");
        self.expires |= ttl_used != NEVER && !pairs.is_empty();
        self.counted.sets += pairs.len() as u64;
        self.dict.mset_for(pairs, ttl_used);
        self.forget_evicted(pairs);
    }

    /// What a bounded store let go is as good as deleted. What was set last is there.
    fn forget_evicted(&mut self, set: &[(Bytes, Bytes)]) {
        if self.limits.max_entries == NEVER && self.limits.max_bytes == NEVER {
            return;
        }
        let keys: Vec<_> = self.dict.matching(b"").map(|(_, key)| key).collect();
        let found = abi::mget(self.root(), &keys, true).expect("answers");
        self.counted.look(found.values().into_iter());
        let mut gone = Vec::new();
        for (key, value) in keys.into_iter().zip(found.values()) {
            if value.is_some() {
                assert!(self.dict.get(key).map(Vec::as_slice) == value, "another value");
            } else {
                assert!(!set.iter().any(|(own, _)| own == key), "evicted by the batch that set it");
                gone.push(key.clone());
            }
        }
        self.counted.evictions += self.dict.mdelete(&gone) as u64;
    }

    /// The first handle: it is never closed.
    fn root(&self) -> Store {
        self.handles[0].0
    }

    fn close_handle(&mut self, store: Store) {
        // SAFETY: a handle.
        unsafe {
            assert_eq!(bytestore_close(store), BYTESTORE_OK);
            assert_eq!(bytestore_close(store), BYTESTORE_ERR_CLOSED_HANDLE);
        }
        self.closed = Some(store);
    }

    /// Everything there is, and all that was counted.
    fn check(&mut self) {
        let root = self.root();
        super::scans::all_in_pages(&self.dict, root, b"", b"", 0);
        let keys: Vec<_> = self.dict.matching(b"").map(|(_, key)| key).collect();
        let answers = abi::mget(root, &keys, false).expect("answers");
        assert!(answers.are(keys.iter().map(|key| self.dict.get(key).map(Vec::as_slice))), "values differ");
        self.counted.look(answers.values().into_iter());
        assert_eq!(abi::len(root), Ok(self.dict.len()));

        let (is, must) = (abi::counters(root), &self.counted);
        assert_eq!((is.hits, is.misses, is.sets, is.deletes), (must.hits, must.misses, must.sets, must.deletes));
        let evictions = is.evictions_by_bytes + is.evictions_by_entries;
        assert_eq!(is.entries + is.deletes + evictions + is.expirations, self.dict.inserted());
        let most = 72 * is.entries + (is.key_bytes + is.value_bytes) / 32;
        assert!(40 * is.entries <= is.overhead_bytes && is.overhead_bytes <= most);
        assert!(is.entries <= self.limits.max_entries);
        assert!(is.key_bytes + is.value_bytes + is.overhead_bytes <= self.limits.max_bytes);
        if !self.expires {
            let len = self.dict.len() as u64;
            assert_eq!((is.expirations, evictions, is.entries), (0, must.evictions, len));
            assert_eq!((is.key_bytes, is.value_bytes), self.dict.bytes());
        }
    }

    /// The end. What was given before stays.
    pub fn close(mut self) {
        self.check();
        for (store, _) in std::mem::take(&mut self.handles) {
            self.close_handle(store);
        }
        assert!(self.closed.is_some_and(abi::is_closed));
        for (answers, expected) in &self.kept {
            assert!(answers.owned() == *expected, "changed");
        }
        if let Some(computing) = self.computing.take() {
            computing.abandon();
        }
        for mut scan in self.scans {
            assert!(scan.advance(&self.dict, usize::MAX));
            scan.close();
        }
    }
}
