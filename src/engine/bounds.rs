//! How much a store may hold, and who goes when it is more. Knows what an entry takes, not what it is.

use super::batch::AHEAD;
use super::counters::Cause;
use super::note::Id;
use super::policy::{Policy, Victims};
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

/// Bytes that the policy holds for each id, whether there is an entry or not any more.
const ID: u64 = 12;
/// Bytes of ids without an entry that are not counted: so many, or a part of the bound.
const SPARE: u64 = 1 << 20;
const SPARE_PART: u64 = 64;

/// Entries of 4 GiB and more weigh the same.
fn weight_of(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

pub struct Bounds {
    limits: Limits,
    bytes: u64,
    entries: u64,
    policy: Policy,
    /// The most ids that there ever were.
    ids: u64,
    /// Bytes that the batch under way has set: those stay.
    set: u64,
}

impl Bounds {
    pub fn new(limits: Limits) -> Result<Self, Error> {
        // Where bytes are scarce, a large entry has to earn the place of many small ones.
        let policy = Policy::new(limits.max_bytes != u64::MAX)?;
        Ok(Bounds { limits, bytes: 0, entries: 0, policy, ids: 0, set: 0 })
    }

    #[cfg(test)]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    #[cfg(test)]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        self.ids = self.ids.max(ids as u64);
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
        let mut soon = ids.clone();
        soon.by_ref().take(AHEAD).for_each(|id| self.policy.prefetch(id));
        for id in ids {
            soon.next().into_iter().for_each(|id| self.policy.prefetch(id));
            self.policy.hit(id);
        }
    }

    #[cfg(test)]
    pub fn check(&self) {
        assert_eq!(self.policy.live(), self.entries as usize);
    }

    /// Who has to go, some at a time; the store may be within its bounds before all of them are gone.
    pub fn victims(&mut self) -> Victims {
        let bytes = (self.bytes + self.idle()).saturating_sub(self.limits.max_bytes);
        self.policy.victims(self.entries.saturating_sub(self.limits.max_entries), bytes)
    }

    /// Asks for what an access will look at.
    #[inline(always)]
    pub fn prefetch(&self, id: Id) {
        self.policy.prefetch(id);
    }

    /// Asks for what an entry that comes or goes will look at.
    #[inline(always)]
    pub fn prefetch_ghost(&self, hash: u64) {
        self.policy.prefetch_ghost(hash);
    }

    /// What the policy holds beside what is counted for each entry: after millions
    /// of small ones there is room for fewer large ones. But a batch that fits stays.
    fn idle(&self) -> u64 {
        let spare = SPARE.max(self.limits.max_bytes / SPARE_PART);
        match self.bytes > self.set {
            true => (self.ids.saturating_sub(self.entries) * ID).saturating_sub(spare),
            false => 0,
        }
    }

    /// Which limit the store is over.
    pub fn over(&self) -> Option<Cause> {
        match self.bytes + self.idle() > self.limits.max_bytes {
            true => Some(Cause::OverBytes),
            false if self.entries > self.limits.max_entries => Some(Cause::OverEntries),
            false => None,
        }
    }
}
