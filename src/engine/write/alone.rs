//! The shards that a batch has alone: taken when it begins, put in order and let go when it ends. Knows no operation.

use std::sync::atomic::Ordering;

use super::super::arena::Ref;
use super::super::batch::{shard_of, Probe, AHEAD, FEW};
use super::super::clock::{deadline_after, NEVER};
use super::super::counters::Cause;
use super::super::entry::Entry;
use super::super::gate::{Writing, ALL, SHARDS};
use super::super::matches::All;
use super::super::note::Note;
use super::super::order::place_of;
use super::super::policy::GROUP;
use super::super::prefixes::Locator;
use super::super::shard::{is_large, Plan, Shard};
use super::super::whole::Whole;
use super::super::{takes_all, BOUNDED, ERASING, PREFIXES, TOGETHER};
use super::{Engine, Pair};
use crate::sys::{prefetch, Heap, Shared};
use crate::Error;

/// What a batch holds of large entries, which are made and freed while no shard
/// is held.
pub(super) struct LargeEntries {
    /// Those to be set, the last one first.
    pub(super) new: Vec<Entry>,
    /// Those that were replaced or removed.
    pub(super) old: Vec<Entry>,
    /// Bytes of those, and of others that went with them.
    pub(super) freed: usize,
}

/// The shards that a batch has alone. Where it is not watched, no entry has a
/// deadline and nobody is told of any.
pub(super) struct Batch<'e, 'l, const WATCHED: bool> {
    pub(super) shards: Writing<'e, Shard, Whole, Note>,
    /// The time, if any entry may have ended, otherwise 0.
    pub(super) now: u64,
    /// What is in use while it has them.
    pub(super) uses: u32,
    pub(super) large: &'l mut LargeEntries,
    /// Entries that it took out.
    pub(super) removed: usize,
}

impl Engine {
    /// Takes the shards of a mask alone, or all. `None`: it must be watched.
    #[inline(always)]
    pub(super) fn batch<'l, const WATCHED: bool>(
        &self,
        mask: u32,
        large: &'l mut LargeEntries,
    ) -> Option<Batch<'_, 'l, WATCHED>> {
        if WATCHED {
            return Some(self.watched_batch(mask, large));
        }
        let shards = self.gate.write(mask);
        (!self.watches()).then(|| Batch { shards, now: 0, uses: 0, large, removed: 0 })
    }

    pub(super) fn watched_batch<'l, const WATCHED: bool>(
        &self,
        mask: u32,
        large: &'l mut LargeEntries,
    ) -> Batch<'_, 'l, WATCHED> {
        loop {
            let mut shards = self.gate.write(if takes_all(self.uses.load(Ordering::SeqCst)) { ALL } else { mask });
            let uses = self.uses.load(Ordering::SeqCst);
            if takes_all(uses) && !shards.has_all() {
                continue; // others began to use it meanwhile
            }
            if uses & BOUNDED != 0 {
                take_seen(&mut shards);
            }
            return Batch { shards, now: self.time(), uses, large, removed: 0 };
        }
    }

    /// Takes entries out until the store is within its bounds, some at a time: each one's place is asked for, then its
    /// key, then what its removal looks at.
    #[inline(never)]
    pub(super) fn evict<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        loop {
            let Some(victims) = batch.shards.whole().map(Whole::victims) else { return };
            let places = victims.ids().iter().map(|&id| place_of(id));
            for (number, place) in places.clone() {
                batch.peek(number).prefetch_place(place);
            }
            // References, as places change when others leave.
            let mut found = [(0, 0, 0); GROUP];
            for (found, (number, place)) in found.iter_mut().zip(places) {
                let reference = batch.peek(number).at(place);
                batch.peek(number).prefetch_key(reference);
                *found = (number, reference, 0);
            }
            let found = found.get_mut(..victims.ids().len()).unwrap_or_default();
            for (number, reference, hash) in found.iter_mut() {
                let shard = batch.shards.peek(*number);
                *hash = self.seed.hash(shard.key(*reference));
                prefetch(shard.line(*hash));
                batch.shards.whole().into_iter().for_each(|whole| whole.prefetch_ghost(*hash));
            }
            for &(number, reference, hash) in found.iter() {
                let Some(cause) = batch.over() else { return };
                if !batch.take_out(number, hash, reference, cause) {
                    return;
                }
            }
            if victims.ids().is_empty() {
                return;
            }
        }
    }

    /// Ends a batch of so many items: some of the entries that have ended go, and
    /// what was large is freed when the shards are free again.
    #[inline(always)]
    pub(super) fn end<const WATCHED: bool>(&self, mut batch: Batch<WATCHED>, items: usize) {
        if WATCHED && batch.now != 0 {
            // Where a small batch has all shards, each one has its turn.
            let turn = self.next_sequence.load(Ordering::Relaxed) as usize % SHARDS;
            let all = !batch.shards.has_all() || items > FEW || batch.uses & ERASING != 0;
            self.sweep(&mut batch, if all { ALL } else { 1 << turn });
        }
        self.tidy(&mut batch);
        let Batch { shards, large, .. } = batch;
        drop(shards);
        large.old.clear();
    }

    /// Takes entries out that have ended, some of them or, where they are erased, all.
    #[inline(never)]
    pub(super) fn sweep<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>, mask: u32) {
        let to_the_end = batch.uses & ERASING != 0;
        for number in batch.shards.shards().filter(|&number| (mask >> number) & 1 == 1) {
            while let Some(ended) = batch.shards.shard(number).sweep(&self.seed, batch.now, to_the_end) {
                for &(reference, hash) in ended.entries() {
                    batch.take_out(number, hash, reference, Cause::Expired);
                }
                if !to_the_end {
                    break;
                }
            }
        }
    }

    #[inline(always)]
    pub(super) fn tidy<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        let bound = WATCHED && batch.uses & BOUNDED != 0;
        let pages = if bound { batch.shards.whole().map_or(0, |whole| whole.pages()) } else { 0 };
        let mut held = 0;
        for number in batch.shards.shards() {
            let mut emptied = 0;
            while batch.peek(number).has_holes(emptied, pages) {
                self.empty_a_page(batch, number);
                emptied += 1;
            }
            batch.shards.shard(number).tidy(batch.removed);
            if bound {
                held += batch.peek(number).large_bytes();
            }
        }
        if bound {
            held += batch.peek(0).pool().resident() + self.heap.idle();
            batch.shards.whole().into_iter().for_each(|whole| whole.weigh(held));
        }
        if bound && batch.shards.whole().is_some_and(|whole| whole.compaction.is_due(&self.heap)) {
            self.compact(batch);
        }
        if WATCHED && batch.uses & PREFIXES != 0 {
            self.settle(batch);
        }
    }

    /// Moves some large entries.
    #[cold]
    fn compact<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        let freed = batch.large.freed;
        let Some(Ok(first)) = batch.shards.whole().map(|whole| whole.compaction.begin(&self.heap, freed)) else {
            return;
        };
        for number in first..SHARDS {
            let (shard, Some(whole)) = batch.shards.shard_and_whole(number) else { return };
            if !shard.compact(&mut whole.compaction) {
                return;
            }
            whole.compaction.go_on(&self.heap, number + 1);
        }
    }

    /// Moves the entries of a page elsewhere and gives the page back.
    #[cold]
    pub(super) fn empty_a_page<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>, number: usize) {
        let Some(mut evacuation) = batch.shards.shard(number).evacuate() else { return };
        loop {
            let (shard, whole) = batch.shard(number);
            let Some((old, new)) = shard.move_next(&self.seed, &mut evacuation) else { return };
            whole.into_iter().for_each(|whole| whole.relocated(number, old, new));
            batch.tell();
        }
    }

    /// Nobody has asked an empty store anything yet.
    #[inline(never)]
    pub(super) fn settle<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        let Some(whole) = batch.shards.whole() else { return };
        whole.settle();
        if whole.prefixes().is_some_and(|set| set.len() == 0) {
            self.forget_prefixes(batch);
        }
    }

    pub(super) fn forget_prefixes<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        batch.shards.whole().into_iter().for_each(|whole| whole.set_prefixes(None));
        self.uses.fetch_and(!PREFIXES, Ordering::SeqCst);
        batch.uses &= !PREFIXES;
    }
}

/// Tells who decides on evictions what readers have found since.
fn take_seen(shards: &mut Writing<Shard, Whole, Note>) {
    let (whole, notes) = shards.whole_and_notes();
    let Some(whole) = whole else { return };
    notes.for_each(|note| whole.seen(note.take_seen()));
    whole.begin();
}

impl<const WATCHED: bool> Batch<'_, '_, WATCHED> {
    #[inline(always)]
    pub(super) fn peek(&self, number: usize) -> &Shard {
        self.shards.peek(number)
    }

    /// A shard to change, and who is told of it.
    #[inline(always)]
    pub(super) fn shard(&mut self, number: usize) -> (&mut Shard, Option<&mut Whole>) {
        let told = self.uses & TOGETHER != 0;
        match WATCHED {
            true => {
                let (shard, whole) = self.shards.shard_and_whole(number);
                (shard, whole.filter(|_| told))
            }
            false => (self.shards.shard(number), None),
        }
    }

    /// Asks for what the bounds will look at when a pair is committed.
    #[inline(always)]
    pub(super) fn prefetch_whole(&mut self, probe: &Probe, plan: Plan) {
        if !WATCHED || self.uses & BOUNDED == 0 {
            return;
        }
        let (shard, Some(whole)) = self.shards.shard_and_whole(probe.shard()) else { return };
        match plan {
            Plan::InPlace(old) | Plan::Replace(old, _) => whole.prefetch(shard.id(shard.place(old))),
            Plan::Enter(_) => whole.prefetch_ghost(probe.hash),
        }
    }

    /// Room for as many old large entries, if there can be any.
    #[inline(always)]
    pub(super) fn reserve_old(&mut self, len: usize) -> Result<(), Error> {
        let mut any = !self.large.new.is_empty();
        for number in self.shards.shards() {
            any |= self.peek(number).has_large();
        }
        match any {
            true => Ok(self.large.old.try_reserve_exact(len)?),
            false => Ok(()),
        }
    }

    /// When entries end that are set now. By its own clock: what it sets has not ended for itself.
    #[inline(always)]
    pub(super) fn deadline(&self, ttl: u64) -> u64 {
        deadline_after(self.now, ttl)
    }

    /// Why the store holds more than it may, if it does.
    pub(super) fn over(&mut self) -> Option<Cause> {
        self.shards.whole().and_then(|whole| whole.over())
    }

    /// A key whose entry has ended has none. What was guessed for the pairs behind it may be gone with that entry, and
    /// something else in its place.
    #[inline(never)]
    pub(super) fn remove_ended(&mut self, pairs: &mut [Pair]) {
        let Some(Pair { probe: Probe { hash, key }, .. }) = pairs.first().copied() else { return };
        let number = shard_of(hash);
        if let Some(ended) = self.peek(number).find_ended(hash, key, self.now) {
            self.take_out(number, hash, ended, Cause::Expired);
            pairs.iter_mut().take(AHEAD + 1).for_each(|pair| pair.guess = 0);
        }
    }

    /// Takes an entry out; says whether it was still there.
    #[inline(always)]
    pub(super) fn take_out(&mut self, number: usize, hash: u64, reference: Ref, cause: Cause) -> bool {
        if WATCHED && self.uses & PREFIXES != 0 {
            self.leaves(number, hash, reference);
        }
        let (shard, whole) = self.shard(number);
        let Some(old) = shard.remove(hash, reference, cause, whole) else { return false };
        self.large.keep_old(old);
        self.removed += 1;
        true
    }

    /// Takes an entry out for a caller; says whether there was one for him: it was
    /// still there, as after the same key before it is not, and had not ended.
    #[inline(always)]
    pub(super) fn delete(&mut self, number: usize, hash: u64, reference: Ref) -> bool {
        let has_ended = WATCHED && self.peek(number).has_ended(reference, self.now);
        let cause = if has_ended { Cause::Expired } else { Cause::Deleted };
        self.take_out(number, hash, reference, cause) && !has_ended
    }

    /// Tells the set of an entry that leaves, if it is there.
    #[inline(never)]
    pub(super) fn leaves(&mut self, number: usize, hash: u64, reference: Ref) {
        let Some((whole, shard)) = self.shards.whole_and_shards() else { return };
        if shard(number).has(hash, reference) {
            whole.leave(&All::new(shard), &[Locator { reference, shard: number as u8 }]);
        }
    }

    /// Tells the set of what happened last.
    #[inline(always)]
    pub(super) fn tell(&mut self) {
        if WATCHED && self.uses & PREFIXES != 0 {
            self.tell_prefixes();
        }
    }

    #[inline(never)]
    pub(super) fn tell_prefixes(&mut self) {
        let Some((whole, shard)) = self.shards.whole_and_shards() else { return };
        whole.tell(&All::new(shard));
    }
}

impl LargeEntries {
    pub(super) const NONE: Self = LargeEntries { new: Vec::new(), old: Vec::new(), freed: 0 };

    /// Makes those of a batch, as yet without deadlines.
    #[inline(always)]
    pub(super) fn of<'k>(
        heap: &Shared<Heap>,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])> + Clone,
    ) -> Result<Self, Error> {
        let large = |&(key, value): &(&[u8], &[u8])| is_large(key, value);
        let mut new = Vec::new();
        if pairs.clone().any(|pair| large(&pair)) {
            new.try_reserve_exact(pairs.len())?;
            for (key, value) in pairs.filter(large) {
                new.push(Entry::try_new(heap, key, value, NEVER)?);
            }
            new.reverse();
        }
        Ok(LargeEntries { new, old: Vec::new(), freed: 0 })
    }

    /// Puts an entry aside, to be freed later; where there is no room, now.
    #[inline(always)]
    pub(super) fn keep_old(&mut self, old: Option<Entry>) {
        self.freed += old.as_ref().map_or(0, Entry::len);
        match old {
            Some(old) if self.old.len() < self.old.capacity() => self.old.push(old),
            other => drop(other),
        }
    }
}
