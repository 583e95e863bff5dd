//! Entries that were evicted, by a few bits of their hash. Forgets the oldest; knows nothing of those that are there.

use super::judges::Past;
use crate::sys::prefetch;
use crate::Error;

/// Ghosts that a hash can be among: a cache line.
const BUCKET: usize = 8;
/// A small store remembers more than it holds.
const FEWEST: usize = 4096;
/// The print of a slot without a ghost.
const VACANT: u16 = 0;

/// 8 bytes. Those of a past stand here one by one: as a whole it would be padded.
#[derive(Clone, Copy)]
struct Slot {
    last: u32,
    times: u8,
    interval: u8,
    /// Bits of the hash, but for [`VACANT`].
    print: u16,
}

impl Slot {
    const FREE: Slot = Slot { last: 0, times: 0, interval: 0, print: VACANT };

    fn past(&self) -> Past {
        Past { last: self.last, times: self.times, interval: self.interval }
    }
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket([Slot; BUCKET]);

const _: () = assert!(size_of::<Bucket>() == BUCKET * 8);

pub struct Ghosts(Vec<Bucket>);

impl Ghosts {
    pub fn new() -> Result<Self, Error> {
        let mut ghosts = Ghosts(Vec::new());
        ghosts.reserve(0)?;
        Ok(ghosts)
    }

    /// 7 for 16 entries. Growing forgets all: while a store fills up, there are none.
    #[inline(always)]
    pub fn reserve(&mut self, entries: usize) -> Result<(), Error> {
        match self.0.len() * BUCKET < FEWEST.max(entries / 5 * 2) {
            true => self.grow(entries),
            false => Ok(()),
        }
    }

    #[cold]
    fn grow(&mut self, entries: usize) -> Result<(), Error> {
        let len = FEWEST.max(entries / 16 * 7) / BUCKET;
        let mut buckets = Vec::new();
        buckets.try_reserve_exact(len)?;
        buckets.resize(len, Bucket([Slot::FREE; BUCKET]));
        self.0 = buckets;
        Ok(())
    }

    pub fn bytes(&self) -> u64 {
        (self.0.capacity() * size_of::<Bucket>()) as u64
    }

    #[inline(always)]
    pub fn buckets(&self) -> usize {
        self.0.len()
    }

    /// The ghosts in a bucket.
    #[inline(always)]
    pub fn bucket(&self, bucket: usize) -> impl Iterator<Item = Past> + '_ {
        let slots = self.0.get(bucket).into_iter().flat_map(|bucket| &bucket.0);
        slots.filter(|slot| slot.print != VACANT).map(Slot::past)
    }

    #[inline(always)]
    pub fn prefetch_bucket(&self, bucket: usize) {
        self.0.get(bucket).into_iter().for_each(prefetch);
    }

    /// Asks for what a hash is among.
    #[inline(always)]
    pub fn prefetch(&self, hash: u64) {
        self.prefetch_bucket(self.bucket_of(hash));
    }

    /// In place of a free slot or of the oldest.
    pub fn add(&mut self, hash: u64, Past { last, times, interval }: Past, now: u32) {
        let age = |slot: &Slot| if slot.print == VACANT { u64::MAX } else { slot.past().age(now).into() };
        if let Some(slot) = self.slots(hash).iter_mut().max_by_key(|slot| age(slot)) {
            *slot = Slot { last, times, interval, print: print(hash) };
        }
    }

    pub fn take(&mut self, hash: u64) -> Option<Past> {
        let slot = self.slots(hash).iter_mut().find(|slot| slot.print == print(hash))?;
        slot.print = VACANT;
        Some(slot.past())
    }

    #[inline(always)]
    fn bucket_of(&self, hash: u64) -> usize {
        ((hash >> 32) as usize * self.buckets()) >> 32
    }

    fn slots(&mut self, hash: u64) -> &mut [Slot] {
        let bucket = self.bucket_of(hash);
        &mut self.0[bucket].0
    }
}

/// Lower bits than those which name the bucket.
fn print(hash: u64) -> u16 {
    hash as u16 | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(last: u32) -> Past {
        Past { last, times: 3, interval: 9 }
    }

    #[test]
    fn there_are_seven_for_sixteen_entries_and_few_forget_nothing() {
        let mut ghosts = Ghosts::new().unwrap();
        assert_eq!((ghosts.buckets(), ghosts.bytes()), (512, 512 * 64));
        for (entries, buckets) in [(10_239, 512), (20_000, 1093), (21_864, 1093), (21_865, 1195)] {
            ghosts.reserve(entries).unwrap();
            assert_eq!(ghosts.buckets(), buckets, "{entries}");
            ghosts.add(5, past(7), 7);
            ghosts.reserve(entries).unwrap();
            assert!(ghosts.take(5).is_some(), "{entries}");
        }
    }

    #[test]
    fn a_bucket_gives_the_ghosts_in_it() {
        let mut ghosts = Ghosts::new().unwrap();
        assert_eq!(ghosts.bucket(0).count(), 0);
        (1..=3).for_each(|last| ghosts.add(u64::from(last) << 4, past(last), 9));
        assert!(ghosts.take(2 << 4).is_some());
        let mut lasts: Vec<u32> = ghosts.bucket(0).map(|past| past.last).collect();
        lasts.sort_unstable();
        assert_eq!((lasts, ghosts.bucket(1).count(), ghosts.bucket(512).count()), (vec![1, 3], 0, 0));
    }

    /// A print is never that of a free slot.
    #[test]
    fn a_ghost_of_any_hash_is_found() {
        let mut ghosts = Ghosts::new().unwrap();
        for hash in [0, 1, 0xffff, 0x1_0000, 0x1_0001, u64::MAX] {
            assert!(ghosts.take(hash).is_none());
            ghosts.add(hash, past(hash as u32), 9);
            assert_eq!(ghosts.take(hash).map(|past| past.last), Some(hash as u32), "{hash}");
        }
    }
}
