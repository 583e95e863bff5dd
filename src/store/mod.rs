//! A store: the operations of the contract over one engine, or over a part of its keys. Knows no C types and no slots or
//! locks of the engine.

#[cfg(not(feature = "redis"))]
mod absent;
mod capabilities;
mod computation;
mod compute;
mod cursor;
mod flights;
mod namespace;
mod options;
mod registry;
#[cfg(feature = "redis")]
mod remote;
mod saving;
mod scheme;
mod snapshot;
mod values;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::{Engine, ValueSink, NEVER};
use crate::sys::{Bytes, Shared};
use crate::Error;

pub use crate::engine::Counters;
#[cfg(not(feature = "redis"))]
use absent::{Remote, Scan};
pub use capabilities::Capabilities;
pub(crate) use computation::Computation;
pub use compute::ComputeError;
pub use cursor::{Cursor, KeyPage, Keys};
pub(crate) use flights::Failure;
pub use options::{BadPart, Options};
use registry::Core;
#[cfg(feature = "redis")]
use remote::{Remote, Scan};
pub use saving::Progress;
use values::Values;

/// One in-process byte store: a handle of it, which closes with its last owner.
///
/// Any thread may use it at any time; every batch is one atomic step. After
/// `fork` the child has its own copy, in working order. Whatever fails leaves
/// the store as it was. Every method of a store that was [closed](Self::close)
/// is `ClosedHandle`. There is no `Clone`, as making a second handle may fail:
/// [`namespace("")`](Self::namespace) does it.
///
/// ```
/// let store = bytestore::Store::open("memory:")?;
/// store.mset(&[("doc/1", "one"), ("doc/2", "two"), ("img/1", "three")])?;
/// assert_eq!(store.mdelete(&["doc/1", "none"])?, 1);
/// let keys: Result<Vec<_>, _> = store.keys("doc/")?.collect();
/// assert_eq!(keys?, [b"doc/2"]);
/// # Ok::<(), bytestore::Error>(())
/// ```
pub struct Store {
    core: Shared<Core>,
    /// What stands before all its keys in the engine; for most stores nothing.
    prefix: Bytes,
    closed: AtomicBool,
}

impl Store {
    /// A store with no options: `open("memory:")`.
    pub fn new() -> Result<Self, Error> {
        Self::with_options(&Options::default())
    }

    /// A store as its URL describes it: `memory:?max_bytes=512MiB&ttl=1h`, or
    /// the one that has a name: `memory:NAME`. An unknown scheme or option, and
    /// options that a store of this name was not made with, are
    /// `InvalidArgument`; [`Options::parse`] says which part it is, and lists
    /// them all. `snapshot:PATH` is a new store with the options and the
    /// entries of one that was [saved](Self::save). `redis://HOST` and its kin are
    /// stores on a Valkey or Redis server or cluster, which nothing is sent to
    /// before the first call; what they cannot promise,
    /// [`capabilities`](Self::capabilities) tells, and the page about
    /// [scaling](https://github.com/bytestore/bytestore/blob/main/docs/scaling.md).
    ///
    /// With [`over`](Options::over) it is a store on a server that keeps copies
    /// here of what is read: `memory:?max_bytes=64MiB&over=redis://host/`.
    ///
    /// ```
    /// let store = bytestore::Store::open("memory:answers?ttl=1h")?;
    /// store.mset(&[("question", "answer")])?;
    /// let same = bytestore::Store::open("memory:answers")?;
    /// assert_eq!(same.mget(&["question"])?, [Some(b"answer".to_vec())]);
    /// # Ok::<(), bytestore::Error>(())
    /// ```
    pub fn open(url: &str) -> Result<Self, Error> {
        Self::open_or_say(url).map_err(|(error, _)| error)
    }

    /// As `open`; of `InvalidArgument` it also says which part is at fault.
    pub(crate) fn open_or_say(url: &str) -> Result<Self, (Error, &str)> {
        if let Some(path) = url.strip_prefix("snapshot:") {
            return Self::open_file(path.as_bytes()).map_err(|error| (error, path));
        }
        if scheme::of_servers(url).is_some() {
            return Self::on_server(Remote::open(url)?);
        }
        let options = Options::parse(url).map_err(|part| (Error::InvalidArgument, part.0))?;
        if let Some(server) = options.over {
            return Self::on_server(Remote::open_over(server, options.settings())?);
        }
        let query = url.split_once('?').map_or("", |(_, query)| query);
        Self::with_options(&options).map_err(|error| (error, query))
    }

    fn on_server<'u>((remote, prefix): (Remote, Bytes)) -> Result<Self, (Error, &'u str)> {
        let core = registry::open_remote(remote).map_err(|error| (error, ""))?;
        Ok(Store { core, prefix, closed: AtomicBool::new(false) })
    }

    /// A store with options made in code. A store with a name that is there
    /// already is that one: the options are those it was made with, or none,
    /// otherwise `InvalidArgument`, as is a number that is not above 0. It is freed, and its name with it, when the
    /// last of those who opened it closes or drops it.
    ///
    /// ```
    /// use bytestore::{Options, Store};
    /// use std::time::Duration;
    ///
    /// let options = Options::default().with_max_bytes(1 << 20).with_ttl(Duration::from_secs(60)).with_manual_clock();
    /// let store = Store::with_options(&options)?;
    /// store.mset(&[("a", "1"), ("b", "2")])?;
    /// store.mset_with_ttl(&[("c", "3")], None)?; // for ever
    /// store.advance_clock(60_000)?;
    /// assert_eq!(store.mget(&["a", "c"])?, [None, Some(b"3".to_vec())]);
    ///
    /// let counters = store.counters()?;
    /// assert_eq!((counters.sets, counters.hits, counters.misses, counters.max_bytes), (3, 1, 1, 1 << 20));
    /// # Ok::<(), bytestore::Error>(())
    /// ```
    pub fn with_options(options: &Options) -> Result<Self, Error> {
        if !options.has_good_name() || !options.has_good_numbers() || !options.fit_over() {
            return Err(Error::InvalidArgument);
        }
        if let Some(server) = options.over {
            let opened = Remote::open_over(server, options.settings()).and_then(Self::on_server);
            return opened.map_err(|(error, _)| error);
        }
        let core = registry::open(options.name.unwrap_or_default().as_bytes(), options.settings())?;
        Ok(Store { core, prefix: Bytes::default(), closed: AtomicBool::new(false) })
    }

    /// A store of the keys that begin with `prefix`, which it gives and takes
    /// without it; all else is shared: limits (the prefix counts as part of a
    /// key), counters, time. It is closed and dropped on its own, and the memory
    /// is given back with the last of them. With an empty prefix it is a second
    /// handle of the same store.
    ///
    /// ```
    /// let store = bytestore::Store::new()?;
    /// let user = store.namespace("user/7/")?;
    /// user.mset(&[("name", "Ada")])?;
    /// assert_eq!(store.mget(&["user/7/name"])?, [Some(b"Ada".to_vec())]);
    /// assert_eq!(user.keys("")?.collect::<Result<Vec<_>, _>>()?, [b"name"]);
    /// # Ok::<(), bytestore::Error>(())
    /// ```
    pub fn namespace(&self, prefix: impl AsRef<[u8]>) -> Result<Store, Error> {
        self.core()?;
        let prefix = self.full_key(prefix.as_ref())?;
        match self.core.join() {
            true => Ok(Store { core: self.core.clone(), prefix, closed: AtomicBool::new(false) }),
            false => Err(Error::ClosedHandle),
        }
    }

    /// Sets all pairs, in one step. Of equal keys in the batch the last value
    /// wins and the first one's place in the order stands; overwriting an entry
    /// keeps its place. Errors: `InvalidArgument` for a key or value longer
    /// than 2^32 - 1 bytes, `OverLimit` where the batch or a pair of it is more
    /// than the store may hold, `OutOfMemory`, `ClosedHandle`.
    pub fn mset<K: AsRef<[u8]>, V: AsRef<[u8]>>(&self, pairs: &[(K, V)]) -> Result<(), Error> {
        self.mset_items(pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref())), None)
    }

    /// As [`mset`](Self::mset); the entries end after `ttl` (milliseconds
    /// count, rounded up): then they are as good as deleted. `None`: they stay
    /// until they are deleted, whatever the store's default.
    pub fn mset_with_ttl<K: AsRef<[u8]>, V: AsRef<[u8]>>(
        &self,
        pairs: &[(K, V)],
        ttl: Option<Duration>,
    ) -> Result<(), Error> {
        let ttl = milliseconds(ttl)?;
        self.mset_items(pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref())), Some(ttl))
    }

    /// One answer for each key, in order, as of one moment; `None` is a missing key.
    pub fn mget<K: AsRef<[u8]>>(&self, keys: &[K]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let mut values = Values::new(self.erases());
        self.mget_items(keys.iter().map(AsRef::as_ref), &mut values)?;
        Ok(values.take())
    }

    /// Deletes what is there, in one step; says how many entries that were.
    pub fn mdelete<K: AsRef<[u8]>>(&self, keys: &[K]) -> Result<usize, Error> {
        self.mdelete_items(keys.iter().map(AsRef::as_ref))
    }

    /// How many entries there are that have not ended and whose keys begin with
    /// `prefix`, at one moment.
    pub fn count(&self, prefix: impl AsRef<[u8]>) -> Result<usize, Error> {
        let core = self.core()?;
        self.with_full(prefix.as_ref(), |prefix| match &core.remote {
            Some(remote) => remote.count(prefix),
            None => Ok(core.engine.count(prefix)),
        })
    }

    /// Deletes all entries whose keys begin with `prefix`, in one step; says
    /// how many that were. The empty prefix is that of all keys.
    pub fn delete_prefix(&self, prefix: impl AsRef<[u8]>) -> Result<usize, Error> {
        let core = self.core()?;
        self.with_full(prefix.as_ref(), |prefix| match &core.remote {
            Some(remote) => remote.delete_prefix(prefix),
            None => core.engine.delete_prefix(prefix),
        })
    }

    /// How many entries there are that have not ended.
    pub fn len(&self) -> Result<usize, Error> {
        let core = self.core()?;
        match &core.remote {
            Some(remote) => remote.count(&self.prefix),
            None if self.prefix.is_empty() => Ok(core.engine.len()),
            None => Ok(core.engine.count(&self.prefix)),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.keys("")?.next().transpose()?.is_none())
    }

    /// What the store counted since it was opened, and what is in it now.
    pub fn counters(&self) -> Result<Counters, Error> {
        let core = self.core()?;
        Ok(core.remote.as_ref().map_or_else(|| core.engine.counters(), |remote| remote.counters()))
    }

    /// What this store can promise: in memory all of it.
    pub fn capabilities(&self) -> Result<Capabilities, Error> {
        Ok(self.core()?.remote.as_ref().map_or(Capabilities::MEMORY, |remote| remote.capabilities()))
    }

    /// Why a call on a server failed that was `RemoteFailure`, the last one of
    /// all threads: what the server or the system said. Empty if none did.
    pub fn remote_message(&self) -> Result<Vec<u8>, Error> {
        self.core()?.remote.as_ref().map_or(Ok(Vec::new()), |remote| remote.message())
    }

    /// Turns the clock of a store with [`manual_clock`](Options::manual_clock)
    /// forward, by milliseconds; other stores: `InvalidArgument`.
    pub fn advance_clock(&self, milliseconds: u64) -> Result<(), Error> {
        let core = self.core()?;
        match core.remote.is_none() && core.engine.advance_clock(milliseconds) {
            true => Ok(()),
            false => Err(Error::InvalidArgument),
        }
    }

    /// From here on every operation is `ClosedHandle`, closing again too.
    /// Operations under way on other threads finish; the memory is given back
    /// when the store and its last iterator are dropped.
    pub fn close(&self) -> Result<(), Error> {
        match self.closed.swap(true, Ordering::AcqRel) {
            false => {
                self.core.leave();
                Ok(())
            }
            true => Err(Error::ClosedHandle),
        }
    }

    pub(crate) fn mset_items<'a>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
        ttl: Option<u64>,
    ) -> Result<(), Error> {
        let core = self.core()?;
        match (&core.remote, self.prefix.is_empty()) {
            (None, true) => core.engine.mset(pairs, ttl),
            (None, false) => namespace::mset(&core.engine, &self.prefix, pairs, ttl),
            (Some(remote), _) => remote.mset(&self.prefix, pairs, ttl),
        }
    }

    pub(crate) fn mget_items<'a>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let core = self.core()?;
        match (&core.remote, self.prefix.is_empty()) {
            (None, true) => core.engine.mget(keys, sink),
            (None, false) => namespace::mget(&core.engine, &self.prefix, keys, sink),
            (Some(remote), _) => remote.mget(&self.prefix, keys, sink),
        }
    }

    pub(crate) fn mdelete_items<'a>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    ) -> Result<usize, Error> {
        let core = self.core()?;
        match (&core.remote, self.prefix.is_empty()) {
            (None, true) => core.engine.mdelete(keys),
            (None, false) => namespace::mdelete(&core.engine, &self.prefix, keys),
            (Some(remote), _) => remote.mdelete(&self.prefix, keys),
        }
    }

    /// Whether keys and values are erased when they go.
    pub(crate) fn erases(&self) -> bool {
        self.core.engine.erases()
    }

    /// A key, or the beginning of one, as the engine has it.
    fn full_key(&self, key: &[u8]) -> Result<Bytes, Error> {
        namespace::join(&self.prefix, key, self.erases())
    }

    /// Shows it, without a copy where it is the same bytes.
    fn with_full<T>(&self, prefix: &[u8], see: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
        match self.prefix.is_empty() {
            true => see(prefix),
            false => see(&self.full_key(prefix)?),
        }
    }

    fn core(&self) -> Result<&Core, Error> {
        match self.closed.load(Ordering::Acquire) {
            false => Ok(&self.core),
            true => Err(Error::ClosedHandle),
        }
    }

    /// For what only stores in memory do.
    pub(crate) fn engine(&self) -> Result<&Engine, Error> {
        match self.core()? {
            Core { remote: None, engine, .. } => Ok(engine),
            Core { remote: Some(_), .. } => Err(Error::Unsupported),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if !*self.closed.get_mut() {
            self.core.leave();
        }
    }
}

/// Keys and values are nobody's business.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("closed", &self.closed.load(Ordering::Acquire)).finish_non_exhaustive()
    }
}

/// A time to live; None: for ever.
fn milliseconds(ttl: Option<Duration>) -> Result<u64, Error> {
    match ttl {
        None => Ok(NEVER),
        Some(ttl) if ttl.is_zero() => Err(Error::InvalidArgument),
        Some(ttl) => Ok(u64::try_from(ttl.as_nanos().div_ceil(1_000_000)).unwrap_or(NEVER)),
    }
}

#[cfg(test)]
mod tests;
