//! `mset` and `mdelete`: a batch in two phases, so that it is all or nothing. Answers no questions.

use std::sync::atomic::Ordering;

use super::arena::Ref;
use super::batch::{shard_of, Probe, AHEAD, FEW, MANY};
use super::entry::Entry;
use super::gate::{Writing, ALL};
use super::shard::{is_large, Plan, Shard};
use super::Engine;
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

impl Pair<'_> {
    const NONE: Self = Pair { probe: Probe::NONE, value: &[], guess: 0, plan: Plan::InPlace(0) };
}

impl Removal<'_> {
    const NONE: Self = Removal { probe: Probe::NONE, found: 0 };
}

impl Engine {
    /// Sets all pairs; of equal keys the last value wins and the first place stands.
    #[inline(always)]
    pub fn mset<'k>(&self, pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])> + Clone) -> Result<(), Error> {
        let mut large = LargeEntries::of(pairs.clone())?;
        match pairs.len() {
            0..=1 => self.mset_few(pairs, &mut [Pair::NONE; 1], &mut large),
            2..=FEW => self.mset_few(pairs, &mut [Pair::NONE; FEW], &mut large),
            9..=MANY => self.mset_many(pairs, &mut [Pair::NONE; MANY], &mut large),
            len => {
                let mut work = Vec::new();
                work.try_reserve_exact(len)?;
                work.resize(len, Pair::NONE);
                self.mset_many(pairs, &mut work, &mut large)
            }
        }
    }

    /// So few pairs wait only for the shards they need.
    #[inline(always)]
    fn mset_few<'k>(
        &self,
        pairs: impl Iterator<Item = (&'k [u8], &'k [u8])>,
        work: &mut [Pair<'k>],
        large: &mut LargeEntries,
    ) -> Result<(), Error> {
        let (mut len, mut mask) = (0, 0);
        for (pair, (key, value)) in work.iter_mut().zip(pairs) {
            *pair = Pair { probe: Probe::new(&self.seed, key)?, value, ..Pair::NONE };
            mask |= 1 << pair.probe.shard();
            len += 1;
        }
        let work = work.get_mut(..len).unwrap_or_default();
        let mut shards = self.gate.write(mask);
        large.reserve_old(&shards, len)?;
        if len > 1 {
            work.iter().for_each(|pair| prefetch(shards.peek(pair.probe.shard()).line(pair.probe.hash)));
            work.iter().for_each(|pair| shards.peek(pair.probe.shard()).prefetch_guess(pair.probe.hash));
        }
        for done in 0..len {
            work[done].guess = shards.peek(work[done].probe.shard()).guess(work[done].probe.hash);
            self.prepare(&mut shards, work, done, large)?;
        }
        self.commit(&mut shards, work, large);
        Ok(())
    }

    /// So many pairs meet nearly all shards. Each one's index line is asked for,
    /// then, when as many others have followed, its entry, and only then is it
    /// prepared.
    #[inline(always)]
    fn mset_many<'k>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])>,
        work: &mut [Pair<'k>],
        large: &mut LargeEntries,
    ) -> Result<(), Error> {
        let len = pairs.len();
        let work = work.get_mut(..len).unwrap_or_default();
        for (pair, (key, value)) in work.iter_mut().zip(pairs) {
            (pair.probe, pair.value) = (Probe::new(&self.seed, key)?, value);
        }
        if self.gate.has_readers() {
            self.warm_up(work.iter().map(|pair| pair.probe.hash));
        }
        let mut shards = self.gate.write(ALL);
        large.reserve_old(&shards, len)?;
        for step in 0..len + 2 * AHEAD {
            if let Some(Pair { probe, .. }) = work.get(step) {
                prefetch(shards.peek(probe.shard()).line(probe.hash));
            }
            if let Some(pair) = work.get_mut(step.wrapping_sub(AHEAD)) {
                let shard = shards.peek(pair.probe.shard());
                pair.guess = shard.guess(pair.probe.hash);
                if pair.guess != 0 {
                    shard.prefetch(pair.guess);
                }
            }
            let Some(done) = step.checked_sub(2 * AHEAD) else { continue };
            self.prepare(&mut shards, work, done, large)?;
        }
        self.commit(&mut shards, work, large);
        Ok(())
    }

    /// First phase: everything that can fail. Then all that was prepared before
    /// is undone.
    #[inline(always)]
    fn prepare(
        &self,
        shards: &mut Writing<Shard>,
        work: &mut [Pair],
        done: usize,
        large: &mut LargeEntries,
    ) -> Result<(), Error> {
        let Pair { probe, value, guess, .. } = work[done];
        let shard = shards.shard(probe.shard());
        let plan = match is_large(probe.key, value) {
            false => shard.prepare(&self.seed, probe.hash, probe.key, value, guess),
            true => {
                large.new.pop().ok_or(Error::Internal).and_then(|new| shard.prepare_large(&self.seed, probe.hash, new))
            }
        };
        match plan {
            Ok(plan) => work[done].plan = plan,
            Err(error) => {
                self.cancel(shards, &work[..done], large);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Second phase: cannot fail.
    #[inline(always)]
    fn commit(&self, shards: &mut Writing<Shard>, work: &[Pair], large: &mut LargeEntries) {
        // The numbers are taken while the shards are held, so that each
        // shard's order ascends and a scan sees all of the batch or nothing.
        let first = self.next_sequence.fetch_add(work.len() as u64, Ordering::SeqCst);
        for (sequence, Pair { probe, value, plan, .. }) in (first..).zip(work) {
            let shard = shards.shard(probe.shard());
            large.old.extend(shard.commit(probe.hash, probe.key, value, sequence, *plan));
        }
        self.tidy(shards, 0);
    }

    /// Undoes the first phase.
    #[cold]
    fn cancel(&self, shards: &mut Writing<Shard>, prepared: &[Pair], large: &mut LargeEntries) {
        for Pair { probe, plan, .. } in prepared {
            large.old.extend(shards.shard(probe.shard()).cancel(*plan));
        }
        self.tidy(shards, 0);
    }

    /// Deletes what is there and says how many entries that were.
    #[inline(always)]
    pub fn mdelete<'k>(&self, keys: impl ExactSizeIterator<Item = &'k [u8]>) -> Result<usize, Error> {
        let mut large = LargeEntries { new: Vec::new(), old: Vec::new() };
        let removed = match keys.len() {
            0..=1 => self.mdelete_few(keys, &mut [Removal::NONE; 1], &mut large),
            2..=FEW => self.mdelete_few(keys, &mut [Removal::NONE; FEW], &mut large),
            9..=MANY => self.mdelete_many(keys, &mut [Removal::NONE; MANY], &mut large),
            len => {
                let mut work = Vec::new();
                work.try_reserve_exact(len)?;
                work.resize(len, Removal::NONE);
                self.mdelete_many(keys, &mut work, &mut large)
            }
        };
        large.old.into_iter().for_each(Entry::discard);
        removed
    }

    #[inline(always)]
    fn mdelete_few<'k>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        work: &mut [Removal<'k>],
        large: &mut LargeEntries,
    ) -> Result<usize, Error> {
        let (mut len, mut mask) = (0, 0);
        for (removal, key) in work.iter_mut().zip(keys) {
            *removal = Removal { probe: Probe::new(&self.seed, key)?, found: 0 };
            mask |= 1 << removal.probe.shard();
            len += 1;
        }
        let work = work.get_mut(..len).unwrap_or_default();
        let mut shards = self.gate.write(mask);
        large.reserve_old(&shards, len)?;
        for Removal { probe, found } in &mut *work {
            let shard = shards.peek(probe.shard());
            *found = shard.find(shard.line(probe.hash), probe.hash, probe.key).unwrap_or(0);
        }
        Ok(self.remove(&mut shards, work, large))
    }

    /// As `mset_many`; then each entry's place in the order is asked for.
    #[inline(always)]
    fn mdelete_many<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
        work: &mut [Removal<'k>],
        large: &mut LargeEntries,
    ) -> Result<usize, Error> {
        let len = keys.len();
        let work = work.get_mut(..len).unwrap_or_default();
        for (removal, key) in work.iter_mut().zip(keys) {
            removal.probe = Probe::new(&self.seed, key)?;
        }
        if self.gate.has_readers() {
            self.warm_up(work.iter().map(|removal| removal.probe.hash));
        }
        let mut shards = self.gate.write(ALL);
        large.reserve_old(&shards, len)?;
        for step in 0..len + 2 * AHEAD {
            if let Some(Removal { probe, .. }) = work.get(step) {
                prefetch(shards.peek(probe.shard()).line(probe.hash));
            }
            if let Some(removal) = work.get_mut(step.wrapping_sub(AHEAD)) {
                let shard = shards.peek(removal.probe.shard());
                removal.found = shard.guess(removal.probe.hash);
                if removal.found != 0 {
                    shard.prefetch_key(removal.found);
                }
            }
            if let Some(Removal { probe, found }) = work.get_mut(step.wrapping_sub(2 * AHEAD)) {
                let shard = shards.peek(probe.shard());
                *found = shard.find_from(*found, probe.hash, probe.key).unwrap_or(0);
                if *found != 0 {
                    shard.prefetch_place(*found);
                }
            }
        }
        Ok(self.remove(&mut shards, work, large))
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
    fn remove(&self, shards: &mut Writing<Shard>, work: &[Removal], large: &mut LargeEntries) -> usize {
        let mut removed = 0;
        for Removal { probe, found } in work.iter().filter(|removal| removal.found != 0) {
            // The same key again finds nothing any more.
            if let Some(old) = shards.shard(probe.shard()).remove(probe.hash, *found) {
                large.old.extend(old);
                removed += 1;
            }
        }
        self.tidy(shards, removed);
        removed
    }

    #[inline(always)]
    fn tidy(&self, shards: &mut Writing<Shard>, removed: usize) {
        for number in shards.shards() {
            shards.shard(number).tidy(&self.seed, removed);
        }
    }
}

impl LargeEntries {
    /// Makes those of a batch.
    #[inline(always)]
    fn of<'k>(pairs: impl ExactSizeIterator<Item = (&'k [u8], &'k [u8])> + Clone) -> Result<Self, Error> {
        let large = |&(key, value): &(&[u8], &[u8])| is_large(key, value);
        let mut new = Vec::new();
        if pairs.clone().any(|pair| large(&pair)) {
            new.try_reserve_exact(pairs.len())?;
            for (key, value) in pairs.filter(large) {
                new.push(Entry::try_new(key, value)?);
            }
            new.reverse();
        }
        Ok(LargeEntries { new, old: Vec::new() })
    }

    /// Room for as many old ones, if there can be any.
    #[inline(always)]
    fn reserve_old(&mut self, shards: &Writing<Shard>, len: usize) -> Result<(), Error> {
        if !self.new.is_empty() || shards.shards().any(|number| shards.peek(number).has_large()) {
            self.old.try_reserve_exact(len)?;
        }
        Ok(())
    }
}
