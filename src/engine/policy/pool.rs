//! The entries that are worth least, of all that were looked at. Knows their values, not where those come from.

use super::Id;

/// How many are kept.
const POOL: usize = 16;

/// Ascending by value.
#[derive(Clone, Copy)]
pub struct Pool {
    ids: [Id; POOL],
    values: [f32; POOL],
    len: usize,
}

impl Pool {
    pub const fn new() -> Self {
        Pool { ids: [0; POOL], values: [0.0; POOL], len: 0 }
    }

    pub fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        self.ids.iter().copied().take(self.len)
    }

    /// Whether an entry of that value is worth less than another one, or there is room.
    #[inline(always)]
    pub fn wants(&self, value: f32) -> bool {
        self.len < POOL || value < self.values[POOL - 1]
    }

    /// One that it wants.
    pub fn add(&mut self, id: Id, value: f32) {
        if self.ids().any(|other| other == id) {
            return;
        }
        self.len = (self.len + 1).min(POOL);
        let at = self.values[..self.len - 1].partition_point(|&other| other <= value);
        self.values[at..self.len].rotate_right(1);
        self.ids[at..self.len].rotate_right(1);
        (self.values[at], self.ids[at]) = (value, id);
    }

    /// The one that is worth least.
    pub fn take(&mut self) -> Option<Id> {
        let id = self.ids().next()?;
        self.values[..self.len].rotate_left(1);
        self.ids[..self.len].rotate_left(1);
        self.len -= 1;
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_those_that_are_worth_least() {
        let mut pool = Pool::new();
        // 0 to 36 in another order: of 37 that is prime.
        for id in (0..37).map(|number| number * 14 % 37) {
            if pool.wants(id as f32) {
                pool.add(id, id as f32);
                pool.add(id, id as f32); // known already
            }
        }
        assert!(pool.ids().eq(0..POOL as Id));
        assert!(pool.wants(14.5) && !pool.wants(15.0));
        assert!((0..POOL as Id).all(|id| pool.take() == Some(id)));
        assert_eq!(pool.take(), None);
        assert!(pool.wants(f32::INFINITY), "there is room");
    }

    #[test]
    fn of_two_that_are_worth_the_same_the_first_one_goes_first() {
        let mut pool = Pool::new();
        [(3, 1.0), (1, 1.0), (2, 0.5)].into_iter().for_each(|(id, value)| pool.add(id, value));
        assert_eq!([pool.take(), pool.take(), pool.take(), pool.take()], [Some(2), Some(3), Some(1), None]);
    }
}
