//! Saving a store to a file or to memory, and loading one. Knows neither the bytes of the format nor the engine's slots.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::options::Query;
use super::snapshot::{Entries, Entry, Header, Reader, Sink, Source, Writer};
use super::{namespace, Options, Store};
use crate::engine::{SnapshotSink, Staged, Staging};
use crate::sys::file::{Input, Replacement};
use crate::sys::{self, Bytes};
use crate::Error;

/// How far a long call has come; both 0 when there is none. Of a save and a load at once, or of two loads, it says nothing
/// of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Of `total`: entries that were saved, or bytes that were loaded.
    pub done: u64,
    /// It may be some more than there is to do.
    pub total: u64,
}

/// What `Progress` is read from.
#[derive(Default)]
pub struct Counts {
    done: AtomicU64,
    total: AtomicU64,
}

/// One call that is counted, until it is over.
struct Counting<'c>(&'c Counts);

/// Entries staged at once.
const BATCH: usize = 64;

impl Store {
    /// Saves the store to a file: its entries at one moment, in order, each
    /// with the time that it still has to live, and its options. Others may
    /// write meanwhile. Of a namespace its own keys are saved.
    ///
    /// The file is there in whole or not at all: it is written beside, as a
    /// temporary file that only its owner may read, and takes the old one's
    /// place when it is on disk; a symbolic link is replaced, not followed.
    /// `level`: 0: not compressed; 1 to 22: that of Zstandard, the usual one is 3.
    /// Errors: `Io`, `InvalidArgument` (an unknown level), `OutOfMemory`,
    /// `ClosedHandle`, `Unsupported` (a library without the feature `zstd`).
    ///
    /// ```
    /// let path = std::env::temp_dir().join(format!("bytestore-example-{}", std::process::id()));
    /// let store = bytestore::Store::open("memory:?max_entries=1000")?;
    /// store.mset(&[("doc/1", "one"), ("doc/2", "two")])?;
    /// store.save(&path, 0)?;
    /// store.delete_prefix("doc/")?;
    /// store.load(&path)?;
    /// assert_eq!(store.len()?, 2);
    /// let same = bytestore::Store::open(&format!("snapshot:{}", path.display()))?;
    /// assert_eq!(same.mget(&["doc/2"])?, [Some(b"two".to_vec())]);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), bytestore::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>, level: u32) -> Result<(), Error> {
        self.save_file(path.as_ref().as_os_str().as_bytes(), level)
    }

    /// As [`save`](Self::save), to memory: the bytes of such a file.
    pub fn save_to_vec(&self, level: u32) -> Result<Vec<u8>, Error> {
        self.save_bytes(level).map(Bytes::take)
    }

    /// Loads a file that was saved: in one step its entries take the place of
    /// all that the store had; a namespace's, of what the namespace had.
    /// Options stay the store's own; what is more than it may hold is evicted.
    /// Counters of what happened so far stay. Until that step the store is as
    /// it was, and in use; after any error it stays so. Errors: `BadSnapshot`,
    /// `Unsupported`, `OverLimit` (an entry is more than the store may hold),
    /// `Io`, `InvalidArgument`, `OutOfMemory`, `ClosedHandle`.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.load_file(path.as_ref().as_os_str().as_bytes())
    }

    /// As [`load`](Self::load), from memory.
    pub fn load_from_slice(&self, bytes: &[u8]) -> Result<(), Error> {
        self.load_from(Reader::open(bytes, self.engine()?.erases())?)
    }

    /// How far the saving or loading of this store is that is under way in
    /// another thread.
    pub fn progress(&self) -> Result<Progress, Error> {
        self.engine()?;
        let Counts { done, total } = &self.core.progress;
        Ok(Progress { done: done.load(Relaxed), total: total.load(Relaxed) })
    }

    pub(crate) fn save_file(&self, path: &[u8], level: u32) -> Result<(), Error> {
        self.engine()?;
        self.save_into(Replacement::create(path)?, level)?.commit()
    }

    pub(crate) fn save_bytes(&self, level: u32) -> Result<Bytes, Error> {
        self.save_into(Bytes::new(self.erases()), level)
    }

    pub(crate) fn load_file(&self, path: &[u8]) -> Result<(), Error> {
        let erase = self.engine()?.erases();
        self.load_from(Reader::open(Input::open(path)?, erase)?)
    }

    /// A new store with the options and the entries of a file.
    pub(super) fn open_file(path: &[u8]) -> Result<Self, Error> {
        let reader = Reader::open(Input::open(path)?, false)?;
        // Whoever wrote unknown ones knew more.
        let options = Options::parse_query(reader.header().options).map_err(|_| Error::Unsupported)?;
        let store = Self::with_options(&options)?;
        store.load_from(reader.erasing(store.erases()))?;
        Ok(store)
    }

    fn save_into<S: Sink>(&self, sink: S, level: u32) -> Result<S, Error> {
        let engine = self.engine()?;
        let query = Query::of(&engine.settings());
        let header = Header { options: query.as_str() };
        let writer = Writer::begin(sink, &header, level, engine.erases())?;
        let mut saving =
            Saving { writer, cut: self.prefix.len(), counts: &self.core.progress, counting: None, errno: 0 };
        engine.snapshot(&self.prefix, &mut saving).inspect_err(|_| sys::set_errno(saving.errno))?;
        saving.writer.finish()
    }

    fn load_from<S: Source>(&self, mut reader: Reader<S>) -> Result<(), Error> {
        let engine = self.engine()?;
        let total = reader.left();
        let progress = self.core.progress.begin(total);
        let staging = engine.staging(reader.entries_to_come()?)?;
        while let Some(entries) = reader.next_block()? {
            self.stage(&staging, entries)?;
            progress.done(total - reader.left());
        }
        if staging.duplicates() > 0 {
            return Err(Error::BadSnapshot);
        }
        match self.prefix.is_empty() {
            true => staging.replace(),
            false => staging.replace_prefix(&self.prefix)?,
        }
        Ok(())
    }

    /// Stages a block's entries with the prefix before their keys, some at a time.
    fn stage(&self, staging: &Staging, mut entries: Entries) -> Result<(), Error> {
        loop {
            let joined;
            let mut batch = [Staged { key: &[], value: &[], remaining: None }; BATCH];
            let places = batch.iter_mut().zip(entries.by_ref());
            let len = places
                .map(|(place, Entry { key, value, remaining })| *place = Staged { key, value, remaining })
                .count();
            let batch = &mut batch[..len];
            if batch.is_empty() {
                return Ok(());
            }
            if batch.iter().any(|entry| entry.remaining == Some(0)) {
                return Err(Error::BadSnapshot); // it would have ended
            }
            if !self.prefix.is_empty() {
                joined = namespace::Joined::new(&self.prefix, batch.iter().map(|entry| entry.key), self.erases())?;
                let keys = joined.keys(batch.iter().map(|entry| entry.key))?;
                batch.iter_mut().zip(keys).for_each(|(entry, key)| entry.key = key);
            }
            staging.set(batch)?;
        }
    }
}

/// Where the engine's entries go.
struct Saving<'c, S: Sink> {
    writer: Writer<S>,
    /// Bytes of a key that are its namespace's.
    cut: usize,
    counts: &'c Counts,
    /// Once it has its turn.
    counting: Option<Counting<'c>>,
    /// Why the sink failed: locks that are waited for on the way out change it.
    errno: i32,
}

impl<S: Sink> SnapshotSink for Saving<'_, S> {
    fn begin(&mut self, at_most: usize) -> Result<(), Error> {
        self.counting = Some(self.counts.begin(at_most as u64));
        Ok(())
    }

    fn entry(&mut self, key: &[u8], value: &[u8], remaining: Option<u64>) -> Result<(), Error> {
        self.counts.done.fetch_add(1, Relaxed);
        let entry = Entry { key: &key[self.cut..], value, remaining };
        self.writer.entry(&entry).inspect_err(|_| self.errno = sys::errno())
    }
}

impl Counts {
    fn begin(&self, total: u64) -> Counting<'_> {
        self.done.store(0, Relaxed);
        self.total.store(total, Relaxed);
        Counting(self)
    }
}

impl Counting<'_> {
    fn done(&self, done: u64) {
        self.0.done.store(done, Relaxed);
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.total.store(0, Relaxed);
        self.0.done.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests;
