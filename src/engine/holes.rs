//! The holes of an arena: a list for each size, linked through the holes themselves. Knows nothing of entries.

use super::arena::{Ref, PAGE};
use super::block::GRANULE;
use crate::sys::{prefetch, Zeroed};
use crate::Error;

/// First hole of each size in granules; 0: none. A hole's second word is the
/// next one (32 bits) and the previous one; one granule has no room for links.
pub struct Holes(Vec<Ref>);

impl Holes {
    pub const fn new() -> Self {
        Holes(Vec::new())
    }

    /// Room for holes of up to that size.
    #[inline(always)]
    pub fn reserve(&mut self, granules: u32) -> Result<(), Error> {
        match (granules as usize) < self.0.len() {
            true => Ok(()),
            false => self.grow(granules as usize + 1),
        }
    }

    #[cold]
    fn grow(&mut self, len: usize) -> Result<(), Error> {
        self.0.try_reserve(len - self.0.len())?;
        self.0.resize(len, 0);
        Ok(())
    }

    #[inline(always)]
    pub fn first(&self, granules: u32) -> Option<Ref> {
        self.0.get(granules as usize).copied().filter(|&hole| hole != 0)
    }

    /// Adds a hole; room for its size was reserved.
    pub fn add(&mut self, pages: &mut [Zeroed<u8>], hole: Ref, granules: u32) {
        let Some(first) = self.0.get_mut(granules as usize).filter(|_| granules > 1) else { return };
        let next = std::mem::replace(first, hole);
        set_links(pages, hole, next, 0);
        set_previous(pages, next, hole);
    }

    /// Asks for what taking a hole off its list changes.
    pub fn prefetch(&self, pages: &[Zeroed<u8>], hole: Ref) {
        let (next, previous) = links(pages, hole);
        for (page, at) in [place_of(next), place_of(previous)] {
            pages.get(page).and_then(|page| page.get(at)).into_iter().for_each(prefetch);
        }
    }

    /// Takes a hole off its list.
    pub fn take(&mut self, pages: &mut [Zeroed<u8>], hole: Ref, granules: u32) {
        let Some(first) = self.0.get_mut(granules as usize).filter(|_| granules > 1) else { return };
        let (next, previous) = links(pages, hole);
        match previous {
            0 => *first = next,
            _ => set_link(pages, previous, 0, next),
        }
        set_previous(pages, next, previous);
    }
}

/// A hole's next and previous.
fn links(pages: &[Zeroed<u8>], hole: Ref) -> (Ref, Ref) {
    let (page, at) = place_of(hole);
    let word =
        pages.get(page).and_then(|page| page.get(at..)?.first_chunk()).map_or(0, |word| u64::from_le_bytes(*word));
    (word as u32, (word >> 32) as u32)
}

fn set_links(pages: &mut [Zeroed<u8>], hole: Ref, next: Ref, previous: Ref) {
    let (page, at) = place_of(hole);
    let word = u64::from(next) | (u64::from(previous) << 32);
    pages[page][at..][..GRANULE].copy_from_slice(&word.to_le_bytes());
}

/// A hole, if it is one, has another one before it.
fn set_previous(pages: &mut [Zeroed<u8>], hole: Ref, previous: Ref) {
    if hole != 0 {
        set_link(pages, hole, size_of::<Ref>(), previous);
    }
}

/// One of a hole's links, so many bytes behind the first.
fn set_link(pages: &mut [Zeroed<u8>], hole: Ref, behind: usize, link: Ref) {
    let (page, at) = place_of(hole);
    pages[page][at + behind..][..size_of::<Ref>()].copy_from_slice(&link.to_le_bytes());
}

/// Where a hole's links are.
fn place_of(hole: Ref) -> (usize, usize) {
    ((hole / PAGE) as usize, ((hole % PAGE) as usize + 1) * GRANULE)
}
