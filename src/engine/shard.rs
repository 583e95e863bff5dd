//! One shard: its entries in insertion order and an index from hash to place. Knows no locks and no other shards.
//!
//! The shape is that of Python's dict (Hettinger, python-dev, December 2012):
//! entries stand in a log in the order of their first insertion, and the hash
//! table holds only places in that log. A removed entry leaves a tombstone; a
//! log that is mostly tombstones is rewritten.

use hashbrown::HashTable;

use super::entry::Entry;
use crate::Error;

/// Below this a log is not worth rewriting.
const SMALL_LOG: usize = 64;

#[derive(Default)]
pub struct Shard {
    index: HashTable<u32>,
    /// Ascending sequence numbers.
    log: Vec<Slot>,
}

pub struct Slot {
    pub sequence: u64,
    hash: u64,
    /// None: a tombstone.
    pub entry: Option<Entry>,
}

impl Shard {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// The slots from the first whose sequence number is at least `sequence`.
    pub fn slots_from(&self, sequence: u64) -> &[Slot] {
        let start = self.log.partition_point(|slot| slot.sequence < sequence);
        &self.log[start..]
    }

    /// The place of a key, valid until the next change.
    pub fn find(&self, hash: u64, key: &[u8]) -> Option<u32> {
        self.index.find(hash, |&place| holds(&self.log, place, hash, key)).copied()
    }

    /// The entry at a place that `find` gave.
    pub fn entry_at(&self, place: u32) -> Option<&Entry> {
        self.log[place as usize].entry.as_ref()
    }

    /// Makes room for `more` insertions; what follows cannot fail then.
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        let places = self.log.len().checked_add(more).ok_or(Error::OutOfMemory)?;
        u32::try_from(places).map_err(|_| Error::OutOfMemory)?;
        self.log.try_reserve(more)?;
        let Shard { index, log } = self;
        index.try_reserve(more, |&place| log[place as usize].hash)?;
        Ok(())
    }

    /// Sets an entry and gives back the one it replaces, whose place in the
    /// order it takes. The caller has reserved.
    pub fn put(&mut self, hash: u64, sequence: u64, entry: Entry) -> Option<Entry> {
        if let Some(place) = self.find(hash, entry.key()) {
            return self.log[place as usize].entry.replace(entry);
        }
        let place = self.log.len() as u32; // reserve() checked that it fits
        self.log.push(Slot { sequence, hash, entry: Some(entry) });
        let Shard { index, log } = self;
        index.insert_unique(hash, place, |&place| log[place as usize].hash);
        None
    }

    /// Takes an entry out.
    pub fn remove(&mut self, hash: u64, key: &[u8]) -> Option<Entry> {
        let Shard { index, log } = self;
        let found = index.find_entry(hash, |&place| holds(log, place, hash, key)).ok()?;
        let (place, _) = found.remove();
        log[place as usize].entry.take()
    }

    /// Rewrites log and index when they are mostly empty, giving memory back.
    /// Where that needs memory that is not there, it is left for the next time.
    pub fn compact(&mut self) {
        let tombstones = self.log.len() - self.len();
        if tombstones <= SMALL_LOG.max(self.len()) {
            return;
        }
        if self.len() == 0 {
            *self = Shard::default();
            return;
        }
        let mut compacted = Shard::default();
        if compacted.reserve(self.len()).is_err() {
            return;
        }
        for slot in self.log.drain(..).filter(|slot| slot.entry.is_some()) {
            let place = compacted.log.len() as u32;
            let hash = slot.hash;
            compacted.log.push(slot);
            let Shard { index, log } = &mut compacted;
            index.insert_unique(hash, place, |&place| log[place as usize].hash);
        }
        *self = compacted;
    }
}

fn holds(log: &[Slot], place: u32, hash: u64, key: &[u8]) -> bool {
    let slot = &log[place as usize];
    slot.hash == hash && slot.entry.as_ref().is_some_and(|entry| entry.key() == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shard: &mut Shard, sequence: u64, key: &[u8]) {
        shard.reserve(1).unwrap();
        // One hash for all: every comparison goes down to the key.
        shard.put(7, sequence, Entry::try_new(key, b"").unwrap());
    }

    fn keys(shard: &Shard) -> Vec<Vec<u8>> {
        shard.slots_from(0).iter().filter_map(|slot| Some(slot.entry.as_ref()?.key().to_vec())).collect()
    }

    #[test]
    fn colliding_keys_are_told_apart_and_keep_their_order() {
        let mut shard = Shard::default();
        for (sequence, key) in [b"b", b"a", b"c", b"a"].into_iter().enumerate() {
            put(&mut shard, sequence as u64, key);
        }
        assert_eq!(keys(&shard), [b"b", b"a", b"c"]);
        assert!(shard.remove(7, b"b").is_some());
        assert!(shard.remove(7, b"b").is_none());
        put(&mut shard, 9, b"b");
        assert_eq!(keys(&shard), [b"a", b"c", b"b"]);
    }

    /// All with one hash: quadratic, which Miri feels.
    const COUNT: u64 = if cfg!(miri) { 200 } else { 1_000 };

    #[test]
    fn compaction_keeps_every_entry_and_gives_the_rest_back() {
        let mut shard = Shard::default();
        for number in 0..COUNT {
            put(&mut shard, number, &number.to_le_bytes());
        }
        for number in (0..COUNT).filter(|number| number % 10 != 0) {
            shard.remove(7, &number.to_le_bytes()).unwrap();
        }
        shard.compact();
        assert_eq!((shard.len() as u64, shard.log.len() as u64), (COUNT / 10, COUNT / 10));
        assert!(shard.log.capacity() < COUNT as usize / 5 && shard.index.capacity() < COUNT as usize * 3 / 10);
        assert!(keys(&shard).iter().eq((0..COUNT).step_by(10).map(|n| n.to_le_bytes()).collect::<Vec<_>>().iter()));
        assert!((0..COUNT).all(|n| shard.find(7, &n.to_le_bytes()).is_some() == (n % 10 == 0)));
    }
}
