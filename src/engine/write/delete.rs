//! `mdelete`: whatever of its keys is there, in one step.

use super::super::arena::Ref;
use super::super::batch::{Probe, AHEAD, FEW, MANY};
use super::super::gate::ALL;
use super::alone::{Batch, LargeEntries};
use super::Engine;
use crate::sys::prefetch;
use crate::Error;

/// A key to be deleted, and its entry; 0: there is none.
#[derive(Clone, Copy)]
struct Removal<'k> {
    probe: Probe<'k>,
    found: Ref,
}

impl Removal<'_> {
    const NONE: Self = Removal { probe: Probe::NONE, found: 0 };
}

impl Engine {
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
                    shard.prefetch_place(shard.place(*found));
                }
            }
        }
        Ok(Some(self.remove(batch, work)))
    }

    #[inline(always)]
    fn remove<const WATCHED: bool>(&self, mut batch: Batch<WATCHED>, work: &[Removal]) -> usize {
        let mut removed = 0;
        for Removal { probe, found } in work.iter().filter(|removal| removal.found != 0) {
            removed += usize::from(batch.delete(probe.shard(), probe.hash, *found));
        }
        self.end(batch, work.len());
        removed
    }
}
