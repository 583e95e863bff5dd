//! Reading a store's keys page by page. Holds no lock between pages; remembers numbers, not places.

use std::fmt;
use std::iter::FusedIterator;
use std::sync::atomic::{AtomicU64, Ordering};

use super::registry::Core;
use super::{Scan, Store};
use crate::engine::KeySink;
use crate::sys::{self, Bytes, Shared};
use crate::Error;

/// No sequence number is this high.
const NOT_STARTED: u64 = u64::MAX;
/// A page is given out when it has this many bytes, even if it has few keys.
const PAGE_BYTES: usize = 1 << 20;
/// Keys in a page when the reader names no number.
const PAGE_KEYS: usize = 1024;

/// One scan. Any threads may take pages from it; each page is given to one.
pub struct Cursor {
    core: Shared<Core>,
    prefix: Bytes,
    /// Bytes that are cut off its keys: those of its namespace.
    cut: usize,
    /// The scan sees entries with lower numbers; set by its first step.
    until: AtomicU64,
    /// Where the next page begins.
    position: AtomicU64,
    /// Of a store on a server.
    scan: Option<Scan>,
}

/// Some keys, side by side.
#[derive(Default)]
pub struct KeyPage {
    pub bytes: Bytes,
    /// Where each key ends in `bytes`.
    pub ends: Vec<usize>,
    max_keys: usize,
    cut: usize,
}

impl Store {
    /// The keys that begin with `prefix`, byte by byte, in insertion order, as
    /// of the iteration's first step. Others may write meanwhile: no key comes
    /// twice, none is missing that was there throughout, and a key deleted
    /// meanwhile may be left out. The iterator keeps the entries' memory alive,
    /// and goes on after the store is closed.
    ///
    /// The first question about a prefix that is not empty, here or below,
    /// makes a store of some thousand entries keep them in the order of their
    /// keys, too, until it is empty: some 0.1 s for a million, in which others
    /// wait, some 10 bytes for each (26 while they are sorted), and writes cost
    /// more. From then on such questions take time by what they find, not by
    /// what there is.
    pub fn keys(&self, prefix: impl AsRef<[u8]>) -> Result<Keys, Error> {
        Ok(Keys::new(self.cursor(prefix.as_ref(), 0)?))
    }

    /// Some keys that begin with `prefix`, `max_keys` at most, in insertion
    /// order from `position` on, and the position that follows them: for who
    /// goes on later, as a web handler does. Position 0 is the beginning, and
    /// no position is ever out of date: keys that were inserted meanwhile come
    /// when their turn does. No keys: there are no more so far.
    ///
    /// ```
    /// let store = bytestore::Store::new()?;
    /// store.mset(&[("doc/1", "one"), ("img/1", "two"), ("doc/2", "three")])?;
    /// let (keys, position) = store.keys_from("doc/", 0, 1)?;
    /// assert_eq!(keys, [b"doc/1"]);
    /// store.mset(&[("doc/3", "four")])?;
    /// assert_eq!(store.keys_from("doc/", position, 10)?.0, [b"doc/2", b"doc/3"]);
    /// # Ok::<(), bytestore::Error>(())
    /// ```
    pub fn keys_from(
        &self,
        prefix: impl AsRef<[u8]>,
        position: u64,
        max_keys: usize,
    ) -> Result<(Vec<Vec<u8>>, u64), Error> {
        if max_keys == 0 {
            return Err(Error::InvalidArgument);
        }
        if !self.capabilities()?.positions {
            return Err(Error::Unsupported); // before anything is read
        }
        let cursor = self.cursor(prefix.as_ref(), position)?;
        let mut keys = Vec::new();
        while keys.len() < max_keys {
            let page = cursor.next_page(max_keys - keys.len(), Ok)?;
            if page.len() == 0 {
                break;
            }
            keys.try_reserve(page.len())?;
            for key in page.keys() {
                keys.push(Bytes::copy_of(key, self.erases())?);
            }
        }
        Ok((sys::try_collect(keys.into_iter().map(Bytes::take))?, cursor.position()?))
    }

    pub(crate) fn cursor(&self, prefix: &[u8], position: u64) -> Result<Cursor, Error> {
        if position != 0 && !self.capabilities()?.positions {
            return Err(Error::Unsupported);
        }
        self.core()?;
        let prefix = self.full_key(prefix)?;
        Ok(Cursor::new(self.core.clone(), prefix, self.prefix.len(), position))
    }
}

impl Cursor {
    /// A scan of the keys from a position on; 0 is the beginning.
    pub(super) fn new(core: Shared<Core>, prefix: Bytes, cut: usize, position: u64) -> Self {
        let scan = core.remote.as_ref().map(|remote| remote.scan());
        let (until, position) = (AtomicU64::new(NOT_STARTED), AtomicU64::new(position));
        Cursor { core, prefix, cut, until, position, scan }
    }

    /// Where the next page begins; on a server there is no such place.
    pub fn position(&self) -> Result<u64, Error> {
        match self.scan {
            None => Ok(self.position.load(Ordering::Acquire)),
            Some(_) => Err(Error::Unsupported),
        }
    }

    /// The next page, of at most `max_keys` keys (0: as many as are usual); an
    /// empty one is the end. `make` turns it into what the reader gets; when
    /// that fails the page is not lost: ask again.
    pub fn next_page<T>(&self, max_keys: usize, make: impl Fn(KeyPage) -> Result<T, Error>) -> Result<T, Error> {
        let max_keys = if max_keys == 0 { PAGE_KEYS } else { max_keys };
        if let (Some(remote), Some(scan)) = (&self.core.remote, &self.scan) {
            let page = KeyPage { max_keys, cut: self.cut, ..KeyPage::default() };
            return scan.next_page(remote, &self.prefix, page, make);
        }
        let until = self.until();
        loop {
            let start = self.position.load(Ordering::Acquire);
            let bytes = Bytes::new(self.core.engine.erases());
            let mut page = KeyPage { bytes, max_keys, cut: self.cut, ..KeyPage::default() };
            let mut position = start;
            while position < until && !page.is_full() {
                position = self.core.engine.scan(&self.prefix, position, until, &mut page)?;
            }
            let made = make(page)?;
            // Another thread may have taken these keys meanwhile.
            if self.position.compare_exchange(start, position, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return Ok(made);
            }
        }
    }

    fn until(&self) -> u64 {
        let until = self.until.load(Ordering::Acquire);
        if until != NOT_STARTED {
            return until;
        }
        let now = self.core.engine.now();
        self.until
            .compare_exchange(NOT_STARTED, now, Ordering::AcqRel, Ordering::Acquire)
            .map_or_else(|set| set, |_| now)
    }
}

impl KeyPage {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.max_keys || self.bytes.len() >= PAGE_BYTES
    }
}

impl KeySink for KeyPage {
    fn wanted(&self) -> usize {
        self.max_keys.saturating_sub(self.len())
    }

    #[inline(always)] // in two places
    fn key(&mut self, key: &[u8]) -> Result<bool, Error> {
        self.ends.try_reserve(1)?;
        let key = if self.cut == 0 { key } else { key.get(self.cut..).unwrap_or_default() };
        self.bytes.append(key)?;
        self.ends.push(self.bytes.len());
        Ok(!self.is_full())
    }
}

/// The iterator of [`Store::keys`](super::Store::keys): keys, or why there are none. After an error it goes on where it was.
#[must_use = "an iterator does nothing until it is asked"]
pub struct Keys {
    cursor: Cursor,
    page: KeyPage,
    /// How many keys of the page were given out, and how many bytes.
    given: usize,
    offset: usize,
}

impl Keys {
    pub(super) fn new(cursor: Cursor) -> Self {
        Keys { cursor, page: KeyPage::default(), given: 0, offset: 0 }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Iterator for Keys {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.given == self.page.len() {
            match self.cursor.next_page(0, Ok) {
                Ok(page) => (self.page, self.given, self.offset) = (page, 0, 0),
                Err(error) => return Some(Err(error)),
            }
        }
        let end = *self.page.ends.get(self.given)?;
        let key = sys::try_to_vec(&self.page.bytes[self.offset..end]);
        (self.given, self.offset) = (self.given + 1, end);
        Some(key)
    }
}

impl FusedIterator for Keys {}

#[cfg(all(test, not(modelled)))]
mod tests;
