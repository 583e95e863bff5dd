//! How much a store may hold, and who goes when it is more. Knows what an entry takes, not what it is.

use super::counters::Cause;
use super::note::Id;
use super::policy::Policy;
use super::shard::bytes_of;
use crate::Error;

/// What a store may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Keys, values and all that they take beside.
    pub max_bytes: u64,
    pub max_entries: u64,
    /// Of a single item: its key and its value.
    pub max_item_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: u64::MAX, max_entries: u64::MAX, max_item_bytes: u64::MAX }
    }
}

impl Limits {
    /// Whether a batch fits, with each pair of it.
    pub fn check<'k>(&self, pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>) -> Result<(), Error> {
        let (entries, mut bytes) = (pairs.len() as u64, 0_u64);
        for (key, value) in pairs {
            let item = key.len() as u64 + value.len() as u64;
            if item > self.max_item_bytes {
                return Err(Error::OverLimit);
            }
            bytes = bytes.saturating_add(bytes_of(key, value));
        }
        match bytes > self.max_bytes || entries > self.max_entries {
            true => Err(Error::OverLimit),
            false => Ok(()),
        }
    }

    /// Whether anything may have to go.
    pub fn bound(&self) -> bool {
        self.max_bytes != u64::MAX || self.max_entries != u64::MAX
    }
}

/// Bytes that a store may hold beside what is counted: so many, and a part of the bound.
const SPARE: u64 = 4 << 20;
const SPARE_PART: u64 = 10;

/// Pages that one batch empties in a shard, and bytes that it sets for one more.
const PAGES: usize = 4;
const PAGE_BYTES: u64 = 128 << 10;

/// Entries of 4 GiB and more weigh the same.
fn weight_of(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

pub struct Bounds {
    limits: Limits,
    bytes: u64,
    entries: u64,
    policy: Policy,
    /// Bytes that it holds beyond what it may: as long as they stay, there is room for fewer entries.
    excess: u64,
    /// Bytes that the batch under way has set: those stay.
    set: u64,
}

impl Bounds {
    pub fn new(limits: Limits) -> Result<Self, Error> {
        // Where bytes are scarce, a large entry has to earn the place of many small ones.
        let policy = Policy::new(limits.max_bytes != u64::MAX)?;
        Ok(Bounds { limits, bytes: 0, entries: 0, policy, excess: 0, set: 0 })
    }

    #[cfg(any(test, bytestore_faults))]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    #[cfg(any(test, bytestore_faults))]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        self.policy.reserve(ids)
    }

    /// A batch begins: what it sets is there when it ends.
    pub fn begin(&mut self) {
        self.set = 0;
        self.policy.begin();
    }

    pub fn entered(&mut self, id: Id, hash: u64, bytes: u64) {
        self.entries += 1;
        self.bytes += bytes;
        self.set += bytes;
        self.policy.insert(id, hash, weight_of(bytes));
    }

    pub fn overwritten(&mut self, id: Id, before: u64, bytes: u64) {
        self.bytes = self.bytes - before + bytes;
        self.set += bytes;
        self.policy.hit(id);
        if bytes != before {
            self.policy.reweigh(id, weight_of(bytes));
        }
    }

    pub fn left(&mut self, id: Id, hash: u64, bytes: u64, cause: Cause) {
        self.entries -= 1;
        self.bytes -= bytes;
        match cause {
            Cause::OverBytes | Cause::OverEntries => self.policy.evict(id, hash),
            Cause::Deleted | Cause::Expired => self.policy.remove(id),
        }
    }

    pub fn moved(&mut self, from: Id, to: Id) {
        self.policy.moved(from, to);
    }

    pub fn seen(&mut self, ids: impl Iterator<Item = Id> + Clone) {
        ids.for_each(|id| self.policy.hit(id));
    }

    #[cfg(any(test, bytestore_faults))]
    pub fn check(&self) {
        assert_eq!(self.policy.live(), self.entries as usize);
    }

    #[inline(always)]
    pub fn victim(&mut self) -> Option<(Id, Cause)> {
        let cause = self.over()?;
        Some((self.policy.victim()?, cause))
    }

    /// The store holds so many bytes, in use or not. Holes between entries become free
    /// memory only with time: meanwhile it must hold fewer of them.
    pub fn weigh(&mut self, held: u64) {
        let spare = SPARE + self.limits.max_bytes / SPARE_PART;
        let beside = (held + self.policy.bytes()).saturating_sub(self.bytes);
        self.excess = beside.saturating_sub(spare);
    }

    /// Pages of holes that the batch under way empties in each shard at most: who sets
    /// much while there is no room for it has to make some.
    pub fn pages(&self) -> usize {
        let set = if self.excess > 0 { self.set } else { 0 };
        PAGES + (set / PAGE_BYTES) as usize
    }

    /// Which limit the store is over.
    pub fn over(&self) -> Option<Cause> {
        // But a batch that fits stays.
        let excess = if self.bytes > self.set { self.excess } else { 0 };
        match self.bytes + excess > self.limits.max_bytes {
            true => Some(Cause::OverBytes),
            false if self.entries > self.limits.max_entries => Some(Cause::OverEntries),
            false => None,
        }
    }
}
