//! The index: from a key's hash to its entry's reference, one cache line at a time. Knows no keys and no entries.
//!
//! A bucket is a cache line of twelve references with 8-bit tags, and a chain
//! of further lines when they do not suffice. It grows by one bucket at a time
//! (linear hashing: Litwin, VLDB 1980), so that no insertion waits for all
//! entries to be moved.

use super::arena::Ref;
use super::line::{Line, Lines, LINE_REFS};
use crate::sys::prefetch;
use crate::Error;

/// References a bucket has on average before another bucket is made, times 2.
const FULL_TIMES_2: usize = 13;
/// Below a quarter of that, buckets are merged.
const EMPTY_TIMES_2: usize = 3;

pub struct Index {
    buckets: Lines,
    /// Buckets rounded up to a power of two, less 1.
    mask: usize,
    /// Further lines of chains.
    chained: Lines,
    /// First of the unused lines among `chained`, +1, linked by `next`.
    unused: u32,
    unused_count: usize,
    len: usize,
    /// References on the move while a bucket is split or merged.
    moving: Vec<(u8, Ref)>,
}

impl Index {
    pub const fn new() -> Self {
        Index {
            buckets: Lines::new(),
            mask: 0,
            chained: Lines::new(),
            unused: 0,
            unused_count: 0,
            len: 0,
            moving: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Linear hashing's address: the low bits, one less where the bucket is not
    /// made yet.
    #[inline(always)]
    fn bucket(&self, hash: u64) -> usize {
        let bucket = hash as u32 as usize & self.mask;
        match bucket < self.buckets.len {
            true => bucket,
            false => bucket & (self.mask >> 1),
        }
    }

    #[inline(always)]
    pub fn prefetch(&self, hash: u64) {
        prefetch(self.buckets.get(self.bucket(hash)));
    }

    /// The first reference with the hash's tag: a guess, to prefetch its entry.
    #[inline(always)]
    pub fn guess(&self, hash: u64) -> Option<Ref> {
        self.buckets.get(self.bucket(hash)).candidates(tag_of(hash)).next()
    }

    /// The reference for which `is_it` holds.
    #[inline(always)]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(Ref) -> bool) -> Option<Ref> {
        let tag = tag_of(hash);
        let mut line = self.buckets.get(self.bucket(hash));
        loop {
            if let Some(found) = line.candidates(tag).find(|&reference| is_it(reference)) {
                return Some(found);
            }
            line = self.chained.get((line.next as usize).checked_sub(1)?);
        }
    }

    /// Makes room for `more` insertions, splitting buckets as that needs;
    /// `hash_of` gives the hash of an entry.
    pub fn reserve(&mut self, more: usize, hash_of: impl Fn(Ref) -> u64, prefetch: impl Fn(Ref)) -> Result<(), Error> {
        let wanted = ((self.len + more) * 2).div_ceil(FULL_TIMES_2).max(1);
        if wanted > u32::MAX as usize {
            return Err(Error::OutOfMemory);
        }
        self.buckets.reserve(wanted)?;
        while self.buckets.len < wanted {
            self.split(&hash_of, &prefetch)?;
        }
        self.reserve_lines(more) // at worst each insertion needs one of its own
    }

    /// Adds a reference; the caller has reserved.
    pub fn insert(&mut self, hash: u64, reference: Ref) {
        self.len += 1;
        self.put(self.bucket(hash), tag_of(hash), reference);
    }

    /// Replaces one reference by another.
    pub fn replace(&mut self, hash: u64, old: Ref, new: Ref) -> bool {
        self.change(hash, old, new)
    }

    /// Takes a reference out.
    pub fn remove(&mut self, hash: u64, reference: Ref) -> bool {
        let found = self.change(hash, reference, 0);
        self.len -= usize::from(found);
        found
    }

    /// Merges buckets while there are far too many; at most `steps`.
    pub fn shrink(&mut self, steps: usize) {
        for _ in 0..steps {
            if self.buckets.len <= 1 || self.len * 2 >= self.buckets.len * EMPTY_TIMES_2 || self.merge().is_err() {
                break;
            }
        }
        self.buckets.trim();
    }

    fn set_buckets(&mut self, buckets: usize) {
        self.buckets.len = buckets;
        self.mask = buckets.next_power_of_two() - 1;
    }

    fn change(&mut self, hash: u64, old: Ref, new: Ref) -> bool {
        let mut line = self.buckets.get_mut(self.bucket(hash));
        while let Some(found) = line {
            if let Some(place) = found.refs.iter().position(|&reference| reference == old) {
                found.refs[place] = new;
                return true;
            }
            let Some(next) = (found.next as usize).checked_sub(1) else { break };
            line = self.chained.get_mut(next);
        }
        false
    }

    fn put(&mut self, bucket: usize, tag: u8, reference: Ref) {
        let mut line = self.buckets.get_mut(bucket);
        let mut last = None;
        while let Some(found) = line {
            if let Some(place) = found.free_place() {
                found.set(place, tag, reference);
                return;
            }
            let Some(next) = (found.next as usize).checked_sub(1) else { break };
            last = Some(next);
            line = self.chained.get_mut(next);
        }
        let fresh = self.take_line();
        let end = match last {
            Some(line) => self.chained.get_mut(line),
            None => self.buckets.get_mut(bucket),
        };
        if let Some(end) = end {
            end.next = fresh + 1;
        }
        if let Some(fresh) = self.chained.get_mut(fresh as usize) {
            *fresh = Line::EMPTY;
            fresh.set(0, tag, reference);
        }
    }

    /// Memory for `more` further lines of chains; none of it is touched.
    fn reserve_lines(&mut self, more: usize) -> Result<(), Error> {
        let missing = more.saturating_sub(self.unused_count);
        if self.chained.len + missing >= u32::MAX as usize {
            return Err(Error::OutOfMemory);
        }
        self.chained.reserve(self.chained.len + missing)
    }

    /// A line that is in no chain; the caller has reserved.
    fn take_line(&mut self) -> u32 {
        let Some(unused) = self.unused.checked_sub(1) else {
            self.chained.len += 1;
            return self.chained.len as u32 - 1;
        };
        self.unused = self.chained.get(unused as usize).next;
        self.unused_count -= 1;
        unused
    }

    /// Puts a line of a chain among the unused ones.
    fn give_back(&mut self, line: u32) {
        let unused = self.unused;
        if let Some(empty) = self.chained.get_mut(line as usize - 1) {
            *empty = Line::EMPTY;
            empty.next = unused;
            self.unused = line;
            self.unused_count += 1;
        }
    }

    /// Makes one bucket more out of half of another one's references. What that
    /// needs of chained lines the old chain gave back.
    fn split(&mut self, hash_of: &impl Fn(Ref) -> u64, prefetch: &impl Fn(Ref)) -> Result<(), Error> {
        let new = self.buckets.len;
        if new > 0 {
            let old = new - (1 << new.ilog2());
            self.moving.try_reserve(self.places(old))?;
            self.take_out(old);
            self.moving.iter().for_each(|&(_, reference)| prefetch(reference));
        }
        self.set_buckets(self.buckets.len + 1);
        while let Some((tag, reference)) = self.moving.pop() {
            self.put(self.bucket(hash_of(reference)), tag, reference);
        }
        Ok(())
    }

    /// Moves the last bucket's references to the bucket they came from.
    fn merge(&mut self) -> Result<(), Error> {
        let last = self.buckets.len - 1;
        let target = last - (1 << last.ilog2());
        self.reserve_lines(1)?;
        self.moving.try_reserve(self.places(last) + self.places(target))?;
        // Both chains' lines suffice for both, with the one above.
        self.take_out(last);
        self.take_out(target);
        self.set_buckets(self.buckets.len - 1);
        while let Some((tag, reference)) = self.moving.pop() {
            self.put(target, tag, reference);
        }
        Ok(())
    }

    /// How many references a bucket has places for.
    fn places(&self, bucket: usize) -> usize {
        let mut lines = 1;
        let mut next = self.buckets.get(bucket).next;
        while next != 0 {
            lines += 1;
            next = self.chained.get(next as usize - 1).next;
        }
        lines * LINE_REFS
    }

    /// Empties a bucket into `moving`, where the caller has reserved.
    fn take_out(&mut self, bucket: usize) {
        let Some(first) = self.buckets.get_mut(bucket) else { return };
        let mut line = std::mem::replace(first, Line::EMPTY);
        loop {
            let used = (0..LINE_REFS).filter(|&place| line.refs[place] != 0);
            used.for_each(|place| self.moving.push((line.tag(place), line.refs[place])));
            let next = line.next;
            if next == 0 {
                return;
            }
            line = *self.chained.get(next as usize - 1);
            self.give_back(next);
        }
    }
}

#[inline(always)]
fn tag_of(hash: u64) -> u8 {
    (hash >> 32) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(reference: Ref) -> u64 {
        u64::from(reference).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn holds(index: &Index, references: impl Iterator<Item = Ref>) -> bool {
        references.into_iter().all(|reference| index.find(hash_of(reference), |found| found == reference).is_some())
    }

    #[test]
    fn grows_and_shrinks_by_single_buckets_and_loses_nothing() {
        const COUNT: Ref = if cfg!(miri) { 500 } else { 50_000 };
        let mut index = Index::new();
        for reference in 1..=COUNT {
            index.reserve(1, hash_of, |_| ()).unwrap();
            index.insert(hash_of(reference), reference);
        }
        assert_eq!(index.len(), COUNT as usize);
        assert!(holds(&index, 1..=COUNT));
        let buckets = index.buckets.len;
        for reference in (1..=COUNT).filter(|reference| reference % 20 != 0) {
            assert!(index.remove(hash_of(reference), reference));
            assert!(!index.remove(hash_of(reference), reference));
            index.shrink(2);
        }
        assert!(index.buckets.len < buckets / 4, "{} of {buckets}", index.buckets.len);
        assert!(holds(&index, (20..=COUNT).step_by(20)));
        assert!(!holds(&index, 1..=1));
        let references = (20..=COUNT).step_by(20);
        references
            .clone()
            .for_each(|reference| assert!(index.replace(hash_of(reference), reference, reference + COUNT)));
        assert!(index.find(hash_of(20), |_| true) == Some(20 + COUNT));
    }

    #[test]
    fn one_hash_for_all_is_slow_but_right() {
        let mut index = Index::new();
        for reference in 1..=300 {
            index.reserve(1, |_| 5, |_| ()).unwrap();
            index.insert(5, reference);
        }
        assert!((1..=300).all(|reference| index.find(5, |found| found == reference) == Some(reference)));
        assert!((1..=300).all(|reference| index.remove(5, reference)));
        assert_eq!(index.find(5, |_| true), None);
    }
}
