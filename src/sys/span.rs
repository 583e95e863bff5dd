//! A stretch of memory cut into blocks: which units of it are used, and which pages have memory. Knows no locks.
//!
//! A word says which units of a page are used. Blocks are longer than a page:
//! what is free between two of them is a run of empty pages, with the end of the
//! page before and the beginning of the one behind. Runs need not be merged, as
//! nobody keeps a list of them.

use std::ops::Range;
use std::ptr::NonNull;

use super::mapping::{self, PAGE};
use crate::Error;

/// Bytes of a unit: all blocks are whole ones.
pub(super) const UNIT: usize = PAGE / PAGE_UNITS;
/// Units of a page: the bits of a word.
const PAGE_UNITS: usize = u32::BITS as usize;
/// Pages of a span. Miri wants it small.
const PAGES: usize = if cfg!(miri) { 64 } else { 1024 };
/// Pages that get their memory together where blocks follow each other: few enough to stay in a cache.
const AHEAD: usize = 64;
/// Units of a span.
pub(super) const UNITS: usize = PAGES * PAGE_UNITS;

pub struct Span {
    start: NonNull<u8>,
    used: [u32; PAGES],
    /// Bits of the pages that have memory.
    resident: [u64; PAGES / u64::BITS as usize],
    /// Pages from the start on of which all is used.
    full: usize,
    counts: Counts,
    /// Whether its blocks are to move elsewhere, and no new ones to come.
    pub closed: bool,
}

/// Of one span, or of several.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// Units that are used.
    pub live: usize,
    /// Pages with memory.
    pub resident: usize,
    /// Those of which nothing is used.
    pub kept: usize,
}

impl Counts {
    /// Units that are free and cannot be given back, as others of their page are used.
    pub fn wasted(&self) -> usize {
        (self.resident - self.kept) * PAGE_UNITS - self.live
    }

    /// Bytes that have memory and are in no block.
    pub fn idle(&self) -> usize {
        self.resident * PAGE - self.live * UNIT
    }

    pub fn replace(&mut self, old: Self, new: Self) {
        self.live = self.live - old.live + new.live;
        self.resident = self.resident - old.resident + new.resident;
        self.kept = self.kept - old.kept + new.kept;
    }
}

// SAFETY: nobody but the span and the owners of its blocks reaches the memory.
unsafe impl Send for Span {}

impl Span {
    pub fn try_new() -> Result<Self, Error> {
        let start = mapping::map(PAGES * PAGE)?;
        let resident = [0; PAGES / u64::BITS as usize];
        Ok(Span { start, used: [0; PAGES], resident, full: 0, counts: Counts::default(), closed: false })
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Where the first run of so many units begins, more than a page has.
    pub fn find(&self, units: usize) -> Option<usize> {
        let mut run = 0; // units that are free before the page
        for (page, &used) in self.used.iter().enumerate().skip(self.full) {
            if run + used.trailing_zeros() as usize >= units {
                return Some(page * PAGE_UNITS - run);
            }
            run = if used == 0 { run + PAGE_UNITS } else { used.leading_zeros() as usize };
        }
        None
    }

    /// Takes units that are free. `filling`: others are about to follow.
    pub fn take(&mut self, first: usize, units: usize, filling: bool) -> NonNull<u8> {
        for (page, bits) in pages_of(first, units) {
            if !self.has_memory(page) {
                self.give_memory(page, if filling { AHEAD - page % AHEAD } else { 1 });
            }
            self.counts.kept -= usize::from(self.used[page] == 0);
            self.used[page] |= bits;
        }
        self.counts.live += units;
        self.full += self.used.iter().skip(self.full).take_while(|used| **used == u32::MAX).count();
        // SAFETY: within the span.
        unsafe { self.start.add(first * UNIT) }
    }

    /// Pages get memory, as far as they have none: the first, and others at once rather than at their first use.
    fn give_memory(&mut self, first: usize, at_most: usize) {
        let pages = (first..first + at_most).take_while(|&page| !self.has_memory(page)).count();
        if pages > 1 {
            // SAFETY: pages of the span.
            mapping::populate(unsafe { self.start.add(first * PAGE) }, pages * PAGE);
        }
        (first..first + pages).for_each(|page| self.resident[page / 64] |= 1 << (page % 64));
        self.counts.resident += pages;
        self.counts.kept += pages;
    }

    /// Takes a block back; says how many free units there are in a row now.
    pub fn put(&mut self, block: NonNull<u8>, units: usize) -> usize {
        let first = (block.addr().get() - self.start.addr().get()) / UNIT;
        for (page, bits) in pages_of(first, units) {
            self.used[page] &= !bits;
            self.counts.kept += usize::from(self.used[page] == 0);
        }
        self.counts.live -= units;
        self.full = self.full.min(first / PAGE_UNITS);
        self.run_around(first / PAGE_UNITS)
    }

    /// Free units around the end of a page, in a row.
    fn run_around(&self, page: usize) -> usize {
        let empty = |used: &&u32| **used == 0;
        let (before, behind) = self.used.split_at(page + 1);
        let units = before.iter().rev().take_while(empty).count() + behind.iter().take_while(empty).count();
        let last = before.iter().rev().find(|used| **used != 0).map_or(0, |used| used.leading_zeros());
        let next = behind.iter().find(|used| **used != 0).map_or(0, |used| used.trailing_zeros());
        units * PAGE_UNITS + (last + next) as usize
    }

    /// Gives the memory of all empty pages back; says whether that was all.
    pub fn discard(&mut self) -> bool {
        if self.counts.kept == 0 {
            return self.counts.live == 0;
        }
        let mut page = 0;
        while page < PAGES {
            let run = (page..PAGES).take_while(|&page| self.used[page] == 0 && self.has_memory(page)).count();
            if run > 0 {
                // SAFETY: whole pages of the span that nobody uses.
                unsafe { mapping::discard(self.start.add(page * PAGE), run * PAGE) };
                (page..page + run).for_each(|page| self.resident[page / 64] &= !(1 << (page % 64)));
            }
            page += run + 1;
        }
        self.counts.resident -= self.counts.kept;
        self.counts.kept = 0;
        self.counts.live == 0
    }

    fn has_memory(&self, page: usize) -> bool {
        (self.resident[page / 64] >> (page % 64)) & 1 == 1
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        // SAFETY: mapped with this length; nobody has a block of it any more.
        unsafe { mapping::unmap(self.start, PAGES * PAGE) };
    }
}

/// The pages in which units lie, and which bits they are there.
fn pages_of(first: usize, units: usize) -> impl Iterator<Item = (usize, u32)> {
    let Range { start, end } = first..first + units;
    (start / PAGE_UNITS..end.div_ceil(PAGE_UNITS)).map(move |page| {
        let from = start.saturating_sub(page * PAGE_UNITS);
        let to = (end - page * PAGE_UNITS).min(PAGE_UNITS);
        (page, (u32::MAX >> (PAGE_UNITS - (to - from))) << from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_and_pages_counted() {
        let mut span = Span::try_new().unwrap();
        // Three blocks of a page and a half each, then the rest.
        let units = PAGE_UNITS * 3 / 2;
        let blocks = [0, 1, 2].map(|number| {
            assert_eq!(span.find(units), Some(number * units));
            span.take(number * units, units, false)
        });
        assert_eq!(span.find(UNITS - 3 * units), Some(3 * units));
        assert_eq!(span.find(UNITS - 3 * units + 1), None);
        let Counts { live, resident, kept } = span.counts();
        assert_eq!((live, resident, kept), (3 * units, 5, 0));
        assert_eq!(span.counts().wasted(), 5 * PAGE_UNITS - 3 * units);
        // The middle one leaves half a page and one that nobody uses.
        assert_eq!(span.put(blocks[1], units), units);
        assert_eq!((span.counts().kept, span.find(units)), (1, Some(units)));
        assert!(!span.discard());
        assert_eq!((span.counts().resident, span.counts().kept), (4, 0));
        // What merges is found as one run, whatever the order.
        assert_eq!(span.put(blocks[0], units), 2 * units);
        assert_eq!((span.find(2 * units), span.find(2 * units + 1)), (Some(0), Some(3 * units)));
        assert_eq!(span.put(blocks[2], units), UNITS);
        assert!(span.discard());
        assert_eq!((span.counts().live, span.counts().resident, span.find(UNITS)), (0, 0, Some(0)));
    }

    #[test]
    fn who_fills_it_has_pages_with_memory_ahead() {
        let mut span = Span::try_new().unwrap();
        let units = PAGE_UNITS * 3 / 2;
        let first = span.take(0, units, true);
        assert_eq!((span.counts().resident, span.counts().kept), (AHEAD, AHEAD - 2));
        // What is used of them is not idle, and what is beyond them has no memory.
        span.take(units, AHEAD / 2 * PAGE_UNITS, true);
        assert_eq!((span.counts().resident, span.counts().idle()), (AHEAD, (AHEAD / 2 * PAGE_UNITS - units) * UNIT));
        span.put(first, units);
        assert!(!span.discard());
        assert_eq!((span.counts().resident, span.counts().kept), (AHEAD / 2 + 1, 0));
        // Pages that have memory already end a stretch.
        span.take(0, units, true);
        assert_eq!((span.counts().resident, span.counts().kept), (AHEAD / 2 + 2, 0));
    }

    #[test]
    fn a_discarded_page_can_be_used_again() {
        let mut span = Span::try_new().unwrap();
        for round in 1..4 {
            let block = span.take(5, 3 * PAGE_UNITS, false);
            // SAFETY: as many bytes, and nobody else's.
            let bytes = unsafe { std::slice::from_raw_parts_mut(block.as_ptr(), 3 * PAGE) };
            bytes.fill(round);
            assert!(bytes.iter().all(|&byte| byte == round));
            assert_eq!(span.counts().resident, 4);
            span.put(block, 3 * PAGE_UNITS);
            assert!(span.discard());
        }
    }
}
