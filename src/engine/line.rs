//! One cache line of the index: references with a byte of their keys' hashes. Knows no other lines and no keys.

use super::arena::Ref;
use crate::sys::Plain;

/// References in a line.
pub(crate) const LINE_REFS: usize = 12;

#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub struct Line {
    /// A byte of each reference's hash; 0 where there is none.
    tags: [u8; LINE_REFS],
    /// The next line of the chain, +1; 0 ends it.
    pub next: u32,
    refs: [Ref; LINE_REFS],
}

const _: () = assert!(size_of::<Line>() == 64);

// SAFETY: numbers.
unsafe impl Plain for Line {}

/// A hash's tag: never 0.
#[inline(always)]
pub fn tag_of(hash: u64) -> u8 {
    ((hash >> 32) as u8).max(1)
}

impl Line {
    pub const EMPTY: Line = Line { tags: [0; LINE_REFS], next: 0, refs: [0; LINE_REFS] };

    /// A bit for each place that has the tag.
    #[inline(always)]
    fn places_with(&self, tag: u8) -> u32 {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        // SAFETY: SSE2 is part of x86-64; the line is aligned, and its first
        // 16 bytes are numbers, the last four of which are masked out.
        let all = unsafe {
            use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_load_si128, _mm_movemask_epi8, _mm_set1_epi8};
            let tags = _mm_load_si128((&raw const *self).cast());
            _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(tag as i8))) as u32
        };
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let all = self.tags.iter().rev().fold(0, |bits, &found| (bits << 1) | u32::from(found == tag));
        all & ((1 << LINE_REFS) - 1)
    }

    /// The references with a tag.
    #[inline(always)]
    pub fn candidates(&self, tag: u8) -> impl Iterator<Item = Ref> + '_ {
        let mut places = self.places_with(tag);
        std::iter::from_fn(move || {
            let &reference = self.refs.get(places.trailing_zeros() as usize)?;
            places &= places.wrapping_sub(1);
            Some(reference)
        })
    }

    /// The first reference with a tag: nearly always the only one.
    #[inline(always)]
    pub fn candidate(&self, tag: u8) -> Option<Ref> {
        self.refs.get(self.places_with(tag).trailing_zeros() as usize).copied()
    }

    /// Every reference with its tag.
    pub fn all(&self) -> impl Iterator<Item = (u8, Ref)> + '_ {
        let both = self.tags.iter().copied().zip(self.refs.iter().copied());
        both.filter(|&(tag, _)| tag != 0)
    }

    /// Puts a reference into a free place, if there is one.
    pub fn put(&mut self, tag: u8, reference: Ref) -> bool {
        let place = self.places_with(0).trailing_zeros() as usize;
        let Some(free) = self.refs.get_mut(place) else { return false };
        *free = reference;
        self.tags[place] = tag;
        true
    }

    /// Replaces a reference by another, or takes it out; whether it was there.
    pub fn change(&mut self, tag: u8, old: Ref, new: Option<Ref>) -> bool {
        let mut places = self.places_with(tag);
        while let Some(found) = self.refs.get_mut(places.trailing_zeros() as usize) {
            if *found == old {
                match new {
                    Some(new) => *found = new,
                    None => self.tags[places.trailing_zeros() as usize] = 0,
                }
                return true;
            }
            places &= places - 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_twelve_references_by_tag() {
        let mut line = Line::EMPTY;
        assert!((0..12).all(|n| line.put(1 + n % 5, 100 + Ref::from(n))));
        assert!(!line.put(1, 1));
        assert_eq!(line.candidates(2).collect::<Vec<_>>(), [101, 106, 111]);
        assert_eq!(line.candidates(9).count(), 0);
        assert!(line.change(2, 106, None) && !line.change(2, 106, None) && line.change(1, 100, Some(7)));
        assert_eq!(line.all().count(), 11);
        assert!(line.put(255, 8));
        assert_eq!(line.candidates(1).chain(line.candidates(255)).collect::<Vec<_>>(), [7, 105, 110, 8]);
    }
}
