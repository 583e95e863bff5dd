//! `mget`: all keys of a batch on their way through the engine at once. Changes nothing.

use super::answer::ValueSink;
use super::arena::Ref;
use super::batch::{shard_of, Probe, Seed, AHEAD, FEW};
use super::block::Block;
use super::entry::Entry;
use super::gate::{self, ALL};
use super::line::{tag_of, Line};
use super::note::Note;
use super::shard::{Shard, Value};
use super::whole::Whole;
use super::{Engine, SHARED_VALUE_LEN};
use crate::sys::{prefetch, widely};
use crate::Error;

/// Keys between two steps at most, a power of two.
const RING: usize = 16;
const _: () = assert!(AHEAD < RING);

/// Bytes that are expected at most: all keys may be missing.
const MOST_EXPECTED: usize = 1 << 20;

type Reading<'e> = gate::Reading<'e, Shard, Whole, Note>;

/// A key whose index line is on its way.
#[derive(Clone, Copy)]
struct Asked<'s> {
    hash: u64,
    shard: &'s Shard,
    /// Where the search begins.
    line: &'s Line,
}

/// What a key's index line says.
#[derive(Clone, Copy)]
enum Lead<'s> {
    Missing,
    /// What is probably the key's entry is on its way.
    Entry(Block<'s>),
}

impl Engine {
    /// Gives `sink` one answer for each key.
    #[inline(always)]
    pub fn mget<'k>(
        &self,
        mut keys: impl ExactSizeIterator<Item = &'k [u8]> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        match keys.len() {
            0 => sink.expect(0, 0),
            1 => keys.next().map_or(Ok(()), |key| self.mget_one(key, sink)),
            2..=FEW => self.mget_few(keys, sink),
            _ => self.mget_many(keys, sink),
        }
    }

    /// One key has nothing to do while it waits: the shortest way.
    #[inline(always)]
    fn mget_one(&self, key: &[u8], sink: &mut impl ValueSink) -> Result<(), Error> {
        let probe = Probe::new(&self.seed, key)?;
        let shards = self.gate.read(1 << probe.shard());
        let shard = shards.shard(probe.shard());
        let line = shard.line(probe.hash);
        let observes = self.observes();
        if !observes {
            let block = shard.block(line.candidate(tag_of(probe.hash)));
            if let Some(value) = block.value_of(key) {
                sink.expect(1, value.len())?;
                sink.copied(value)?;
                count(&shards, 1, 0, sink);
                return Ok(());
            }
        }
        let watch = observes.then(|| self.watch(&shards));
        match shard.find(line, probe.hash, key).filter(|&found| is_there(shard, found, watch)) {
            Some(found) => {
                sink.expect(1, shard.value_len(found))?;
                deliver(shard, found, sink)?;
                count(&shards, 1, 0, sink);
            }
            None => {
                sink.expect(1, 0)?;
                sink.missing()?;
                count(&shards, 0, 1, sink);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn watch<'r>(&self, shards: &'r Reading) -> Watch<'r> {
        Watch { now: self.time(), note: shards.note() }
    }

    /// So few keys wait only for the shards they need.
    #[inline(never)] // its arrays would be part of every call
    fn mget_few<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let mut probes = [Probe::NONE; FEW];
        let (probes, mask) = Probe::fill(&mut probes, &self.seed, keys)?;
        let shards = self.gate.read(mask);
        let watch = self.observes().then(|| self.watch(&shards));
        let mut found = [0; FEW];
        let (mut bytes, mut hits) = (0, 0);
        probes.iter().for_each(|probe| prefetch(shards.shard(probe.shard()).line(probe.hash)));
        probes.iter().for_each(|probe| shards.shard(probe.shard()).prefetch_guess(probe.hash));
        for (probe, found) in probes.iter().zip(&mut found) {
            let shard = shards.shard(probe.shard());
            let reference = shard.find(shard.line(probe.hash), probe.hash, probe.key);
            if let Some(reference) = reference.filter(|&reference| is_there(shard, reference, watch)) {
                bytes += shard.value_len(reference);
                *found = reference;
                hits += 1;
            }
        }
        sink.expect(probes.len(), bytes)?;
        for (probe, &found) in probes.iter().zip(&found) {
            match found {
                0 => sink.missing()?,
                _ => deliver(shards.shard(probe.shard()), found, sink)?,
            }
        }
        count(&shards, hits, probes.len() - hits, sink);
        Ok(())
    }

    /// So many keys meet nearly all shards, so that their hashes need not be known before.
    #[inline(never)]
    fn mget_many<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let shards = self.gate.read(ALL);
        let first = shards.shard(0); // shards are all about as large
        sink.expect(keys.len(), keys.len().saturating_mul(first.entry_len()).min(MOST_EXPECTED))?;
        if self.observes() {
            return self.mget_watched(&shards, keys, sink);
        }
        let (seed, shards) = (&self.seed, &shards);
        widely(
            #[inline(always)] // or it stays code for every processor
            move || look_up_all::<false>(seed, shards, keys, Watch { now: 0, note: shards.note() }, sink),
        )
    }

    #[inline(never)]
    fn mget_watched<'k>(
        &self,
        shards: &Reading,
        keys: impl ExactSizeIterator<Item = &'k [u8]> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let (seed, watch) = (&self.seed, self.watch(shards));
        widely(
            #[inline(always)] // as above
            move || look_up_all::<true>(seed, shards, keys, watch, sink),
        )
    }
}

/// What a reader looks at beside keys and values.
#[derive(Clone, Copy)]
struct Watch<'r> {
    /// The time, if any entry may have ended, otherwise 0.
    now: u64,
    note: &'r Note,
}

/// Counts keys that were answered.
#[inline(always)]
fn count(shards: &Reading, hits: usize, misses: usize, sink: &impl ValueSink) {
    if sink.is_of_use() {
        shards.note().count(hits, misses);
    }
}

/// Whether an entry has not ended, which is then noted down.
#[inline(always)]
fn is_there(shard: &Shard, found: Ref, watch: Option<Watch>) -> bool {
    let Some(Watch { now, note }) = watch else { return true };
    let there = !shard.has_ended(found, now);
    if there {
        note.see(shard.id(shard.place(found)));
    }
    there
}

/// Keys in a row: each one's index line is asked for, then, when as many others
/// have followed, its entry, and only then is it looked at.
#[inline(always)]
fn look_up_all<'k, const WATCHED: bool>(
    seed: &Seed,
    shards: &Reading,
    keys: impl ExactSizeIterator<Item = &'k [u8]> + Clone,
    watch: Watch,
    sink: &mut impl ValueSink,
) -> Result<(), Error> {
    let mut asked = [Asked { hash: 0, shard: shards.shard(0), line: &Line::EMPTY }; RING];
    let mut leads = [Lead::Missing; RING];
    // Set for large entries only: one of an earlier key is told by its key.
    let mut large = [None; RING];
    let mut numbers = [0; RING];
    let mut missing = 0;
    let len = keys.len();
    let (mut to_ask, mut to_answer) = (keys.clone(), keys);
    for step in 0..len + 2 * AHEAD {
        if let Some(key) = to_ask.next() {
            let probe = Probe::new(seed, key)?;
            let shard = shards.shard(probe.shard());
            let line = shard.line(probe.hash);
            prefetch(line);
            asked[step % RING] = Asked { hash: probe.hash, shard, line };
        }
        let earlier = step.wrapping_sub(AHEAD);
        if earlier < len {
            let Asked { hash, shard, line } = asked[earlier % RING];
            if WATCHED {
                numbers[earlier % RING] = shard_of(hash) as u8;
            }
            leads[earlier % RING] = match line.candidate(tag_of(hash)) {
                Some(reference) => {
                    let (block, entry) = shard.prefetch(reference);
                    if entry.is_some() {
                        large[earlier % RING] = entry;
                    }
                    Lead::Entry(block)
                }
                None if line.next == 0 => Lead::Missing,
                None => Lead::Entry(Block(&[])),
            };
        }
        if step >= 2 * AHEAD {
            let Some(key) = to_answer.next() else { break };
            let turn = (step - 2 * AHEAD) % RING;
            match leads[turn] {
                Lead::Missing => {
                    missing += 1;
                    sink.missing()?;
                }
                Lead::Entry(block) if WATCHED => {
                    let shard = shards.shard(usize::from(numbers[turn]));
                    if block.has_key(key) && (watch.now == 0 || block.deadline() > watch.now) {
                        watch.note.see(shard.id(block.header().place()));
                        sink.copied(block.value())?;
                    } else if !look_up(seed, shards, key, None, Some(watch), sink)? {
                        missing += 1;
                    }
                }
                Lead::Entry(block) => match block.value_of(key) {
                    Some(value) => sink.copied(value)?,
                    None => {
                        if !look_up(seed, shards, key, large[turn], None, sink)? {
                            missing += 1;
                        }
                    }
                },
            }
        }
    }
    count(shards, len - missing, missing, sink);
    Ok(())
}

/// Answers a key whose entry is not the small one that its tag made likely;
/// `guess`, a large one, may be. Says whether there is one.
#[inline(never)]
fn look_up(
    seed: &Seed,
    shards: &Reading,
    key: &[u8],
    guess: Option<&Entry>,
    watch: Option<Watch>,
    sink: &mut impl ValueSink,
) -> Result<bool, Error> {
    if let Some(entry) = guess.filter(|entry| entry.key() == key) {
        return deliver_large(entry, sink).map(|()| true);
    }
    let probe = Probe::new(seed, key)?;
    let shard = shards.shard(probe.shard());
    let found = shard.find(shard.line(probe.hash), probe.hash, key);
    match found.filter(|&found| is_there(shard, found, watch)) {
        Some(found) => deliver(shard, found, sink).map(|()| true),
        None => sink.missing().map(|()| false),
    }
}

fn deliver(shard: &Shard, found: Ref, sink: &mut impl ValueSink) -> Result<(), Error> {
    match shard.value(found) {
        Value::Large(entry) => deliver_large(entry, sink),
        Value::Small(value) => sink.copied(value),
    }
}

fn deliver_large(entry: &Entry, sink: &mut impl ValueSink) -> Result<(), Error> {
    match entry.value().len() >= SHARED_VALUE_LEN {
        true => sink.shared(entry),
        false => sink.copied(entry.value()), // its key is long
    }
}
