//! Reading a store's keys page by page. Holds no lock between pages; remembers numbers, not places.

use std::sync::atomic::{AtomicU64, Ordering};

use super::registry::Core;
use super::Scan;
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

impl Cursor {
    /// A scan of the keys from a position on; 0 is the beginning.
    pub(super) fn new(core: Shared<Core>, prefix: Bytes, cut: usize, position: u64) -> Self {
        let scan = core.remote.as_ref().map(|remote| remote.scan());
        let (until, position) = (AtomicU64::new(NOT_STARTED), AtomicU64::new(position));
        Cursor { core, prefix, cut, until, position, scan }
    }

    /// Where the next page begins.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
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

/// The iterator of [`Store::keys`](super::Store::keys).
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
