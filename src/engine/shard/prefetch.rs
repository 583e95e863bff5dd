//! What a shard asks the memory for before anybody looks at it. Changes nothing, and reads no more than says where that is.

use super::super::arena::{Arena, Ref, REF_LIMIT};
use super::super::block::Block;
use super::super::entry::Entry;
use super::super::large::Large;
use super::super::line::tag_of;
use super::super::order::Place;
use super::Shard;
use crate::sys::prefetch_first;

impl Shard {
    /// Asks for the entry that is nearly always the right one.
    #[inline(always)]
    pub fn prefetch_guess(&self, hash: u64) {
        if let Some(guess) = self.line(hash).candidate(tag_of(hash)) {
            self.prefetch(guess);
        }
    }

    /// Asks for an entry; gives the block of a small one, or a large one.
    #[inline(always)]
    pub fn prefetch(&self, reference: Ref) -> (Block<'_>, Option<&Entry>) {
        if reference >= REF_LIMIT {
            return (Block(&[]), self.prefetch_large(reference));
        }
        let block = self.arena.block(reference);
        prefetch_first(block.0, self.beginning);
        (block, None)
    }

    #[inline(never)] // or its registers would be missing where entries are small
    fn prefetch_large(&self, reference: Ref) -> Option<&Entry> {
        self.large.get(reference).inspect(|entry| entry.prefetch())
    }

    /// Asks for the beginning of an entry.
    #[inline(always)]
    pub fn prefetch_key(&self, reference: Ref) {
        prefetch_key(&self.arena, &self.large, reference);
    }

    /// Asks for what `prefetch_place` looks at.
    #[inline(always)]
    pub fn prefetch_head(&self, place: Place) {
        self.order.prefetch_head(place);
    }

    /// Asks for what removing an entry touches beside it.
    #[inline(always)]
    pub fn prefetch_place(&self, place: Place) {
        self.order.prefetch(place);
    }
}

/// For those who have parts of a shard borrowed.
#[inline(always)]
pub(super) fn prefetch_key(arena: &Arena, large: &Large, reference: Ref) {
    match reference < REF_LIMIT {
        true => arena.prefetch_key(reference),
        false => large.get(reference).into_iter().for_each(Entry::prefetch),
    }
}
