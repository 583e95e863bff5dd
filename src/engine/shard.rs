//! One shard: where its entries are, in which order, and how to find them. Knows no locks and no other shards.

mod evacuation;

use super::arena::{Arena, Ref, MAX_PREFETCH, REF_LIMIT};
use super::batch::Seed;
use super::block::{granules_of, Block, GRANULE, MAX_LEN};
use super::entry::Entry;
use super::index::Index;
use super::large::Large;
use super::line::{tag_of, Line};
use super::order::{Entries, Move, Order, Place};
use super::SHARED_VALUE_LEN;
use crate::sys::{prefetch_first, Pool, Shared};
use crate::Error;

pub struct Shard {
    pool: Shared<Pool>,
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

/// How a pair will be set. What that needs is reserved.
#[derive(Clone, Copy)]
pub enum Plan {
    /// The key's entry takes the value where it stands.
    InPlace(Ref),
    /// The second entry takes the first one's part.
    Replace(Ref, Ref),
    /// A new entry; whether the key has one already, the commit sees.
    Enter(Ref),
}

const _: () = assert!(SHARED_VALUE_LEN == MAX_LEN + 1);

/// Whether an entry stands alone, in a counted block.
#[inline(always)]
pub fn is_large(key: &[u8], value: &[u8]) -> bool {
    key.len() > MAX_LEN || value.len() > MAX_LEN
}

impl Shard {
    pub fn new(pool: Shared<Pool>) -> Self {
        Shard {
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

    /// Whether there is any large entry.
    pub fn has_large(&self) -> bool {
        !self.large.is_empty()
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

    /// Asks for the entry that is nearly always the right one.
    #[inline(always)]
    pub fn prefetch_guess(&self, hash: u64) {
        if let Some(guess) = self.line(hash).candidate(tag_of(hash)) {
            self.prefetch(guess);
        }
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

    /// Asks for an entry; gives the block of a small one, or a large one.
    #[inline(always)]
    pub fn prefetch(&self, reference: Ref) -> (Block<'_>, Option<&Entry>) {
        if reference >= REF_LIMIT {
            return (Block(&[]), self.prefetch_large(reference));
        }
        let block = self.arena.block(reference);
        prefetch_first(block.0, self.beginning);
        (block, None)
    }

    #[inline(never)] // or its registers would be missing where entries are small
    fn prefetch_large(&self, reference: Ref) -> Option<&Entry> {
        self.large.get(reference).inspect(|entry| entry.prefetch())
    }

    /// Asks for the beginning of an entry.
    #[inline(always)]
    pub fn prefetch_key(&self, reference: Ref) {
        prefetch_key(&self.arena, &self.large, reference);
    }

    /// Asks for what removing an entry touches beside it.
    #[inline(always)]
    pub fn prefetch_place(&self, reference: Ref) {
        self.order.prefetch(self.place(reference));
    }

    /// Bytes of a small entry on average, with its key and header.
    pub fn entry_len(&self) -> usize {
        self.entry_len
    }

    pub fn entries_from(&self, sequence: u64) -> Entries<'_> {
        self.order.from(sequence)
    }

    /// Makes room for one more entry of this batch beside its block.
    #[inline(always)]
    fn reserve(&mut self, seed: &Seed) -> Result<(), Error> {
        let Shard { index, arena, large, order, .. } = self;
        let more = self.pending + 1;
        let hash_of = |reference| seed.hash(key_of(arena, large, reference));
        let grows = index.reserve(more, hash_of, |reference| prefetch_key(arena, large, reference))?;
        order.reserve(more)?;
        if grows {
            self.measure();
        }
        self.pending = more;
        Ok(())
    }

    /// First phase of setting a pair whose entry is made here, unless the key's
    /// entry can take the value where it stands. A batch that has the key twice
    /// needs another entry for the second: the first one claims the one there is.
    #[inline(always)]
    pub fn prepare(&mut self, seed: &Seed, hash: u64, key: &[u8], value: &[u8], guess: Ref) -> Result<Plan, Error> {
        let Some(old) = self.find_from(guess, hash, key).filter(|&old| self.is_unclaimed(old)) else {
            self.reserve(seed)?;
            return self.arena.insert(key, value).map(Plan::Enter);
        };
        let header = self.arena.header(old);
        let plan = match granules_of(key.len(), value.len()) == header.granules() {
            true => Plan::InPlace(old),
            false => Plan::Replace(old, self.arena.insert(key, value)?),
        };
        self.arena.set_claimed(old, true);
        Ok(plan)
    }

    /// The same for a large entry, which was made before.
    pub fn prepare_large(&mut self, seed: &Seed, hash: u64, entry: Entry) -> Result<Plan, Error> {
        self.large.reserve(1)?;
        let old = self.find(self.line(hash), hash, entry.key()).filter(|&old| self.is_unclaimed(old));
        if old.is_none() {
            self.reserve(seed)?;
        }
        let new = self.large.insert(entry);
        let Some(old) = old else { return Ok(Plan::Enter(new)) };
        self.arena.set_claimed(old, true);
        Ok(Plan::Replace(old, new))
    }

    /// Whether an entry stands in the arena and this batch has not met it yet.
    #[inline(always)]
    fn is_unclaimed(&self, reference: Ref) -> bool {
        reference < REF_LIMIT && !self.arena.header(reference).is_claimed()
    }

    /// Undoes `prepare` and `prepare_large`; gives back a large entry.
    pub fn cancel(&mut self, plan: Plan) -> Option<Entry> {
        if let Plan::InPlace(old) | Plan::Replace(old, _) = plan {
            self.arena.set_claimed(old, false);
        }
        match plan {
            Plan::InPlace(_) => None,
            Plan::Replace(_, new) | Plan::Enter(new) => self.free(new),
        }
    }

    /// Second phase: cannot fail. Gives back a large entry that was replaced.
    #[inline(always)]
    pub fn commit(&mut self, hash: u64, key: &[u8], value: &[u8], sequence: u64, plan: Plan) -> Option<Entry> {
        match plan {
            Plan::InPlace(old) => {
                self.arena.overwrite(old, value);
                None
            }
            Plan::Replace(old, new) => self.replace(hash, old, new),
            Plan::Enter(new) => {
                if let Some(old) = self.find(self.line(hash), hash, key) {
                    return self.replace(hash, old, new);
                }
                let place = self.order.push(sequence, new);
                self.set_place(new, place);
                self.index.insert(hash, new);
                None
            }
        }
    }

    fn replace(&mut self, hash: u64, old: Ref, new: Ref) -> Option<Entry> {
        let place = self.place(old);
        self.set_place(new, place);
        self.order.set(place, new);
        self.index.replace(hash, old, new);
        self.free(old)
    }

    /// Takes an entry out. Gives it back if it is a large one; `None` if it is
    /// not there any more.
    #[inline(always)]
    pub fn remove(&mut self, hash: u64, reference: Ref) -> Option<Option<Entry>> {
        if !self.index.remove(hash, reference) {
            return None;
        }
        let place = self.place(reference);
        let Shard { arena, large, order, .. } = self;
        order.remove(place, |moved, to| match to {
            Move::Soon => prefetch_key(arena, large, moved),
            Move::To(place) if moved < REF_LIMIT => arena.set_place(moved, place),
            Move::To(place) => large.set_place(moved, place),
        });
        Some(self.free(reference))
    }

    /// Ends a batch, and gives memory back where there is much too much of it, a
    /// bounded step.
    #[inline(always)]
    pub fn tidy(&mut self, seed: &Seed, removed: usize) {
        self.pending = 0;
        self.index.shrink(removed * 2);
        let (dead, used) = self.arena.dead_and_used();
        // Nearly half of it holes, and enough to care.
        if dead * 20 > used * 9 && dead > 2048 {
            self.empty_a_page(seed);
        }
        if self.len() == 0 && used > 0 {
            *self = Shard::new(self.pool.clone());
        }
    }

    /// Measures entries anew, for `prefetch`.
    fn measure(&mut self) {
        let (dead, used) = self.arena.dead_and_used();
        self.entry_len = (used - dead) as usize * GRANULE / (self.len() + self.pending).max(1);
        self.beginning = self.entry_len.min(MAX_PREFETCH);
    }

    fn free(&mut self, reference: Ref) -> Option<Entry> {
        if reference < REF_LIMIT {
            self.arena.remove(reference);
            return None;
        }
        self.large.remove(reference)
    }

    #[inline(always)]
    fn place(&self, reference: Ref) -> Place {
        match reference < REF_LIMIT {
            true => self.arena.header(reference).place(),
            false => self.large.place(reference),
        }
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
fn prefetch_key(arena: &Arena, large: &Large, reference: Ref) {
    match reference < REF_LIMIT {
        true => arena.prefetch_key(reference),
        false => large.get(reference).into_iter().for_each(Entry::prefetch),
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
            assert_eq!(
                self.find(self.line(seed.hash(key)), seed.hash(key), key),
                Some(reference),
                "order and index disagree"
            );
            assert!(reference >= REF_LIMIT || !self.arena.header(reference).is_claimed());
            count += 1;
            entries.advance();
        }
        assert_eq!(count, self.len());
        let small = self.arena.check();
        assert_eq!(small + self.large.len(), self.len());
    }
}
