//! The ids of the last entries that came, in that order. Knows nothing else of them, not even whether they are still there.

use std::collections::VecDeque;

use super::Id;
use crate::Error;

/// One entry in this many is a newcomer.
const SHARE: usize = 50;

#[derive(Default)]
pub struct Newcomers(VecDeque<Id>);

impl Newcomers {
    /// Memory for the newcomers of so many entries.
    #[inline(always)]
    pub fn reserve(&mut self, entries: usize) -> Result<(), Error> {
        match entries / SHARE >= self.0.capacity() {
            true => self.grow(entries / SHARE + 1),
            false => Ok(()),
        }
    }

    #[cold]
    fn grow(&mut self, newcomers: usize) -> Result<(), Error> {
        // A twentieth more, where doubling would leave half of it empty.
        let more = newcomers - self.0.len() + self.0.len() / 20;
        Ok(self.0.try_reserve_exact(more)?)
    }

    /// Of memory for all of them.
    pub fn bytes(&self) -> u64 {
        (self.0.capacity() * size_of::<Id>()) as u64
    }

    /// An entry came. Without room for it, the first one is forgotten.
    #[inline(always)]
    pub fn add(&mut self, id: Id) {
        if self.0.len() == self.0.capacity() {
            self.0.pop_front();
        }
        if self.0.len() < self.0.capacity() {
            self.0.push_back(id);
        }
    }

    /// The first one that is none any more, if there are so many entries; each once. And who will be next.
    #[inline(always)]
    pub fn settled(&mut self, entries: usize) -> Option<(Id, Option<Id>)> {
        let settled = self.0.len() > entries / SHARE;
        settled.then(|| self.0.pop_front()).flatten().map(|id| (id, self.0.front().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_settles_once_in_the_order_in_which_they_came() {
        let mut newcomers = Newcomers::default();
        newcomers.add(7);
        assert_eq!(newcomers.settled(0), None, "there is no room before any is reserved");
        newcomers.reserve(4 * SHARE).unwrap();
        (0..4).for_each(|id| newcomers.add(id));
        assert_eq!(newcomers.settled(4 * SHARE), None);
        assert_eq!(newcomers.settled(2 * SHARE), Some((0, Some(1))));
        assert_eq!(newcomers.settled(2 * SHARE), Some((1, Some(2))));
        assert_eq!(newcomers.settled(2 * SHARE), None);
        assert_eq!([newcomers.settled(0), newcomers.settled(0)], [Some((2, Some(3))), Some((3, None))]);
        assert_eq!(newcomers.settled(0), None);
    }

    #[test]
    fn it_holds_so_many_as_it_has_memory_for() {
        let mut newcomers = Newcomers::default();
        for entries in [0, SHARE - 1, SHARE, 10 * SHARE, 1000 * SHARE + 3] {
            newcomers.reserve(entries).unwrap();
            let bytes = newcomers.bytes();
            (0..5000).for_each(|id| newcomers.add(id));
            assert_eq!(newcomers.bytes(), bytes, "it does not allocate but in `reserve`");
            let (first, _) = newcomers.settled(0).unwrap();
            assert!(
                (entries / SHARE..=entries / SHARE * 2 + 1).contains(&(5000 - first as usize)),
                "{entries}: {first}"
            );
        }
    }

    #[test]
    fn it_grows_by_a_twentieth_more_than_is_asked_for() {
        let mut newcomers = Newcomers::default();
        assert_eq!(newcomers.bytes(), 0);
        newcomers.reserve(100 * SHARE).unwrap();
        assert_eq!(newcomers.bytes(), 101 * 4);
        (0..200).for_each(|id| newcomers.add(id));
        newcomers.reserve(200 * SHARE).unwrap();
        assert_eq!(newcomers.bytes(), (201 + 101 / 20) * 4);
    }
}
