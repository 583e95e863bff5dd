//! The order of one shard's entries: their references by ascending sequence number. Knows no keys.
//!
//! Blocks of 128 numbered slots, appended to at the end. A removed entry leaves
//! a free slot; a block without entries is given back, and two neighbours that
//! are mostly free become one. An entry knows its place (block and slot), which
//! only such a merge changes.

mod entries;

pub use entries::Entries;

use super::arena::Ref;
use super::clock::NEVER;
use super::gate::SHARDS;
use super::note::Id;
use super::paged::Paged;
use crate::sys::{prefetch, Pool, Shared};
use crate::Error;

pub(super) const BLOCK: usize = 128;
const BLOCK_BITS: u32 = BLOCK.ilog2();

/// Where an entry stands: block number and slot.
pub type Place = u32;

/// The number of a shard's entry among those of all shards, dense where all
/// shards have about as many: block number, shard, slot.
pub fn id_of(shard: usize, place: Place) -> Id {
    (place >> BLOCK_BITS << (BLOCK_BITS + SHARDS.ilog2())) | ((shard as u32) << BLOCK_BITS) | (place & LAST_SLOT)
}

/// The shard and the place of an entry.
pub fn place_of(id: Id) -> (usize, Place) {
    let block = id >> (BLOCK_BITS + SHARDS.ilog2());
    ((id >> BLOCK_BITS) as usize % SHARDS, (block << BLOCK_BITS) | (id & LAST_SLOT))
}

const LAST_SLOT: u32 = BLOCK as u32 - 1;

/// What is known of a block without looking into it.
#[derive(Clone, Copy)]
struct Head {
    /// Sequence number of the first slot.
    base: u64,
    /// No entry of the block has an earlier deadline.
    earliest: u64,
    /// Where its slots are among `slots`.
    at: u32,
    /// Slots given out.
    len: u16,
    /// Slots with an entry.
    live: u16,
}

/// A reference, 0 when it is free, and its sequence number less the block's `base`.
type Slot = [u32; 2];
type Slots = [Slot; BLOCK];

/// What becomes of an entry's place.
pub enum Move {
    /// It will change: the entry should come.
    Soon,
    To(Place),
}

pub struct Order {
    pool: Shared<Pool>,
    /// By block number.
    heads: Vec<Head>,
    /// Numbers of the blocks in use, ascending by sequence number.
    chain: Vec<u32>,
    /// Numbers not in use.
    free: Vec<u32>,
    /// Of the blocks in use, side by side.
    slots: Paged<Slots>,
    /// Whose slots are where.
    owners: Vec<u32>,
    /// Blocks that there is memory for beside those in use.
    spare: usize,
    /// The block that `due` looks at next.
    next_look: usize,
}

impl Order {
    pub fn new(pool: Shared<Pool>) -> Self {
        let (heads, chain, free, owners) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Order { pool, heads, chain, free, slots: Paged::new(), owners, spare: 0, next_look: 0 }
    }

    /// Makes room for `more` entries.
    #[inline(always)]
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        // One block more than the entries need: a wide gap in their numbers begins a new one.
        match self.spare > 0 && self.last().is_some_and(|(head, _)| usize::from(head.len) + more <= BLOCK) {
            true => Ok(()),
            false => self.reserve_blocks(more.div_ceil(BLOCK) + 1),
        }
    }

    #[cold]
    fn reserve_blocks(&mut self, more: usize) -> Result<(), Error> {
        let numbers = self.heads.len() + more;
        if numbers > 1 << (Place::BITS - BLOCK_BITS - SHARDS.ilog2()) {
            return Err(Error::OutOfMemory);
        }
        self.heads.try_reserve(more)?;
        self.chain.try_reserve(more)?;
        self.owners.try_reserve(more)?;
        // Removing a block must not fail either.
        self.free.try_reserve(numbers.saturating_sub(self.free.len()))?;
        self.slots.reserve(&self.pool, self.owners.len() + more)?;
        self.spare = self.spare.max(more);
        Ok(())
    }

    /// Ids of its entries, and of those that need no other `reserve`, are below this.
    pub fn ids(&self) -> usize {
        (self.heads.len() + self.spare) * SHARDS * BLOCK
    }

    /// Appends an entry; the number is the highest so far. The caller has reserved.
    #[inline(always)]
    pub fn push(&mut self, sequence: u64, reference: Ref) -> Place {
        let number = match self.last() {
            Some((head, number)) if usize::from(head.len) < BLOCK && is_near(head.base, sequence) => number,
            _ => self.start_block(sequence),
        };
        let Some((head, slots)) = self.block_mut(number) else { return 0 };
        let slot = usize::from(head.len) % BLOCK;
        slots[slot] = [reference, (sequence - head.base) as u32];
        head.len += 1;
        head.live += 1;
        (number << BLOCK_BITS) | slot as u32
    }

    /// The entry at a place has another reference now.
    pub fn set(&mut self, place: Place, reference: Ref) {
        if let Some((_, slots)) = self.block_mut(place >> BLOCK_BITS) {
            slots[place as usize % BLOCK][0] = reference;
        }
    }

    /// The reference at a place; 0: there is none.
    pub fn at(&self, place: Place) -> Ref {
        self.block(place >> BLOCK_BITS).map_or(0, |(_, slots)| slots[place as usize % BLOCK][0])
    }

    /// The sequence number of the entry at a place.
    pub fn sequence(&self, place: Place) -> u64 {
        self.block(place >> BLOCK_BITS)
            .map_or(u64::MAX, |(head, slots)| head.base + u64::from(slots[place as usize % BLOCK][1]))
    }

    /// The entry at a place has a deadline now.
    pub fn expires(&mut self, place: Place, deadline: u64) {
        if let Some(head) = self.heads.get_mut((place >> BLOCK_BITS) as usize) {
            head.earliest = head.earliest.min(deadline);
        }
    }

    /// Looks at some more blocks, in turn, and stops at one in which entries may
    /// have ended: its number.
    pub fn next_due(&mut self, now: u64, blocks: usize) -> Option<u32> {
        for _ in 0..blocks.min(self.heads.len()) {
            let number = if self.next_look < self.heads.len() { self.next_look } else { 0 };
            self.next_look = number + 1;
            if self.heads[number].earliest <= now {
                return Some(number as u32);
            }
        }
        None
    }

    /// The blocks in which entries may have ended.
    pub fn due(&self, now: u64) -> impl Iterator<Item = u32> + '_ {
        let heads = (0..).zip(&self.heads);
        heads.filter(move |(_, head)| head.earliest <= now).map(|(number, _)| number)
    }

    /// The references of a block; 0 where there is none.
    pub fn block_refs(&self, number: u32) -> [Ref; BLOCK] {
        self.block(number).map_or([0; BLOCK], |(_, slots)| slots.map(|slot| slot[0]))
    }

    /// No entry of the block has an earlier deadline.
    pub fn set_earliest(&mut self, number: u32, deadline: u64) {
        if let Some(head) = self.heads.get_mut(number as usize) {
            head.earliest = deadline;
        }
    }

    /// Asks for what says where a place is.
    #[inline(always)]
    pub fn prefetch_head(&self, place: Place) {
        if let Some(head) = self.heads.get((place >> BLOCK_BITS) as usize) {
            prefetch(head);
        }
    }

    /// Asks for a place, once its head is there.
    #[inline(always)]
    pub fn prefetch(&self, place: Place) {
        if let Some((_, slots)) = self.block(place >> BLOCK_BITS) {
            prefetch(&slots[place as usize % BLOCK]);
        }
    }

    /// Frees a place. Where that leaves two blocks that fit into one, their
    /// entries move: `moved` is told of each one, first that it will.
    #[inline(always)]
    pub fn remove(&mut self, place: Place, moved: impl FnMut(Ref, Move)) {
        let number = place >> BLOCK_BITS;
        let Some((head, slots)) = self.block_mut(number) else { return };
        slots[place as usize % BLOCK][0] = 0;
        head.live -= 1;
        // A look at the neighbours now and then, not for every removal.
        if usize::from(head.live) <= BLOCK / 3 && head.live % 8 == 0 {
            self.tidy(number, moved);
        }
    }

    #[cold]
    fn tidy(&mut self, number: u32, mut moved: impl FnMut(Ref, Move)) {
        let Head { base, live, .. } = self.heads[number as usize];
        let at = self.chain.partition_point(|&other| self.heads[other as usize].base < base);
        if at + 1 >= self.chain.len() {
            return; // the last block goes on growing
        }
        if live == 0 {
            self.release(at);
        } else if !self.merge(at, &mut moved) && at > 0 {
            self.merge(at - 1, &mut moved);
        }
    }

    /// Makes one block of the one at `at` and the next, if they fit well.
    fn merge(&mut self, at: usize, moved: &mut impl FnMut(Ref, Move)) -> bool {
        let (first, second) = (self.chain[at], self.chain[at + 1]);
        let is_last = at + 2 == self.chain.len();
        let [a, b] = [first, second].map(|number| self.heads[number as usize]);
        if is_last || usize::from(a.live + b.live) > BLOCK / 2 {
            return false;
        }
        let (Some(target), Some(source)) = (self.slots.get(a.at as usize), self.slots.get(b.at as usize)) else {
            return false;
        };
        let [_, last] = source[usize::from(b.len - 1) % BLOCK];
        if !is_near(a.base, b.base + u64::from(last)) {
            return false;
        }
        let mut merged: Slots = [[0; 2]; BLOCK];
        let mut len = 0;
        for (head, slots) in [(a, target), (b, source)] {
            let live = slots[..usize::from(head.len).min(BLOCK)].iter().filter(|slot| slot[0] != 0);
            for &[reference, delta] in live {
                moved(reference, Move::Soon);
                merged[len] = [reference, (head.base - a.base) as u32 + delta];
                len += 1;
            }
        }
        if let Some(target) = self.slots.get_mut(a.at as usize) {
            *target = merged;
        }
        let head = &mut self.heads[first as usize];
        (head.len, head.live, head.earliest) = (len as u16, len as u16, a.earliest.min(b.earliest));
        self.release(at + 1);
        for (slot, &[reference, _]) in merged[..len].iter().enumerate() {
            moved(reference, Move::To((first << BLOCK_BITS) | slot as u32));
        }
        true
    }

    /// Takes the block at `at` out of the chain; the last slots move to where
    /// its own were.
    fn release(&mut self, at: usize) {
        let number = self.chain.remove(at);
        let place = self.heads[number as usize].at;
        self.heads[number as usize].earliest = NEVER;
        self.free.push(number);
        self.owners.swap_remove(place as usize);
        if let Some(&owner) = self.owners.get(place as usize) {
            if let Some(&last) = self.slots.get(self.owners.len()) {
                if let Some(slots) = self.slots.get_mut(place as usize) {
                    *slots = last;
                }
            }
            self.heads[owner as usize].at = place;
        }
        self.slots.trim(&self.pool, self.owners.len());
        self.spare = 1; // at least
    }

    #[inline(always)]
    fn last(&self) -> Option<(&Head, u32)> {
        let &number = self.chain.last()?;
        Some((self.heads.get(number as usize)?, number))
    }

    #[inline(always)]
    fn block(&self, number: u32) -> Option<(&Head, &Slots)> {
        let head = self.heads.get(number as usize)?;
        Some((head, self.slots.get(head.at as usize)?))
    }

    #[inline(always)]
    fn block_mut(&mut self, number: u32) -> Option<(&mut Head, &mut Slots)> {
        let head = self.heads.get_mut(number as usize)?;
        let slots = self.slots.get_mut(head.at as usize)?;
        Some((head, slots))
    }

    #[cold]
    fn start_block(&mut self, sequence: u64) -> u32 {
        let head = Head { base: sequence, earliest: NEVER, at: self.owners.len() as u32, len: 0, live: 0 };
        let number = match self.free.pop() {
            Some(number) => {
                self.heads[number as usize] = head;
                number
            }
            None => {
                self.heads.push(head);
                self.heads.len() as u32 - 1
            }
        };
        if let Some(slots) = self.slots.get_mut(self.owners.len()) {
            *slots = [[0; 2]; BLOCK]; // others may have left theirs
        }
        self.owners.push(number);
        self.chain.push(number);
        self.spare -= 1;
        number
    }
}

/// Whether a block with that base can hold a number.
fn is_near(base: u64, sequence: u64) -> bool {
    sequence - base <= u64::from(u32::MAX)
}

#[cfg(test)]
mod tests;
