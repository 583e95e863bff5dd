//! What belongs to all shards at once, and is told of every entry that comes, goes or gets another id. Knows no locks.

use super::arena::Ref;
use super::aside::Aside;
use super::bounds::Bounds;
use super::compaction::Compaction;
use super::counters::Cause;
use super::note::Id;
use super::order::place_of;
use super::policy::Victims;
use super::prefixes::{Keys, Locator, Prefixes};
use crate::sys::Lock;
use crate::Error;

#[derive(Default)]
pub struct Whole {
    bounds: Option<Bounds>,
    /// All entries, where somebody asks for prefixes.
    prefixes: Option<Prefixes>,
    /// Entries that the set was promised since it was settled.
    promised: usize,
    pub compaction: Compaction,
    /// What the set was not told yet, as that takes the keys of all shards.
    untold: Option<Change>,
    /// Of the snapshot under way. Readers lock it, writers need not.
    aside: Option<Lock<Aside>>,
}

/// A reference in the place of another one, or of none.
#[derive(Clone, Copy)]
struct Change {
    old: Option<Locator>,
    new: Locator,
}

impl Whole {
    pub fn new(bounds: Option<Bounds>) -> Self {
        Whole { bounds, ..Whole::default() }
    }

    pub fn prefixes(&self) -> Option<&Prefixes> {
        self.prefixes.as_ref()
    }

    /// What is put aside for the snapshot under way.
    pub fn aside(&self) -> Option<&Lock<Aside>> {
        self.aside.as_ref()
    }

    /// The same, to put more aside.
    #[inline(always)]
    pub fn aside_mut(&mut self) -> Option<&mut Aside> {
        self.aside.as_mut().map(Lock::get_mut)
    }

    /// A snapshot begins or ends; gives back what was put aside for the one before.
    pub fn set_aside(&mut self, aside: Option<Aside>) -> Option<Lock<Aside>> {
        std::mem::replace(&mut self.aside, aside.map(Lock::new))
    }

    /// Gives it the set of all entries there are, or none.
    pub fn set_prefixes(&mut self, prefixes: Option<Prefixes>) {
        (self.prefixes, self.promised, self.untold) = (prefixes, 0, None);
    }

    /// Tells the set of what happened last. After each event, before the next.
    pub fn tell(&mut self, keys: &impl Keys) {
        let (Some(set), Some(Change { old, new })) = (&mut self.prefixes, self.untold.take()) else { return };
        match old {
            Some(old) => _ = set.replace(keys, old, new),
            None => set.insert(keys, new),
        }
    }

    /// An entry is somewhere else now.
    pub fn relocated(&mut self, shard: usize, old: Ref, new: Ref) {
        if self.prefixes.is_some() {
            let [old, new] = [old, new].map(|reference| Locator { reference, shard: shard as u8 });
            self.untold = Some(Change { old: Some(old), new });
        }
    }

    /// Entries will leave that follow each other in the order of their keys, which can still be read.
    pub fn leave(&mut self, keys: &impl Keys, entries: &[Locator]) {
        if let Some(set) = &mut self.prefixes {
            set.remove_run(keys, entries);
        }
    }

    /// The batch is over.
    pub fn settle(&mut self) {
        self.promised = 0;
        self.prefixes.iter_mut().for_each(Prefixes::settle);
    }

    #[cfg(any(test, bytestore_faults))]
    pub fn bounds(&self) -> Option<&Bounds> {
        self.bounds.as_ref()
    }

    /// Room for one more entry, and for ids below a number.
    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        if let Some(set) = &mut self.prefixes {
            set.reserve(self.promised + 1)?;
            self.promised += 1;
        }
        self.bounds.as_mut().map_or(Ok(()), |bounds| bounds.reserve(ids))
    }

    /// An entry that takes so many bytes.
    pub fn entered(&mut self, id: Id, reference: Ref, hash: u64, bytes: u64) {
        if self.prefixes.is_some() {
            let shard = place_of(id).0 as u8;
            self.untold = Some(Change { old: None, new: Locator { reference, shard } });
        }
        self.bounds.iter_mut().for_each(|bounds| bounds.entered(id, hash, bytes));
    }

    /// An entry was set again, and took `before` bytes.
    pub fn overwritten(&mut self, id: Id, before: u64, bytes: u64) {
        self.bounds.iter_mut().for_each(|bounds| bounds.overwritten(id, before, bytes));
    }

    pub fn left(&mut self, id: Id, hash: u64, bytes: u64, cause: Cause) {
        self.bounds.iter_mut().for_each(|bounds| bounds.left(id, hash, bytes, cause));
    }

    pub fn moved(&mut self, from: Id, to: Id) {
        self.aside_mut().into_iter().for_each(|aside| aside.moved(from, to));
        self.bounds.iter_mut().for_each(|bounds| bounds.moved(from, to));
    }

    /// A batch begins.
    pub fn begin(&mut self) {
        self.bounds.iter_mut().for_each(Bounds::begin);
    }

    /// Entries that were found by readers, in order.
    pub fn seen(&mut self, ids: impl Iterator<Item = Id> + Clone) {
        self.bounds.iter_mut().for_each(|bounds| bounds.seen(ids.clone()));
    }

    /// Which limit the store is over: an entry has to go.
    #[inline(always)]
    pub fn over(&self) -> Option<Cause> {
        self.bounds.as_ref()?.over()
    }

    /// The store holds so many bytes.
    pub fn weigh(&mut self, held: u64) {
        self.bounds.iter_mut().for_each(|bounds| bounds.weigh(held));
    }

    /// Pages of holes that the batch under way empties in each shard at most.
    pub fn pages(&self) -> usize {
        self.bounds.as_ref().map_or(0, Bounds::pages)
    }

    /// Entries that have to go, some at a time.
    pub fn victims(&mut self) -> Victims {
        self.bounds.as_mut().map(Bounds::victims).unwrap_or_default()
    }

    /// Asks for what `overwritten` will look at.
    #[inline(always)]
    pub fn prefetch(&self, id: Id) {
        self.bounds.iter().for_each(|bounds| bounds.prefetch(id));
    }

    /// Asks for what `entered` and `left` will look at.
    #[inline(always)]
    pub fn prefetch_ghost(&self, hash: u64) {
        self.bounds.iter().for_each(|bounds| bounds.prefetch_ghost(hash));
    }
}

#[cfg(all(test, not(modelled)))]
mod tests {
    use super::super::bounds::Limits;
    use super::*;

    /// What is held beside the entries takes their place, and who sets much meanwhile empties more pages than others do.
    #[test]
    fn what_is_held_beside_the_entries_counts() {
        const HELD: u64 = 100 << 20;
        let limits = Limits { max_bytes: 20 << 20, ..Limits::default() };
        let mut whole = Whole::new(Some(Bounds::new(limits).unwrap()));
        let pages = whole.pages();
        assert!(pages > 1 && whole.over().is_none() && whole.victims().ids().is_empty());
        whole.reserve(8).unwrap();
        whole.begin();
        whole.entered(0, 1, 10, 1 << 20);
        whole.weigh(HELD);
        assert!(whole.over().is_none(), "a batch that fits stays");
        assert_eq!(whole.pages(), pages + 8); // one more for each 128 KiB
        whole.begin();
        assert_eq!(whole.pages(), pages);
        assert!(matches!(whole.over(), Some(Cause::OverBytes)));
        assert_eq!(whole.victims().ids(), [0]);
        let counted = |whole: &Whole| whole.bounds().map(|bounds| (bounds.entries(), bounds.bytes()));
        assert_eq!(counted(&whole), Some((1, 1 << 20)));
        whole.left(0, 10, 1 << 20, Cause::OverBytes);
        assert_eq!(counted(&whole), Some((0, 0)));
    }

    /// At worst each of them needs a node, and they another root.
    #[test]
    #[cfg(not(bytestore_faults))] // where allocations are counted otherwise
    fn there_is_room_for_each_entry_since_the_set_was_settled() {
        const NODE: usize = 512;
        let pool = crate::sys::Shared::try_new(crate::sys::Pool::new()).unwrap();
        let mut whole = Whole::new(None);
        whole.set_prefixes(Some(Prefixes::new(pool)));
        for entries in [4, 8] {
            let reserve = || (0..entries).for_each(|_| whole.reserve(8).unwrap());
            let (_, most) = crate::sys::counted::most_of(reserve);
            assert!(most > entries * NODE + NODE / 2, "{most} bytes for {entries}");
            whole.settle();
            let (_, most) = crate::sys::counted::most_of(|| whole.reserve(8).unwrap());
            assert_eq!(most, 0, "there is more than enough for one");
            whole.settle();
        }
    }

    #[test]
    fn a_store_without_bounds_is_never_over_them() {
        let mut whole = Whole::new(None);
        whole.reserve(8).unwrap();
        whole.begin();
        whole.entered(0, 1, 10, u64::MAX);
        whole.weigh(u64::MAX);
        assert!(whole.over().is_none() && whole.bounds().is_none() && whole.victims().ids().is_empty());
        assert_eq!(whole.pages(), 0);
    }
}
