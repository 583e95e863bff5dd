//! The entries of all shards in the order of their sequence numbers. Knows no keys, and changes nothing.

use super::gate::SHARDS;
use super::matches::Reading;
use super::order::Entries;
use super::prefixes::Locator;

/// Entries of one shard that are asked for before they are needed.
const AHEAD: usize = 2;

/// All entries from a number on, the lowest first.
pub struct Merged<'r, 'e> {
    shards: &'r Reading<'e>,
    heads: [Entries<'r>; SHARDS],
    firsts: [u64; SHARDS],
}

impl<'r, 'e> Merged<'r, 'e> {
    #[inline(always)]
    pub fn from(shards: &'r Reading<'e>, sequence: u64) -> Self {
        let heads: [Entries; SHARDS] = std::array::from_fn(|shard| shards.shard(shard).entries_from(sequence));
        let firsts = std::array::from_fn(|shard| first_of(&heads[shard]));
        Merged { shards, heads, firsts }
    }

    /// The number of the next one; after the last one it is as high as can be.
    #[inline(always)]
    pub fn sequence(&self) -> u64 {
        earliest(&self.firsts).1
    }

    /// The next one, if its number is below a limit.
    #[inline(always)]
    pub fn next_below(&mut self, until: u64) -> Option<(u64, Locator)> {
        let (number, sequence) = earliest(&self.firsts);
        let head = &mut self.heads[number];
        let (_, reference) = head.first().filter(|_| sequence < until)?;
        let soon = head.soon(AHEAD);
        if soon != 0 {
            self.shards.shard(number).prefetch(soon);
        }
        head.advance();
        self.firsts[number] = first_of(head);
        Some((sequence, Locator { reference, shard: number as u8 }))
    }
}

fn first_of(entries: &Entries) -> u64 {
    entries.first().map_or(u64::MAX, |(sequence, _)| sequence)
}

/// The lowest number and whose it is.
fn earliest(firsts: &[u64; SHARDS]) -> (usize, u64) {
    let mut best = (0, firsts[0]);
    for (shard, &sequence) in firsts.iter().enumerate().skip(1) {
        if sequence < best.1 {
            best = (shard, sequence);
        }
    }
    best
}
