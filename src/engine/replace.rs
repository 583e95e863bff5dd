//! Entries that come together beside an engine and take the place of what it has, in one step. Knows no files and no formats.
//!
//! They stand in an engine of their own with the same settings and the same
//! secret, so that its shards are as good as the other's: replacing is
//! exchanging them. Its numbers begin far above, so no cursor of before sees
//! what it has, and its time stands still: what a load takes is no entry's loss.

use std::mem::swap;
use std::sync::atomic::Ordering::SeqCst;

use super::clock::{Clock, NEVER};
use super::gate::{ALL, SHARDS};
use super::{Counters, Engine, EXPIRING, PREFIXES};
use crate::sys::{Pool, Shared};
use crate::Error;

/// How far above the next number of an engine those begin that will replace its
/// entries: more than are taken meanwhile.
const AWAY: u64 = 1 << 40;
/// Entries set at once.
const BATCH: usize = 64;

/// An entry to be staged.
#[derive(Clone, Copy, Debug)]
pub struct Staged<'s> {
    pub key: &'s [u8],
    pub value: &'s [u8],
    /// Milliseconds that it has left to live, from the staging's beginning on;
    /// `None`: it stays until it is deleted, whatever the settings say.
    pub remaining: Option<u64>,
}

/// Entries that nobody sees yet; dropped, they are gone.
pub struct Staging<'e> {
    live: &'e Engine,
    /// With their pages; large entries come from the heap of both.
    engine: Engine,
}

impl Engine {
    /// Nothing staged yet, but room for the places of so many entries.
    pub fn staging(&self, entries: usize) -> Result<Staging<'_>, Error> {
        let pool = Shared::try_new(Pool::new().erasing(self.settings.erase))?;
        let clock = Clock::stopped(&self.clock);
        let engine = Engine::of_parts(&pool, self.heap.clone(), self.seed.clone(), clock, self.settings)?;
        engine.next_sequence.store(self.now() + AWAY, SeqCst);
        // What is bounded has no memory to spare for entries that may have to go.
        if !self.settings.limits.bound() {
            let mut shards = engine.gate.write(ALL);
            (0..SHARDS).try_for_each(|number| shards.shard(number).expect(entries / SHARDS))?;
        }
        self.heap.begin_filling();
        Ok(Staging { live: self, engine })
    }
}

impl Staging<'_> {
    /// Sets entries, the last ones in the order; of equal keys the last value
    /// wins. What is more than the engine may hold makes others go, as always;
    /// a single one that is: `OverLimit`. After an error some may be set.
    pub fn set(&self, entries: &[Staged]) -> Result<(), Error> {
        let runs = entries.chunk_by(|one, next| one.remaining == next.remaining);
        runs.flat_map(|run| run.chunks(BATCH)).try_for_each(|batch| self.set_batch(batch))
    }

    /// Sets entries that have equally long to live.
    fn set_batch(&self, batch: &[Staged]) -> Result<(), Error> {
        let Some(first) = batch.first() else { return Ok(()) };
        let pairs = batch.iter().map(|entry| (entry.key, entry.value));
        match self.engine.mset(pairs, Some(first.remaining.unwrap_or(NEVER))) {
            Err(Error::OverLimit) if batch.len() > 1 => batch.chunks(1).try_for_each(|one| self.set_batch(one)),
            result => result,
        }
    }

    /// How many of the entries that were set had the key of one that was there.
    pub fn duplicates(&self) -> u64 {
        let Counters { sets, entries, evictions_by_bytes, evictions_by_entries, expirations, .. } =
            self.engine.counters();
        sets - entries - evictions_by_bytes - evictions_by_entries - expirations
    }

    /// Puts them in the place of all entries whose keys begin with `prefix`, as
    /// theirs must: otherwise `InvalidArgument`. Others wait while they are
    /// copied; large values are not. What fails leaves all as it was. Neither
    /// what comes counts as set nor what goes as deleted, but other keys may be
    /// evicted for it.
    pub fn replace_prefix(self, prefix: &[u8]) -> Result<(), Error> {
        let staged = self.engine.gate.read(ALL);
        self.live.put_instead(prefix, &staged, self.engine.uses(EXPIRING))
    }

    /// Makes them all that the engine has. What it counted in its life goes on,
    /// and what is staged counts neither as set nor what went for it as evicted.
    /// Waits for a snapshot that is under way.
    pub fn replace(self) {
        let (live, staged) = (self.live, &self.engine);
        let _turn = live.turn.lock();
        let (mut shards, mut others) = (live.gate.write(ALL), staged.gate.write(ALL));
        for number in 0..SHARDS {
            others.shard(number).count_on(shards.peek(number));
            swap(shards.shard(number), others.shard(number));
        }
        if let (Some(whole), Some(other)) = (shards.whole(), others.whole()) {
            swap(whole, other); // which has no set for prefixes
        }
        for note in live.gate.notes() {
            let _ = note.take_seen(); // of entries that have gone
        }
        live.uses.fetch_or(staged.uses.load(SeqCst) & EXPIRING, SeqCst);
        live.uses.fetch_and(!PREFIXES, SeqCst);
        live.next_sequence.fetch_max(staged.now(), SeqCst);
        // What was there is freed with this, when the shards have been let go.
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let mut shards = self.engine.gate.write(ALL);
        shards.whole().into_iter().for_each(|whole| whole.compaction.give_up(&self.engine.heap));
        self.engine.heap.end_filling();
    }
}
