//! Memory of small entries: blocks in pages, named by 31-bit references. Knows nothing of keys' order or hashes.
//!
//! A block is a header, the key's bytes, the value's bytes, rounded up to 8.
//! New blocks are taken from a hole of exactly their size, otherwise from the
//! end of the newest page. Pages that are mostly holes are emptied by their
//! owner (log-structured memory: Rumble, Kejriwal, Ousterhout, FAST 2014).

use super::block::{granules_of, Block, Header, GRANULE, MAX_LEN};
use super::clock::NEVER;
use super::holes::Holes;
use crate::sys::{erase, prefetch, prefetch_first, Pool, Shared, Zeroed};
use crate::Error;

/// Where a block begins, in granules; 0 is no block.
pub type Ref = u32;
/// The bit that no reference of an arena has.
pub(crate) const REF_LIMIT: Ref = 1 << 31;

/// Bytes of an entry that are asked for before its length is known.
pub(super) const MAX_PREFETCH: usize = 256;

/// Granules of a page.
pub(super) const PAGE: u32 = (Zeroed::<u8>::MAX / GRANULE) as u32;
/// Granules of the newest page while the arena is small.
const FIRST: u32 = 64;
/// Granules at the start of a page that are never given out, so that no
/// reference is 0 and blocks of whole cache lines do not straddle them.
const START: u32 = 8;

// The longest block fits into a page.
const _: () = assert!(PAGE as usize * GRANULE > START as usize * GRANULE + 2 * GRANULE + 2 * MAX_LEN);

#[derive(Clone, Copy, Default)]
struct Use {
    /// Granules given out so far; 0: the page was given back.
    used: u32,
    /// Granules of them that are holes.
    dead: u32,
}

pub struct Arena {
    pool: Shared<Pool>,
    pages: Vec<Zeroed<u8>>,
    uses: Vec<Use>,
    /// The page that grows.
    newest: usize,
    holes: Holes,
    used: u64,
    dead: u64,
    /// Pages in use.
    begun: u64,
    /// Whether entries' bytes are erased when they go.
    erase: bool,
}

impl Arena {
    pub fn new(pool: Shared<Pool>) -> Self {
        let (pages, uses, holes, erase) = (Vec::new(), Vec::new(), Holes::new(), pool.erases());
        Arena { pool, pages, uses, newest: 0, holes, used: 0, dead: 0, begun: 0, erase }
    }

    /// A block, and what follows it in its page.
    #[inline(always)]
    pub fn block(&self, block: Ref) -> Block<'_> {
        Block(&self.pages[(block / PAGE) as usize][(block % PAGE) as usize * GRANULE..])
    }

    #[inline(always)]
    fn bytes_mut(&mut self, block: Ref) -> &mut [u8] {
        &mut self.pages[(block / PAGE) as usize][(block % PAGE) as usize * GRANULE..]
    }

    #[inline(always)]
    pub fn header(&self, block: Ref) -> Header {
        self.block(block).header()
    }

    #[inline(always)]
    fn set_header(&mut self, block: Ref, header: Header) {
        self.bytes_mut(block)[..GRANULE].copy_from_slice(&header.0.to_le_bytes());
    }

    pub fn set_place(&mut self, block: Ref, place: u32) {
        self.set_header(block, self.header(block).with_place(place));
    }

    #[inline(always)]
    pub fn set_claimed(&mut self, block: Ref, claimed: bool) {
        self.set_header(block, self.header(block).with_claim(claimed));
    }

    /// Writes another value of such a length that the block stays as long.
    #[inline(always)]
    pub fn overwrite(&mut self, block: Ref, value: &[u8], deadline: u64) {
        let bytes = self.bytes_mut(block);
        let old = Block(bytes).header();
        let new = Header::of_entry(old.key_len(), value.len(), old.expires()).with_place(old.place());
        assert_eq!(old.granules(), new.granules());
        bytes[..GRANULE].copy_from_slice(&new.0.to_le_bytes());
        if old.expires() {
            bytes[GRANULE..2 * GRANULE].copy_from_slice(&deadline.to_le_bytes());
        }
        bytes[old.len() + old.key_len()..][..value.len()].copy_from_slice(value);
        if self.erase {
            // A longer value's last bytes.
            self.erase_from(block, new.len() + new.key_len() + value.len(), new.granules());
        }
    }

    /// A new block with an entry; its place is not set yet.
    #[inline(always)]
    pub fn insert(&mut self, key: &[u8], value: &[u8], deadline: u64) -> Result<Ref, Error> {
        let expires = deadline != NEVER;
        let granules = granules_of(key.len(), value.len(), expires);
        self.holes.reserve(granules)?; // for its removal, which cannot fail
        let block = self.take(granules)?;
        let header = Header::of_entry(key.len(), value.len(), expires);
        let bytes = self.bytes_mut(block);
        bytes[..GRANULE].copy_from_slice(&header.0.to_le_bytes());
        if expires {
            bytes[GRANULE..2 * GRANULE].copy_from_slice(&deadline.to_le_bytes());
        }
        let (key_bytes, rest) = bytes[header.len()..].split_at_mut(key.len());
        key_bytes.copy_from_slice(key);
        rest[..value.len()].copy_from_slice(value);
        // The next one will probably stand behind it.
        rest[value.len()..].chunks(64).take(4).for_each(prefetch);
        Ok(block)
    }

    /// Gives an entry's block back: it becomes a hole.
    #[inline(always)]
    pub fn remove(&mut self, block: Ref) {
        let granules = self.header(block).granules();
        self.count_dead(block, i64::from(granules));
        self.add_hole(block, granules);
    }

    /// Bytes of its blocks that are entries.
    pub fn live_bytes(&self) -> u64 {
        (self.used - self.dead - self.begun * u64::from(START)) * GRANULE as u64
    }

    /// Granules in use that are holes, and all in use.
    pub fn dead_and_used(&self) -> (u64, u64) {
        (self.dead, self.used)
    }

    #[inline(always)]
    fn take(&mut self, granules: u32) -> Result<Ref, Error> {
        if let Some(hole) = self.holes.first(granules) {
            self.take_hole(hole, granules);
            self.count_dead(hole, -i64::from(granules));
            // The next one will probably be taken next.
            if let Some(next) = self.holes.first(granules) {
                prefetch_first(self.block(next).0, (granules as usize * GRANULE).min(MAX_PREFETCH));
            }
            return Ok(hole);
        }
        if self.room() < granules {
            self.make_room(granules)?;
        }
        let number = self.newest as u32;
        let Some(page) = self.uses.get_mut(self.newest) else { return Err(Error::Internal) };
        let block = number * PAGE + page.used;
        page.used += granules;
        self.used += u64::from(granules);
        Ok(block)
    }

    /// Granules left in the newest page.
    #[inline(always)]
    fn room(&self) -> u32 {
        match (self.pages.get(self.newest), self.uses.get(self.newest)) {
            (Some(page), Some(usage)) => (page.len() / GRANULE) as u32 - usage.used,
            _ => 0,
        }
    }

    #[cold]
    fn make_room(&mut self, granules: u32) -> Result<(), Error> {
        // While the arena is small, so is its newest page.
        while let Some(page) = self.pages.get_mut(self.newest).filter(|page| page.len() < Zeroed::<u8>::MAX) {
            page.resize(&self.pool, page.len().max(FIRST as usize * GRANULE / 2) * 2)?;
            if self.room() >= granules {
                return Ok(());
            }
        }
        let number = self.uses.iter().position(|page| page.used == 0).unwrap_or(self.uses.len());
        if number >= (REF_LIMIT / PAGE) as usize {
            return Err(Error::OutOfMemory);
        }
        let wanted = (self.used / 4).clamp(u64::from(FIRST.max(granules + START)), u64::from(PAGE)) as usize;
        let bytes = Zeroed::try_new(&self.pool, wanted.next_power_of_two() * GRANULE)?;
        self.pages.try_reserve(1)?;
        self.uses.try_reserve(1)?;
        self.close_newest()?;
        if number == self.pages.len() {
            self.pages.push(Zeroed::new());
            self.uses.push(Use::default());
        }
        self.pages[number] = bytes;
        self.uses[number] = Use { used: START, dead: 0 };
        self.used += u64::from(START);
        self.begun += 1;
        self.newest = number;
        Ok(())
    }

    /// Makes a hole of what is left of the newest page.
    fn close_newest(&mut self) -> Result<(), Error> {
        let rest = self.room();
        if rest == 0 {
            return Ok(());
        }
        self.holes.reserve(rest)?;
        let hole = self.newest as u32 * PAGE + self.uses[self.newest].used;
        self.uses[self.newest].used += rest;
        self.used += u64::from(rest);
        self.count_dead(hole, i64::from(rest));
        self.add_hole(hole, rest);
        Ok(())
    }

    fn add_hole(&mut self, hole: Ref, granules: u32) {
        if self.erase {
            self.erase_from(hole, 0, granules);
        }
        self.set_header(hole, Header::of_hole(granules));
        self.holes.add(&mut self.pages, hole, granules);
    }

    /// Erases so many granules but for the first bytes.
    #[cold]
    fn erase_from(&mut self, block: Ref, start: usize, granules: u32) {
        erase(&mut self.bytes_mut(block)[start..granules as usize * GRANULE]);
    }

    fn take_hole(&mut self, hole: Ref, granules: u32) {
        self.holes.take(&mut self.pages, hole, granules);
    }

    #[inline(always)]
    fn count_dead(&mut self, block: Ref, granules: i64) {
        self.dead = self.dead.wrapping_add_signed(granules);
        if let Some(page) = self.uses.get_mut((block / PAGE) as usize) {
            page.dead = page.dead.wrapping_add_signed(granules as i32);
        }
    }

    /// The page with the largest share of holes, except the one that grows.
    pub fn emptiest(&self) -> Option<usize> {
        let others = self.uses.iter().enumerate().filter(|&(number, page)| number != self.newest && page.used > 0);
        let share = |page: &Use| u64::from(page.dead) * u64::from(PAGE) / u64::from(page.used);
        others.max_by_key(|&(_, page)| share(page)).map(|(number, _)| number)
    }

    /// Takes a page's holes off the lists, so that nothing new gets into it.
    pub fn retire(&mut self, number: usize) {
        self.for_each_hole(number, |arena, hole, _| arena.holes.prefetch(&arena.pages, hole));
        self.for_each_hole(number, Self::take_hole);
    }

    /// Ends `retire` for a page that could not be emptied.
    pub fn reinstate(&mut self, number: usize) {
        self.for_each_hole(number, Self::add_hole);
    }

    fn for_each_hole(&mut self, number: usize, visit: impl Fn(&mut Self, Ref, u32)) {
        let mut at = START;
        while let Some((block, granules, is_entry)) = self.walk(number, at) {
            if !is_entry {
                visit(self, block, granules);
            }
            at += granules;
        }
    }

    /// Moves an entry out of a retired page.
    pub fn move_out(&mut self, block: Ref) -> Result<Ref, Error> {
        let granules = self.header(block).granules();
        let copy = self.take(granules)?;
        let (from, to) = ((block % PAGE) as usize * GRANULE, (copy % PAGE) as usize * GRANULE);
        let len = granules as usize * GRANULE;
        let Some((source, target)) = two_of(&mut self.pages, (block / PAGE) as usize, (copy / PAGE) as usize) else {
            return Err(Error::Internal);
        };
        target[to..][..len].copy_from_slice(&source[from..][..len]);
        self.count_dead(block, i64::from(granules));
        self.set_header(block, Header::of_hole(granules));
        Ok(copy)
    }

    /// The next entry of a page from `at` on, and where to go on.
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
        if at >= self.uses.get(number)?.used {
            return None;
        }
        let block = number as u32 * PAGE + at;
        let header = self.header(block);
        Some((block, header.granules().max(1), header.is_entry()))
    }

    /// Gives a retired page back, whatever is in it.
    pub fn release(&mut self, number: usize) {
        let Use { used, dead } = std::mem::take(&mut self.uses[number]);
        self.pages[number] = Zeroed::new();
        self.used -= u64::from(used);
        self.dead -= u64::from(dead);
        self.begun -= 1;
    }

    /// Asks for a block's header and the beginning of its key.
    #[inline(always)]
    pub fn prefetch_key(&self, block: Ref) {
        let bytes = self.block(block).0;
        prefetch(bytes);
        bytes.get(4 * GRANULE - 1).into_iter().for_each(prefetch);
    }
}

/// Two different pages at once.
fn two_of(pages: &mut [Zeroed<u8>], from: usize, to: usize) -> Option<(&[u8], &mut [u8])> {
    let (before, from_high) = pages.split_at_mut_checked(from.max(to))?;
    let (low, high) = (before.get_mut(from.min(to))?, from_high.first_mut()?);
    match from < to {
        true => Some((low, high)),
        false => Some((high, low)),
    }
}

#[cfg(any(test, bytestore_faults))]
impl Arena {
    /// Counts again what is counted; says how many entries there are.
    pub fn check(&self) -> usize {
        let (mut entries, mut used, mut dead, mut live) = (0, 0, 0, 0);
        for number in 0..self.pages.len() {
            let mut at = START;
            while let Some((_, granules, is_entry)) = self.walk(number, at) {
                entries += usize::from(is_entry);
                dead += if is_entry { 0 } else { u64::from(granules) };
                live += if is_entry { u64::from(granules) * GRANULE as u64 } else { 0 };
                at += granules;
            }
            used += u64::from(self.uses[number].used);
        }
        assert_eq!((used, dead, live), (self.used, self.dead, self.live_bytes()));
        entries
    }
}

#[cfg(test)]
mod tests;
