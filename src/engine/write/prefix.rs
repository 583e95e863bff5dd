//! `delete_prefix`: all entries whose keys begin alike, in one step.

use super::super::arena::Ref;
use super::super::gate::ALL;
use super::super::matches::{all, len_of, All, GROUP};
use super::super::prefixes::{Keys, Locator};
use super::super::PREFIXES;
use super::alone::{Batch, LargeEntries};
use super::Engine;
use crate::sys::prefetch;
use crate::Error;

impl Engine {
    /// Deletes the entries whose keys begin with `prefix` and says how many
    /// those were that had not ended.
    pub fn delete_prefix(&self, prefix: &[u8]) -> Result<usize, Error> {
        drop(self.read_for(prefix)); // makes the set
        let mut large = LargeEntries::NONE;
        let mut batch = self.watched_batch::<true>(ALL, &mut large);
        let matches = batch.matches(prefix)?;
        batch.reserve_old(matches.len())?;
        self.leave_set(&mut batch, &matches);
        let mut removed = 0;
        self.leave_in_turn(&mut batch, &matches, |batch, number, hash, reference| {
            removed += usize::from(batch.delete(number, hash, reference));
        });
        self.end(batch, matches.len());
        Ok(removed)
    }

    /// Takes what `matches` found out of the set.
    pub(super) fn leave_set(&self, batch: &mut Batch<true>, matches: &[Locator]) {
        if matches.len() == len_of(|number| batch.peek(number)) {
            return self.forget_prefixes(batch);
        }
        if let Some((whole, shard)) = batch.shards.whole_and_shards() {
            whole.leave(&All::new(shard), matches);
        }
    }

    /// Shows entries that have left the set and are to go, by shard, hash and reference: when all was asked for that
    /// removing them looks at.
    pub(super) fn leave_in_turn<'l>(
        &self,
        batch: &mut Batch<'_, 'l, true>,
        entries: &[Locator],
        mut remove: impl FnMut(&mut Batch<'_, 'l, true>, usize, u64, Ref),
    ) {
        let uses = batch.uses;
        batch.uses &= !PREFIXES; // the set need not be told of each
        for group in entries.chunks(GROUP) {
            group.iter().for_each(|&at| batch.keys().prefetch(at));
            let mut known = [(0, 0); GROUP];
            for ((hash, place), at) in known.iter_mut().zip(group) {
                let shard = batch.peek(usize::from(at.shard));
                (*hash, *place) = (self.seed.hash(shard.key(at.reference)), shard.place(at.reference));
                shard.prefetch_head(*place);
                prefetch(shard.line(*hash));
            }
            for ((_, place), at) in known.iter().zip(group) {
                batch.peek(usize::from(at.shard)).prefetch_place(*place);
            }
            for ((hash, _), at) in known.into_iter().zip(group) {
                remove(batch, usize::from(at.shard), hash, at.reference);
            }
        }
        batch.uses = uses;
    }
}

impl<const WATCHED: bool> Batch<'_, '_, WATCHED> {
    /// The keys of all shards, where it has them all.
    fn keys(&self) -> impl Keys + '_ {
        All::new(|number| self.peek(number))
    }

    /// The entries whose keys begin with a prefix.
    pub(super) fn matches(&mut self, prefix: &[u8]) -> Result<Vec<Locator>, Error> {
        let mut matches = Vec::new();
        let Some((whole, shard)) = self.shards.whole_and_shards() else { return Ok(matches) };
        match whole.prefixes().map(|set| set.range(&All::new(shard), prefix)) {
            Some(range) => {
                matches.try_reserve_exact(range.clone().count())?;
                range.for_each(|at| matches.push(at));
            }
            None => {
                for at in all(shard).filter(|&at| All::new(shard).key(at).starts_with(prefix)) {
                    matches.try_reserve(1)?;
                    matches.push(at);
                }
            }
        }
        Ok(matches)
    }
}
