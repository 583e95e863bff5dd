//! The order of one shard's entries: their references by ascending sequence number. Knows no keys.
//!
//! Blocks of 128 numbered slots, appended to at the end. A removed entry leaves
//! a free slot; a block without entries is given back, and two neighbours that
//! are mostly free become one. An entry knows its place (block and slot), which
//! only such a merge changes.

use super::arena::Ref;
use crate::sys;
use crate::Error;

const BLOCK: usize = 128;
const BLOCK_BITS: u32 = BLOCK.ilog2();

/// Where an entry stands: block number and slot.
pub type Place = u32;

struct Block {
    /// Sequence number of the first slot.
    base: u64,
    /// Slots given out.
    len: usize,
    /// Slots with an entry.
    live: usize,
    /// Sequence number of each slot, less `base`.
    deltas: [u32; BLOCK],
    /// 0: free.
    refs: [Ref; BLOCK],
}

impl Block {
    fn sequence(&self, slot: usize) -> u64 {
        self.base + u64::from(self.deltas[slot])
    }

    /// Whether a slot can be appended with that number.
    fn takes(&self, sequence: u64) -> bool {
        self.len < BLOCK && sequence - self.base <= u64::from(u32::MAX)
    }
}

pub struct Order {
    blocks: Vec<Option<Box<Block>>>,
    /// Numbers of the blocks in use, ascending by sequence number.
    chain: Vec<u32>,
    free: Vec<u32>,
    /// Blocks made beforehand for insertions that must not fail.
    #[allow(clippy::vec_box)] // their addresses go into `blocks`
    spare: Vec<Box<Block>>,
}

impl Order {
    pub const fn new() -> Self {
        Order { blocks: Vec::new(), chain: Vec::new(), free: Vec::new(), spare: Vec::new() }
    }

    /// Makes room for `more` entries.
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        // Enough even if a gap in the numbers begins a new block.
        let wanted = more.div_ceil(BLOCK);
        let numbers = self.blocks.len() + wanted;
        if numbers > 1 << (Place::BITS - BLOCK_BITS) {
            return Err(Error::OutOfMemory);
        }
        self.blocks.try_reserve(wanted)?;
        self.chain.try_reserve(wanted)?;
        // Removing a block must not fail either.
        self.free.try_reserve(numbers.saturating_sub(self.free.len()))?;
        self.spare.try_reserve(wanted)?;
        while self.spare.len() < wanted {
            let block = Block { base: 0, len: 0, live: 0, deltas: [0; BLOCK], refs: [0; BLOCK] };
            self.spare.push(sys::try_box(block)?);
        }
        Ok(())
    }

    /// Appends an entry; the number is the highest so far. The caller has reserved.
    pub fn push(&mut self, sequence: u64, reference: Ref) -> Place {
        if !self.last().is_some_and(|block| block.takes(sequence)) {
            self.start_block(sequence);
        }
        let Some(number) = self.chain.last().copied() else { return 0 };
        let Some(block) = self.block_mut(number) else { return 0 };
        let slot = block.len;
        block.deltas[slot] = (sequence - block.base) as u32;
        block.refs[slot] = reference;
        block.len += 1;
        block.live += 1;
        (number << BLOCK_BITS) | slot as u32
    }

    /// The entry at a place has another reference now.
    pub fn set(&mut self, place: Place, reference: Ref) {
        if let Some(block) = self.block_mut(place >> BLOCK_BITS) {
            block.refs[place as usize % BLOCK] = reference;
        }
    }

    /// Frees a place. Where that leaves two blocks that fit into one, their
    /// entries move: `moved` is told each one's new place.
    pub fn remove(&mut self, place: Place, mut moved: impl FnMut(Ref, Place)) {
        let number = place >> BLOCK_BITS;
        let Some(block) = self.block_mut(number) else { return };
        block.refs[place as usize % BLOCK] = 0;
        block.live -= 1;
        let (live, base) = (block.live, block.base);
        // A look at the neighbour now and then, not for every removal.
        if live > BLOCK / 2 || live % 8 != 0 {
            return;
        }
        let at = self.chain.partition_point(|&other| self.base(other) < base);
        if at + 1 >= self.chain.len() {
            return; // the last block goes on growing
        }
        if live == 0 {
            self.chain.remove(at);
            self.blocks[number as usize] = None;
            self.free.push(number);
            return;
        }
        if !self.merge(at, &mut moved) && at > 0 {
            self.merge(at - 1, &mut moved);
        }
    }

    /// Makes one block of the one at `at` and the next, if they fit well.
    fn merge(&mut self, at: usize, moved: &mut impl FnMut(Ref, Place)) -> bool {
        let (first, second) = (self.chain[at], self.chain[at + 1]);
        let is_last = at + 2 == self.chain.len();
        let fits = match (self.block(first), self.block(second)) {
            (Some(a), Some(b)) => {
                !is_last && a.live + b.live <= BLOCK * 3 / 4 && b.sequence(b.len - 1) - a.base <= u64::from(u32::MAX)
            }
            _ => false,
        };
        if !fits {
            return false;
        }
        let Some(source) = self.blocks[second as usize].take() else { return false };
        self.chain.remove(at + 1);
        self.free.push(second);
        let Some(target) = self.block_mut(first) else { return false };
        let mut len = 0;
        for slot in 0..target.len {
            if target.refs[slot] != 0 {
                (target.deltas[len], target.refs[len]) = (target.deltas[slot], target.refs[slot]);
                len += 1;
            }
        }
        for slot in (0..source.len).filter(|&slot| source.refs[slot] != 0) {
            target.deltas[len] = (source.sequence(slot) - target.base) as u32;
            target.refs[len] = source.refs[slot];
            len += 1;
        }
        (target.len, target.live) = (len, len);
        for (slot, &reference) in target.refs[..len].iter().enumerate() {
            moved(reference, (first << BLOCK_BITS) | slot as u32);
        }
        true
    }

    /// The entries from a sequence number on.
    pub fn from(&self, sequence: u64) -> Entries<'_> {
        let after = self.chain.partition_point(|&number| self.base(number) <= sequence);
        let chain = &self.chain[after.saturating_sub(1)..];
        let slot = match chain.first().and_then(|&number| self.block(number)) {
            Some(block) => (0..block.len).position(|slot| block.sequence(slot) >= sequence).unwrap_or(block.len),
            None => 0,
        };
        let mut entries = Entries { order: self, chain, slot };
        entries.skip_free();
        entries
    }

    fn last(&self) -> Option<&Block> {
        self.chain.last().and_then(|&number| self.block(number))
    }

    fn base(&self, number: u32) -> u64 {
        self.block(number).map_or(0, |block| block.base)
    }

    fn block(&self, number: u32) -> Option<&Block> {
        self.blocks.get(number as usize)?.as_deref()
    }

    fn block_mut(&mut self, number: u32) -> Option<&mut Block> {
        self.blocks.get_mut(number as usize)?.as_deref_mut()
    }

    fn start_block(&mut self, sequence: u64) {
        let Some(mut block) = self.spare.pop() else { return };
        block.base = sequence;
        let number = match self.free.pop() {
            Some(number) => {
                self.blocks[number as usize] = Some(block);
                number
            }
            None => {
                self.blocks.push(Some(block));
                self.blocks.len() as u32 - 1
            }
        };
        self.chain.push(number);
    }
}

/// Entries in order, front first.
pub struct Entries<'o> {
    order: &'o Order,
    chain: &'o [u32],
    slot: usize,
}

impl Entries<'_> {
    /// The sequence number and reference of the first entry.
    #[inline(always)]
    pub fn first(&self) -> Option<(u64, Ref)> {
        let block = self.order.block(*self.chain.first()?)?;
        Some((block.sequence(self.slot), block.refs[self.slot]))
    }

    /// The reference some places after the first, to prefetch; 0 for none.
    pub fn soon(&self, ahead: usize) -> Ref {
        let block = self.chain.first().and_then(|&number| self.order.block(number));
        block.and_then(|block| block.refs[..block.len].get(self.slot + ahead)).copied().unwrap_or(0)
    }

    pub fn advance(&mut self) {
        self.slot += 1;
        self.skip_free();
    }

    fn skip_free(&mut self) {
        while let Some(block) = self.chain.first().and_then(|&number| self.order.block(number)) {
            match block.refs[self.slot.min(block.len)..block.len].iter().position(|&reference| reference != 0) {
                Some(steps) => {
                    self.slot += steps;
                    return;
                }
                None => (self.chain, self.slot) = (&self.chain[1..], 0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(order: &Order, from: u64) -> Vec<(u64, Ref)> {
        let mut entries = order.from(from);
        let mut found = Vec::new();
        while let Some(entry) = entries.first() {
            found.push(entry);
            entries.advance();
        }
        found
    }

    #[test]
    fn keeps_order_through_removals_and_merges() {
        const COUNT: u64 = if cfg!(miri) { 600 } else { 5_000 };
        let mut order = Order::new();
        let mut places = vec![0; COUNT as usize + 1];
        for number in 1..=COUNT {
            order.reserve(1).unwrap();
            places[number as usize] = order.push(number * 3, number as Ref);
        }
        assert!(all(&order, 0).into_iter().eq((1..=COUNT).map(|number| (number * 3, number as Ref))));
        for number in (1..=COUNT).filter(|number| number % 10 != 0) {
            let mut moves = Vec::new();
            order.remove(places[number as usize], |reference, place| moves.push((reference, place)));
            moves.into_iter().for_each(|(reference, place)| places[reference as usize] = place);
        }
        let left = (10..=COUNT).step_by(10);
        assert!(all(&order, 0).into_iter().eq(left.clone().map(|number| (number * 3, number as Ref))));
        assert!(all(&order, 302).into_iter().eq(left.skip_while(|&n| n * 3 < 302).map(|n| (n * 3, n as Ref))));
        assert!(order.chain.len() < (COUNT as usize / 10).div_ceil(BLOCK) * 2 + 4, "{} blocks", order.chain.len());
        order.set(places[20], 7);
        assert_eq!(all(&order, 60)[0], (60, 7));
    }

    #[test]
    fn a_wide_gap_in_the_numbers_begins_a_block() {
        let mut order = Order::new();
        order.reserve(3).unwrap();
        for (reference, sequence) in [1, 2, 1 << 40].into_iter().enumerate() {
            order.reserve(1).unwrap();
            order.push(sequence, reference as Ref + 1);
        }
        assert_eq!(all(&order, 2), [(2, 2), (1 << 40, 3)]);
        assert_eq!(all(&order, 3), [(1 << 40, 3)]);
    }
}
