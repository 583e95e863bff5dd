//! One cache line of the index, and arrays of them. Knows no hashes beyond a byte.

use super::arena::Ref;
use crate::sys::{Plain, Zeroed};
use crate::Error;

/// References in a line.
pub(crate) const LINE_REFS: usize = 12;

#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub struct Line {
    /// Tags of the first eight references, lowest byte first.
    tags: u64,
    /// Tags of the other four.
    more_tags: u32,
    /// The next line of the chain, +1; 0 ends it.
    pub next: u32,
    /// 0: free.
    pub refs: [Ref; LINE_REFS],
}

const _: () = assert!(size_of::<Line>() == 64);

// SAFETY: numbers.
unsafe impl Plain for Line {}

impl Line {
    pub const EMPTY: Line = Line { tags: 0, more_tags: 0, next: 0, refs: [0; LINE_REFS] };

    /// The references of the places that have a tag, and rarely others: where a
    /// byte is zero after the xor, the borrow may add the next one (Mycroft, 1987).
    #[inline(always)]
    pub fn candidates(&self, tag: u8) -> impl Iterator<Item = Ref> + '_ {
        let low = self.tags ^ (u64::from(tag) * 0x0101_0101_0101_0101);
        let low = low.wrapping_sub(0x0101_0101_0101_0101) & !low & 0x8080_8080_8080_8080;
        let high = self.more_tags ^ (u32::from(tag) * 0x0101_0101);
        let high = high.wrapping_sub(0x0101_0101) & !high & 0x8080_8080;
        // Bit 8i + 7 for place i, bit 8i + 3 for place 8 + i.
        let mut matches = low | (u64::from(high) >> 4);
        std::iter::from_fn(move || {
            while matches != 0 {
                let bit = matches.trailing_zeros() as usize;
                matches &= matches - 1;
                let place = bit / 8 + if bit & 4 == 0 { 8 } else { 0 };
                match self.refs.get(place) {
                    Some(&reference) if reference != 0 => return Some(reference),
                    _ => {}
                }
            }
            None
        })
    }

    pub fn tag(&self, place: usize) -> u8 {
        match place < 8 {
            true => (self.tags >> (8 * place)) as u8,
            false => (self.more_tags >> (8 * (place - 8))) as u8,
        }
    }

    pub fn set(&mut self, place: usize, tag: u8, reference: Ref) {
        match place < 8 {
            true => self.tags = (self.tags & !(0xff << (8 * place))) | (u64::from(tag) << (8 * place)),
            false => {
                let place = 8 * (place - 8);
                self.more_tags = (self.more_tags & !(0xff << place)) | (u32::from(tag) << place);
            }
        }
        self.refs[place] = reference;
    }

    pub fn free_place(&self) -> Option<usize> {
        self.refs.iter().position(|&reference| reference == 0)
    }
}

/// Lines in use, and memory for more.
pub struct Lines {
    lines: Zeroed<Line>,
    pub len: usize,
}

impl Lines {
    pub const fn new() -> Self {
        Lines { lines: Zeroed::new(), len: 0 }
    }

    #[inline(always)]
    pub fn get(&self, line: usize) -> &Line {
        self.lines.get(line).unwrap_or(&Line::EMPTY)
    }

    #[inline(always)]
    pub fn get_mut(&mut self, line: usize) -> Option<&mut Line> {
        self.lines.get_mut(line)
    }

    /// Memory for lines up to `len`, zero where it is new.
    pub fn reserve(&mut self, len: usize) -> Result<(), Error> {
        match len <= self.lines.len() {
            true => Ok(()),
            false => self.lines.resize(len.checked_next_power_of_two().ok_or(Error::OutOfMemory)?),
        }
    }

    /// Gives memory back that lies well beyond `len`, if that needs none.
    pub fn trim(&mut self) {
        if self.len < self.lines.len() / 4 {
            // What could not be given back is still there.
            let _ = self.lines.resize(self.lines.len() / 2);
        }
    }
}
