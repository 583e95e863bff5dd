//! The operations of a store on a Valkey or Redis server, or on a cluster of them. Knows no sockets (`link`) and no
//! URLs (`location`).
//!
//! Every call takes a connection of its own from those that are idle, so that
//! threads do not wait for one another. No lock is held while a server is
//! waited for: `fork` waits for nobody.

// Where memory runs out here the process ends: the crate that speaks to servers knows no other way.
#![allow(clippy::disallowed_methods)]

mod link;
mod location;
mod near;
mod pool;
mod scan;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use redis::{RedisResult, Value};

use super::namespace::Joined;
use super::{scheme, Capabilities, Counters};
use crate::engine::{Engine, Settings, ValueSink, NEVER};
use crate::sys::{self, Bytes, Lock, Shared};
use crate::Error;
use location::Location;
use near::{Found, Fresh, Near};
use pool::{Connections, Pool};
pub use scan::Scan;

/// What a server takes for an end: later ones are none for any purpose, and some of them overflow there.
const LONGEST_TTL: u64 = 1 << 53;

/// A server or a cluster.
pub struct Remote {
    /// Connections to it.
    pool: Pool,
    /// Milliseconds that an entry lives when it is set without saying.
    ttl: u64,
    /// Keys of one command at most.
    batch: usize,
    is_cluster: bool,
    counts: Counts,
    /// Copies of what was read there.
    near: Option<Tier>,
}

struct Tier {
    near: Shared<Near>,
    /// What all keys begin with.
    namespace: Bytes,
}

/// What this program did there.
#[derive(Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    sets: AtomicU64,
    deletes: AtomicU64,
}

impl Remote {
    /// The one that a URL names, and what stands before all keys there. Nothing
    /// is sent yet. On error the part of the URL at fault.
    pub fn open(url: &str) -> Result<(Self, Bytes), (Error, &str)> {
        let Location { servers, namespace, ttl, timeout, retries, batch, replicas, is_cluster } =
            Location::parse(url).map_err(|part| (Error::InvalidArgument, part.0))?;
        let open = || {
            let remote = Remote {
                pool: Pool::new(servers, is_cluster, replicas, timeout, retries),
                ttl,
                batch,
                is_cluster,
                counts: Counts::default(),
                near: None,
            };
            Ok((remote, Bytes::copy_of(&namespace, false)?))
        };
        open().map_err(|error| (error, ""))
    }

    /// As `open`, with copies of what is read in this process, made and bounded as the settings say. Of what is no URL
    /// of a server, and of a cluster's, the scheme is at fault: no more of it is told, as it may have a password.
    pub fn open_over(url: &str, settings: Settings) -> Result<(Self, Bytes), (Error, &str)> {
        if !matches!(scheme::of_servers(url), Some((_, false))) {
            return Err((Error::InvalidArgument, url.split_once(':').map_or(&url[..0], |(scheme, _)| scheme)));
        }
        let (mut remote, namespace) = Self::open(url)?;
        let tier = || Ok(Tier { near: Near::new(settings)?, namespace: Bytes::copy_of(&namespace, false)? });
        remote.near = Some(tier().map_err(|error| (error, ""))?);
        Ok((remote, namespace))
    }

    #[cold] // beside it the engine's stays in its caller
    #[inline(never)]
    pub fn mset<'a>(
        &self,
        prefix: &[u8],
        pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> + Clone,
        ttl: Option<u64>,
    ) -> Result<(), Error> {
        let ttl = ttl.unwrap_or(self.ttl);
        let ttl = (ttl != NEVER).then_some(ttl.min(LONGEST_TTL));
        let keys = Keys::new(prefix, pairs.clone().map(|(key, _)| key))?;
        let keys = keys.all(pairs.clone().map(|(key, _)| key))?;
        let pairs = sys::try_collect(keys.iter().copied().zip(pairs.map(|(_, value)| value)))?;
        let _changed = self.changing(&keys);
        for pairs in pairs.chunks(self.batch) {
            self.pool.call(|link| link.set(pairs, ttl))?;
            self.counts.sets.fetch_add(pairs.len() as u64, Relaxed);
        }
        Ok(())
    }

    #[cold] // beside it the engine's stays in its caller
    #[inline(never)]
    pub fn mget<'a>(
        &self,
        prefix: &[u8],
        keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let joined = Keys::new(prefix, keys.clone())?;
        let keys = joined.all(keys)?;
        if let Some(tier) = &self.near {
            watch::start(&tier.near, self.pool.server(), &tier.namespace);
            if let Some(found) = tier.near.find(&keys)? {
                return self.complete(&tier.near, &found, &keys, sink);
            }
        }
        let mut values = Vec::new();
        values.try_reserve_exact(keys.len())?;
        for keys in keys.chunks(self.batch) {
            let some = self.pool.call(|link| link.get(keys))?;
            values.extend(some); // there is room
        }
        let bytes = values.iter().map(|value| bytes_of(value).map_or(0, <[u8]>::len)).sum();
        sink.expect(values.len(), bytes)?;
        for value in &values {
            match bytes_of(value) {
                Some(value) => sink.copied(value)?,
                None => sink.missing()?,
            }
        }
        let misses = values.iter().filter(|value| bytes_of(value).is_none()).count();
        self.counts.read(values.len(), misses, sink);
        Ok(())
    }

    /// Answers with what there is of copies, and with what the server has of the rest, which is kept as copies.
    fn complete(&self, near: &Near, found: &Found, keys: &[&[u8]], sink: &mut impl ValueSink) -> Result<(), Error> {
        let missing = found.missing(keys)?;
        let mut values = Vec::new();
        if !missing.is_empty() {
            let notes = near.note(&missing)?;
            values.try_reserve_exact(missing.len())?;
            for keys in missing.chunks(self.batch) {
                let some = self.pool.call(|link| link.get_with_ttls(keys))?;
                values.extend(some); // there is room
            }
            let fresh =
                sys::try_collect(values.iter().map(|(value, ttl)| Fresh { value: bytes_of(value), ttl: *ttl }))?;
            near.fill(&missing, &fresh, &notes)?;
        }
        found.give(values.iter().map(|(value, _)| bytes_of(value)), sink)?;
        let misses = values.iter().filter(|(value, _)| bytes_of(value).is_none()).count();
        self.counts.read(keys.len(), misses, sink);
        Ok(())
    }

    #[cold] // beside it the engine's stays in its caller
    #[inline(never)]
    pub fn mdelete<'a>(
        &self,
        prefix: &[u8],
        keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    ) -> Result<usize, Error> {
        let joined = Keys::new(prefix, keys.clone())?;
        self.delete(&joined.all(keys)?)
    }

    /// How many keys begin with a prefix: they are all walked, as a server finds no key by its beginning.
    pub fn count(&self, prefix: &[u8]) -> Result<usize, Error> {
        let mut count = 0;
        self.walk(prefix, |keys| {
            count += keys.len();
            Ok(())
        })?;
        Ok(count)
    }

    /// Deletes the keys that begin with a prefix, some at a time.
    pub fn delete_prefix(&self, prefix: &[u8]) -> Result<usize, Error> {
        let mut removed = 0;
        self.walk(prefix, |keys| {
            removed += self.delete(&sys::try_collect(keys.iter().map(Vec::as_slice))?)?;
            Ok(())
        })?;
        Ok(removed)
    }

    /// What this store counted; what is in a server, it does not tell. Sizes, bounds, evictions and expirations are
    /// those of the copies.
    pub fn counters(&self) -> Counters {
        let Counts { hits, misses, sets, deletes } = &self.counts;
        let read = |count: &AtomicU64| count.load(Relaxed);
        Counters {
            hits: read(hits),
            misses: read(misses),
            sets: read(sets),
            deletes: read(deletes),
            ..self.near.as_ref().map_or_else(Counters::default, |tier| tier.near.counters())
        }
    }

    /// Why the last call failed that did: what the server or the system said.
    pub fn message(&self) -> Result<Vec<u8>, Error> {
        self.pool.message()
    }

    pub fn scan(&self) -> Scan {
        Scan::new()
    }

    /// The connections, to be held for the time around a fork.
    pub fn connections(&self) -> &Lock<Connections> {
        &self.pool.connections
    }

    /// What has copies, to be held around a fork, too, in this order.
    pub fn copies(&self) -> Option<(&Lock<()>, &Engine)> {
        self.near.as_ref().map(|tier| tier.near.locks())
    }

    /// In the child of a fork, with all that is held still held: what hears of changes is not here.
    pub fn has_forked(&self) {
        self.near.iter().for_each(|tier| tier.near.lose_watch());
    }

    pub fn capabilities(&self) -> Capabilities {
        // Some copies are older than what the server gives beside them.
        let is_one_step = !self.is_cluster && self.batch == usize::MAX && self.near.is_none();
        Capabilities { atomic_batches: is_one_step, ..Capabilities::default() }
    }

    fn delete(&self, keys: &[&[u8]]) -> Result<usize, Error> {
        let _changed = self.changing(keys);
        let mut removed = 0;
        for keys in keys.chunks(self.batch) {
            removed += self.pool.call(|link| link.delete(keys))?;
        }
        self.counts.deletes.fetch_add(removed as u64, Relaxed);
        Ok(removed)
    }

    /// Drops the copies of these keys when it goes, however the call ends: what fails may have been done.
    fn changing<'c>(&'c self, keys: &'c [&'c [u8]]) -> Option<Changing<'c>> {
        self.near.as_ref().map(|tier| Changing { near: &tier.near, keys })
    }

    fn walk(&self, prefix: &[u8], mut visit: impl FnMut(&[Vec<u8>]) -> Result<(), Error>) -> Result<(), Error> {
        let mut scan = scan::State::default();
        loop {
            let keys = scan.more(self, prefix)?;
            match keys.is_empty() {
                true => return Ok(()),
                false => visit(&keys)?,
            }
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.near.iter().for_each(|tier| tier.near.close());
    }
}

impl Counts {
    fn read(&self, answers: usize, misses: usize, sink: &impl ValueSink) {
        if sink.is_of_use() {
            self.hits.fetch_add((answers - misses) as u64, Relaxed);
            self.misses.fetch_add(misses as u64, Relaxed);
        }
    }
}

struct Changing<'c> {
    near: &'c Near,
    keys: &'c [&'c [u8]],
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.near.forget(self.keys);
    }
}

/// An answer that is there.
fn bytes_of(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

/// A batch's keys as the server has them.
enum Keys {
    AsTheyAre,
    Joined(Joined),
}

impl Keys {
    fn new<'a>(prefix: &[u8], keys: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> Result<Self, Error> {
        match prefix.is_empty() {
            true => Ok(Keys::AsTheyAre),
            false => Ok(Keys::Joined(Joined::new(prefix, keys, false)?)),
        }
    }

    fn all<'k, 'a: 'k>(&'k self, keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<Vec<&'k [u8]>, Error> {
        match self {
            Keys::AsTheyAre => sys::try_collect(keys),
            Keys::Joined(joined) => joined.keys(keys),
        }
    }
}

/// An answer that is not of the kind that the command has.
fn unexpected<T>() -> RedisResult<T> {
    Err((redis::ErrorKind::UnexpectedReturnType, "an answer of another kind").into())
}
