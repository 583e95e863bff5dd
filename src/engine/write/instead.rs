//! Staged entries in the place of all whose keys begin alike, in one step. Knows not how they were staged.

use std::sync::atomic::Ordering;

use super::super::arena::Ref;
use super::super::counters::Cause;
use super::super::gate::ALL;
use super::super::matches::{len_of, Reading};
use super::super::merge::Merged;
use super::super::prefixes::Locator;
use super::super::shard::{New, Plan, Value};
use super::alone::{Batch, LargeEntries};
use super::{Engine, EXPIRING};
use crate::Error;

/// A staged entry, and the one that was made of it.
struct Coming {
    staged: Locator,
    made: Ref,
}

impl Engine {
    /// Puts staged entries, whose shards are those of an engine with the same
    /// secret and heap, in the place of the entries whose keys begin with
    /// `prefix`. A staged key that does not is an `InvalidArgument`; what fails
    /// leaves all as it was.
    pub(in crate::engine) fn put_instead(&self, prefix: &[u8], staged: &Reading, expire: bool) -> Result<(), Error> {
        drop(self.read_for(prefix)); // makes the set
        let mut coming = all_coming(prefix, staged)?;
        if expire {
            self.uses.fetch_or(EXPIRING, Ordering::SeqCst); // before the first such entry
        }
        let mut large = LargeEntries::NONE;
        let mut batch = self.watched_batch::<true>(ALL, &mut large);
        let leaving = batch.matches(prefix)?;
        batch.reserve_old(leaving.len())?;
        self.prepare_beside(&mut batch, staged, &mut coming)?;
        // From here on nothing fails.
        // The set has each key once. Elsewhere entries leave last, as with them goes what was reserved.
        self.leave_set(&mut batch, &leaving);
        let first = self.next_sequence.fetch_add(coming.len() as u64, Ordering::SeqCst);
        for (sequence, Coming { staged: at, made }) in (first..).zip(&coming) {
            let number = usize::from(at.shard);
            let from = staged.shard(number);
            let (key, deadline) = (from.key(at.reference), from.deadline(at.reference));
            let value = match from.value(at.reference) {
                Value::Small(value) => value,
                Value::Large(entry) => entry.value(),
            };
            let (shard, whole) = batch.shard(number);
            shard.enter(&New { hash: self.seed.hash(key), key, value, deadline }, sequence, *made, whole);
            batch.tell();
        }
        self.leave_in_turn(&mut batch, &leaving, |batch, number, hash, reference| {
            batch.take_out(number, hash, reference, Cause::Replaced);
        });
        self.keep_bounds(&mut batch);
        self.end(batch, coming.len() + leaving.len());
        Ok(())
    }

    /// Makes the entries, or none.
    fn prepare_beside(&self, batch: &mut Batch<true>, staged: &Reading, coming: &mut [Coming]) -> Result<(), Error> {
        for done in 0..coming.len() {
            let Locator { reference, shard: number } = coming[done].staged;
            let from = staged.shard(usize::from(number));
            let (key, value, deadline) = (from.key(reference), from.value(reference), from.deadline(reference));
            let (shard, whole) = batch.shard(usize::from(number));
            match shard.prepare_beside(&self.seed, key, value, deadline, whole) {
                Ok(made) => coming[done].made = made,
                Err(error) => {
                    for Coming { staged, made } in &coming[..done] {
                        batch.shard(usize::from(staged.shard)).0.cancel(Plan::Enter(*made));
                    }
                    self.tidy(batch);
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// All staged entries in their order.
fn all_coming(prefix: &[u8], staged: &Reading) -> Result<Vec<Coming>, Error> {
    let mut coming = Vec::new();
    coming.try_reserve_exact(len_of(|number| staged.shard(number)))?;
    let mut entries = Merged::from(staged, 0);
    while let Some((_, at)) = entries.next_below(u64::MAX) {
        if !staged.shard(usize::from(at.shard)).key(at.reference).starts_with(prefix) {
            return Err(Error::InvalidArgument);
        }
        coming.push(Coming { staged: at, made: 0 });
    }
    Ok(coming)
}
