//! `mget`: all keys of a batch on their way through the engine at once. Changes nothing.

use super::answer::{deliver, Answer, Sizes, ValueSink};
use super::batch::Probe;
use super::block::Block;
use super::gate::{Reading, ALL};
use super::line::{tag_of, Line};
use super::shard::{Shard, Value};
use super::{Engine, GROUP, SHARED_VALUE_LEN};
use crate::sys::prefetch;
use crate::Error;

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
            9..=GROUP => self.mget_few::<GROUP>(keys, sink),
            _ => self.mget_many(keys, sink),
        }
    }

    /// At most `N` keys: nothing is allocated.
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
        look_up(&shards, probes, answers, &mut sizes);
        deliver(answers, &sizes, sink)
    }

    /// So many keys meet all shards, so that their hashes need not be known before.
    fn mget_many<'a>(
        &self,
        mut keys: impl ExactSizeIterator<Item = &'a [u8]>,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let shards = self.gate.read(ALL);
        let mut answers = Vec::new();
        answers.try_reserve_exact(keys.len())?;
        answers.resize(keys.len(), Answer::Missing);
        let mut sizes = Sizes::default();
        for answers in answers.chunks_mut(GROUP) {
            let mut probes = [Probe::NONE; GROUP];
            let (probes, _) = Probe::fill(&mut probes, &self.seed, keys.by_ref().take(GROUP))?;
            look_up(&shards, probes, answers, &mut sizes);
        }
        deliver(&answers, &sizes, sink)
    }
}

/// Sets the answer of each probe.
#[inline(always)]
fn look_up<'s>(
    shards: &'s Reading<Shard>,
    probes: &[Probe],
    answers: &mut [Answer<'s>],
    sizes: &mut Sizes,
) {
    // One key alone has nothing to do meanwhile, and what is in the cache need
    // not be asked for; shards are all about as large.
    match probes {
        [first, _, ..] if shards.shard(first.shard()).outgrows_the_cache() => {
            look_up_together(shards, probes, answers, sizes);
        }
        _ => {
            for (probe, answer) in probes.iter().zip(answers) {
                let shard = shards.shard(probe.shard());
                *answer = find(shard, shard.line(probe.hash), probe, sizes);
            }
        }
    }
}

/// First all index lines are asked for, then all entries.
fn look_up_together<'s>(
    shards: &'s Reading<Shard>,
    probes: &[Probe],
    answers: &mut [Answer<'s>],
    sizes: &mut Sizes,
) {
    let mut lines = [&Line::EMPTY; GROUP];
    for (probe, line) in probes.iter().zip(&mut lines) {
        *line = shards.shard(probe.shard()).line(probe.hash);
        prefetch(*line);
    }
    let mut blocks = [Block(&[]); GROUP];
    for ((probe, line), block) in probes.iter().zip(&lines).zip(&mut blocks) {
        if let Some(reference) = line.candidates(tag_of(probe.hash)).next() {
            *block = shards.shard(probe.shard()).prefetch(reference);
        }
    }
    for (((probe, line), block), answer) in probes.iter().zip(lines).zip(blocks).zip(answers) {
        let shard = shards.shard(probe.shard());
        // Nearly always the first reference with the tag is the right one.
        *answer = match !block.0.is_empty() && block.has_key(probe.key) {
            true => {
                let value = block.value();
                sizes.copied += value.len();
                Answer::Value(value)
            }
            false => find(shard, line, probe, sizes),
        };
        if let Answer::Value(value) = answer {
            prefetch_rest(value, shard.prefetched());
        }
    }
}

#[inline(always)]
fn find<'s>(shard: &'s Shard, line: &'s Line, probe: &Probe, sizes: &mut Sizes) -> Answer<'s> {
    let Some(reference) = shard.find(line, probe.hash, probe.key) else { return Answer::Missing };
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
