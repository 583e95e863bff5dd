//! Taking back the memory of entries that have ended, some at a time. Knows no clock.
//!
//! Each block of the order knows the earliest deadline in it: a look at a few
//! blocks a batch finds all that have ended, whether anybody asks for them or
//! not, and without a queue.

use super::super::clock::NEVER;
use super::super::counters::Cause;
use super::super::entry::Entry;
use super::super::order::BLOCK;
use super::super::whole::Whole;
use super::{Ref, Seed, Shard};
use crate::sys::prefetch;

/// Blocks of the order that a batch looks at in each shard.
const BLOCKS: usize = 8;

impl Shard {
    /// Takes an entry of this key out, if it has ended. Says whether there was one.
    pub fn remove_ended(
        &mut self,
        hash: u64,
        key: &[u8],
        now: u64,
        whole: Option<&mut Whole>,
    ) -> Option<Option<Entry>> {
        let found = self.find(self.line(hash), hash, key)?;
        match self.deadline(found) <= now {
            true => self.remove(hash, found, Cause::Expired, whole),
            false => None,
        }
    }

    /// Takes entries out that have ended, of one block at most. Says how many those were.
    pub fn sweep(&mut self, seed: &Seed, now: u64, whole: Option<&mut Whole>, gone: impl FnMut(Entry)) -> usize {
        match self.order.next_due(now, BLOCKS) {
            Some(block) => self.sweep_block(block, seed, now, whole, gone),
            None => 0,
        }
    }

    #[cold]
    fn sweep_block(
        &mut self,
        block: u32,
        seed: &Seed,
        now: u64,
        mut whole: Option<&mut Whole>,
        mut gone: impl FnMut(Entry),
    ) -> usize {
        let refs = self.order.block_refs(block);
        refs.iter().filter(|&&reference| reference != 0).for_each(|&reference| self.prefetch_key(reference));
        let mut ended: [(Ref, u64); BLOCK] = [(0, 0); BLOCK];
        let (mut len, mut earliest) = (0, NEVER);
        for &reference in refs.iter().filter(|&&reference| reference != 0) {
            match self.deadline(reference) {
                deadline if deadline > now => earliest = earliest.min(deadline),
                _ => {
                    let hash = seed.hash(self.key(reference));
                    prefetch(self.line(hash));
                    ended[len] = (reference, hash);
                    len += 1;
                }
            }
        }
        self.order.set_earliest(block, earliest);
        for &(reference, hash) in &ended[..len] {
            if let Some(Some(entry)) = self.remove(hash, reference, Cause::Expired, whole.as_deref_mut()) {
                gone(entry);
            }
        }
        len
    }

    /// How many entries have ended and are still there.
    pub fn ended(&self, now: u64) -> usize {
        let due = self.order.due(now).flat_map(|block| self.order.block_refs(block));
        due.filter(|&reference| reference != 0 && self.deadline(reference) <= now).count()
    }
}
