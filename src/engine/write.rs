//! `mset` and `mdelete`: a batch in two phases, so that it is all or nothing. Answers no questions.

mod prefix;

use std::sync::atomic::Ordering;

use super::arena::Ref;
use super::batch::{shard_of, Probe, AHEAD, FEW, MANY};
use super::clock::NEVER;
use super::counters::Cause;
use super::entry::Entry;
use super::gate::{Writing, ALL, SHARDS};
use super::matches::All;
use super::note::Note;
use super::order::place_of;
use super::prefixes::Locator;
use super::shard::{is_large, New, Plan, Shard};
use super::whole::Whole;
use super::{Engine, Limits, BOUNDED, EXPIRING, PREFIXES, TOGETHER};
use crate::sys::memory::trim;
use crate::sys::prefetch;
use crate::Error;

/// A pair to be set.
#[derive(Clone, Copy)]
struct Pair<'k> {
    probe: Probe<'k>,
    value: &'k [u8],
    /// What is probably the key's entry.
    guess: Ref,
    plan: Plan,
}

/// A key to be deleted, and its entry; 0: there is none.
#[derive(Clone, Copy)]
struct Removal<'k> {
    probe: Probe<'k>,
    found: Ref,
}

/// What a batch holds of large entries, which are made and freed while no shard
/// is held.
struct LargeEntries {
    /// Those to be set, the last one first.
    new: Vec<Entry>,
    /// Those that were replaced or removed.
    old: Vec<Entry>,
}

/// The shards that a batch has alone. Where it is not watched, no entry has a
/// deadline and nobody is told of any.
struct Batch<'e, 'l, const WATCHED: bool> {
    shards: Writing<'e, Shard, Whole, Note>,
    /// The time, if any entry may have ended, otherwise 0.
    now: u64,
    /// What is in use while it has them.
    uses: u32,
    large: &'l mut LargeEntries,
    /// Entries that it took out.
    removed: usize,
}

impl<'k> Pair<'k> {
    fn to_set(self, deadline: u64) -> New<'k> {
        New { hash: self.probe.hash, key: self.probe.key, value: self.value, deadline }
    }
}

impl Pair<'_> {
    const NONE: Self = Pair { probe: Probe::NONE, value: &[], guess: 0, plan: Plan::InPlace(0) };
}

impl Removal<'_> {
    const NONE: Self = Removal { probe: Probe::NONE, found: 0 };
}

impl Engine {
    /// Sets all pairs; of equal keys the last value wins and the first place
    /// stands. They live for `ttl` milliseconds; `None`: as the settings say.
    #[inline(always)]
    pub fn mset<'k>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])> + Clone,
        ttl: Option<u64>,
    ) -> Result<(), Error> {
        if self.settings.limits != Limits::default() {
            self.settings.limits.check(pairs.clone())?;
        }
        let deadline = self.deadline(ttl);
        let mut large = LargeEntries::of(pairs.clone(), deadline)?;
        if !self.watches() && self.mset_as::<false>(pairs.clone(), &mut large, NEVER)? {
            return Ok(());
        }
        self.mset_watched(pairs, &mut large, deadline)
    }

    #[inline(never)]
    fn mset_watched<'k>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        large: &mut LargeEntries,
        deadline: u64,
    ) -> Result<(), Error> {
        self.mset_as::<true>(pairs, large, deadline).map(|_| ())
    }

    /// Says whether it was done: what others began to use meanwhile keeps it from being done unwatched.
    #[inline(always)]
    fn mset_as<'k, const WATCHED: bool>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        large: &mut LargeEntries,
        deadline: u64,
    ) -> Result<bool, Error> {
        match pairs.len() {
            0..=1 => self.mset_few::<WATCHED>(pairs, &mut [Pair::NONE; 1], large, deadline),
            2..=FEW => self.mset_few::<WATCHED>(pairs, &mut [Pair::NONE; FEW], large, deadline),
            9..=MANY => self.mset_many::<WATCHED>(pairs, &mut [Pair::NONE; MANY], large, deadline),
            len => {
                let mut work = Vec::new();
                work.try_reserve_exact(len)?;
                work.resize(len, Pair::NONE);
                self.mset_many::<WATCHED>(pairs, &mut work, large, deadline)
            }
        }
    }

    /// When the entries of a batch end.
    #[inline(always)]
    fn deadline(&self, ttl: Option<u64>) -> u64 {
        match ttl.unwrap_or(self.settings.ttl) {
            NEVER => NEVER,
            ttl => {
                // Before the first such entry: whoever meets it knows.
                self.uses.fetch_or(EXPIRING, Ordering::SeqCst);
                self.clock.deadline(ttl)
            }
        }
    }

    /// Takes the shards of a mask alone, or all. `None`: it must be watched.
    #[inline(always)]
    fn batch<'l, const WATCHED: bool>(&self, mask: u32, large: &'l mut LargeEntries) -> Option<Batch<'_, 'l, WATCHED>> {
        if WATCHED {
            return Some(self.watched_batch(mask, large));
        }
        let shards = self.gate.write(mask);
        (!self.watches()).then(|| Batch { shards, now: 0, uses: 0, large, removed: 0 })
    }

    fn watched_batch<'l, const WATCHED: bool>(&self, mask: u32, large: &'l mut LargeEntries) -> Batch<'_, 'l, WATCHED> {
        loop {
            let mut shards = self.gate.write(if self.uses(TOGETHER) { ALL } else { mask });
            let uses = self.uses.load(Ordering::SeqCst);
            if uses & TOGETHER != 0 && !shards.has_all() {
                continue; // others began to use it meanwhile
            }
            if uses & BOUNDED != 0 {
                take_seen(&mut shards);
            }
            return Batch { shards, now: self.time(), uses, large, removed: 0 };
        }
    }

    /// So few pairs wait only for the shards they need.
    #[inline(always)]
    fn mset_few<'k, const WATCHED: bool>(
        &self,
        pairs: impl Iterator<Item = (&'k [u8], &'k [u8])>,
        work: &mut [Pair<'k>],
        large: &mut LargeEntries,
        deadline: u64,
    ) -> Result<bool, Error> {
        let (mut len, mut mask) = (0, 0);
        for (pair, (key, value)) in work.iter_mut().zip(pairs) {
            *pair = Pair { probe: Probe::new(&self.seed, key)?, value, ..Pair::NONE };
            mask |= 1 << pair.probe.shard();
            len += 1;
        }
        if len == 0 {
            return Ok(true);
        }
        let work = work.get_mut(..len).unwrap_or_default();
        let Some(mut batch) = self.batch::<WATCHED>(mask, large) else { return Ok(false) };
        batch.reserve_old(len)?;
        if len > 1 {
            work.iter().for_each(|pair| prefetch(batch.peek(pair.probe.shard()).line(pair.probe.hash)));
            work.iter().for_each(|pair| batch.peek(pair.probe.shard()).prefetch_guess(pair.probe.hash));
        }
        for done in 0..len {
            work[done].guess = batch.peek(work[done].probe.shard()).guess(work[done].probe.hash);
            self.prepare(&mut batch, work, done, deadline)?;
        }
        self.commit(batch, work, deadline);
        Ok(true)
    }

    /// So many pairs meet nearly all shards. Each one's index line is asked for,
    /// then, when as many others have followed, its entry, and only then is it
    /// prepared.
    #[inline(always)]
    fn mset_many<'k, const WATCHED: bool>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        work: &mut [Pair<'k>],
        large: &mut LargeEntries,
        deadline: u64,
    ) -> Result<bool, Error> {
        let len = pairs.len();
        let work = work.get_mut(..len).unwrap_or_default();
        for (pair, (key, value)) in work.iter_mut().zip(pairs) {
            (pair.probe, pair.value) = (Probe::new(&self.seed, key)?, value);
        }
        if self.gate.has_readers() {
            self.warm_up(work.iter().map(|pair| pair.probe.hash));
        }
        let Some(mut batch) = self.batch::<WATCHED>(ALL, large) else { return Ok(false) };
        batch.reserve_old(len)?;
        for step in 0..len + 2 * AHEAD {
            if let Some(Pair { probe, .. }) = work.get(step) {
                prefetch(batch.peek(probe.shard()).line(probe.hash));
            }
            if let Some(pair) = work.get_mut(step.wrapping_sub(AHEAD)) {
                let shard = batch.peek(pair.probe.shard());
                pair.guess = shard.guess(pair.probe.hash);
                if pair.guess != 0 {
                    shard.prefetch(pair.guess);
                }
            }
            let Some(done) = step.checked_sub(2 * AHEAD) else { continue };
            self.prepare(&mut batch, work, done, deadline)?;
        }
        self.commit(batch, work, deadline);
        Ok(true)
    }

    /// First phase: everything that can fail. Then all that was prepared before
    /// is undone.
    #[inline(always)]
    fn prepare<const WATCHED: bool>(
        &self,
        batch: &mut Batch<WATCHED>,
        work: &mut [Pair],
        done: usize,
        deadline: u64,
    ) -> Result<(), Error> {
        if WATCHED && batch.now != 0 {
            batch.remove_ended(&mut work[done]);
        }
        let Pair { probe, value, guess, .. } = work[done];
        let is_large = is_large(probe.key, value);
        let new = if is_large { batch.large.new.pop() } else { None };
        let (shard, whole) = batch.shard(probe.shard());
        let plan = match new {
            Some(new) => shard.prepare_large(&self.seed, probe.hash, new, whole),
            None if is_large => Err(Error::Internal),
            None => shard.prepare(&self.seed, &work[done].to_set(deadline), guess, whole),
        };
        match plan {
            Ok(plan) => work[done].plan = plan,
            Err(error) => {
                self.cancel(batch, &work[..done]);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Second phase: cannot fail.
    #[inline(always)]
    fn commit<const WATCHED: bool>(&self, mut batch: Batch<WATCHED>, work: &[Pair], deadline: u64) {
        // The numbers are taken while the shards are held, so that each
        // shard's order ascends and a scan sees all of the batch or nothing.
        let first = self.next_sequence.fetch_add(work.len() as u64, Ordering::SeqCst);
        for (sequence, pair) in (first..).zip(work) {
            let (shard, whole) = batch.shard(pair.probe.shard());
            let old = shard.commit(&pair.to_set(deadline), sequence, pair.plan, whole);
            batch.large.keep_old(old);
            batch.tell();
        }
        if WATCHED && batch.uses & BOUNDED != 0 && batch.is_over() {
            if batch.now != 0 {
                self.sweep(&mut batch, ALL); // rather than what has not ended
            }
            self.evict(&mut batch);
        }
        self.end(batch, work.len());
    }

    /// Undoes the first phase.
    #[cold]
    fn cancel<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>, prepared: &[Pair]) {
        for Pair { probe, plan, .. } in prepared {
            let old = batch.shard(probe.shard()).0.cancel(*plan);
            batch.large.keep_old(old);
        }
        self.tidy(batch);
    }

    /// Takes entries out until the store is within its bounds.
    #[inline(never)]
    fn evict<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        while let Some((id, cause)) = batch.shards.whole().and_then(Whole::victim) {
            let (number, place) = place_of(id);
            let shard = batch.peek(number);
            let victim = shard.at(place);
            let hash = self.seed.hash(shard.key(victim));
            if !batch.take_out(number, hash, victim, cause) {
                return;
            }
        }
    }

    /// Deletes what is there and says how many entries that were.
    #[inline(always)]
    pub fn mdelete<'k>(&self, keys: impl ExactSizeIterator<Item = &'k [u8]> + Clone) -> Result<usize, Error> {
        if !self.watches() {
            if let Some(removed) = self.mdelete_as::<false>(keys.clone())? {
                return Ok(removed);
            }
        }
        self.mdelete_watched(keys)
    }

    #[inline(never)]
    fn mdelete_watched<'k>(&self, keys: impl ExactSizeIterator<Item = &'k [u8]>) -> Result<usize, Error> {
        self.mdelete_as::<true>(keys).map(Option::unwrap_or_default)
    }

    /// `None`: it must be watched.
    #[inline(always)]
    fn mdelete_as<'k, const WATCHED: bool>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
    ) -> Result<Option<usize>, Error> {
        match keys.len() {
            0..=1 => self.mdelete_few::<WATCHED>(keys, &mut [Removal::NONE; 1]),
            2..=FEW => self.mdelete_few::<WATCHED>(keys, &mut [Removal::NONE; FEW]),
            9..=MANY => self.mdelete_many::<WATCHED>(keys, &mut [Removal::NONE; MANY]),
            len => {
                let mut work = Vec::new();
                work.try_reserve_exact(len)?;
                work.resize(len, Removal::NONE);
                self.mdelete_many::<WATCHED>(keys, &mut work)
            }
        }
    }

    #[inline(always)]
    fn mdelete_few<'k, const WATCHED: bool>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        work: &mut [Removal<'k>],
    ) -> Result<Option<usize>, Error> {
        let (mut len, mut mask) = (0, 0);
        for (removal, key) in work.iter_mut().zip(keys) {
            *removal = Removal { probe: Probe::new(&self.seed, key)?, found: 0 };
            mask |= 1 << removal.probe.shard();
            len += 1;
        }
        if len == 0 {
            return Ok(Some(0));
        }
        let work = work.get_mut(..len).unwrap_or_default();
        let mut large = LargeEntries::NONE;
        let Some(mut batch) = self.batch::<WATCHED>(mask, &mut large) else { return Ok(None) };
        batch.reserve_old(len)?;
        for Removal { probe, found } in &mut *work {
            let shard = batch.peek(probe.shard());
            *found = shard.find(shard.line(probe.hash), probe.hash, probe.key).unwrap_or(0);
        }
        Ok(Some(self.remove(batch, work)))
    }

    /// As `mset_many`; then each entry's place in the order is asked for.
    #[inline(always)]
    fn mdelete_many<'k, const WATCHED: bool>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
        work: &mut [Removal<'k>],
    ) -> Result<Option<usize>, Error> {
        let len = keys.len();
        let work = work.get_mut(..len).unwrap_or_default();
        for (removal, key) in work.iter_mut().zip(keys) {
            removal.probe = Probe::new(&self.seed, key)?;
        }
        if self.gate.has_readers() {
            self.warm_up(work.iter().map(|removal| removal.probe.hash));
        }
        let mut large = LargeEntries::NONE;
        let Some(mut batch) = self.batch::<WATCHED>(ALL, &mut large) else { return Ok(None) };
        batch.reserve_old(len)?;
        for step in 0..len + 2 * AHEAD {
            if let Some(Removal { probe, .. }) = work.get(step) {
                prefetch(batch.peek(probe.shard()).line(probe.hash));
            }
            if let Some(removal) = work.get_mut(step.wrapping_sub(AHEAD)) {
                let shard = batch.peek(removal.probe.shard());
                removal.found = shard.guess(removal.probe.hash);
                if removal.found != 0 {
                    shard.prefetch_key(removal.found);
                }
            }
            if let Some(Removal { probe, found }) = work.get_mut(step.wrapping_sub(2 * AHEAD)) {
                let shard = batch.peek(probe.shard());
                *found = shard.find_from(*found, probe.hash, probe.key).unwrap_or(0);
                if *found != 0 {
                    shard.prefetch_place(*found);
                }
            }
        }
        Ok(Some(self.remove(batch, work)))
    }

    /// Fetches what a batch will look at, as a reader: it will keep others out for
    /// a shorter time.
    #[inline(never)]
    fn warm_up(&self, hashes: impl ExactSizeIterator<Item = u64> + Clone) {
        let shards = self.gate.read(ALL);
        let (mut lines, mut entries) = (hashes.clone(), hashes);
        for step in 0..lines.len() + AHEAD {
            if let Some(hash) = lines.next() {
                prefetch(shards.shard(shard_of(hash)).line(hash));
            }
            if step >= AHEAD {
                entries.next().into_iter().for_each(|hash| shards.shard(shard_of(hash)).prefetch_guess(hash));
            }
        }
    }

    #[inline(always)]
    fn remove<const WATCHED: bool>(&self, mut batch: Batch<WATCHED>, work: &[Removal]) -> usize {
        let mut ended = 0;
        for Removal { probe, found } in work.iter().filter(|removal| removal.found != 0) {
            let now = if WATCHED { batch.now } else { 0 };
            // The same key again finds nothing any more, and its reference may be another's.
            let has_ended = now != 0 && batch.peek(probe.shard()).deadline(*found) <= now;
            let cause = if has_ended { Cause::Expired } else { Cause::Deleted };
            if batch.take_out(probe.shard(), probe.hash, *found, cause) {
                ended += usize::from(has_ended);
            }
        }
        let removed = batch.removed - ended;
        self.end(batch, work.len());
        removed
    }

    /// Ends a batch of so many items: some of the entries that have ended go, and
    /// what was large is freed when the shards are free again.
    #[inline(always)]
    fn end<const WATCHED: bool>(&self, mut batch: Batch<WATCHED>, items: usize) {
        if WATCHED && batch.now != 0 {
            // Where a small batch has all shards, each one has its turn.
            let turn = self.next_sequence.load(Ordering::Relaxed) as usize % SHARDS;
            let all = !batch.shards.has_all() || items > FEW;
            self.sweep(&mut batch, if all { ALL } else { 1 << turn });
        }
        self.tidy(&mut batch);
        let trims = WATCHED && !batch.large.old.is_empty() && batch.should_trim();
        let Batch { shards, large, .. } = batch;
        drop(shards);
        if !large.old.is_empty() {
            large.old.drain(..).for_each(Entry::discard);
        }
        if trims {
            trim();
        }
    }

    #[inline(never)]
    fn sweep<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>, mask: u32) {
        for number in batch.shards.shards().filter(|&number| (mask >> number) & 1 == 1) {
            let Some(ended) = batch.shards.shard(number).sweep(&self.seed, batch.now) else { continue };
            for &(reference, hash) in ended.entries() {
                batch.take_out(number, hash, reference, Cause::Expired);
            }
        }
    }

    #[inline(always)]
    fn tidy<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        let tight = WATCHED && batch.uses & BOUNDED != 0;
        for number in batch.shards.shards() {
            let mut emptied = 0;
            while batch.peek(number).has_holes(emptied, tight) {
                self.empty_a_page(batch, number);
                emptied += 1;
            }
            batch.shards.shard(number).tidy(batch.removed);
        }
        if WATCHED && batch.uses & PREFIXES != 0 {
            self.settle(batch);
        }
    }

    /// Moves the entries of a page elsewhere and gives the page back.
    #[cold]
    fn empty_a_page<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>, number: usize) {
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
    fn settle<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        let Some(whole) = batch.shards.whole() else { return };
        whole.settle();
        if whole.prefixes().is_some_and(|set| set.len() == 0) {
            self.forget_prefixes(batch);
        }
    }

    fn forget_prefixes<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
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
    fn peek(&self, number: usize) -> &Shard {
        self.shards.peek(number)
    }

    /// A shard to change, and who is told of it.
    #[inline(always)]
    fn shard(&mut self, number: usize) -> (&mut Shard, Option<&mut Whole>) {
        let told = self.uses & TOGETHER != 0;
        match WATCHED {
            true => {
                let (shard, whole) = self.shards.shard_and_whole(number);
                (shard, whole.filter(|_| told))
            }
            false => (self.shards.shard(number), None),
        }
    }

    /// Room for as many old large entries, if there can be any.
    #[inline(always)]
    fn reserve_old(&mut self, len: usize) -> Result<(), Error> {
        let mut any = !self.large.new.is_empty();
        for number in self.shards.shards() {
            any |= self.peek(number).has_large();
        }
        match any {
            true => Ok(self.large.old.try_reserve_exact(len)?),
            false => Ok(()),
        }
    }

    /// Whether the store holds more than it may.
    fn is_over(&mut self) -> bool {
        self.shards.whole().is_some_and(|whole| whole.is_over())
    }

    /// Whether so many large entries went that the allocator should give memory back.
    #[inline(never)]
    fn should_trim(&mut self) -> bool {
        let bytes = self.shards.shards().map(|number| self.peek(number).large_bytes()).sum();
        self.shards.whole().is_some_and(|whole| whole.should_trim(bytes))
    }

    /// A key whose entry has ended has none.
    #[inline(never)]
    fn remove_ended(&mut self, pair: &mut Pair) {
        let Probe { hash, key } = pair.probe;
        let number = pair.probe.shard();
        if let Some(ended) = self.peek(number).find_ended(hash, key, self.now) {
            self.take_out(number, hash, ended, Cause::Expired);
            pair.guess = self.peek(number).guess(hash);
        }
    }

    /// Takes an entry out; says whether it was still there.
    #[inline(always)]
    fn take_out(&mut self, number: usize, hash: u64, reference: Ref, cause: Cause) -> bool {
        if WATCHED && self.uses & PREFIXES != 0 {
            self.leaves(number, hash, reference);
        }
        let (shard, whole) = self.shard(number);
        let Some(old) = shard.remove(hash, reference, cause, whole) else { return false };
        self.large.keep_old(old);
        self.removed += 1;
        true
    }

    /// Tells the set of an entry that leaves, if it is there.
    #[inline(never)]
    fn leaves(&mut self, number: usize, hash: u64, reference: Ref) {
        let Some((whole, shard)) = self.shards.whole_and_shards() else { return };
        if shard(number).has(hash, reference) {
            whole.leaves(&All::new(shard), Locator { reference, shard: number as u8 });
        }
    }

    /// Tells the set of what happened last.
    #[inline(always)]
    fn tell(&mut self) {
        if WATCHED && self.uses & PREFIXES != 0 {
            self.tell_prefixes();
        }
    }

    #[inline(never)]
    fn tell_prefixes(&mut self) {
        let Some((whole, shard)) = self.shards.whole_and_shards() else { return };
        whole.tell(&All::new(shard));
    }
}

impl LargeEntries {
    const NONE: Self = LargeEntries { new: Vec::new(), old: Vec::new() };

    /// Makes those of a batch.
    #[inline(always)]
    fn of<'k>(
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])> + Clone,
        deadline: u64,
    ) -> Result<Self, Error> {
        let large = |&(key, value): &(&[u8], &[u8])| is_large(key, value);
        let mut new = Vec::new();
        if pairs.clone().any(|pair| large(&pair)) {
            new.try_reserve_exact(pairs.len())?;
            for (key, value) in pairs.filter(large) {
                new.push(Entry::try_new(key, value, deadline)?);
            }
            new.reverse();
        }
        Ok(LargeEntries { new, old: Vec::new() })
    }

    /// Puts an entry aside, to be freed later; where there is no room, now.
    #[inline(always)]
    fn keep_old(&mut self, old: Option<Entry>) {
        match old {
            Some(old) if self.old.len() < self.old.capacity() => self.old.push(old),
            Some(old) => old.discard(),
            None => (),
        }
    }
}
