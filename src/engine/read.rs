//! `mget`: all keys of a batch on their way through the engine at once. Changes nothing.

use super::answer::ValueSink;
use super::arena::Ref;
use super::batch::{Probe, Seed};
use super::block::Block;
use super::gate::{Reading, ALL};
use super::line::{tag_of, Line};
use super::shard::{Shard, Value};
use super::{Engine, GROUP, SHARED_VALUE_LEN};
use crate::sys::prefetch;
use crate::Error;

/// A key on its way.
#[derive(Clone, Copy)]
struct Search<'k, 's> {
    probe: Probe<'k>,
    shard: &'s Shard,
    /// Where the search begins.
    line: &'s Line,
    /// What is probably the key's entry.
    block: Block<'s>,
}

impl Engine {
    /// Gives `sink` one answer for each key.
    #[inline(always)]
    pub fn mget<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        match keys.len() {
            0..=1 => self.mget_few::<1>(keys, sink),
            2..=8 => self.mget_few::<8>(keys, sink),
            _ => self.mget_many(keys, sink),
        }
    }

    /// At most `N` keys: they wait only for the shards they need.
    fn mget_few<'k, const N: usize>(
        &self,
        keys: impl ExactSizeIterator<Item = &'k [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let mut probes = [Probe::NONE; N];
        let (probes, mask) = Probe::fill(&mut probes, &self.seed, keys)?;
        let shards = self.gate.read(mask);
        let mut found = [0; N];
        let mut bytes = 0;
        if N > 1 {
            probes.iter().for_each(|probe| prefetch(shards.shard(probe.shard()).line(probe.hash)));
        }
        for (probe, found) in probes.iter().zip(&mut found) {
            let shard = shards.shard(probe.shard());
            if let Some(reference) = shard.find(shard.line(probe.hash), probe.hash, probe.key) {
                bytes += shard.value_len(reference);
                *found = reference;
            }
        }
        sink.expect(probes.len(), bytes)?;
        for (probe, &found) in probes.iter().zip(&found) {
            match found {
                0 => sink.missing()?,
                _ => deliver(shards.shard(probe.shard()), found, sink)?,
            }
        }
        Ok(())
    }

    /// So many keys meet nearly all shards, so that their hashes need not be known before.
    fn mget_many<'k>(
        &self,
        mut keys: impl ExactSizeIterator<Item = &'k [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let shards = self.gate.read(ALL);
        let first = shards.shard(0); // shards are all about as large
        sink.expect(keys.len(), keys.len().saturating_mul(first.entry_len()))?;
        if first.outgrows_the_cache() {
            while keys.len() > 0 {
                look_up_far(&self.seed, &shards, &mut keys, sink)?;
            }
            return Ok(());
        }
        for key in keys {
            let probe = Probe::new(&self.seed, key)?;
            let shard = shards.shard(probe.shard());
            let line = shard.line(probe.hash);
            look_up(shard, line, shard.first_block(line, probe.hash), &probe, sink)?;
        }
        Ok(())
    }
}

/// A group of keys: first all their index lines are asked for, then all their
/// entries.
#[inline(always)]
fn look_up_far<'k>(
    seed: &Seed,
    shards: &Reading<Shard>,
    keys: &mut impl Iterator<Item = &'k [u8]>,
    sink: &mut impl ValueSink,
) -> Result<(), Error> {
    let nothing = Search { probe: Probe::NONE, shard: shards.shard(0), line: &Line::EMPTY, block: Block(&[]) };
    let mut searches = [nothing; GROUP];
    let mut len = 0;
    for (search, key) in searches.iter_mut().zip(keys) {
        let probe = Probe::new(seed, key)?;
        let shard = shards.shard(probe.shard());
        let line = shard.line(probe.hash);
        prefetch(line);
        (search.probe, search.shard, search.line) = (probe, shard, line);
        len += 1;
    }
    let searches = searches.get_mut(..len).unwrap_or_default();
    for search in &mut *searches {
        search.block = search.shard.prefetch_first(search.line, search.probe.hash);
    }
    for Search { probe, shard, line, block } in searches {
        look_up(shard, line, *block, probe, sink)?;
    }
    Ok(())
}

/// Answers one key; `block` is its entry, nearly always.
#[inline(always)]
fn look_up<'s>(
    shard: &'s Shard,
    line: &'s Line,
    block: Block<'s>,
    probe: &Probe,
    sink: &mut impl ValueSink,
) -> Result<(), Error> {
    if !block.0.is_empty() && block.has_key(probe.key) {
        return sink.copied(block.value());
    }
    match shard.find(line, probe.hash, probe.key) {
        Some(found) => deliver(shard, found, sink),
        None => sink.missing(),
    }
}

fn deliver(shard: &Shard, found: Ref, sink: &mut impl ValueSink) -> Result<(), Error> {
    match shard.value(found) {
        Value::Large(entry) if entry.value().len() >= SHARED_VALUE_LEN => sink.shared(entry),
        Value::Large(entry) => sink.copied(entry.value()),
        Value::Small(value) => sink.copied(value),
    }
}
