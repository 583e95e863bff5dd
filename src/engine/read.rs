//! `mget`: all keys of a batch on their way through the engine at once. Changes nothing.

use super::answer::{deliver, Answer, Sizes, ValueSink};
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
    key: &'k [u8],
    hash: u64,
    shard: &'s Shard,
    /// Where the search begins.
    line: &'s Line,
    /// What is probably the key's entry.
    block: Block<'s>,
}

impl Engine {
    /// Gives `sink` one answer for each key.
    #[inline(always)]
    pub fn mget<'a>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        match keys.len() {
            0..=1 => self.mget_few::<1>(keys, sink),
            2..=8 => self.mget_few::<8>(keys, sink),
            9..=GROUP => {
                let shards = self.gate.read(ALL);
                self.mget_group(&shards, keys, &mut [Answer::Missing; GROUP], sink)
            }
            len => {
                let shards = self.gate.read(ALL);
                let mut answers = Vec::new();
                answers.try_reserve_exact(len)?;
                answers.resize(len, Answer::Missing);
                self.mget_group(&shards, keys, &mut answers, sink)
            }
        }
    }

    /// So many keys meet nearly all shards, so that their hashes need not be known before.
    #[inline(always)]
    fn mget_group<'k, 's>(
        &self,
        shards: &'s Reading<Shard>,
        mut keys: impl ExactSizeIterator<Item = &'k [u8]>,
        answers: &mut [Answer<'s>],
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let answers = answers.get_mut(..keys.len()).unwrap_or_default();
        let mut sizes = Sizes::default();
        let is_far = shards.shard(0).outgrows_the_cache();
        for answers in answers.chunks_mut(GROUP) {
            look_up_together(&self.seed, shards, &mut keys, answers, &mut sizes, is_far)?;
        }
        deliver(answers, &sizes, sink)
    }

    /// At most `N` keys: they wait for the shards they need only.
    fn mget_few<'a, const N: usize>(
        &self,
        keys: impl ExactSizeIterator<Item = &'a [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let mut probes = [Probe::NONE; N];
        let (probes, mask) = Probe::fill(&mut probes, &self.seed, keys)?;
        let shards = self.gate.read(mask);
        let mut answers = [Answer::Missing; N];
        let answers = answers.get_mut(..probes.len()).unwrap_or_default();
        let mut sizes = Sizes::default();
        if N > 1 {
            probes.iter().for_each(|probe| prefetch(shards.shard(probe.shard()).line(probe.hash)));
        }
        for (probe, answer) in probes.iter().zip(&mut *answers) {
            let shard = shards.shard(probe.shard());
            *answer = find(shard, shard.line(probe.hash), probe.hash, probe.key, &mut sizes);
        }
        deliver(answers, &sizes, sink)
    }
}

/// First all index lines are asked for, then all entries.
#[inline(always)]
fn look_up_together<'k, 's>(
    seed: &Seed,
    shards: &'s Reading<Shard>,
    keys: &mut impl Iterator<Item = &'k [u8]>,
    answers: &mut [Answer<'s>],
    sizes: &mut Sizes,
    is_far: bool,
) -> Result<(), Error> {
    let nothing = Search { key: &[], hash: 0, shard: shards.shard(0), line: &Line::EMPTY, block: Block(&[]) };
    let mut searches = [nothing; GROUP];
    let searches = searches.get_mut(..answers.len()).unwrap_or_default();
    for (search, key) in searches.iter_mut().zip(keys) {
        let probe = Probe::new(seed, key)?;
        let shard = shards.shard(probe.shard());
        let line = shard.line(probe.hash);
        prefetch(line);
        *search = Search { key, hash: probe.hash, shard, line, block: Block(&[]) };
    }
    for search in &mut *searches {
        if let Some(reference) = search.line.candidates(tag_of(search.hash)).next() {
            search.block = search.shard.prefetch(reference);
        }
    }
    for (search, answer) in searches.iter().zip(answers) {
        // Nearly always the first reference with the tag is the right one.
        *answer = match !search.block.0.is_empty() && search.block.has_key(search.key) {
            true => {
                let value = search.block.value();
                sizes.copied += value.len();
                Answer::Value(value)
            }
            false => find(search.shard, search.line, search.hash, search.key, sizes),
        };
        if let (true, Answer::Value(value)) = (is_far, answer) {
            prefetch_rest(value, search.shard.prefetched());
        }
    }
    Ok(())
}

#[inline(always)]
fn find<'s>(shard: &'s Shard, line: &'s Line, hash: u64, key: &[u8], sizes: &mut Sizes) -> Answer<'s> {
    let Some(reference) = shard.find(line, hash, key) else { return Answer::Missing };
    let value = match shard.value(reference) {
        Value::Large(entry) if entry.value().len() >= SHARED_VALUE_LEN => {
            sizes.shared += 1;
            return Answer::Shared(entry);
        }
        Value::Large(entry) => entry.value(),
        Value::Small(value) => value,
    };
    sizes.copied += value.len();
    Answer::Value(value)
}

/// Asks for the lines of a value beyond those that came with its entry.
#[inline(always)]
fn prefetch_rest(value: &[u8], prefetched: usize) {
    if let Some(rest) = value.get(prefetched..) {
        rest.chunks(64).for_each(prefetch);
    }
}
