//! Entries that were evicted, by a few bits of their hash. Forgets the oldest; knows nothing of those that are there.

use crate::Error;

/// Ghosts that a hash can be among.
const BUCKET: usize = 16;
/// A small store remembers more than it holds.
const FEWEST: usize = 4096;
const NOBODY: u8 = u8::MAX;

#[derive(Clone, Copy)]
pub struct Ghost {
    pub last: u32,
    pub class: u8,
    pub times: u8,
    pub probation: bool,
}

/// 8 bytes. The print's lowest bit is the ghost's `probation`.
#[derive(Clone, Copy)]
struct Slot {
    last: u32,
    print: u16,
    class: u8,
    times: u8,
}

pub struct Ghosts(Vec<Slot>);

impl Ghosts {
    pub fn new() -> Result<Self, Error> {
        let mut ghosts = Ghosts(Vec::new());
        ghosts.reserve(0)?;
        Ok(ghosts)
    }

    /// Half as many as there are entries. Growing forgets all: while a store fills up, there are none.
    pub fn reserve(&mut self, entries: usize) -> Result<(), Error> {
        if self.0.len() < FEWEST.max(entries / 5 * 2) {
            let len = FEWEST.max(entries / 2) / BUCKET * BUCKET;
            let mut slots = Vec::new();
            slots.try_reserve_exact(len)?;
            slots.resize(len, Slot { last: 0, print: 0, class: NOBODY, times: 0 });
            self.0 = slots;
        }
        Ok(())
    }

    pub fn buckets(&self) -> usize {
        self.0.len() / BUCKET
    }

    /// The ghosts in a bucket.
    pub fn bucket(&self, bucket: usize) -> impl Iterator<Item = Ghost> + '_ {
        let slots = self.0.iter().skip(bucket * BUCKET).take(BUCKET);
        slots.filter(|slot| slot.class != NOBODY).map(Slot::ghost)
    }

    /// In place of a free slot or of the oldest.
    pub fn add(&mut self, hash: u64, ghost: Ghost, now: u32) {
        let age = |slot: &Slot| if slot.class == NOBODY { u64::MAX } else { now.wrapping_sub(slot.last).into() };
        if let Some(slot) = self.slots(hash).iter_mut().max_by_key(|slot| age(slot)) {
            let print = print(hash) | u16::from(ghost.probation);
            *slot = Slot { last: ghost.last, print, class: ghost.class, times: ghost.times };
        }
    }

    pub fn take(&mut self, hash: u64) -> Option<Ghost> {
        let is = |slot: &&mut Slot| slot.class != NOBODY && slot.print & !1 == print(hash);
        let slot = self.slots(hash).iter_mut().find(is)?;
        let ghost = slot.ghost();
        slot.class = NOBODY;
        Some(ghost)
    }

    fn slots(&mut self, hash: u64) -> &mut [Slot] {
        let bucket = ((hash >> 32) as usize * self.buckets()) >> 32;
        &mut self.0[bucket * BUCKET..][..BUCKET]
    }
}

/// Lower bits than those which name the bucket.
fn print(hash: u64) -> u16 {
    hash as u16 & !1
}

impl Slot {
    fn ghost(&self) -> Ghost {
        Ghost { last: self.last, class: self.class, times: self.times, probation: self.print & 1 != 0 }
    }
}
