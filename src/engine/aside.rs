//! What writers put aside for a snapshot under way: entries as they were at its moment. Knows no shards and no saver.
//!
//! The saver goes through the entries in order. Who is about to change or
//! remove one that it has not come to yet keeps what it was, once: the bit of
//! the entry's id says so from then on, also to the saver. An id is a place in
//! the order, so a bit moves where its entry does. The numbers of the entries
//! of the moment are below `until`: whatever comes later has no bit that counts.

use std::cmp::Ordering;

use super::entry::Entry;
use super::note::Id;
use super::shard::Value;
use crate::sys::Bytes;
use crate::Error;

/// Entries in one piece of the list: it grows without moving any.
const PIECE: usize = 512;

pub struct Aside {
    /// Of the keys that are saved.
    prefix: Bytes,
    /// Entries of the moment have lower numbers.
    until: u64,
    /// The time then, if any entry had a deadline, otherwise 0.
    moment: u64,
    /// Entries with lower numbers are saved.
    position: u64,
    /// Something is not here that should be.
    failed: bool,
    /// Bits of the ids of entries that are not what they were.
    changed: Vec<u64>,
    kept: Pieces,
    erase: bool,
}

pub type Pieces = Vec<Vec<Kept>>;

/// An entry as it was.
pub struct Kept {
    pub sequence: u64,
    pub deadline: u64,
    body: Body,
}

enum Body {
    Copied { pair: Bytes, key_len: usize },
    Shared(Entry),
}

impl Aside {
    /// For entries with ids below a number, in a store that erases what goes or does not.
    pub fn try_new(prefix: &[u8], ids: usize, erase: bool) -> Result<Self, Error> {
        let mut changed = Vec::new();
        changed.try_reserve_exact(ids.div_ceil(64))?;
        changed.resize(ids.div_ceil(64), 0);
        let prefix = Bytes::copy_of(prefix, erase)?;
        Ok(Aside { prefix, until: 0, moment: 0, position: 0, failed: false, changed, kept: Vec::new(), erase })
    }

    /// This is the moment.
    pub fn begin(&mut self, until: u64, moment: u64) {
        (self.until, self.moment) = (until, moment);
    }

    /// An entry is about to change or to go.
    pub fn put(&mut self, id: Id, sequence: u64, deadline: u64, key: &[u8], value: Value) {
        if !(self.position..self.until).contains(&sequence) || self.has_changed(id) {
            return;
        }
        self.set_changed(id, true);
        let had_ended = self.moment != 0 && deadline <= self.moment;
        if !had_ended && key.starts_with(&self.prefix) && self.keep(sequence, deadline, key, value).is_err() {
            self.fail();
        }
    }

    fn keep(&mut self, sequence: u64, deadline: u64, key: &[u8], value: Value) -> Result<(), Error> {
        let body = match value {
            Value::Large(entry) => Body::Shared(entry.clone()),
            Value::Small(value) => {
                let mut pair = Bytes::new(self.erase);
                pair.reserve_exact(key.len() + value.len())?;
                pair.append(key)?;
                pair.append(value)?;
                Body::Copied { pair, key_len: key.len() }
            }
        };
        let kept = Kept { sequence, deadline, body };
        match self.kept.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(kept),
            None => {
                let mut piece = Vec::new();
                piece.try_reserve_exact(PIECE)?;
                self.kept.try_reserve(1)?;
                piece.push(kept);
                self.kept.push(piece);
            }
        }
        Ok(())
    }

    /// An entry has another id now.
    pub fn moved(&mut self, from: Id, to: Id) {
        self.set_changed(to, self.has_changed(from));
    }

    /// Whether the entry with an id is not what it was.
    #[inline(always)]
    pub fn has_changed(&self, id: Id) -> bool {
        self.changed.get(id as usize / 64).is_some_and(|word| (word >> (id % 64)) & 1 == 1)
    }

    fn set_changed(&mut self, id: Id, changed: bool) {
        if let Some(word) = self.changed.get_mut(id as usize / 64) {
            *word = *word & !(1 << (id % 64)) | u64::from(changed) << (id % 64);
        }
    }

    /// Entries with numbers below `position` are saved. Gives what was kept, all of those in it.
    pub fn go_on(&mut self, position: u64) -> Result<Pieces, Error> {
        if self.failed {
            return Err(Error::OutOfMemory);
        }
        self.position = position;
        Ok(std::mem::take(&mut self.kept))
    }

    /// Nothing is put aside any more, and the snapshot fails.
    pub fn fail(&mut self) {
        (self.failed, self.position) = (true, u64::MAX);
    }
}

impl Kept {
    pub fn key_and_value(&self) -> (&[u8], &[u8]) {
        match &self.body {
            Body::Copied { pair, key_len } => pair.split_at(*key_len),
            Body::Shared(entry) => (entry.key(), entry.value()),
        }
    }
}

/// The greatest is the one that comes first, as a heap gives the greatest.
impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        other.sequence.cmp(&self.sequence)
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}

impl Eq for Kept {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_filled_one_after_another() {
        let mut aside = Aside::try_new(b"", 2 * PIECE, false).unwrap();
        aside.begin(2 * PIECE as u64, 0);
        for number in 0..=PIECE as u32 {
            aside.put(number, number.into(), u64::MAX, b"key", Value::Small(&number.to_le_bytes()));
        }
        let pieces = aside.go_on(0).unwrap();
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE, 1]);
        let kept = pieces.iter().flatten().map(|kept| (kept.sequence, kept.key_and_value().1.to_vec()));
        assert!(kept.eq((0..=PIECE as u32).map(|number| (number.into(), number.to_le_bytes().to_vec()))));
    }

    /// By its bit, which says nothing of its neighbours and goes with the entry.
    #[test]
    fn an_entry_is_kept_once_as_it_was_first() {
        let mut aside = Aside::try_new(b"", 200, false).unwrap();
        aside.begin(1000, 0);
        let put = |aside: &mut Aside, id: Id, sequence: u64, value: u8| {
            aside.put(id, sequence, u64::MAX, b"key", Value::Small(&[value]));
        };
        for (value, id) in (0..).zip([70, 71, 70, 6, 134, 71, 70]) {
            put(&mut aside, id, id.into(), value);
        }
        assert!([6, 70, 71, 134].map(|id| aside.has_changed(id)) == [true; 4]);
        assert!([5, 7, 69, 72, 133, 135, 199, 5000].map(|id| aside.has_changed(id)) == [false; 8]);
        aside.moved(70, 8);
        put(&mut aside, 8, 70, 100);
        aside.moved(72, 70); // another one, as it was
        put(&mut aside, 70, 72, 101);
        let pieces = aside.go_on(0).unwrap();
        let kept: Vec<_> = pieces.iter().flatten().map(|kept| (kept.sequence, kept.key_and_value().1[0])).collect();
        assert_eq!(kept, [(70, 0), (71, 1), (6, 3), (134, 4), (72, 101)]);
    }

    #[test]
    fn a_small_entry_takes_its_bytes_and_no_more() {
        for erase in [false, true] {
            let mut aside = Aside::try_new(b"", 64, erase).unwrap();
            aside.begin(2, 0);
            aside.put(0, 0, u64::MAX, b"", Value::Small(b"")); // begins a piece
            let put = || aside.put(1, 1, u64::MAX, &[1; 300], Value::Small(&[2; 500]));
            let (_, most) = crate::sys::counted::most_of(put);
            assert!(most <= 800, "{most} bytes for 800");
            assert_eq!(aside.go_on(0).unwrap()[0][1].key_and_value(), (&[1; 300][..], &[2; 500][..]));
        }
    }
}
