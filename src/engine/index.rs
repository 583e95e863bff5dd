//! The index: from a key's hash to its entry's reference, one cache line at a time. Knows no keys and no entries.
//!
//! A bucket is a cache line of twelve references with 8-bit tags, and a chain
//! of further lines when they do not suffice. It grows by one bucket at a time
//! (linear hashing: Litwin, VLDB 1980), so that no insertion waits for all
//! entries to be moved.

use super::arena::Ref;
use super::line::{tag_of, Line, LINE_REFS};
use super::paged::Paged;
use crate::sys::{Pool, Shared};
use crate::Error;

/// References a bucket has on average before another bucket is made, times 2.
const FULL_TIMES_2: usize = 13;
/// Below half of that, buckets are merged.
const EMPTY_TIMES_2: usize = 6;

pub struct Index {
    pool: Shared<Pool>,
    buckets: Paged<Line>,
    bucket_count: usize,
    /// Buckets rounded up to a power of two, less 1, and half of that.
    mask: usize,
    half_mask: usize,
    /// References that the buckets have room for.
    room: usize,
    len: usize,
    /// Further lines of chains.
    chained: Paged<Line>,
    chained_count: usize,
    /// First of the unused lines among `chained`, +1, linked by `next`.
    unused: u32,
    unused_count: usize,
    /// References on the move while a bucket is split or merged.
    moving: Vec<(u8, Ref)>,
}

impl Index {
    pub fn new(pool: Shared<Pool>) -> Self {
        Index {
            pool,
            buckets: Paged::new(),
            bucket_count: 0,
            mask: 0,
            half_mask: 0,
            room: 0,
            len: 0,
            chained: Paged::new(),
            chained_count: 0,
            unused: 0,
            unused_count: 0,
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
        let bucket = hash as usize & self.mask;
        match bucket < self.bucket_count {
            true => bucket,
            false => hash as usize & self.half_mask,
        }
    }

    /// The line where a search begins.
    #[inline(always)]
    pub fn line(&self, hash: u64) -> &Line {
        self.buckets.get(self.bucket(hash)).unwrap_or_else(no_line)
    }

    /// The reference for which `is_it` holds, from its line on.
    #[inline(always)]
    pub fn find<'s>(&'s self, mut line: &'s Line, hash: u64, mut is_it: impl FnMut(Ref) -> bool) -> Option<Ref> {
        loop {
            if let Some(found) = line.candidates(tag_of(hash)).find(|&reference| is_it(reference)) {
                return Some(found);
            }
            line = self.chained.get((line.next as usize).checked_sub(1)?)?;
        }
    }

    /// Makes room for `more` insertions, splitting buckets as that needs, and
    /// says whether it was; `hash_of` gives the hash of an entry.
    #[inline(always)]
    pub fn reserve(
        &mut self,
        more: usize,
        hash_of: impl Fn(Ref) -> u64,
        prefetch: impl Fn(Ref),
    ) -> Result<bool, Error> {
        let grows = self.len + more > self.room;
        if grows {
            self.make_room(more, hash_of, prefetch)?;
        }
        self.reserve_lines(more)?; // at worst each insertion needs one of its own
        Ok(grows)
    }

    /// Makes the buckets for so many in an empty index, which otherwise come as they are needed.
    pub fn expect(&mut self, references: usize) -> Result<(), Error> {
        match self.len == 0 && references > 0 {
            true => self.make_room(references, |_| 0, |_| ()),
            false => Ok(()),
        }
    }

    #[cold]
    fn make_room(&mut self, more: usize, hash_of: impl Fn(Ref) -> u64, prefetch: impl Fn(Ref)) -> Result<(), Error> {
        let wanted = ((self.len + more) * 2).div_ceil(FULL_TIMES_2).max(1);
        if wanted > u32::MAX as usize {
            return Err(Error::OutOfMemory);
        }
        self.buckets.reserve(&self.pool, wanted)?;
        while self.bucket_count < wanted {
            self.split(&hash_of, &prefetch)?;
        }
        Ok(())
    }

    /// Adds a reference; the caller has reserved.
    #[inline(always)]
    pub fn insert(&mut self, hash: u64, reference: Ref) {
        self.len += 1;
        self.put(self.bucket(hash), tag_of(hash), reference);
    }

    /// Replaces one reference by another.
    pub fn replace(&mut self, hash: u64, old: Ref, new: Ref) -> bool {
        self.change(hash, old, Some(new))
    }

    /// Takes a reference out.
    pub fn remove(&mut self, hash: u64, reference: Ref) -> bool {
        let found = self.change(hash, reference, None);
        self.len -= usize::from(found);
        found
    }

    /// Merges buckets while there are far too many; at most `steps`.
    #[inline(always)]
    pub fn shrink(&mut self, steps: usize) {
        if steps > 0 && self.len * 2 < self.bucket_count * EMPTY_TIMES_2 {
            self.merge_some(steps);
        }
    }

    #[cold]
    fn merge_some(&mut self, steps: usize) {
        for _ in 0..steps {
            let is_sparse = self.bucket_count > 1 && self.len * 2 < self.bucket_count * EMPTY_TIMES_2;
            if !is_sparse || self.merge().is_err() {
                break;
            }
        }
        self.buckets.trim(&self.pool, self.bucket_count);
    }

    fn set_buckets(&mut self, buckets: usize) {
        self.bucket_count = buckets;
        self.mask = buckets.next_power_of_two() - 1;
        self.half_mask = self.mask >> 1;
        self.room = buckets * FULL_TIMES_2 / 2;
    }

    fn change(&mut self, hash: u64, old: Ref, new: Option<Ref>) -> bool {
        let mut line = self.buckets.get_mut(self.bucket(hash));
        while let Some(found) = line {
            if found.change(tag_of(hash), old, new) {
                return true;
            }
            let Some(next) = (found.next as usize).checked_sub(1) else { break };
            line = self.chained.get_mut(next);
        }
        false
    }

    #[inline(always)]
    fn put(&mut self, bucket: usize, tag: u8, reference: Ref) {
        if !self.buckets.get_mut(bucket).is_some_and(|line| line.put(tag, reference)) {
            self.put_further(bucket, tag, reference);
        }
    }

    /// Puts a reference into the chain of a bucket that is full.
    #[cold]
    fn put_further(&mut self, bucket: usize, tag: u8, reference: Ref) {
        let mut line = self.buckets.get_mut(bucket);
        let mut last = None;
        while let Some(found) = line {
            if found.put(tag, reference) {
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
            fresh.put(tag, reference);
        }
    }

    /// Memory for `more` further lines of chains.
    #[inline(always)]
    fn reserve_lines(&mut self, more: usize) -> Result<(), Error> {
        let lines = self.chained_count + more.saturating_sub(self.unused_count);
        if lines >= u32::MAX as usize {
            return Err(Error::OutOfMemory);
        }
        self.chained.reserve(&self.pool, lines)
    }

    /// A line that is in no chain; the caller has reserved.
    fn take_line(&mut self) -> u32 {
        let Some(unused) = self.unused.checked_sub(1) else {
            self.chained_count += 1;
            return self.chained_count as u32 - 1;
        };
        self.unused = self.next_of(unused);
        self.unused_count -= 1;
        unused
    }

    fn next_of(&self, chained: u32) -> u32 {
        self.chained.get(chained as usize).map_or(0, |line| line.next)
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
        if let Some(old) = self.to_split(0) {
            self.moving.try_reserve(self.places(old))?;
            self.take_out(old);
        }
        self.set_buckets(self.bucket_count + 1);
        while let Some((tag, reference)) = self.moving.pop() {
            self.put(self.bucket(hash_of(reference)), tag, reference);
        }
        // Which buckets are next is known: they come meanwhile.
        if let Some(line) = self.to_split(0).and_then(|next| self.buckets.get(next)) {
            line.all().for_each(|(_, reference)| prefetch(reference));
        }
        if let Some(line) = self.to_split(1).and_then(|after| self.buckets.get(after)) {
            crate::sys::prefetch(line);
        }
        Ok(())
    }

    /// The bucket that is split after as many others.
    fn to_split(&self, after: usize) -> Option<usize> {
        let new = self.bucket_count + after;
        Some(new - (1 << new.checked_ilog2()?))
    }

    /// Moves the last bucket's references to the bucket they came from.
    fn merge(&mut self) -> Result<(), Error> {
        let last = self.bucket_count - 1;
        let target = last - (1 << last.ilog2());
        self.reserve_lines(1)?;
        let has_chain = self.buckets.get(target).is_some_and(|line| line.next != 0);
        let places = self.places(last) + if has_chain { self.places(target) } else { 0 };
        self.moving.try_reserve(places)?;
        // Both chains' lines suffice for both, with the one above.
        self.take_out(last);
        if has_chain {
            self.take_out(target); // it may be short now
        }
        self.set_buckets(self.bucket_count - 1);
        while let Some((tag, reference)) = self.moving.pop() {
            self.put(target, tag, reference);
        }
        // Which buckets are next is known: they come meanwhile.
        for next in [last.wrapping_sub(1), target.wrapping_sub(1)] {
            self.buckets.get(next).into_iter().for_each(crate::sys::prefetch);
        }
        Ok(())
    }

    /// How many references a bucket has places for.
    fn places(&self, bucket: usize) -> usize {
        let mut lines = 1;
        let mut next = self.buckets.get(bucket).map_or(0, |line| line.next);
        while next != 0 {
            lines += 1;
            next = self.next_of(next - 1);
        }
        lines * LINE_REFS
    }

    /// Empties a bucket into `moving`, where the caller has reserved.
    fn take_out(&mut self, bucket: usize) {
        let Some(first) = self.buckets.get_mut(bucket) else { return };
        let mut line = std::mem::replace(first, Line::EMPTY);
        loop {
            line.all().for_each(|reference| self.moving.push(reference));
            let Some(next) = line.next.checked_sub(1) else { return };
            let Some(&chained) = self.chained.get(next as usize) else { return };
            self.give_back(next + 1);
            line = chained;
        }
    }
}

/// The line of an index without buckets.
#[cold]
fn no_line<'s>() -> &'s Line {
    &Line::EMPTY
}

#[cfg(test)]
mod tests;
