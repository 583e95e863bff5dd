//! What belongs to all shards at once, and is told of every entry that comes, goes or gets another id. Knows no locks.

use super::bounds::Bounds;
use super::counters::Cause;
use super::note::Id;
use crate::Error;

#[derive(Default)]
pub struct Whole {
    bounds: Option<Bounds>,
}

impl Whole {
    pub fn new(bounds: Option<Bounds>) -> Self {
        Whole { bounds }
    }

    #[cfg(test)]
    pub fn bounds(&self) -> Option<&Bounds> {
        self.bounds.as_ref()
    }

    /// Room for entries with ids below a number, so that they may enter.
    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        self.bounds.as_mut().map_or(Ok(()), |bounds| bounds.reserve(ids))
    }

    /// An entry that takes so many bytes.
    pub fn entered(&mut self, id: Id, hash: u64, bytes: u64) {
        self.bounds.iter_mut().for_each(|bounds| bounds.entered(id, hash, bytes));
    }

    /// An entry was set again, and took `before` bytes.
    pub fn overwritten(&mut self, id: Id, before: u64, bytes: u64) {
        self.bounds.iter_mut().for_each(|bounds| bounds.overwritten(id, before, bytes));
    }

    pub fn left(&mut self, id: Id, hash: u64, bytes: u64, cause: Cause) {
        self.bounds.iter_mut().for_each(|bounds| bounds.left(id, hash, bytes, cause));
    }

    pub fn moved(&mut self, from: Id, to: Id) {
        self.bounds.iter_mut().for_each(|bounds| bounds.moved(from, to));
    }

    /// A batch begins.
    pub fn begin(&mut self) {
        self.bounds.iter_mut().for_each(Bounds::begin);
    }

    /// Entries that were found by readers, in order.
    pub fn seen(&mut self, ids: impl Iterator<Item = Id> + Clone) {
        self.bounds.iter_mut().for_each(|bounds| bounds.seen(ids.clone()));
    }

    /// Told of the bytes of all large entries: whether the allocator should give memory back.
    pub fn should_trim(&mut self, large: u64) -> bool {
        self.bounds.as_mut().is_some_and(|bounds| bounds.should_trim(large))
    }

    /// Whether any entry has to go.
    pub fn is_over(&self) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| bounds.over().is_some())
    }

    /// An entry that has to go, and why.
    #[inline(always)]
    pub fn victim(&mut self) -> Option<(Id, Cause)> {
        self.bounds.as_mut()?.victim()
    }
}
