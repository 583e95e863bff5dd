//! Setting a pair, in two phases: all that can fail is prepared, then committed or cancelled. Knows no batches.

use super::*;

/// A pair to be set.
#[derive(Clone, Copy)]
pub struct New<'p> {
    pub hash: u64,
    pub key: &'p [u8],
    pub value: &'p [u8],
    pub deadline: u64,
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

impl Shard {
    /// So many entries will be set in an empty shard: its index need not grow while they come.
    pub fn expect(&mut self, entries: usize) -> Result<(), Error> {
        self.index.expect(entries)
    }

    /// Makes room for one more entry of this batch beside its block.
    #[inline(always)]
    fn reserve(&mut self, seed: &Seed, whole: Option<&mut Whole>) -> Result<(), Error> {
        let Shard { index, arena, large, order, .. } = self;
        let more = self.pending + 1;
        let hash_of = |reference| seed.hash(key_of(arena, large, reference));
        let grows = index.reserve(more, hash_of, |reference| prefetch_key(arena, large, reference))?;
        order.reserve(more)?;
        if let Some(whole) = whole {
            whole.reserve(order.ids())?;
        }
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
    pub fn prepare(&mut self, seed: &Seed, pair: &New, guess: Ref, whole: Option<&mut Whole>) -> Result<Plan, Error> {
        let New { hash, key, value, deadline } = *pair;
        let old = match self.find_from(guess, hash, key) {
            Some(old) if self.is_unclaimed(old) => old,
            _ => {
                self.reserve(seed, whole)?;
                return self.arena.insert(key, value, deadline).map(Plan::Enter);
            }
        };
        let (header, expires) = (self.arena.header(old), deadline != NEVER);
        let fits = header.expires() == expires && granules_of(key.len(), value.len(), expires) == header.granules();
        let plan = match fits {
            true => Plan::InPlace(old),
            false => Plan::Replace(old, self.arena.insert(key, value, deadline)?),
        };
        self.arena.set_claimed(old, true);
        Ok(plan)
    }

    /// The same for a large entry, which was made before.
    pub fn prepare_large(
        &mut self,
        seed: &Seed,
        hash: u64,
        entry: Entry,
        whole: Option<&mut Whole>,
    ) -> Result<Plan, Error> {
        self.large.reserve(1)?;
        let old = self.find(self.line(hash), hash, entry.key()).filter(|&old| self.is_unclaimed(old));
        if old.is_none() {
            self.reserve(seed, whole)?;
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
    pub fn commit(&mut self, pair: &New, sequence: u64, plan: Plan, mut whole: Option<&mut Whole>) -> Option<Entry> {
        let New { hash, key, value, deadline } = *pair;
        self.tally.sets = self.tally.sets.wrapping_add(1);
        match plan {
            Plan::InPlace(old) => {
                self.put_aside(old, whole.as_deref_mut());
                let header = self.arena.header(old);
                self.tally.replaced(header.value_len(), value.len());
                self.arena.overwrite(old, value, deadline);
                if deadline != NEVER {
                    self.order.expires(header.place(), deadline);
                }
                if let Some(whole) = whole {
                    let bytes = self.bytes_of(old); // as before
                    whole.overwritten(self.id(header.place()), bytes, bytes);
                }
                None
            }
            Plan::Replace(old, new) => self.replace(pair, old, new, whole),
            Plan::Enter(new) => {
                if let Some(old) = self.find(self.line(hash), hash, key) {
                    return self.replace(pair, old, new, whole);
                }
                self.enter(pair, sequence, new, whole);
                None
            }
        }
    }

    /// First phase of adding an entry beside that of its key, if there is one, which the same batch takes out.
    pub fn prepare_beside(
        &mut self,
        seed: &Seed,
        key: &[u8],
        value: Value,
        deadline: u64,
        whole: Option<&mut Whole>,
    ) -> Result<Ref, Error> {
        self.large.reserve(1)?;
        self.reserve(seed, whole)?;
        match value {
            Value::Small(value) => self.arena.insert(key, value, deadline),
            Value::Large(entry) => Ok(self.large.insert(entry.clone())),
        }
    }

    /// Second phase: cannot fail. Its key has no other entry, or not for long.
    #[inline(always)]
    pub fn enter(&mut self, pair: &New, sequence: u64, new: Ref, whole: Option<&mut Whole>) {
        let New { hash, key, value, deadline } = *pair;
        self.tally.entered(key.len(), value.len());
        let place = self.order.push(sequence, new);
        if deadline != NEVER {
            self.order.expires(place, deadline);
        }
        self.set_place(new, place);
        self.index.insert(hash, new);
        if let Some(whole) = whole {
            whole.entered(self.id(place), new, hash, self.bytes_of(new));
        }
    }

    fn replace(&mut self, pair: &New, old: Ref, new: Ref, mut whole: Option<&mut Whole>) -> Option<Entry> {
        self.put_aside(old, whole.as_deref_mut());
        let place = self.place(old);
        if let Some(whole) = whole {
            whole.overwritten(self.id(place), self.bytes_of(old), self.bytes_of(new));
            whole.relocated(self.number, old, new);
        }
        self.tally.replaced(self.lens(old).1, pair.value.len());
        self.set_place(new, place);
        self.order.set(place, new);
        if pair.deadline != NEVER {
            self.order.expires(place, pair.deadline);
        }
        self.index.replace(pair.hash, old, new);
        self.free(old)
    }
}
