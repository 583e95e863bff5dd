//! All entries as they were at one moment, in order, while others go on writing. Knows no files and no formats.
//!
//! A snapshot has all shards alone for an instant, in which it notes the next
//! sequence number and the time. Then it goes through the entries in order, a
//! stretch at a time, as a scan does: small ones are copied, large ones kept by
//! their count, and they are given on while nobody waits. A writer that comes
//! to an entry of the moment first puts it aside (`aside`), and what was put
//! aside is given in its turn. Meanwhile writers take all shards, and what they
//! put aside takes memory beside the store's bounds.

use std::collections::BinaryHeap;
use std::sync::atomic::Ordering::SeqCst;

use super::aside::{Aside, Kept, Pieces};
use super::clock::NEVER;
use super::entry::Entry;
use super::gate::{ALL, SHARDS};
use super::matches::len_of;
use super::merge::Merged;
use super::shard::{Shard, Value};
use super::{Engine, SAVING};
use crate::sys::lock::Guard;
use crate::sys::Bytes;
use crate::Error;

/// Entries looked at and bytes copied before the shards are let go, so that
/// writers wait no longer than for an `mget` of a thousand keys.
const ENTRIES: usize = if cfg!(any(test, bytestore_faults, fuzzing)) { 32 } else { 1024 };
const BYTES: usize = ENTRIES * 256;

/// What a snapshot is given to. No shard is held meanwhile, but another
/// snapshot of the same engine waits: it may use the engine, not save it.
pub trait SnapshotSink {
    /// Once, before the entries: how many there are at most.
    fn begin(&mut self, at_most: usize) -> Result<(), Error>;
    /// The next one in the order of insertion, and how many milliseconds it has
    /// left to live, at least one; `None`: it stays until it is deleted.
    fn entry(&mut self, key: &[u8], value: &[u8], remaining: Option<u64>) -> Result<(), Error>;
}

impl Engine {
    /// Gives `sink` the entries whose keys begin with `prefix` and that have not
    /// ended, all as of one moment; says how many. Waits for a snapshot that is
    /// under way. Fails where the sink does, and with `OutOfMemory` where there
    /// is none for a stretch or for what a writer has to put aside; writers
    /// notice nothing of that.
    pub fn snapshot(&self, prefix: &[u8], sink: &mut impl SnapshotSink) -> Result<u64, Error> {
        let snapshot = Snapshot::begin(self, prefix)?;
        sink.begin(snapshot.at_most)?;
        let mut gifts = Gifts { sink, moment: snapshot.moment, aside: BinaryHeap::new(), given: 0 };
        let mut stretch = Stretch { bytes: Bytes::new(self.erases()), taken: Vec::new(), kept: Vec::new() };
        stretch.taken.try_reserve_exact(ENTRIES)?;
        let mut position = 0;
        while position < snapshot.until {
            stretch.bytes.resize(0)?;
            stretch.taken.clear();
            position = snapshot.read(prefix, position, &mut stretch)?;
            gifts.give_stretch(&mut stretch, position)?;
        }
        Ok(gifts.given)
    }
}

/// One under way: until it is dropped, writers put entries aside for it.
struct Snapshot<'e> {
    engine: &'e Engine,
    _turn: Guard<'e, ()>,
    /// Entries of the moment have lower numbers.
    until: u64,
    /// The time then, if any entry had a deadline, otherwise 0.
    moment: u64,
    at_most: usize,
}

impl<'e> Snapshot<'e> {
    fn begin(engine: &'e Engine, prefix: &[u8]) -> Result<Self, Error> {
        let turn = engine.turn.lock();
        loop {
            let shards = engine.gate.read(ALL);
            let ids = ids_of(|number| shards.shard(number));
            drop(shards);
            // Some more: others may write until all shards are held.
            let ids = ids + ids / 8 + ENTRIES * SHARDS;
            let mut aside = Aside::try_new(prefix, ids, engine.erases())?;
            let mut shards = engine.gate.write(ALL);
            if ids_of(|number| shards.peek(number)) > ids {
                continue;
            }
            let (until, moment) = (engine.now(), engine.time());
            aside.begin(until, moment);
            let at_most = len_of(|number| shards.peek(number));
            // One that a fork has left behind is freed when the shards are free again.
            let _left = shards.whole().and_then(|whole| whole.set_aside(Some(aside)));
            engine.uses.fetch_or(SAVING, SeqCst);
            drop(shards);
            return Ok(Snapshot { engine, _turn: turn, until, moment, at_most });
        }
    }

    /// Takes the entries of the next stretch, and what was put aside; says where to go on.
    fn read(&self, prefix: &[u8], from: u64, stretch: &mut Stretch) -> Result<u64, Error> {
        let shards = self.engine.gate.read(ALL);
        let mut aside = shards.whole().aside().ok_or(Error::Internal)?.lock();
        let mut entries = Merged::from(&shards, from);
        for _ in 0..ENTRIES {
            let Some((sequence, at)) = entries.next_below(self.until) else { break };
            let (shard, reference) = (shards.shard(usize::from(at.shard)), at.reference);
            let key = shard.key(reference);
            let is_left_out = shard.has_ended(reference, self.moment) || !key.starts_with(prefix);
            if is_left_out || aside.has_changed(shard.id(shard.place(reference))) {
                continue;
            }
            stretch.take(sequence, shard.deadline(reference), key, shard.value(reference))?;
            if stretch.bytes.len() >= BYTES {
                break;
            }
        }
        let next = entries.sequence().min(self.until);
        stretch.kept = aside.go_on(next)?;
        Ok(next)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let mut shards = self.engine.gate.write(ALL);
        let aside = shards.whole().and_then(|whole| whole.set_aside(None));
        self.engine.uses.fetch_and(!SAVING, SeqCst);
        drop(shards);
        drop(aside); // which may be much
    }
}

/// No entry of these shards has this id or a higher one.
fn ids_of<'s>(shard: impl Fn(usize) -> &'s Shard) -> usize {
    (0..SHARDS).map(|number| shard(number).ids()).max().unwrap_or(0)
}

/// What was taken while the shards were held.
struct Stretch {
    /// The small entries' keys and values, side by side.
    bytes: Bytes,
    taken: Vec<Taken>,
    kept: Pieces,
}

struct Taken {
    sequence: u64,
    deadline: u64,
    body: Body,
}

enum Body {
    /// The next bytes.
    Copied {
        key_len: usize,
        value_len: usize,
    },
    Shared(Entry),
}

impl Stretch {
    #[inline(always)]
    fn take(&mut self, sequence: u64, deadline: u64, key: &[u8], value: Value) -> Result<(), Error> {
        let body = match value {
            Value::Large(entry) => Body::Shared(entry.clone()),
            Value::Small(value) => {
                self.bytes.append(key)?;
                self.bytes.append(value)?;
                Body::Copied { key_len: key.len(), value_len: value.len() }
            }
        };
        self.taken.push(Taken { sequence, deadline, body }); // reserved by who made it
        Ok(())
    }
}

/// Who gives entries to a sink, by ascending numbers.
struct Gifts<'s, S> {
    sink: &'s mut S,
    moment: u64,
    /// What was put aside and has not had its turn.
    aside: BinaryHeap<Kept>,
    given: u64,
}

impl<S: SnapshotSink> Gifts<'_, S> {
    /// Gives the entries of a stretch, and of those put aside all with numbers below its end.
    fn give_stretch(&mut self, stretch: &mut Stretch, end: u64) -> Result<(), Error> {
        for piece in stretch.kept.drain(..) {
            self.aside.try_reserve(piece.len())?;
            self.aside.extend(piece);
        }
        let mut rest = &*stretch.bytes;
        for Taken { sequence, deadline, body } in &stretch.taken {
            self.give_aside(*sequence)?;
            match body {
                Body::Shared(entry) => self.give(entry.key(), entry.value(), *deadline)?,
                Body::Copied { key_len, value_len } => {
                    let (key, others) = rest.split_at(*key_len);
                    let (value, others) = others.split_at(*value_len);
                    rest = others;
                    self.give(key, value, *deadline)?;
                }
            }
        }
        self.give_aside(end)
    }

    fn give_aside(&mut self, below: u64) -> Result<(), Error> {
        while self.aside.peek().is_some_and(|kept| kept.sequence < below) {
            let Some(kept) = self.aside.pop() else { break };
            let (key, value) = kept.key_and_value();
            self.give(key, value, kept.deadline)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn give(&mut self, key: &[u8], value: &[u8], deadline: u64) -> Result<(), Error> {
        let remaining = (deadline != NEVER).then(|| deadline.saturating_sub(self.moment));
        self.given += 1;
        self.sink.entry(key, value, remaining)
    }
}

#[cfg(all(test, not(modelled)))]
mod tests {
    use super::*;
    use crate::engine::order::BLOCK;
    use crate::engine::Settings;

    /// An eighth more ids than there are, and some: so many may others need before all shards are held.
    #[test]
    fn there_is_room_for_ids_that_come_before_the_moment() {
        let engine = Engine::new(Settings::default()).unwrap();
        engine.mset([(&b"key"[..], &b"value"[..])].into_iter(), None).unwrap();
        let shards = engine.gate.read(ALL);
        let ids = ids_of(|number| shards.shard(number));
        drop(shards);
        assert_eq!(ids, 2 * SHARDS * BLOCK, "a block, and one that was reserved");
        let _snapshot = Snapshot::begin(&engine, b"").unwrap();
        let shards = engine.gate.read(ALL);
        let mut aside = shards.whole().aside().unwrap().lock();
        let room = (ids + ids / 8 + ENTRIES * SHARDS) as u32;
        for (id, has_room) in [(ids as u32, true), (room - 1, true), (room, false)] {
            aside.put(id, 0, NEVER, b"key", Value::Small(b"value"));
            assert_eq!(aside.has_changed(id), has_room, "{id}");
        }
    }
}
