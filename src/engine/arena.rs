//! Memory of small entries: blocks in large chunks, named by 31-bit references. Knows nothing of keys' order or hashes.
//!
//! A block is a header, the key's bytes, the value's bytes, rounded up to 8.
//! New blocks are taken from a hole of exactly their size, otherwise from the
//! end of the newest chunk. Chunks that are mostly holes are emptied by their
//! owner (log-structured memory: Rumble, Kejriwal, Ousterhout, FAST 2014).

use super::block::{granules_of, word, Header, GRANULE};
use crate::sys::{prefetch, Zeroed};
use crate::Error;

/// Where a block begins, in granules; 0 is no block.
pub type Ref = u32;
/// The bit that no reference of an arena has.
pub(crate) const REF_LIMIT: Ref = 1 << 31;

/// Granules that a chunk's references span; the largest chunk has as many.
const CHUNK: u32 = 1 << 15;
const FIRST_CHUNK: u32 = 64;
/// Granules at the start of a chunk that are never given out, so that no
/// reference is 0 and blocks of whole cache lines do not straddle them.
const START: u32 = 8;

struct Chunk {
    bytes: Zeroed<u8>,
    /// Granules given out so far.
    used: u32,
    /// Granules of them that are holes.
    dead: u32,
}

pub struct Arena {
    /// Those given back are empty.
    chunks: Vec<Chunk>,
    /// The chunk that grows.
    newest: usize,
    /// First hole of each size in granules.
    holes: Vec<Ref>,
    used: u64,
    dead: u64,
}

impl Arena {
    pub const fn new() -> Self {
        Arena { chunks: Vec::new(), newest: 0, holes: Vec::new(), used: 0, dead: 0 }
    }

    /// A block's bytes from its header on, to the end of its chunk.
    #[inline(always)]
    fn bytes(&self, block: Ref) -> &[u8] {
        &self.chunks[(block / CHUNK) as usize].bytes[(block % CHUNK) as usize * GRANULE..]
    }

    #[inline(always)]
    fn bytes_mut(&mut self, block: Ref) -> &mut [u8] {
        &mut self.chunks[(block / CHUNK) as usize].bytes[(block % CHUNK) as usize * GRANULE..]
    }

    #[inline(always)]
    pub fn header(&self, block: Ref) -> Header {
        Header(word(self.bytes(block)))
    }

    #[inline(always)]
    pub fn key(&self, block: Ref) -> &[u8] {
        let bytes = self.bytes(block);
        &bytes[GRANULE..][..Header(word(bytes)).key_len()]
    }

    #[inline(always)]
    pub fn has_key(&self, block: Ref, key: &[u8]) -> bool {
        let bytes = self.bytes(block);
        Header(word(bytes)).key_len() == key.len() && bytes.get(GRANULE..GRANULE + key.len()) == Some(key)
    }

    #[inline(always)]
    pub fn value(&self, block: Ref) -> &[u8] {
        let bytes = self.bytes(block);
        let header = Header(word(bytes));
        &bytes[GRANULE + header.key_len()..][..header.value_len()]
    }

    /// Asks for a block's first cache lines; does nothing for what is no block.
    #[inline(always)]
    pub fn prefetch(&self, block: Ref) {
        if block == 0 || block >= REF_LIMIT {
            return;
        }
        let bytes = self.bytes(block);
        prefetch(bytes);
        if let Some(second) = bytes.get(64..) {
            prefetch(second);
        }
    }

    pub fn set_place(&mut self, block: Ref, place: u32) {
        let header = self.header(block).with_place(place);
        self.set_word(block, 0, header.0);
    }

    pub fn set_claimed(&mut self, block: Ref, claimed: bool) {
        let header = self.header(block).with_claim(claimed);
        self.set_word(block, 0, header.0);
    }

    /// Writes another value of such a length that the block stays as long.
    pub fn overwrite(&mut self, block: Ref, value: &[u8]) {
        let old = self.header(block);
        let new = Header::of_entry(old.key_len(), value.len()).with_place(old.place());
        assert_eq!(old.granules(), new.granules());
        let bytes = self.bytes_mut(block);
        bytes[..GRANULE].copy_from_slice(&new.0.to_le_bytes());
        bytes[GRANULE + old.key_len()..][..value.len()].copy_from_slice(value);
    }

    /// A new block with an entry; its place is not set yet.
    pub fn insert(&mut self, key: &[u8], value: &[u8]) -> Result<Ref, Error> {
        let granules = granules_of(key.len(), value.len());
        self.reserve_holes(granules)?; // for its removal, which cannot fail
        let block = self.take(granules)?;
        let header = Header::of_entry(key.len(), value.len());
        let bytes = self.bytes_mut(block);
        bytes[..GRANULE].copy_from_slice(&header.0.to_le_bytes());
        let (key_bytes, rest) = bytes[GRANULE..].split_at_mut(key.len());
        key_bytes.copy_from_slice(key);
        rest[..value.len()].copy_from_slice(value);
        Ok(block)
    }

    /// Gives an entry's block back: it becomes a hole.
    pub fn remove(&mut self, block: Ref) {
        let granules = self.header(block).granules();
        self.count_dead(block, i64::from(granules));
        self.make_hole(block, granules);
    }

    /// Granules in use that are holes, and all in use.
    pub fn dead_and_used(&self) -> (u64, u64) {
        (self.dead, self.used)
    }

    fn take(&mut self, granules: u32) -> Result<Ref, Error> {
        if let Some(&hole) = self.holes.get(granules as usize).filter(|&&hole| hole != 0) {
            self.unlink_hole(hole, granules);
            self.count_dead(hole, -i64::from(granules));
            return Ok(hole);
        }
        if self.room() < granules {
            self.add_chunk(granules)?;
        }
        let number = self.newest as u32;
        let Some(chunk) = self.chunks.get_mut(self.newest) else { return Err(Error::Internal) };
        let block = number * CHUNK + chunk.used;
        chunk.used += granules;
        self.used += u64::from(granules);
        Ok(block)
    }

    /// Granules left in the newest chunk.
    fn room(&self) -> u32 {
        self.chunks.get(self.newest).map_or(0, |chunk| (chunk.bytes.len() / GRANULE) as u32 - chunk.used)
    }

    fn add_chunk(&mut self, granules: u32) -> Result<(), Error> {
        // Chunks grow with the arena: at most a fifth of it is not in use yet.
        let wanted = (self.used / 4).clamp(u64::from(FIRST_CHUNK), u64::from(CHUNK)) as u32;
        let bytes = Zeroed::try_new(wanted.max((granules + START).next_power_of_two()).min(CHUNK) as usize * GRANULE)?;
        let number = match self.chunks.iter().position(|chunk| chunk.used == 0) {
            Some(number) => number,
            None => {
                self.chunks.try_reserve(1)?;
                self.chunks.len()
            }
        };
        if number >= (REF_LIMIT / CHUNK) as usize {
            return Err(Error::OutOfMemory);
        }
        self.close_newest()?;
        let chunk = Chunk { bytes, used: START, dead: 0 };
        match self.chunks.get_mut(number) {
            Some(free) => *free = chunk,
            None => self.chunks.push(chunk),
        }
        self.used += u64::from(START);
        self.newest = number;
        Ok(())
    }

    /// Makes a hole of what is left of the newest chunk.
    fn close_newest(&mut self) -> Result<(), Error> {
        let rest = self.room();
        if rest == 0 {
            return Ok(());
        }
        self.reserve_holes(rest)?;
        if let Some(chunk) = self.chunks.get_mut(self.newest) {
            let hole = self.newest as u32 * CHUNK + chunk.used;
            chunk.used += rest;
            self.used += u64::from(rest);
            self.count_dead(hole, i64::from(rest));
            self.make_hole(hole, rest);
        }
        Ok(())
    }

    /// Room for the lists of holes of up to that size.
    fn reserve_holes(&mut self, granules: u32) -> Result<(), Error> {
        let missing = (granules as usize + 1).saturating_sub(self.holes.len());
        self.holes.try_reserve(missing)?;
        if missing > 0 {
            self.holes.resize(granules as usize + 1, 0);
        }
        Ok(())
    }

    fn make_hole(&mut self, hole: Ref, granules: u32) {
        self.set_word(hole, 0, Header::of_hole(granules).0);
        // Every block's size was reserved with it; one granule has no links.
        let Some(first) = self.holes.get_mut(granules as usize).filter(|_| granules > 1) else { return };
        let next = std::mem::replace(first, hole);
        self.set_word(hole, 1, u64::from(next));
        if next != 0 {
            let links = self.links(next);
            self.set_word(next, 1, (links & u64::from(u32::MAX)) | (u64::from(hole) << 32));
        }
    }

    fn unlink_hole(&mut self, hole: Ref, granules: u32) {
        let links = self.links(hole);
        let (next, previous) = (links as u32, (links >> 32) as u32);
        match previous {
            0 => {
                if let Some(first) = self.holes.get_mut(granules as usize) {
                    *first = next;
                }
            }
            _ => {
                let of_previous = self.links(previous);
                self.set_word(previous, 1, (of_previous & !u64::from(u32::MAX)) | u64::from(next));
            }
        }
        if next != 0 {
            let of_next = self.links(next);
            self.set_word(next, 1, (of_next & u64::from(u32::MAX)) | (u64::from(previous) << 32));
        }
    }

    fn links(&self, hole: Ref) -> u64 {
        word(&self.bytes(hole)[GRANULE..])
    }

    fn set_word(&mut self, block: Ref, index: usize, value: u64) {
        self.bytes_mut(block)[index * GRANULE..][..GRANULE].copy_from_slice(&value.to_le_bytes());
    }

    fn count_dead(&mut self, block: Ref, granules: i64) {
        self.dead = self.dead.wrapping_add_signed(granules);
        if let Some(chunk) = self.chunks.get_mut((block / CHUNK) as usize) {
            chunk.dead = chunk.dead.wrapping_add_signed(granules as i32);
        }
    }

    /// The chunk with the largest share of holes, except the one that grows.
    pub fn emptiest(&self) -> Option<usize> {
        let others = self.chunks.iter().enumerate().filter(|&(number, chunk)| number != self.newest && chunk.used > 0);
        let share = |chunk: &Chunk| u64::from(chunk.dead) * u64::from(CHUNK) / u64::from(chunk.used);
        others.max_by_key(|&(_, chunk)| share(chunk)).map(|(number, _)| number)
    }

    /// Takes a chunk's holes off the lists, so that nothing new gets into it.
    pub fn retire(&mut self, number: usize) {
        self.for_each_hole(number, Self::unlink_hole);
    }

    /// Ends `retire` for a chunk that could not be emptied.
    pub fn reinstate(&mut self, number: usize) {
        self.for_each_hole(number, Self::make_hole);
    }

    fn for_each_hole(&mut self, number: usize, visit: impl Fn(&mut Self, Ref, u32)) {
        let mut at = START;
        while let Some((block, granules, is_entry)) = self.walk(number, at) {
            if !is_entry && granules > 1 {
                visit(self, block, granules);
            }
            at += granules;
        }
    }

    /// Moves an entry out of a retired chunk.
    pub fn move_out(&mut self, block: Ref) -> Result<Ref, Error> {
        let header = self.header(block);
        let granules = header.granules();
        let copy = self.take(granules)?;
        let (from, to) = (block % CHUNK, copy % CHUNK);
        let len = granules as usize * GRANULE;
        let [Some(source), Some(target)] = two_of(&mut self.chunks, block / CHUNK, copy / CHUNK) else {
            return Err(Error::Internal);
        };
        let source = &source.bytes[from as usize * GRANULE..][..len];
        target.bytes[to as usize * GRANULE..][..len].copy_from_slice(source);
        self.count_dead(block, i64::from(granules));
        self.set_word(block, 0, Header::of_hole(granules).0);
        Ok(copy)
    }

    /// The next entry of a chunk from `at` on, and where to go on.
    pub fn next_entry(&self, number: usize, mut at: u32) -> Option<(Ref, u32)> {
        at = at.max(START);
        while let Some((block, granules, is_entry)) = self.walk(number, at) {
            at += granules;
            if is_entry {
                return Some((block, at));
            }
        }
        None
    }

    fn walk(&self, number: usize, at: u32) -> Option<(Ref, u32, bool)> {
        let chunk = self.chunks.get(number)?;
        if at >= chunk.used {
            return None;
        }
        let block = number as u32 * CHUNK + at;
        let header = self.header(block);
        Some((block, header.granules().max(1), header.is_entry()))
    }

    /// Gives a retired chunk back to the system, whatever is in it.
    pub fn release(&mut self, number: usize) {
        if let Some(chunk) = self.chunks.get_mut(number) {
            self.used -= u64::from(chunk.used);
            self.dead -= u64::from(chunk.dead);
            *chunk = Chunk { bytes: Zeroed::new(), used: 0, dead: 0 };
        }
    }
}

/// Two different chunks at once.
fn two_of(chunks: &mut [Chunk], a: u32, b: u32) -> [Option<&mut Chunk>; 2] {
    let (low, high) = (a.min(b) as usize, a.max(b) as usize);
    let (before, from_high) = chunks.split_at_mut(high.min(chunks.len()));
    let (low, high) = (before.get_mut(low), from_high.first_mut());
    match a < b {
        true => [low, high],
        false => [high, low],
    }
}

#[cfg(test)]
impl Arena {
    /// Counts again what is counted; says how many entries there are.
    pub fn check(&self) -> usize {
        let (mut entries, mut used, mut dead) = (0, 0, 0);
        for number in 0..self.chunks.len() {
            let mut at = START;
            while let Some((_, granules, is_entry)) = self.walk(number, at) {
                entries += usize::from(is_entry);
                dead += if is_entry { 0 } else { u64::from(granules) };
                at += granules;
            }
            used += u64::from(self.chunks[number].used);
        }
        assert_eq!((used, dead), (self.used, self.dead));
        entries
    }
}
