//! `mset`: a batch in two phases, so that it is all or nothing. Answers no questions.

mod alone;
mod delete;
mod instead;
mod prefix;

use std::sync::atomic::Ordering;

use self::alone::{Batch, LargeEntries};
use super::arena::Ref;
use super::batch::{shard_of, Probe, AHEAD, FEW, MANY};
use super::clock::NEVER;
use super::gate::ALL;
use super::shard::{is_large, New, Plan};
use super::{Engine, Limits, BOUNDED, EXPIRING};
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

impl<'k> Pair<'k> {
    fn to_set(self, deadline: u64) -> New<'k> {
        New { hash: self.probe.hash, key: self.probe.key, value: self.value, deadline }
    }
}

impl Pair<'_> {
    const NONE: Self = Pair { probe: Probe::NONE, value: &[], guess: 0, plan: Plan::InPlace(0) };
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
        let ttl = ttl.unwrap_or(self.settings.ttl);
        if ttl != NEVER {
            // Before the first such entry: whoever meets it knows.
            self.uses.fetch_or(EXPIRING, Ordering::SeqCst);
        }
        let mut large = LargeEntries::of(&self.heap, pairs.clone())?;
        if !self.watches() && self.mset_as::<false>(pairs.clone(), &mut large, NEVER)? {
            return Ok(());
        }
        self.mset_watched(pairs, &mut large, ttl)
    }

    #[inline(never)]
    fn mset_watched<'k>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        large: &mut LargeEntries,
        ttl: u64,
    ) -> Result<(), Error> {
        self.mset_as::<true>(pairs, large, ttl).map(|_| ())
    }

    /// Says whether it was done: what others began to use meanwhile keeps it from being done unwatched.
    #[inline(always)]
    fn mset_as<'k, const WATCHED: bool>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        large: &mut LargeEntries,
        ttl: u64,
    ) -> Result<bool, Error> {
        match pairs.len() {
            0..=1 => self.mset_few::<WATCHED>(pairs, &mut [Pair::NONE; 1], large, ttl),
            2..=FEW => self.mset_few::<WATCHED>(pairs, &mut [Pair::NONE; FEW], large, ttl),
            9..=MANY => self.mset_many::<WATCHED>(pairs, &mut [Pair::NONE; MANY], large, ttl),
            len => {
                let mut work = Vec::new();
                work.try_reserve_exact(len)?;
                work.resize(len, Pair::NONE);
                self.mset_many::<WATCHED>(pairs, &mut work, large, ttl)
            }
        }
    }

    /// So few pairs wait only for the shards they need.
    #[inline(always)]
    fn mset_few<'k, const WATCHED: bool>(
        &self,
        pairs: impl Iterator<Item = (&'k [u8], &'k [u8])>,
        work: &mut [Pair<'k>],
        large: &mut LargeEntries,
        ttl: u64,
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
        let deadline = batch.deadline(ttl);
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
        ttl: u64,
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
        let deadline = batch.deadline(ttl);
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
            batch.remove_ended(&mut work[done..]);
        }
        let Pair { probe, value, guess, .. } = work[done];
        let is_large = is_large(probe.key, value);
        let new = if is_large { batch.large.new.pop() } else { None };
        let (shard, whole) = batch.shard(probe.shard());
        let plan = match new {
            Some(new) => shard.prepare_large(&self.seed, probe.hash, new.with_deadline(deadline), whole),
            None if is_large => Err(Error::Internal),
            None => shard.prepare(&self.seed, &work[done].to_set(deadline), guess, whole),
        };
        match plan {
            Ok(plan) => {
                work[done].plan = plan;
                batch.prefetch_whole(&probe, plan);
            }
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
        self.keep_bounds(&mut batch);
        self.end(batch, work.len());
    }

    /// Takes entries out until the store is within its bounds.
    #[inline(always)]
    fn keep_bounds<const WATCHED: bool>(&self, batch: &mut Batch<WATCHED>) {
        if WATCHED && batch.uses & BOUNDED != 0 && batch.over().is_some() {
            if batch.now != 0 {
                self.sweep(batch, ALL); // rather than what has not ended
            }
            self.evict(batch);
        }
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
}

#[cfg(all(test, not(modelled)))]
mod tests;
