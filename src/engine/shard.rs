//! One shard: where its entries are, in which order, and how to find them. Knows no locks and no other shards.

mod evacuation;
mod expiry;
mod prefetch;
mod saving;
mod set;

use prefetch::prefetch_key;
pub use set::{New, Plan};

use super::arena::{Arena, Ref, MAX_PREFETCH, REF_LIMIT};
use super::batch::Seed;
use super::block::{granules_of, Block, GRANULE, MAX_LEN};
use super::clock::NEVER;
use super::compaction::Compaction;
use super::counters::{Cause, Tally};
use super::entry::Entry;
use super::index::Index;
use super::large::Large;
use super::line::{tag_of, Line};
use super::note::Id;
use super::order::{id_of, Entries, Move, Order, Place};
use super::whole::Whole;
use super::SHARED_VALUE_LEN;
use crate::sys::{Pool, Shared};
use crate::Error;

/// What an entry takes beside its block: its places in the order, in the index
/// and in the queues of eviction, and a part of what lies free among them.
const OUTSIDE: u64 = 32;

pub struct Shard {
    pool: Shared<Pool>,
    /// Which one it is.
    number: usize,
    tally: Tally,
    index: Index,
    arena: Arena,
    large: Large,
    order: Order,
    /// Entries that the batch under way will enter.
    pending: usize,
    /// Bytes of a small entry on average.
    entry_len: usize,
    /// Those of them that are asked for before an entry's length is known.
    beginning: usize,
}

/// An entry's value, as its shard keeps it.
pub enum Value<'s> {
    Small(&'s [u8]),
    Large(&'s Entry),
}

/// Granules of holes below which no page is emptied.
const ENOUGH: u64 = 2048;

const _: () = assert!(SHARED_VALUE_LEN == MAX_LEN + 1);
const _: () = assert!(!is_large(&[0; MAX_LEN], &[0; MAX_LEN]));
const _: () = assert!(is_large(&[], &[0; SHARED_VALUE_LEN]) && is_large(&[0; MAX_LEN + 1], &[]));

/// Whether an entry stands alone, in a counted block.
#[inline(always)]
pub const fn is_large(key: &[u8], value: &[u8]) -> bool {
    key.len() > MAX_LEN || value.len() > MAX_LEN
}

/// Bytes that an entry takes with everything, one with a deadline at least.
pub fn bytes_of(key: &[u8], value: &[u8]) -> u64 {
    OUTSIDE
        + match is_large(key, value) {
            true => Entry::block_len(key.len(), value.len()) as u64,
            false => u64::from(granules_of(key.len(), value.len(), true)) * GRANULE as u64,
        }
}

impl Shard {
    pub fn new(pool: Shared<Pool>, number: usize) -> Self {
        Shard {
            number,
            tally: Tally::default(),
            index: Index::new(pool.clone()),
            arena: Arena::new(pool.clone()),
            large: Large::new(),
            order: Order::new(pool.clone()),
            pending: 0,
            entry_len: 0,
            beginning: 0,
            pool,
        }
    }

    pub fn pool(&self) -> &Shared<Pool> {
        &self.pool
    }

    /// Bytes of large entries.
    pub fn large_bytes(&self) -> u64 {
        self.large.bytes()
    }

    /// Whether there is any large entry.
    pub fn has_large(&self) -> bool {
        !self.large.is_empty()
    }

    /// Moves large entries; says whether it came to the end.
    pub fn compact(&mut self, compaction: &mut Compaction) -> bool {
        self.large.compact(compaction)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Where a search begins.
    #[inline(always)]
    pub fn line(&self, hash: u64) -> &Line {
        self.index.line(hash)
    }

    /// The reference for a key, from its line on.
    #[inline(always)]
    pub fn find<'s>(&'s self, line: &'s Line, hash: u64, key: &[u8]) -> Option<Ref> {
        self.index.find(line, hash, |reference| self.has_key(reference, key))
    }

    /// Whether an entry of this hash has the reference.
    pub fn has(&self, hash: u64, reference: Ref) -> bool {
        self.index.find(self.line(hash), hash, |other| other == reference).is_some()
    }

    #[inline(always)]
    fn has_key(&self, reference: Ref, key: &[u8]) -> bool {
        match reference < REF_LIMIT {
            true => self.arena.block(reference).has_key(key),
            false => self.large.get(reference).is_some_and(|entry| entry.key() == key),
        }
    }

    #[inline(always)]
    pub fn key(&self, reference: Ref) -> &[u8] {
        key_of(&self.arena, &self.large, reference)
    }

    #[inline(always)]
    pub fn value(&self, reference: Ref) -> Value<'_> {
        if reference < REF_LIMIT {
            return Value::Small(self.arena.block(reference).value());
        }
        match self.large.get(reference) {
            Some(entry) => Value::Large(entry),
            None => Value::Small(&[]),
        }
    }

    /// How long an entry's value is, as far as it will be copied.
    pub fn value_len(&self, reference: Ref) -> usize {
        match self.value(reference) {
            Value::Small(value) => value.len(),
            Value::Large(entry) if entry.value().len() >= SHARED_VALUE_LEN => 0,
            Value::Large(entry) => entry.value().len(),
        }
    }

    /// The first reference with a hash's tag: nearly always the right one. 0: none.
    #[inline(always)]
    pub fn guess(&self, hash: u64) -> Ref {
        self.line(hash).candidate(tag_of(hash)).unwrap_or(0)
    }

    /// The reference for a key, which may be the guess.
    #[inline(always)]
    pub fn find_from(&self, guess: Ref, hash: u64, key: &[u8]) -> Option<Ref> {
        match guess != 0 && self.has_key(guess, key) {
            true => Some(guess),
            false => self.find(self.line(hash), hash, key),
        }
    }

    /// The block of a small entry; otherwise an empty one.
    #[inline(always)]
    pub fn block(&self, reference: Option<Ref>) -> Block<'_> {
        match reference {
            Some(reference) if reference < REF_LIMIT => self.arena.block(reference),
            _ => Block(&[]),
        }
    }

    /// An entry's sequence number.
    pub fn sequence(&self, reference: Ref) -> u64 {
        self.order.sequence(self.place(reference))
    }

    /// Bytes of a small entry on average, with its key and header.
    pub fn entry_len(&self) -> usize {
        self.entry_len
    }

    /// The number of a place among those of all shards.
    #[inline(always)]
    pub fn id(&self, place: Place) -> Id {
        id_of(self.number, place)
    }

    /// The reference at a place; 0: there is none.
    pub fn at(&self, place: Place) -> Ref {
        self.order.at(place)
    }

    /// When an entry ends.
    #[inline(always)]
    pub fn deadline(&self, reference: Ref) -> u64 {
        match reference < REF_LIMIT {
            true => self.arena.block(reference).deadline(),
            false => self.large.get(reference).map_or(NEVER, Entry::deadline),
        }
    }

    /// Bytes that an entry takes with everything.
    pub fn bytes_of(&self, reference: Ref) -> u64 {
        OUTSIDE
            + match reference < REF_LIMIT {
                true => u64::from(self.arena.header(reference).granules()) * GRANULE as u64,
                false => self.large.get(reference).map_or(0, |entry| entry.len() as u64),
            }
    }

    /// Bytes that all entries take.
    pub fn bytes(&self) -> u64 {
        self.arena.live_bytes() + self.large.bytes() + self.len() as u64 * OUTSIDE
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    pub fn entries_from(&self, sequence: u64) -> Entries<'_> {
        self.order.from(sequence)
    }

    /// Takes an entry out. Gives it back if it is a large one; `None` if it is
    /// not there any more.
    #[inline(always)]
    pub fn remove(
        &mut self,
        hash: u64,
        reference: Ref,
        cause: Cause,
        mut whole: Option<&mut Whole>,
    ) -> Option<Option<Entry>> {
        if !self.index.remove(hash, reference) {
            return None;
        }
        self.put_aside(reference, whole.as_deref_mut());
        let place = self.place(reference);
        let (key_len, value_len) = self.lens(reference);
        self.tally.left(key_len, value_len, cause);
        if let Some(whole) = &mut whole {
            whole.left(self.id(place), hash, self.bytes_of(reference), cause);
        }
        let Shard { arena, large, order, number, .. } = self;
        order.remove(place, |moved, to| match to {
            Move::Soon => prefetch_key(arena, large, moved),
            Move::To(place) => {
                if let Some(whole) = &mut whole {
                    whole.moved(id_of(*number, place_of(arena, large, moved)), id_of(*number, place));
                }
                match moved < REF_LIMIT {
                    true => arena.set_place(moved, place),
                    false => large.set_place(moved, place),
                }
            }
        });
        Some(self.free(reference))
    }

    /// Ends a batch, and gives memory of the index back, a bounded step.
    #[inline(always)]
    pub fn tidy(&mut self, removed: usize) {
        self.pending = 0;
        self.index.shrink(removed * 2);
        if self.len() == 0 && self.arena.dead_and_used().1 > 0 {
            *self = Shard { tally: self.tally, ..Shard::new(self.pool.clone(), self.number) };
        }
    }

    /// Whether a page should be emptied, after so many in this batch.
    #[inline(always)]
    pub fn has_holes(&self, emptied: usize, pages: usize) -> bool {
        let (dead, used) = self.arena.dead_and_used();
        // Nearly half of it holes, and enough to care. A bounded store has less
        // to spare, and more to do for it.
        dead > ENOUGH && (emptied == 0 && dead * 20 > used * 9 || emptied < pages && dead * 16 > used)
    }

    /// Measures entries anew, for `prefetch`.
    fn measure(&mut self) {
        let (dead, used) = self.arena.dead_and_used();
        self.entry_len = (used - dead) as usize * GRANULE / (self.len() + self.pending).max(1);
        self.beginning = self.entry_len.min(MAX_PREFETCH);
    }

    #[inline(always)]
    fn free(&mut self, reference: Ref) -> Option<Entry> {
        if reference < REF_LIMIT {
            self.arena.remove(reference);
            return None;
        }
        self.large.remove(reference)
    }

    #[inline(always)]
    pub fn place(&self, reference: Ref) -> Place {
        place_of(&self.arena, &self.large, reference)
    }

    /// The lengths of an entry's key and value.
    #[inline(always)]
    fn lens(&self, reference: Ref) -> (usize, usize) {
        if reference < REF_LIMIT {
            let header = self.arena.header(reference);
            return (header.key_len(), header.value_len());
        }
        self.large.get(reference).map_or((0, 0), |entry| (entry.key().len(), entry.value().len()))
    }

    #[inline(always)]
    fn set_place(&mut self, reference: Ref, place: Place) {
        match reference < REF_LIMIT {
            true => self.arena.set_place(reference, place),
            false => self.large.set_place(reference, place),
        }
    }
}

/// For those who have parts of a shard borrowed.
#[inline(always)]
fn key_of<'s>(arena: &'s Arena, large: &'s Large, reference: Ref) -> &'s [u8] {
    match reference < REF_LIMIT {
        true => arena.block(reference).key(),
        false => large.get(reference).map_or(&[], Entry::key),
    }
}

/// As `key_of`.
#[inline(always)]
fn place_of(arena: &Arena, large: &Large, reference: Ref) -> Place {
    match reference < REF_LIMIT {
        true => arena.header(reference).place(),
        false => large.place(reference),
    }
}

#[cfg(any(test, bytestore_faults))]
mod check;

#[cfg(test)]
mod tests;
