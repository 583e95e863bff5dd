//! One shard: where its entries are, in which order, and how to find them. Knows no locks and no other shards.

use super::arena::{Arena, Ref, REF_LIMIT};
use super::batch::Seed;
use super::block::{granules_of, GRANULE, MAX_LEN};
use super::entry::Entry;
use super::gate::SHARDS;
use super::index::Index;
use super::large::Large;
use super::order::{Entries, Order, Place};
use super::SHARED_VALUE_LEN;
use crate::Error;

pub struct Shard {
    index: Index,
    arena: Arena,
    large: Large,
    order: Order,
}

/// An entry's value, as its shard keeps it.
pub enum Value<'s> {
    Small(&'s [u8]),
    Large(&'s Entry),
}

/// An entry on its way in. What it needs of the shard is reserved.
pub enum New {
    /// The key's entry can take the value as it stands.
    InPlace,
    Small(Ref),
    Large(Entry),
}

const _: () = assert!(SHARED_VALUE_LEN == MAX_LEN + 1);

/// Whether an entry stands alone, in a counted block.
pub fn is_large(key: &[u8], value: &[u8]) -> bool {
    key.len() > MAX_LEN || value.len() > MAX_LEN
}

impl Shard {
    pub const fn new() -> Self {
        Shard { index: Index::new(), arena: Arena::new(), large: Large::new(), order: Order::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether a store of shards like this one is larger than a usual
    /// second-level cache, a MiB.
    #[inline(always)]
    pub fn outgrows_the_cache(&self) -> bool {
        let (_, used) = self.arena.dead_and_used();
        used > (1 << 20) / (GRANULE * SHARDS) as u64
    }

    #[inline(always)]
    pub fn prefetch_index(&self, hash: u64) {
        self.index.prefetch(hash);
    }

    /// Asks for the entry that a hash probably means.
    #[inline(always)]
    pub fn prefetch_entry(&self, hash: u64) {
        if let Some(reference) = self.index.guess(hash) {
            self.prefetch(reference);
        }
    }

    #[inline(always)]
    pub fn find(&self, hash: u64, key: &[u8]) -> Option<Ref> {
        self.index.find(hash, |reference| self.has_key(reference, key))
    }

    #[inline(always)]
    fn has_key(&self, reference: Ref, key: &[u8]) -> bool {
        match reference < REF_LIMIT {
            true => self.arena.has_key(reference, key),
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
            return Value::Small(self.arena.value(reference));
        }
        match self.large.get(reference) {
            Some(entry) => Value::Large(entry),
            None => Value::Small(&[]),
        }
    }

    /// Asks for an entry.
    #[inline(always)]
    pub fn prefetch(&self, reference: Ref) {
        self.arena.prefetch(reference);
    }

    pub fn entries_from(&self, sequence: u64) -> Entries<'_> {
        self.order.from(sequence)
    }

    /// Makes room for `more` entries beside their blocks.
    pub fn reserve(&mut self, seed: &Seed, more: usize, large: usize) -> Result<(), Error> {
        let Shard { index, arena, large: large_entries, order } = self;
        let hash_of = |reference| seed.hash(key_of(arena, large_entries, reference));
        index.reserve(more, hash_of, |reference| arena.prefetch(reference))?;
        order.reserve(more)?;
        large_entries.reserve(large)
    }

    /// First phase of setting a small entry: a block for it, unless the key's
    /// entry can take the value where it stands. A batch that has the key twice
    /// needs a block for the second: the first one claims the entry.
    pub fn prepare(&mut self, hash: u64, key: &[u8], value: &[u8]) -> Result<New, Error> {
        let free = |&block: &Ref| !self.arena.header(block).is_claimed();
        let Some(block) = self.find_small(hash, key).filter(free) else {
            return self.arena.insert(key, value).map(New::Small);
        };
        let old_len = self.arena.header(block).value_len();
        let new = match granules_of(key.len(), value.len()) == granules_of(key.len(), old_len) {
            true => New::InPlace,
            false => New::Small(self.arena.insert(key, value)?),
        };
        self.arena.set_claimed(block, true);
        Ok(new)
    }

    /// The same for a large entry, which was made before.
    pub fn prepare_large(&mut self, hash: u64, entry: Entry) -> New {
        if let Some(block) = self.find_small(hash, entry.key()) {
            self.arena.set_claimed(block, true);
        }
        New::Large(entry)
    }

    /// Undoes `prepare` and `prepare_large`.
    pub fn cancel(&mut self, hash: u64, key: &[u8], new: New) {
        if let New::Small(block) = new {
            self.arena.remove(block);
        }
        if let Some(block) = self.find_small(hash, key) {
            self.arena.set_claimed(block, false);
        }
    }

    /// A key's entry, if it stands in the arena.
    fn find_small(&self, hash: u64, key: &[u8]) -> Option<Ref> {
        self.find(hash, key).filter(|&reference| reference < REF_LIMIT)
    }

    /// Second phase: cannot fail. Gives back a large entry that was replaced.
    pub fn commit(&mut self, hash: u64, key: &[u8], value: &[u8], sequence: u64, new: New) -> Option<Entry> {
        let found = self.find(hash, key);
        let new = match (new, found) {
            (New::InPlace, Some(block)) => {
                self.arena.overwrite(block, value);
                return None;
            }
            (New::InPlace, None) => return None, // a claimed entry stays until its claim is used
            (New::Small(block), _) => block,
            (New::Large(entry), _) => self.large.insert(entry),
        };
        let Some(old) = found else {
            let place = self.order.push(sequence, new);
            self.set_place(new, place);
            self.index.insert(hash, new);
            return None;
        };
        let place = self.place(old);
        self.set_place(new, place);
        self.order.set(place, new);
        self.index.replace(hash, old, new);
        self.free(old)
    }

    /// Takes an entry out. Gives it back if it is a large one.
    pub fn remove(&mut self, hash: u64, key: &[u8]) -> Option<Option<Entry>> {
        let reference = self.find(hash, key)?;
        self.index.remove(hash, reference);
        let place = self.place(reference);
        let Shard { arena, large, order, .. } = self;
        order.remove(place, |moved, place| match moved < REF_LIMIT {
            true => arena.set_place(moved, place),
            false => large.set_place(moved, place),
        });
        Some(self.free(reference))
    }

    /// Gives memory back where there is much too much of it, a bounded step.
    pub fn tidy(&mut self, seed: &Seed, removed: usize) {
        if self.len() == 0 {
            *self = Shard::new();
            return;
        }
        self.index.shrink(removed * 2);
        let (dead, used) = self.arena.dead_and_used();
        // More than two fifths of it holes, and enough to care.
        if dead * 5 > used * 2 && dead > 4096 {
            if let Some(chunk) = self.arena.emptiest() {
                self.evacuate(seed, chunk);
            }
        }
    }

    /// Moves the entries of a chunk elsewhere and gives the chunk back.
    fn evacuate(&mut self, seed: &Seed, chunk: usize) {
        self.arena.retire(chunk);
        let mut at = 0;
        while let Some((old, next)) = self.arena.next_entry(chunk, at) {
            at = next;
            let Ok(new) = self.arena.move_out(old) else {
                self.arena.reinstate(chunk); // no memory: another time
                return;
            };
            let hash = seed.hash(self.arena.key(new));
            self.index.replace(hash, old, new);
            self.order.set(self.arena.header(new).place(), new);
        }
        self.arena.release(chunk);
    }

    fn free(&mut self, reference: Ref) -> Option<Entry> {
        if reference < REF_LIMIT {
            self.arena.remove(reference);
            return None;
        }
        self.large.remove(reference)
    }

    fn place(&self, reference: Ref) -> Place {
        match reference < REF_LIMIT {
            true => self.arena.header(reference).place(),
            false => self.large.place(reference),
        }
    }

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
        true => arena.key(reference),
        false => large.get(reference).map_or(&[], Entry::key),
    }
}

#[cfg(test)]
impl Shard {
    /// Compares what is counted with what is there.
    pub fn check(&self, seed: &Seed) {
        let mut entries = self.order.from(0);
        let mut count = 0;
        while let Some((_, reference)) = entries.first() {
            let key = self.key(reference);
            assert_eq!(self.find(seed.hash(key), key), Some(reference), "order and index disagree");
            assert!(reference >= REF_LIMIT || !self.arena.header(reference).is_claimed());
            count += 1;
            entries.advance();
        }
        assert_eq!(count, self.len());
        let small = self.arena.check();
        assert_eq!(small + self.large.len(), self.len());
    }
}
