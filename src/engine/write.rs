//! `mset` and `mdelete`: a batch in two phases, so that it is all or nothing. Answers no questions.

use std::sync::atomic::Ordering;

use super::arena::Ref;
use super::batch::{with_probes, Probe, Work};
use super::entry::Entry;
use super::gate::{Writing, SHARDS};
use super::shard::{is_large, Plan, Shard};
use super::{Engine, GROUP};
use crate::sys::prefetch;
use crate::Error;

/// A pair to be set.
#[derive(Default)]
struct Pair<'v> {
    value: &'v [u8],
    plan: Option<Plan>,
    /// A large entry: first the pair's own, then the one it replaced, which is
    /// freed outside the shards.
    entry: Option<Entry>,
}

/// A key to be deleted.
#[derive(Default)]
struct Removal {
    /// 0: there is none.
    reference: Ref,
    entry: Option<Entry>,
}

impl Engine {
    /// Sets all pairs; of equal keys the last value wins and the first place stands.
    #[inline(always)]
    pub fn mset<'a>(&self, pairs: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>) -> Result<(), Error> {
        let split = |(key, value)| {
            let entry = if is_large(key, value) { Some(Entry::try_new(key, value)?) } else { None };
            Ok((key, Pair { value, plan: None, entry }))
        };
        // What was replaced is freed with the work, outside.
        with_probes(&self.seed, pairs, split, |work, mask| {
            let mut shards = self.gate.write(mask);
            if let Err(error) = self.prepare(work, &mut shards) {
                cancel(work, &mut shards);
                return Err(error);
            }
            // The numbers are taken while the shards are held, so that each
            // shard's order ascends and a scan sees all of the batch or nothing.
            let first = self.next_sequence.fetch_add(work.len() as u64, Ordering::SeqCst);
            for (sequence, Work { probe, state: pair }) in (first..).zip(&mut *work) {
                let Some(plan) = pair.plan else { continue };
                let shard = shards.shard(probe.shard());
                pair.entry = shard.commit(probe.hash, probe.key, pair.value, sequence, plan);
            }
            self.tidy(&mut shards, 0);
            Ok(())
        })
    }

    /// Everything of a batch that can fail.
    #[inline(always)]
    fn prepare(&self, work: &mut [Work<Pair>], shards: &mut Writing<Shard>) -> Result<(), Error> {
        let (mut more, mut large) = ([0; SHARDS], [0; SHARDS]);
        for Work { probe, state: pair } in &*work {
            more[probe.shard()] += 1;
            large[probe.shard()] += usize::from(pair.entry.is_some());
        }
        for number in shards.shards() {
            shards.shard(number).reserve(&self.seed, more[number], large[number])?;
        }
        for group in work.chunks_mut(GROUP) {
            ask_for(group, shards);
            for Work { probe, state: pair } in group {
                let shard = shards.shard(probe.shard());
                pair.plan = Some(match pair.entry.take() {
                    Some(entry) => shard.prepare_large(probe.hash, entry),
                    None => shard.prepare(probe.hash, probe.key, pair.value)?,
                });
            }
        }
        Ok(())
    }

    /// Deletes what is there and says how many entries that were.
    #[inline(always)]
    pub fn mdelete<'a>(&self, keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<usize, Error> {
        let split = |key| Ok((key, Removal::default()));
        // Large entries that were removed are freed with the work, outside.
        with_probes(&self.seed, keys, split, |work, mask| {
            let mut shards = self.gate.write(mask);
            let mut removed = 0;
            for group in work.chunks_mut(GROUP) {
                ask_for(group, &shards);
                for Work { probe, state } in &mut *group {
                    let shard = shards.peek(probe.shard());
                    let Some(found) = shard.find(shard.line(probe.hash), probe.hash, probe.key) else { continue };
                    shard.prefetch_place(found);
                    state.reference = found;
                }
                for Work { probe, state } in group.iter_mut().filter(|work| work.state.reference != 0) {
                    if let Some(entry) = shards.shard(probe.shard()).remove(probe.hash, state.reference) {
                        state.entry = entry;
                        removed += 1;
                    }
                }
            }
            self.tidy(&mut shards, removed);
            Ok(removed)
        })
    }

    #[inline(always)]
    fn tidy(&self, shards: &mut Writing<Shard>, removed: usize) {
        for number in shards.shards() {
            shards.shard(number).tidy(&self.seed, removed);
        }
    }
}

/// Undoes `prepare`.
#[cold]
fn cancel(work: &mut [Work<Pair>], shards: &mut Writing<Shard>) {
    for Work { probe, state: pair } in work {
        if let Some(plan) = pair.plan.take() {
            pair.entry = shards.shard(probe.shard()).cancel(plan);
        }
    }
}

/// Asks for every index line of a group, then for every entry. One key alone
/// has nothing to do meanwhile, and what is in the cache need not be asked for;
/// shards are all about as large.
#[inline(always)]
fn ask_for<T>(group: &[Work<T>], shards: &Writing<Shard>) {
    let each = || group.iter().map(|Work { probe, .. }| (shards.peek(probe.shard()), probe));
    if group.len() == 1 || !each().next().is_some_and(|(shard, _)| shard.outgrows_the_cache()) {
        return;
    }
    each().for_each(|(shard, Probe { hash, .. })| prefetch(shard.line(*hash)));
    each().for_each(|(shard, Probe { hash, .. })| {
        shard.prefetch_first(shard.line(*hash), *hash);
    });
}
