//! Finding entries that have ended, some at a time. Knows no clock.
//!
//! Each block of the order knows the earliest deadline in it: a look at a few
//! blocks a batch finds all that have ended, whether anybody asks for them or
//! not, and without a queue.

use super::super::clock::NEVER;
use super::super::order::BLOCK;
use super::{Ref, Seed, Shard};
use crate::sys::prefetch;

/// Blocks of the order that a batch looks at in each shard.
const BLOCKS: usize = 8;

/// Entries that have ended, with their hashes.
pub struct Ended {
    entries: [(Ref, u64); BLOCK],
    len: usize,
}

impl Ended {
    pub fn entries(&self) -> &[(Ref, u64)] {
        &self.entries[..self.len]
    }
}

impl Shard {
    /// Whether an entry has ended. Where none can have, `now` is 0, and the entry is not looked at.
    #[inline(always)]
    pub fn has_ended(&self, reference: Ref, now: u64) -> bool {
        now != 0 && self.deadline(reference) <= now
    }

    /// An entry of this key that has ended.
    pub fn find_ended(&self, hash: u64, key: &[u8], now: u64) -> Option<Ref> {
        self.find(self.line(hash), hash, key).filter(|&found| self.has_ended(found, now))
    }

    /// Entries that have ended, of one block at most. The caller takes them out. To the end: `None` says that
    /// there are no more.
    pub fn sweep(&mut self, seed: &Seed, now: u64, to_the_end: bool) -> Option<Ended> {
        let block = self.order.next_due(now, if to_the_end { usize::MAX } else { BLOCKS })?;
        Some(self.sweep_block(block, seed, now))
    }

    #[cold]
    fn sweep_block(&mut self, block: u32, seed: &Seed, now: u64) -> Ended {
        let refs = self.order.block_refs(block);
        refs.iter().filter(|&&reference| reference != 0).for_each(|&reference| self.prefetch_key(reference));
        let mut ended = Ended { entries: [(0, 0); BLOCK], len: 0 };
        let mut earliest = NEVER;
        for &reference in refs.iter().filter(|&&reference| reference != 0) {
            match self.deadline(reference) {
                deadline if deadline > now => earliest = earliest.min(deadline),
                _ => {
                    let hash = seed.hash(self.key(reference));
                    prefetch(self.line(hash));
                    ended.entries[ended.len] = (reference, hash);
                    ended.len += 1;
                }
            }
        }
        self.order.set_earliest(block, earliest);
        ended
    }

    /// How many entries have ended and are still there.
    pub fn ended(&self, now: u64) -> usize {
        let due = self.order.due(now).flat_map(|block| self.order.block_refs(block));
        due.filter(|&reference| reference != 0 && self.has_ended(reference, now)).count()
    }
}
