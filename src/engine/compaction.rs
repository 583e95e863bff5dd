//! Moving large entries out of spans that waste much, so that those can be given back. Knows no locks.
//!
//! An entry of a bounded store is as likely to go as its neighbours: holes are
//! everywhere then, and of each the ends are pages that others use as well. A
//! compaction goes through all large entries, some with each batch, and copies
//! those in the worst spans to where they lie side by side. References stay.

use super::gate::SHARDS;
use crate::sys::heap::SpanNumber;
use crate::sys::Heap;
use crate::Error;

/// Bytes that a batch moves: so many, and some times as many as it freed.
const BYTES: usize = 64 * 1024;
const TIMES: usize = 4;
/// It looks at one entry for so many of them.
const BYTES_A_LOOK: usize = 64;

/// One under way, or none.
#[derive(Default)]
pub struct Compaction {
    /// Bits of the spans that are closed for it; none: there is none.
    closed: Vec<u64>,
    /// Where it goes on.
    shard: usize,
    pub(super) slot: usize,
    /// What is left of this batch's part.
    pub(super) looks: usize,
    pub(super) bytes: usize,
}

impl Compaction {
    /// Whether there is anything to do.
    pub fn is_due(&self, heap: &Heap) -> bool {
        !self.closed.is_empty() || heap.is_sparse()
    }

    /// A batch's part begins, which has freed so many bytes; says which shard is next.
    pub fn begin(&mut self, heap: &Heap, freed: usize) -> Result<usize, Error> {
        if self.closed.is_empty() {
            heap.close(&mut self.closed)?;
            (self.shard, self.slot) = (0, 0);
        }
        self.bytes = BYTES + freed * TIMES;
        self.looks = self.bytes / BYTES_A_LOOK;
        Ok(self.shard)
    }

    /// Gives up the one under way, if there is one.
    pub fn give_up(&mut self, heap: &Heap) {
        if !self.closed.is_empty() {
            self.go_on(heap, SHARDS);
        }
    }

    /// Whether entries of a span are to move.
    pub fn closes(&self, span: SpanNumber) -> bool {
        self.closed.get(span as usize / 64).is_some_and(|word| (word >> (span % 64)) & 1 == 1)
    }

    /// The next shard is that one; after the last one the compaction is over.
    pub fn go_on(&mut self, heap: &Heap, shard: usize) {
        (self.shard, self.slot) = (shard, 0);
        if shard == SHARDS {
            self.closed.clear();
            heap.open();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::NEVER;
    use super::super::entry::Entry;
    use super::*;
    use crate::sys::Shared;

    #[test]
    fn who_gives_up_opens_what_was_closed() {
        let heap = Shared::try_new(Heap::new()).unwrap();
        let entry = || Entry::try_new(&heap, b"", &[1; 5000], NEVER).unwrap();
        let mut entries: Vec<_> = (0..if cfg!(miri) { 120 } else { 1500 }).map(|_| entry()).collect();
        let mut number = 0;
        entries.retain(|entry| {
            number += 1;
            entry.span() != 0 || number % 3 == 0 // the first one is mostly holes
        });
        let mut compaction = Compaction::default();
        compaction.begin(&heap, 0).unwrap();
        assert!(compaction.is_due(&heap), "it goes on");
        assert!(compaction.closes(0) && entry().span() != 0);
        compaction.give_up(&heap);
        assert!(!compaction.closes(0) && entry().span() == 0);
        assert!(!compaction.is_due(&Heap::new()), "nothing is sparse there");
        compaction.give_up(&heap);
    }

    #[test]
    fn a_batch_moves_some_times_as_much_as_it_freed() {
        let heap = Shared::try_new(Heap::new()).unwrap();
        for (freed, bytes, looks) in [(0, 65_536, 1024), (1000, 69_536, 1086)] {
            let mut compaction = Compaction::default();
            assert_eq!(compaction.begin(&heap, freed), Ok(0));
            assert_eq!((compaction.bytes, compaction.looks), (bytes, looks));
            compaction.give_up(&heap);
        }
    }

    #[test]
    fn a_span_is_closed_whose_bit_is_set() {
        let compaction = Compaction { closed: vec![0b1101, 1 << 63], ..Compaction::default() };
        assert!((0..200).filter(|&span| compaction.closes(span)).eq([0, 2, 3, 127]));
    }
}
