//! A store beside its dict: whatever is done is done to both, and compared. Knows only the public API.

use std::collections::VecDeque;

use bytestore::{Keys, Store};
use proptest::prelude::*;

use crate::dict::{Bytes, Dict};

type Outcome = Result<(), TestCaseError>;

pub struct Both {
    store: Store,
    dict: Dict,
    scans: Vec<Scan>,
}

/// A scan beside what it may still give.
struct Scan {
    keys: Keys,
    prefix: Bytes,
    /// Keys and insertion times as of the first step; `None` before it.
    ahead: Option<VecDeque<(u64, Bytes)>>,
}

impl Both {
    pub fn new() -> Self {
        Both { store: Store::new().expect("a store"), dict: Dict::default(), scans: Vec::new() }
    }

    pub fn mset(&mut self, pairs: &[(Bytes, Bytes)]) -> Outcome {
        self.store.mset(pairs)?;
        self.dict.mset(pairs);
        Ok(())
    }

    pub fn mget(&self, keys: &[Bytes]) -> Outcome {
        let answers = self.store.mget(keys)?;
        prop_assert_eq!(answers.len(), keys.len());
        for (key, answer) in keys.iter().zip(&answers) {
            let expected = self.dict.get(key);
            // Not the bytes: there may be a hundred thousand of them.
            let (is, must_be) = (answer.as_ref().map(Vec::len), expected.map(Vec::len));
            prop_assert!(answer.as_ref() == expected, "{}: length {is:?}, must be {must_be:?}", readable(key));
        }
        Ok(())
    }

    pub fn mdelete(&mut self, keys: &[Bytes]) -> Outcome {
        prop_assert_eq!(self.store.mdelete(keys), Ok(self.dict.mdelete(keys)));
        Ok(())
    }

    pub fn len(&self) -> Outcome {
        prop_assert_eq!(self.store.len(), Ok(self.dict.len()));
        Ok(())
    }

    pub fn count(&self, prefix: &[u8]) -> Outcome {
        prop_assert_eq!(self.store.count(prefix), Ok(self.dict.keys(prefix).len()));
        Ok(())
    }

    pub fn delete_prefix(&mut self, prefix: &[u8]) -> Outcome {
        let keys: Vec<_> = self.dict.keys(prefix).into_iter().map(|(_, key)| key).collect();
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
        prop_assert!(keys.iter().eq(self.dict.keys(prefix).iter().map(|(_, key)| key)));
        Ok(())
    }

    /// A whole scan at once.
    pub fn keys(&self, prefix: &[u8]) -> Outcome {
        let mut scan = Scan::new(&self.store, prefix)?;
        scan.ahead = Some(self.dict.keys(prefix));
        prop_assert!(scan.advance(&self.dict, usize::MAX)?);
        Ok(())
    }

    /// Everything there is.
    pub fn all(&self) -> Outcome {
        self.len()?;
        self.keys(b"")?;
        self.mget(&self.all_keys())
    }

    pub fn all_keys(&self) -> Vec<Bytes> {
        self.dict.keys(b"").into_iter().map(|(_, key)| key).collect()
    }

    pub fn scan_start(&mut self, prefix: &[u8]) -> Outcome {
        self.scans.push(Scan::new(&self.store, prefix)?);
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
        prop_assert_eq!(self.store.close(), Ok(()));
        drop(self.store);
        for mut scan in self.scans.into_iter().filter(|scan| scan.ahead.is_some()) {
            prop_assert!(scan.advance(&self.dict, usize::MAX)?);
        }
        Ok(())
    }
}

impl Scan {
    fn new(store: &Store, prefix: &[u8]) -> Result<Self, TestCaseError> {
        Ok(Scan { keys: store.keys(prefix)?, prefix: prefix.to_vec(), ahead: None })
    }

    /// Takes up to `take` keys; says whether the scan ended.
    fn advance(&mut self, dict: &Dict, take: usize) -> Result<bool, TestCaseError> {
        let ahead = self.ahead.get_or_insert_with(|| dict.keys(&self.prefix));
        for _ in 0..take {
            let given = self.keys.next().transpose()?;
            // What the scan passes over must have been deleted since it began.
            loop {
                match (ahead.pop_front(), &given) {
                    (Some((_, key)), Some(given)) if key == *given => break,
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
