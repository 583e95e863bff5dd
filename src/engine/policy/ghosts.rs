//! Entries that were evicted, by a few bits of their hash. Forgets the oldest; knows nothing of those that are there.

use super::judges::Past;
use crate::Error;

/// Ghosts that a hash can be among.
const BUCKET: usize = 16;
/// A small store remembers more than it holds.
const FEWEST: usize = 4096;
/// The print of a slot without a ghost.
const VACANT: u16 = 0;

/// 8 bytes.
#[derive(Clone, Copy)]
struct Slot {
    past: Past,
    /// Bits of the hash, but for [`VACANT`].
    print: u16,
}

pub struct Ghosts(Vec<Slot>);

impl Ghosts {
    pub fn new() -> Result<Self, Error> {
        let mut ghosts = Ghosts(Vec::new());
        ghosts.reserve(0)?;
        Ok(ghosts)
    }

    /// 7 for 16 entries. Growing forgets all: while a store fills up, there are none.
    pub fn reserve(&mut self, entries: usize) -> Result<(), Error> {
        if self.0.len() < FEWEST.max(entries / 5 * 2) {
            let len = FEWEST.max(entries / 16 * 7) / BUCKET * BUCKET;
            let mut slots = Vec::new();
            slots.try_reserve_exact(len)?;
            slots.resize(len, Slot { past: Past::default(), print: VACANT });
            self.0 = slots;
        }
        Ok(())
    }

    pub fn bytes(&self) -> u64 {
        (self.0.capacity() * size_of::<Slot>()) as u64
    }

    pub fn buckets(&self) -> usize {
        self.0.len() / BUCKET
    }

    /// The ghosts in a bucket.
    pub fn bucket(&self, bucket: usize) -> impl Iterator<Item = Past> + '_ {
        let slots = self.0.iter().skip(bucket * BUCKET).take(BUCKET);
        slots.filter(|slot| slot.print != VACANT).map(|slot| slot.past)
    }

    /// In place of a free slot or of the oldest.
    pub fn add(&mut self, hash: u64, past: Past, now: u32) {
        let age = |slot: &Slot| if slot.print == VACANT { u64::MAX } else { slot.past.age(now).into() };
        if let Some(slot) = self.slots(hash).iter_mut().max_by_key(|slot| age(slot)) {
            *slot = Slot { past, print: print(hash) };
        }
    }

    pub fn take(&mut self, hash: u64) -> Option<Past> {
        let slot = self.slots(hash).iter_mut().find(|slot| slot.print == print(hash))?;
        slot.print = VACANT;
        Some(slot.past)
    }

    fn slots(&mut self, hash: u64) -> &mut [Slot] {
        let bucket = ((hash >> 32) as usize * self.buckets()) >> 32;
        &mut self.0[bucket * BUCKET..][..BUCKET]
    }
}

/// Lower bits than those which name the bucket.
fn print(hash: u64) -> u16 {
    hash as u16 | 1
}
