//! Entries too long for the arena: each in a counted block of its own, so that readers can keep it. Knows no hashes.

use super::arena::{Ref, REF_LIMIT};
use super::compaction::Compaction;
use super::entry::Entry;
use super::order::Place;
use crate::sys::heap::SpanNumber;
use crate::Error;

pub struct Large {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    /// Of all entries' blocks.
    bytes: u64,
}

/// An entry, its place in the order, and where its memory is.
struct Slot {
    entry: Entry,
    place: Place,
    span: SpanNumber,
}

impl Large {
    pub const fn new() -> Self {
        Large { slots: Vec::new(), free: Vec::new(), bytes: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    #[cfg(any(test, bytestore_faults))]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Bytes of all entries.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes room for `more` entries.
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        let slots = self.slots.len() + more;
        if slots >= REF_LIMIT as usize {
            return Err(Error::OutOfMemory);
        }
        self.slots.try_reserve(more)?;
        // Removing must not fail either.
        self.free.try_reserve(slots.saturating_sub(self.free.len()))?;
        Ok(())
    }

    /// Adds an entry; its place is not set yet. The caller has reserved.
    pub fn insert(&mut self, entry: Entry) -> Ref {
        self.bytes += entry.len() as u64;
        let slot = Some(Slot { place: 0, span: entry.span(), entry });
        let number = match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                self.slots.len() as u32 - 1
            }
        };
        number | REF_LIMIT
    }

    #[inline(always)]
    pub fn get(&self, reference: Ref) -> Option<&Entry> {
        self.slot(reference).map(|slot| &slot.entry)
    }

    pub fn place(&self, reference: Ref) -> Place {
        self.slot(reference).map_or(0, |slot| slot.place)
    }

    pub fn set_place(&mut self, reference: Ref, place: Place) {
        if let Some(Some(slot)) = self.slots.get_mut((reference & !REF_LIMIT) as usize) {
            slot.place = place;
        }
    }

    pub fn remove(&mut self, reference: Ref) -> Option<Entry> {
        let number = reference & !REF_LIMIT;
        let Slot { entry, .. } = self.slots.get_mut(number as usize)?.take()?;
        self.free.push(number);
        self.bytes -= entry.len() as u64;
        Some(entry)
    }

    /// Moves entries to where they lie side by side, as far as nobody else has
    /// them; says whether it came to the end.
    pub fn compact(&mut self, compaction: &mut Compaction) -> bool {
        for slot in self.slots.iter_mut().skip(compaction.slot) {
            if compaction.looks == 0 || compaction.bytes == 0 {
                return false;
            }
            (compaction.slot, compaction.looks) = (compaction.slot + 1, compaction.looks - 1);
            let Some(slot) = slot.as_mut().filter(|slot| compaction.closes(slot.span)) else { continue };
            if let Some(Ok(moved)) = slot.entry.copy_if_alone() {
                compaction.bytes = compaction.bytes.saturating_sub(moved.len());
                (slot.span, slot.entry) = (moved.span(), moved);
            }
        }
        true
    }

    #[inline(always)]
    fn slot(&self, reference: Ref) -> Option<&Slot> {
        self.slots.get((reference & !REF_LIMIT) as usize)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::NEVER;
    use crate::sys::{Heap, Shared};

    #[test]
    fn more_than_references_can_name_is_refused() {
        assert_eq!(Large::new().reserve(REF_LIMIT as usize), Err(Error::OutOfMemory));
    }

    /// As far as it may look and as nobody else has them; their references and what they say stay.
    #[test]
    fn a_compaction_moves_entries_of_its_own() {
        const COUNT: u32 = if cfg!(miri) { 100 } else { 2000 };
        let heap = Shared::try_new(Heap::new()).unwrap();
        let mut large = Large::new();
        large.reserve(COUNT as usize).unwrap();
        let value = |number: u32| vec![number as u8; 8000];
        let add = |number: u32| Entry::try_new(&heap, &number.to_le_bytes(), &value(number), NEVER).unwrap();
        assert!(large.is_empty());
        let references: Vec<_> = (0..COUNT).map(|number| large.insert(add(number))).collect();
        assert!(!large.is_empty());
        references.iter().filter(|&at| at % 4 != 0).for_each(|&at| drop(large.remove(at)));
        let held: Vec<_> = references.iter().step_by(8).map(|&at| large.get(at).unwrap().clone()).collect();
        let places = |large: &Large| -> Vec<_> {
            references.iter().filter_map(|&at| Some(large.get(at)?.value().as_ptr())).collect()
        };
        let before = places(&large);
        let mut compaction = Compaction::default();
        compaction.begin(&heap, 0).unwrap();
        for (looks, bytes) in [(0, 1), (1, 0)] {
            (compaction.looks, compaction.bytes) = (looks, bytes);
            assert!(!large.compact(&mut compaction));
        }
        assert_eq!(places(&large), before);
        (compaction.looks, compaction.bytes) = (usize::MAX, usize::MAX);
        assert!(large.compact(&mut compaction));
        let after = places(&large);
        assert!(after.iter().step_by(2).eq(before.iter().step_by(2)) && held.len() == after.len().div_ceil(2));
        assert!(cfg!(miri) || after != before);
        for (number, &at) in (0..).zip(&references) {
            let is_right = |entry: &Entry| entry.value() == value(number) && number % 4 == 0;
            assert_eq!(large.get(at).map(is_right), (number % 4 == 0).then_some(true));
        }
    }

    #[test]
    fn a_compaction_goes_on_where_it_stopped() {
        let heap = Shared::try_new(Heap::new()).unwrap();
        let mut large = Large::new();
        large.reserve(25).unwrap();
        (0..25).for_each(|_| _ = large.insert(Entry::try_new(&heap, b"", &[1; 5000], NEVER).unwrap()));
        let mut compaction = Compaction::default();
        compaction.bytes = 1;
        for expected in [(false, 10, 0), (false, 20, 0), (true, 25, 5)] {
            compaction.looks = 10;
            assert_eq!((large.compact(&mut compaction), compaction.slot, compaction.looks), expected);
        }
    }
}
