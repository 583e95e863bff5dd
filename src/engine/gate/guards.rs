//! What is held of a gate, and given back when it is dropped. Knows not how it was taken.

use super::{Gate, Slot, ALL, SHARDS};

/// Some shards, shared.
pub struct Reading<'g, T, W = (), N = ()> {
    pub(super) gate: &'g Gate<T, W, N>,
    pub(super) slot: &'g Slot<N>,
    pub(super) mask: u32,
}

impl<T, W, N> Reading<'_, T, W, N> {
    /// A shard of the mask.
    #[inline(always)]
    pub fn shard(&self, shard: usize) -> &T {
        assert!((self.mask >> shard) & 1 == 1);
        // SAFETY: the shard is in the mask, so until this guard is dropped
        // there are only readers.
        unsafe { &*self.gate.shards[shard].get() }
    }

    /// What belongs to all shards.
    pub fn whole(&self) -> &W {
        assert!(self.mask != 0);
        // SAFETY: a shard is read, so until this guard is dropped nobody has
        // all of them alone.
        unsafe { &*self.gate.whole.get() }
    }

    /// What this reader has for itself until the guard is dropped.
    #[inline(always)]
    pub fn note(&self) -> &N {
        &self.slot.note
    }
}

impl<T, W, N> Drop for Reading<'_, T, W, N> {
    fn drop(&mut self) {
        self.gate.end_read(self.slot, self.mask);
    }
}

/// Some shards, alone.
pub struct Writing<'g, T, W = (), N = ()> {
    pub(super) gate: &'g Gate<T, W, N>,
    pub(super) mask: u32,
}

impl<T, W, N> Writing<'_, T, W, N> {
    /// A shard of the mask, to look at.
    #[inline(always)]
    pub fn peek(&self, shard: usize) -> &T {
        assert!((self.mask >> shard) & 1 == 1);
        // SAFETY: the shard is in the mask, so until this guard is dropped
        // nobody else has it; `shard` would borrow the guard alone.
        unsafe { &*self.gate.shards[shard].get() }
    }

    /// A shard of the mask, to change.
    #[inline(always)]
    pub fn shard(&mut self, shard: usize) -> &mut T {
        assert!((self.mask >> shard) & 1 == 1);
        // SAFETY: the shard is in the mask, so until this guard is dropped
        // nobody else has it; the guard is borrowed for as long.
        unsafe { &mut *self.gate.shards[shard].get() }
    }

    /// A shard and, where all shards are held, what belongs to all of them.
    #[inline(always)]
    pub fn shard_and_whole(&mut self, shard: usize) -> (&mut T, Option<&mut W>) {
        assert!((self.mask >> shard) & 1 == 1);
        // SAFETY: as for `shard`; the whole is another cell, and whoever has
        // all shards has it alone.
        unsafe {
            let whole = (self.mask == ALL).then(|| &mut *self.gate.whole.get());
            (&mut *self.gate.shards[shard].get(), whole)
        }
    }

    /// What belongs to all shards, where all are held.
    pub fn whole(&mut self) -> Option<&mut W> {
        self.shard_and_whole(self.mask.trailing_zeros() as usize).1
    }

    /// The same, and all shards to look at.
    pub fn whole_and_shards<'s>(&'s mut self) -> Option<(&'s mut W, impl Fn(usize) -> &'s T + Copy)> {
        let gate = self.gate;
        // SAFETY: whoever has all shards has the whole, too, alone; the shards
        // are other cells, and until what is returned here is dropped this
        // guard is borrowed, so that nobody can change them.
        (self.mask == ALL).then(|| unsafe { (&mut *gate.whole.get(), move |shard: usize| &*gate.shards[shard].get()) })
    }

    /// The same, and what all readers have for themselves.
    pub fn whole_and_notes(&mut self) -> (Option<&mut W>, impl Iterator<Item = &N>) {
        let notes = self.gate.notes();
        (self.whole(), notes)
    }

    /// Whether all shards are held.
    pub fn has_all(&self) -> bool {
        self.mask == ALL
    }

    /// The numbers of the shards.
    #[inline(always)]
    pub fn shards(&self) -> impl Iterator<Item = usize> {
        let mut left = self.mask;
        std::iter::from_fn(move || {
            let shard = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (shard < SHARDS).then_some(shard)
        })
    }
}

impl<T, W, N> Drop for Writing<'_, T, W, N> {
    fn drop(&mut self) {
        self.gate.end_write(self.mask);
    }
}
