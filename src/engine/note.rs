//! What each reader notes down while it reads: how often it found something, and what. Knows nothing of who reads on.
//!
//! A note belongs to one reader at a time, so plain loads and stores do; they
//! are atomic because others may look meanwhile.

pub use super::policy::Id;
use crate::sys::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use crate::sys::try_box;
use crate::Error;

/// The last entries that a reader found: as many as single calls find between
/// two writes of most programs.
const SEEN: usize = if cfg!(modelled) { 2 } else { 256 };

#[derive(Default)]
pub struct Note {
    hits: AtomicU64,
    misses: AtomicU64,
    /// How many entries were seen since the last `take_seen`.
    seen: AtomicU32,
    /// Only where somebody wants to know.
    last: Option<Box<[AtomicU32; SEEN]>>,
}

impl Note {
    /// One that remembers what was seen.
    pub fn remembering() -> Result<Self, Error> {
        let last = try_box([const { AtomicU32::new(0) }; SEEN])?;
        Ok(Note { last: Some(last), ..Note::default() })
    }

    #[inline(always)]
    pub fn count(&self, hits: usize, misses: usize) {
        self.hits.store(self.hits.load(Relaxed).wrapping_add(hits as u64), Relaxed);
        self.misses.store(self.misses.load(Relaxed).wrapping_add(misses as u64), Relaxed);
    }

    /// Remembers an entry; the oldest one is forgotten for it.
    #[inline(always)]
    pub fn see(&self, id: Id) {
        let Some(last) = &self.last else { return };
        let seen = self.seen.load(Relaxed);
        last[seen as usize % SEEN].store(id, Relaxed);
        self.seen.store(seen.wrapping_add(1), Relaxed);
    }

    /// The remembered entries, oldest first, and forgets them. No reader has the note.
    #[inline(always)]
    pub fn take_seen(&self) -> impl Iterator<Item = Id> + Clone + '_ {
        let seen = self.seen.load(Relaxed);
        if seen != 0 {
            self.seen.store(0, Relaxed);
        }
        let first = seen.saturating_sub(SEEN as u32);
        let last = self.last.as_deref();
        (first..seen).filter_map(move |number| Some(last?[number as usize % SEEN].load(Relaxed)))
    }

    pub fn hits_and_misses(&self) -> (u64, u64) {
        (self.hits.load(Relaxed), self.misses.load(Relaxed))
    }
}

#[cfg(all(test, modelled))]
mod model;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_ones_in_order() {
        let note = Note::remembering().unwrap();
        assert_eq!(note.take_seen().count(), 0);
        for count in [1, 5, SEEN, SEEN + 3, 3 * SEEN] {
            (0..count as Id).for_each(|id| note.see(id));
            assert!(note.take_seen().eq((count.saturating_sub(SEEN) as Id)..count as Id));
            assert_eq!(note.take_seen().count(), 0);
        }
        let note = Note::default();
        note.see(7);
        note.count(2, 3);
        note.count(0, 1);
        assert_eq!((note.take_seen().count(), note.hits_and_misses()), (0, (2, 4)));
    }
}
