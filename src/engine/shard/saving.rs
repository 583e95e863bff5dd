//! What a shard does for who saves it, or comes in its place. Knows no saver.

use super::super::aside::Aside;
use super::super::counters::Tally;
use super::{Ref, Shard, Whole};

impl Shard {
    /// Its entries have ids below this one; so will those that room was made for.
    pub fn ids(&self) -> usize {
        self.order.ids()
    }

    /// An entry is about to change or to go: a snapshot under way may want what it was.
    #[inline(always)]
    pub(super) fn put_aside(&self, reference: Ref, whole: Option<&mut Whole>) {
        if let Some(aside) = whole.and_then(Whole::aside_mut) {
            self.put_aside_in(aside, reference);
        }
    }

    #[cold]
    fn put_aside_in(&self, aside: &mut Aside, reference: Ref) {
        let place = self.place(reference);
        let (sequence, deadline) = (self.order.sequence(place), self.deadline(reference));
        aside.put(self.id(place), sequence, deadline, self.key(reference), self.value(reference));
    }

    /// What was counted goes on from another shard, in whose place this one comes.
    pub fn count_on(&mut self, other: &Shard) {
        let Tally { key_bytes, value_bytes, .. } = self.tally;
        self.tally = Tally { key_bytes, value_bytes, ..other.tally };
    }
}
