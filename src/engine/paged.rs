//! An array in pages: it grows without moving what is in it, and gives pages back. Knows nothing of what is in it.

use crate::sys::{Plain, Pool, Shared, Zeroed};
use crate::Error;

/// Values that a small array has room for at first.
const FIRST: usize = 4;

pub struct Paged<T: Plain> {
    /// All but the last are full pages; the first one begins as less.
    pages: Vec<Zeroed<T>>,
}

impl<T: Plain> Paged<T> {
    const PER_PAGE: usize = Zeroed::<T>::MAX;

    pub const fn new() -> Self {
        Paged { pages: Vec::new() }
    }

    #[inline(always)]
    pub fn get(&self, place: usize) -> Option<&T> {
        self.pages.get(place / Self::PER_PAGE)?.get(place % Self::PER_PAGE)
    }

    #[inline(always)]
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.pages.get_mut(place / Self::PER_PAGE)?.get_mut(place % Self::PER_PAGE)
    }

    pub fn capacity(&self) -> usize {
        match self.pages.as_slice() {
            [] => 0,
            [only] => only.len(),
            many => many.len() * Self::PER_PAGE,
        }
    }

    /// Memory for `len` values, zero where it is new.
    #[inline(always)]
    pub fn reserve(&mut self, pool: &Shared<Pool>, len: usize) -> Result<(), Error> {
        match len <= self.capacity() {
            true => Ok(()),
            false => self.grow(pool, len),
        }
    }

    #[cold]
    fn grow(&mut self, pool: &Shared<Pool>, len: usize) -> Result<(), Error> {
        self.pages.try_reserve(len.div_ceil(Self::PER_PAGE))?;
        if self.pages.len() <= 1 && self.capacity() < Self::PER_PAGE {
            let first = len.max(FIRST).next_power_of_two().min(Self::PER_PAGE);
            match self.pages.first_mut() {
                Some(page) => page.resize(pool, first)?,
                None => self.pages.push(Zeroed::try_new(pool, first)?),
            }
        }
        while self.capacity() < len {
            self.pages.push(Zeroed::try_new(pool, Self::PER_PAGE)?);
        }
        Ok(())
    }

    /// Gives memory back that lies well beyond `len`, if that needs none.
    pub fn trim(&mut self, pool: &Shared<Pool>, len: usize) {
        // Half a page beyond is kept, for what comes and goes.
        self.pages.truncate((len + Self::PER_PAGE / 2).div_ceil(Self::PER_PAGE));
        if let [only] = self.pages.as_mut_slice() {
            if len < only.len() / 4 {
                // What could not be given back is still there.
                let _ = only.resize(pool, only.len() / 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = Paged::<u64>::PER_PAGE;

    #[test]
    fn half_a_page_beyond_is_kept() {
        let pool = Shared::try_new(Pool::new()).unwrap();
        let mut paged = Paged::<u64>::new();
        paged.reserve(&pool, 2 * PAGE).unwrap();
        *paged.get_mut(7).unwrap() = 5;
        for (len, capacity) in [
            (PAGE + 1, 2 * PAGE),
            (PAGE / 2 + 1, 2 * PAGE),
            (PAGE / 2, PAGE),
            (PAGE / 4, PAGE),
            (PAGE / 4 - 1, PAGE / 2),
            (8, PAGE / 4),
        ] {
            paged.trim(&pool, len);
            assert_eq!((paged.capacity(), paged.get(7)), (capacity, Some(&5)), "{len}");
        }
    }
}
