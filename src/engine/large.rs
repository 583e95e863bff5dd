//! Entries too long for the arena: each in a counted block of its own, so that readers can keep it. Knows no hashes.

use super::arena::{Ref, REF_LIMIT};
use super::entry::Entry;
use super::order::Place;
use crate::Error;

pub struct Large {
    slots: Vec<Option<(Entry, Place)>>,
    free: Vec<u32>,
    /// Of all entries' blocks.
    bytes: u64,
}

impl Large {
    pub const fn new() -> Self {
        Large { slots: Vec::new(), free: Vec::new(), bytes: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    #[cfg(test)]
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
        let slot = Some((entry, 0));
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
        self.slot(reference).map(|(entry, _)| entry)
    }

    pub fn place(&self, reference: Ref) -> Place {
        self.slot(reference).map_or(0, |&(_, place)| place)
    }

    pub fn set_place(&mut self, reference: Ref, place: Place) {
        if let Some(Some(slot)) = self.slots.get_mut((reference & !REF_LIMIT) as usize) {
            slot.1 = place;
        }
    }

    pub fn remove(&mut self, reference: Ref) -> Option<Entry> {
        let number = reference & !REF_LIMIT;
        let (entry, _) = self.slots.get_mut(number as usize)?.take()?;
        self.free.push(number);
        self.bytes -= entry.len() as u64;
        Some(entry)
    }

    #[inline(always)]
    fn slot(&self, reference: Ref) -> Option<&(Entry, Place)> {
        self.slots.get((reference & !REF_LIMIT) as usize)?.as_ref()
    }
}
