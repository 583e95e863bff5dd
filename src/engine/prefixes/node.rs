//! Layout of a node: 512 bytes of references in the order of their keys, each beside some bits of its key. Knows no tree.
//!
//! The first word is the number of slots in use, and where the last insertions
//! were; the second how many bytes all of the node's keys begin with alike. A
//! slot is 8 bytes: 28 bits of its key from there on, its head, and 36 bits that
//! say whose key it is. In an inner node a slot is its child's first, and the
//! children's numbers follow.

use crate::engine::arena::Ref;
use crate::sys::prefetch;

const WORDS: usize = 128;
const HEADER: usize = 2;
/// Slots of a leaf.
pub(super) const LEAF: usize = (WORDS - HEADER) / 2;
/// Slots of an inner node.
pub(super) const INNER: usize = (WORDS - HEADER) / 3;
/// Where an inner node's children begin.
const CHILDREN: usize = HEADER + 2 * INNER;

/// Words, not a type of its own: those of a page's types that are zero at first need unsafe code.
pub type Words = [u32; WORDS];

pub(super) const EMPTY: Words = [0; WORDS];

/// Slots of a node; leaves are level 0.
pub fn capacity(level: usize) -> usize {
    if level == 0 {
        LEAF
    } else {
        INNER
    }
}

/// An entry of any shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    pub reference: Ref,
    /// Below 16.
    pub shard: u8,
}

/// Bits of a slot that are its locator.
const LOCATOR_BITS: u32 = 36;
/// Bits of a head.
pub(super) const HEAD_BITS: u32 = 64 - LOCATOR_BITS;

/// A head and a locator.
#[derive(Clone, Copy, Default)]
pub struct Slot(u64);

impl Slot {
    #[inline(always)]
    pub fn new(head: u32, at: Locator) -> Self {
        Slot((u64::from(head) << LOCATOR_BITS) | (u64::from(at.shard & 15) << Ref::BITS) | u64::from(at.reference))
    }

    #[inline(always)]
    pub fn head(self) -> u32 {
        (self.0 >> LOCATOR_BITS) as u32
    }

    #[inline(always)]
    pub fn locator(self) -> Locator {
        Locator { reference: self.0 as Ref, shard: (self.0 >> Ref::BITS) as u8 & 15 }
    }
}

pub trait Node {
    /// Slots in use.
    fn count(&self) -> usize;
    /// Bytes that all of the node's keys begin with alike; they may be more.
    fn skip(&self) -> usize;
    fn slot(&self, at: usize) -> Slot;
    /// Where a locator is.
    fn position(&self, at: Locator) -> Option<usize>;
    /// An inner node's child.
    fn child(&self, at: usize) -> u32;
    /// Of the insertions since the node was made, how many of the last ones were
    /// each right behind the one before, if the next one will be at this place.
    fn run(&self, at: usize) -> u8;
    /// No insertions yet.
    fn set_header(&mut self, count: usize, skip: usize);
    fn set_run(&mut self, at: usize, run: u8);
    fn set_slot(&mut self, at: usize, slot: Slot);
    fn set_child(&mut self, at: usize, child: u32);
    /// Puts a slot between others, where there is room for it.
    fn insert(&mut self, level: usize, at: usize, slot: Slot, child: u32);
    /// Takes slots out, from one on.
    fn remove(&mut self, level: usize, at: usize, slots: usize);
    /// Asks for all of it.
    fn prefetch(&self);

    #[inline(always)]
    fn locator(&self, at: usize) -> Locator {
        self.slot(at).locator()
    }
}

/// The mask says what the compiler cannot see: no access is out of bounds.
const MASK: usize = WORDS - 1;
const _: () = assert!(WORDS.is_power_of_two());

impl Node for Words {
    #[inline(always)]
    fn count(&self) -> usize {
        usize::from(self[0] as u8).min(LEAF)
    }

    #[inline(always)]
    fn skip(&self) -> usize {
        self[1] as usize
    }

    #[inline(always)]
    fn slot(&self, at: usize) -> Slot {
        let at = HEADER + 2 * at;
        Slot(u64::from(self[at & MASK]) | (u64::from(self[(at + 1) & MASK]) << 32))
    }

    #[inline]
    fn position(&self, at: Locator) -> Option<usize> {
        (0..self.count()).find(|&slot| self.locator(slot) == at)
    }

    #[inline(always)]
    fn child(&self, at: usize) -> u32 {
        self[(CHILDREN + at) & MASK]
    }

    fn run(&self, at: usize) -> u8 {
        let [_, last, run, _] = self[0].to_le_bytes();
        if at == usize::from(last) + 1 {
            run
        } else {
            0
        }
    }

    fn set_run(&mut self, at: usize, run: u8) {
        self[0] = u32::from_le_bytes([self[0] as u8, at as u8, run, 0]);
    }

    fn set_header(&mut self, count: usize, skip: usize) {
        self[0] = count as u32;
        self[1] = u32::try_from(skip).unwrap_or(u32::MAX); // keys are no longer
    }

    fn set_slot(&mut self, at: usize, slot: Slot) {
        let at = HEADER + 2 * at;
        (self[at & MASK], self[(at + 1) & MASK]) = (slot.0 as u32, (slot.0 >> 32) as u32);
    }

    fn set_child(&mut self, at: usize, child: u32) {
        self[(CHILDREN + at) & MASK] = child;
    }

    fn insert(&mut self, level: usize, at: usize, slot: Slot, child: u32) {
        let count = self.count();
        if count >= capacity(level) || at > count {
            return;
        }
        self.copy_within(HEADER + 2 * at..HEADER + 2 * count, HEADER + 2 * (at + 1));
        self.set_slot(at, slot);
        if level > 0 {
            self.copy_within(CHILDREN + at..CHILDREN + count, CHILDREN + at + 1);
            self.set_child(at, child);
        }
        self[0] += 1;
        self.set_run(at, self.run(at).saturating_add(1));
    }

    fn remove(&mut self, level: usize, at: usize, slots: usize) {
        let count = self.count();
        let behind = at + slots;
        if behind > count {
            return;
        }
        self.copy_within(HEADER + 2 * behind..HEADER + 2 * count, HEADER + 2 * at);
        self[HEADER + 2 * (count - slots)..HEADER + 2 * count].fill(0); // nothing is left of their keys
        if level > 0 {
            self.copy_within(CHILDREN + behind..CHILDREN + count, CHILDREN + at);
        }
        self[0] -= slots as u32;
    }

    #[inline(always)]
    fn prefetch(&self) {
        self.chunks(16).for_each(prefetch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_place_in_a_node_does_not_change_it() {
        let slot = Slot::new(7, Locator { reference: 5, shard: 3 });
        for level in 0..2 {
            let mut node = EMPTY;
            node.insert(level, 1, slot, 9);
            assert!(node == EMPTY, "it would not be next to the others");
            (0..capacity(level)).for_each(|at| node.insert(level, at, slot, 9));
            let full = node;
            [0, capacity(level)].into_iter().for_each(|at| node.insert(level, at, slot, 9));
            assert!((node.count(), node == full) == (capacity(level), true));
            node.remove(level, 1, capacity(level));
            assert!(node == full);
        }
    }
}
