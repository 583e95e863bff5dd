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
