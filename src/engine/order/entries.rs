//! Walking through one shard's entries in their order. Changes nothing.

use super::*;

impl Order {
    /// The entries from a sequence number on.
    pub fn from(&self, sequence: u64) -> Entries<'_> {
        let after = self.chain.partition_point(|&number| self.heads[number as usize].base <= sequence);
        let chain = &self.chain[after.saturating_sub(1)..];
        let mut entries = Entries { order: self, chain, block: None, slot: 0 };
        entries.enter_block();
        if let Some((head, slots)) = entries.block {
            let given_out = &slots[..usize::from(head.len).min(BLOCK)];
            entries.slot = given_out.partition_point(|&[_, delta]| head.base + u64::from(delta) < sequence);
        }
        entries.skip_free();
        entries
    }
}

/// Entries in order, front first.
pub struct Entries<'o> {
    order: &'o Order,
    chain: &'o [u32],
    /// The first of the chain.
    block: Option<(&'o Head, &'o Slots)>,
    slot: usize,
}

impl Entries<'_> {
    /// The sequence number and reference of the first entry.
    #[inline(always)]
    pub fn first(&self) -> Option<(u64, Ref)> {
        let (head, slots) = self.block?;
        let [reference, delta] = slots[self.slot % BLOCK];
        Some((head.base + u64::from(delta), reference))
    }

    /// The reference some places after the first, to prefetch; 0 for none.
    #[inline(always)]
    pub fn soon(&self, ahead: usize) -> Ref {
        self.block.and_then(|(_, slots)| slots.get(self.slot + ahead)).map_or(0, |slot| slot[0])
    }

    #[inline(always)]
    pub fn advance(&mut self) {
        self.slot += 1;
        self.skip_free();
    }

    #[inline(always)]
    fn skip_free(&mut self) {
        while let Some((head, slots)) = self.block {
            let given_out = &slots[..usize::from(head.len).min(BLOCK)];
            match given_out.get(self.slot..).and_then(|slots| slots.iter().position(|slot| slot[0] != 0)) {
                Some(steps) => {
                    self.slot += steps;
                    return;
                }
                None => {
                    self.chain = self.chain.get(1..).unwrap_or_default();
                    self.enter_block();
                }
            }
        }
    }

    fn enter_block(&mut self) {
        self.block = self.chain.first().and_then(|&number| self.order.block(number));
        self.slot = 0;
    }
}
