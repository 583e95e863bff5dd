//! A store beside its dict: whatever is done is done to both, and compared. Knows only the public API.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use bytestore::{Error, Keys, Options, Store};
use proptest::prelude::*;

use crate::dict::{Bytes, Dict, NEVER};

type Outcome = Result<(), TestCaseError>;

pub struct Both {
    /// The store, or a view of its keys that begin with `prefix`.
    store: Store,
    prefix: Bytes,
    whole: Store,
    dict: Dict,
    scans: Vec<Scan>,
    options: Options<'static>,
}

/// A scan beside what it may still give.
struct Scan {
    keys: Keys,
    prefix: Bytes,
    /// Bytes of the prefix that its keys are given without.
    cut: usize,
    /// Keys and insertion times as of the first step; `None` before it.
    ahead: Option<VecDeque<(u64, Bytes)>>,
}

// Not all who use it need all of it.
#[allow(dead_code)]
impl Both {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options<'static>) -> Self {
        let whole = Store::with_options(&options).expect("a store");
        let store = whole.namespace("").expect("a second handle");
        Both { store, prefix: Bytes::new(), whole, dict: Dict::default(), scans: Vec::new(), options }
    }

    /// From here on all is done to the keys that begin with `prefix`.
    pub fn view(&mut self, prefix: &[u8]) -> Outcome {
        self.store = self.whole.namespace(prefix)?;
        self.prefix = prefix.to_vec();
        Ok(())
    }

    /// A key as the whole store has it.
    fn full<'k>(&self, key: &'k [u8]) -> Cow<'k, [u8]> {
        match self.prefix.is_empty() {
            true => Cow::Borrowed(key),
            false => Cow::Owned([&self.prefix, key].concat()),
        }
    }

    pub fn mset(&mut self, pairs: &[(Bytes, Bytes)]) -> Outcome {
        let result = self.store.mset(pairs);
        let ttl = self.options.ttl_ms.unwrap_or(NEVER);
        self.has_set(result, pairs, ttl)
    }

    pub fn mset_for(&mut self, pairs: &[(Bytes, Bytes)], ttl: Option<u64>) -> Outcome {
        let result = self.store.mset_with_ttl(pairs, ttl.map(Duration::from_millis));
        self.has_set(result, pairs, ttl.unwrap_or(NEVER))
    }

    fn has_set(&mut self, result: Result<(), Error>, pairs: &[(Bytes, Bytes)], ttl: u64) -> Outcome {
        let Options { max_bytes, max_entries, .. } = self.options;
        let is_bounded = max_bytes.is_some() || max_entries.is_some();
        if is_bounded && result == Err(Error::OverLimit) {
            // An entry takes 72 bytes beside its key and value at most, and a large one a 32nd more.
            let bytes = pairs.iter().map(|(key, value)| self.full(key).len() + value.len());
            let bytes: usize = bytes.map(|bytes| bytes + 72 + bytes / 32).sum();
            let is_over = |limit: Option<u64>, amount: usize| limit.is_some_and(|limit| amount as u64 > limit);
            prop_assert!(is_over(max_bytes, bytes) || is_over(max_entries, pairs.len()), "refused without need");
            return Ok(());
        }
        result?;
        match self.prefix.is_empty() {
            true => self.dict.mset_for(pairs, ttl),
            false => {
                let full = pairs.iter().map(|(key, value)| (self.full(key).into_owned(), value.clone()));
                self.dict.mset_for(&full.collect::<Vec<_>>(), ttl);
            }
        }
        if is_bounded {
            self.forget_evicted(pairs)
        } else {
            Ok(())
        }
    }

    /// What is not there any more was evicted, and is as good as deleted. What was set last is there.
    fn forget_evicted(&mut self, set: &[(Bytes, Bytes)]) -> Outcome {
        let keys = self.all_keys();
        let found = self.whole.mget(&keys)?;
        let gone = keys.into_iter().zip(found).filter(|(_, value)| value.is_none()).map(|(key, _)| key);
        for key in gone {
            prop_assert!(!set.iter().any(|(own, _)| *self.full(own) == *key), "evicted at once: {}", readable(&key));
            self.dict.mdelete(&[key]);
        }
        let counters = self.whole.counters()?;
        let bytes = counters.key_bytes + counters.value_bytes + counters.overhead_bytes;
        prop_assert!(bytes <= self.options.max_bytes.unwrap_or(NEVER), "{counters:?}");
        prop_assert!(counters.entries <= self.options.max_entries.unwrap_or(NEVER), "{counters:?}");
        Ok(())
    }

    /// Time goes on.
    pub fn advance(&mut self, milliseconds: u64) -> Outcome {
        self.store.advance_clock(milliseconds)?;
        self.dict.advance(milliseconds);
        Ok(())
    }

    pub fn mget(&self, keys: &[Bytes]) -> Outcome {
        let answers = self.store.mget(keys)?;
        prop_assert_eq!(answers.len(), keys.len());
        for (key, answer) in keys.iter().zip(&answers) {
            let expected = self.dict.get(&self.full(key));
            // Not the bytes: there may be a hundred thousand of them.
            let (is, must_be) = (answer.as_ref().map(Vec::len), expected.map(Vec::len));
            prop_assert!(answer.as_ref() == expected, "{}: length {is:?}, must be {must_be:?}", readable(key));
        }
        Ok(())
    }

    pub fn mdelete(&mut self, keys: &[Bytes]) -> Outcome {
        let full: Vec<_> = keys.iter().map(|key| self.full(key).into_owned()).collect();
        prop_assert_eq!(self.store.mdelete(keys), Ok(self.dict.mdelete(&full)));
        Ok(())
    }

    pub fn len(&self) -> Outcome {
        prop_assert_eq!(self.whole.len(), Ok(self.dict.len()));
        self.count(b"")
    }

    pub fn count(&self, prefix: &[u8]) -> Outcome {
        prop_assert_eq!(self.store.count(prefix), Ok(self.dict.keys(&self.full(prefix)).len()));
        Ok(())
    }

    pub fn delete_prefix(&mut self, prefix: &[u8]) -> Outcome {
        let keys: Vec<_> = self.dict.keys(&self.full(prefix)).into_iter().map(|(_, key)| key).collect();
        prop_assert_eq!(self.store.delete_prefix(prefix), Ok(self.dict.mdelete(&keys)));
        Ok(())
    }

    /// All keys a page at a time, each from where the one before ended.
    pub fn pages(&self, prefix: &[u8], max_keys: usize) -> Outcome {
        let (mut keys, mut position) = (Vec::new(), 0);
        loop {
            let (mut page, next) = self.store.keys_from(prefix, position, max_keys)?;
            prop_assert!(page.len() <= max_keys);
            if page.is_empty() {
                break;
            }
            keys.append(&mut page);
            position = next;
        }
        let expected = self.dict.keys(&self.full(prefix));
        prop_assert!(keys.iter().eq(expected.iter().map(|(_, key)| &key[self.prefix.len()..])));
        Ok(())
    }

    /// A whole scan at once.
    pub fn keys(&self, prefix: &[u8]) -> Outcome {
        let mut scan = self.scan(prefix)?;
        scan.ahead = Some(self.dict.keys(&scan.prefix));
        prop_assert!(scan.advance(&self.dict, usize::MAX)?);
        Ok(())
    }

    fn scan(&self, prefix: &[u8]) -> Result<Scan, TestCaseError> {
        let keys = self.store.keys(prefix)?;
        Ok(Scan { keys, prefix: self.full(prefix).into_owned(), cut: self.prefix.len(), ahead: None })
    }

    /// Everything there is.
    pub fn all(&mut self) -> Outcome {
        self.view(b"")?;
        self.len()?;
        self.keys(b"")?;
        self.mget(&self.all_keys())
    }

    pub fn all_keys(&self) -> Vec<Bytes> {
        self.dict.keys(b"").into_iter().map(|(_, key)| key).collect()
    }

    pub fn scan_start(&mut self, prefix: &[u8]) -> Outcome {
        self.scans.push(self.scan(prefix)?);
        Ok(())
    }

    /// Takes keys from one of the open scans.
    pub fn scan_next(&mut self, number: usize, take: usize) -> Outcome {
        let open = self.scans.len().max(1);
        if let Some(scan) = self.scans.get_mut(number % open) {
            scan.advance(&self.dict, take)?;
        }
        Ok(())
    }

    /// Takes all that one of the open scans still has.
    pub fn scan_rest(&mut self, number: usize) -> Outcome {
        if !self.scans.is_empty() {
            let mut scan = self.scans.swap_remove(number % self.scans.len());
            prop_assert!(scan.advance(&self.dict, usize::MAX)?);
        }
        Ok(())
    }

    /// The end of the store. Scans that began see their keys to the end nevertheless.
    pub fn close(self) -> Outcome {
        prop_assert_eq!(self.whole.close(), Ok(()));
        prop_assert_eq!(self.store.close(), Ok(()));
        drop(self.store);
        drop(self.whole);
        for mut scan in self.scans.into_iter().filter(|scan| scan.ahead.is_some()) {
            prop_assert!(scan.advance(&self.dict, usize::MAX)?);
        }
        Ok(())
    }
}

impl Scan {
    /// Takes up to `take` keys; says whether the scan ended.
    fn advance(&mut self, dict: &Dict, take: usize) -> Result<bool, TestCaseError> {
        let ahead = self.ahead.get_or_insert_with(|| dict.keys(&self.prefix));
        for _ in 0..take {
            let given = self.keys.next().transpose()?;
            // What the scan passes over must have been deleted since it began.
            loop {
                match (ahead.pop_front(), &given) {
                    (Some((_, key)), Some(given)) if key[self.cut..] == given[..] => break,
                    (Some((time, key)), _) => prop_assert!(!dict.has_time(time), "left out: {}", readable(&key)),
                    (None, Some(given)) => return Err(TestCaseError::fail(format!("not ahead: {}", readable(given)))),
                    (None, None) => return Ok(true),
                }
            }
        }
        Ok(false)
    }
}

/// The beginning of a key, for people.
fn readable(key: &[u8]) -> String {
    format!("\"{}\" ({} bytes)", key[..key.len().min(40)].escape_ascii(), key.len())
}
