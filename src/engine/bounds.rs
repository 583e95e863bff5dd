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
            Cause::Deleted | Cause::Expired | Cause::Replaced => self.policy.remove(id),
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

    #[cfg(any(test, bytestore_faults))]
    pub fn check(&self) {
        assert_eq!(self.policy.live(), self.entries as usize);
    }

    /// Who has to go, some at a time; the store may be within its bounds before all of them are gone.
    pub fn victims(&mut self) -> Victims {
        let bytes = (self.bytes + self.excess()).saturating_sub(self.limits.max_bytes);
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

    /// What counts as if entries took it. But a batch that fits stays.
    fn excess(&self) -> u64 {
        match self.bytes > self.set {
            true => self.excess,
            false => 0,
        }
    }

    /// Which limit the store is over.
    pub fn over(&self) -> Option<Cause> {
        match self.bytes + self.excess() > self.limits.max_bytes {
            true => Some(Cause::OverBytes),
            false if self.entries > self.limits.max_entries => Some(Cause::OverEntries),
            false => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: u64 = u64::MAX;

    fn bounds(max_bytes: u64, max_entries: u64) -> Bounds {
        Bounds::new(Limits { max_bytes, max_entries, ..Limits::default() }).unwrap()
    }

    /// Who has to go first, and why.
    fn victim(bounds: &mut Bounds) -> Option<(Id, Cause)> {
        let cause = bounds.over()?;
        bounds.victims().ids().first().map(|&id| (id, cause))
    }

    #[test]
    fn a_batch_fits_up_to_each_limit_and_no_further() {
        let pair = (&b"key"[..], &b"value"[..]);
        let bytes = bytes_of(pair.0, pair.1);
        for (max_bytes, max_entries, max_item_bytes, fits) in [
            (NONE, NONE, NONE, true),
            (2 * bytes, 2, 8, true),
            (2 * bytes - 1, NONE, NONE, false),
            (NONE, 1, NONE, false),
            (NONE, NONE, 7, false),
        ] {
            let limits = Limits { max_bytes, max_entries, max_item_bytes };
            let expected = if fits { Ok(()) } else { Err(Error::OverLimit) };
            assert_eq!(limits.check([pair, pair].into_iter()), expected, "{limits:?}");
            assert_eq!(limits.check([].into_iter()), Ok(()));
            assert_eq!(limits.bound(), max_bytes != NONE || max_entries != NONE);
        }
    }

    #[test]
    fn what_comes_changes_and_goes_is_counted() {
        let mut bounds = bounds(1000, 3);
        bounds.reserve(8).unwrap();
        bounds.begin();
        bounds.entered(0, 10, 400);
        bounds.entered(1, 11, 300);
        bounds.overwritten(0, 400, 500);
        assert_eq!((bounds.bytes(), bounds.entries()), (800, 2));
        bounds.entered(2, 12, 200);
        assert!(bounds.over().is_none() && victim(&mut bounds).is_none());
        bounds.overwritten(1, 300, 301);
        assert!(matches!(bounds.over(), Some(Cause::OverBytes)));
        assert!(matches!(victim(&mut bounds), Some((0..=2, Cause::OverBytes))));
        bounds.overwritten(1, 301, 3);
        bounds.entered(3, 13, 4);
        assert!(matches!(victim(&mut bounds), Some((0..=3, Cause::OverEntries))));
        bounds.check();
        bounds.left(3, 13, 4, Cause::Deleted);
        assert!(bounds.over().is_none());
        bounds.left(0, 10, 500, Cause::OverBytes);
        bounds.left(1, 11, 3, Cause::Expired);
        assert_eq!((bounds.bytes(), bounds.entries()), (200, 1));
        bounds.check();
    }

    /// Neither what the batch under way set goes, nor what readers saw last, as long as there is anything else.
    #[test]
    fn what_was_used_last_stays() {
        let mut bounds = bounds(NONE, 1);
        bounds.reserve(8).unwrap();
        bounds.begin();
        bounds.entered(0, 10, 5);
        bounds.moved(0, 5);
        bounds.begin();
        bounds.entered(1, 11, 5);
        assert!(matches!(victim(&mut bounds), Some((5, _))));
        bounds.begin();
        bounds.seen([5].into_iter());
        assert!(matches!(victim(&mut bounds), Some((1, _))));
    }

    /// What is held beside the entries counts between batches, but for 4 MiB and a tenth of the bound.
    #[test]
    fn what_is_held_beside_counts_between_batches() {
        for (max_bytes, spare) in [(10 << 20, 5 << 20), (100 << 20, 14 << 20)] {
            let mut bounds = bounds(max_bytes, NONE);
            bounds.reserve(1).unwrap();
            let may_hold = max_bytes + spare - bounds.policy.bytes();
            bounds.begin();
            bounds.entered(0, 10, max_bytes);
            bounds.weigh(may_hold);
            assert_eq!(bounds.pages(), PAGES);
            bounds.begin();
            assert!(bounds.over().is_none());
            bounds.weigh(may_hold + 1000);
            assert!(matches!(bounds.over(), Some(Cause::OverBytes)));
            bounds.overwritten(0, max_bytes, max_bytes - 1000);
            assert!(bounds.over().is_none(), "a batch that fits stays");
            assert!(bounds.pages() > PAGES);
            bounds.begin();
            assert!(bounds.over().is_none());
            assert_eq!(bounds.pages(), PAGES);
            bounds.weigh(0);
            assert!(bounds.over().is_none());
        }
    }

    #[test]
    fn weights_end_at_4_gib() {
        for (bytes, weight) in [(0, 0), (5, 5), (u64::from(u32::MAX), u32::MAX), (1 << 33, u32::MAX)] {
            assert_eq!(weight_of(bytes), weight);
        }
    }

    /// What the batch under way set stays if it fits, whatever is held beside; and it makes room for as much.
    #[test]
    fn a_batch_of_new_entries_that_fits_stays() {
        const MAX: u64 = 10 << 20;
        let mut bounds = bounds(MAX, NONE);
        bounds.reserve(1).unwrap();
        let may_hold = MAX + SPARE + MAX / SPARE_PART - bounds.policy.bytes();
        bounds.begin();
        bounds.entered(0, 10, MAX);
        bounds.weigh(may_hold + 1000);
        assert!(bounds.over().is_none());
        assert_eq!(bounds.pages(), PAGES + 80, "one for each 128 KiB of 10 MiB");
        bounds.begin();
        assert!(matches!(bounds.over(), Some(Cause::OverBytes)));
    }

    #[test]
    fn as_many_go_as_is_held_too_much() {
        const MAX: u64 = 10 << 20;
        let mut bounds = bounds(MAX, NONE);
        bounds.reserve(10).unwrap();
        let may_hold = MAX + SPARE + MAX / SPARE_PART - bounds.policy.bytes();
        (0..10).for_each(|id| bounds.entered(id, id.into(), 1 << 20));
        bounds.begin();
        bounds.weigh(may_hold);
        assert!(bounds.victims().ids().is_empty());
        bounds.weigh(may_hold + (3 << 20));
        assert_eq!(bounds.victims().ids().len(), 3);
    }

    #[test]
    fn an_entry_that_was_overwritten_weighs_what_it_is_now() {
        let mut bounds = bounds(1000, NONE);
        bounds.reserve(2).unwrap();
        bounds.begin();
        bounds.entered(0, 10, 8);
        bounds.entered(1, 11, 8);
        bounds.overwritten(1, 8, 1 << 20);
        bounds.begin();
        assert!(matches!(victim(&mut bounds), Some((1, Cause::OverBytes))));
    }

    #[test]
    fn what_readers_saw_does_not_go_for_its_age() {
        for (seen, first) in [(None, 0), (Some(0), 1)] {
            let mut bounds = bounds(NONE, 2);
            bounds.reserve(3).unwrap();
            for id in 0..3 {
                bounds.begin();
                bounds.entered(id, id.into(), 5);
            }
            bounds.begin();
            bounds.seen(seen.into_iter());
            assert!(matches!(victim(&mut bounds), Some((id, Cause::OverEntries)) if id == first));
        }
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn a_count_that_is_off_is_noticed() {
        let mut bounds = bounds(NONE, NONE);
        bounds.entries += 1;
        bounds.check();
    }
}
