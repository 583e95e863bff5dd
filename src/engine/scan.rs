//! Reading keys in insertion order, a stretch at a time. Holds no locks between stretches and remembers no places.

use super::shard::{Shard, Slot};
use super::{Engine, SHARDS};
use crate::sys::lock::ReadGuard;
use crate::Error;

/// Slots looked at before the locks are let go, so that a scan never keeps
/// writers waiting longer than a large batch does.
const STRETCH: usize = 4096;

/// What a scan gives a key to: whether it wants more.
pub trait KeySink {
    fn key(&mut self, key: &[u8]) -> Result<bool, Error>;
}

impl Engine {
    /// The moment of now: entries inserted later have this number or a higher one.
    pub fn now(&self) -> u64 {
        self.next_sequence.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Gives `sink` the keys with `prefix` whose sequence numbers lie in
    /// `from..until`, in order, for one stretch. Returns where to go on;
    /// `until` means that there are no more.
    pub fn scan(&self, prefix: &[u8], from: u64, until: u64, sink: &mut impl KeySink) -> Result<u64, Error> {
        // All shards at once, in ascending order as everywhere: the stretch is
        // one moment of the store.
        let guards: [ReadGuard<Shard>; SHARDS] = std::array::from_fn(|shard| self.shards[shard].read());
        let mut heads: [&[Slot]; SHARDS] = std::array::from_fn(|shard| guards[shard].slots_from(from));
        for _ in 0..STRETCH {
            let Some(next) = earliest(&mut heads).filter(|slot| slot.sequence < until) else {
                return Ok(until);
            };
            let Some(entry) = &next.entry else { continue };
            if entry.key().starts_with(prefix) && !sink.key(entry.key())? {
                return Ok(next.sequence + 1);
            }
        }
        let rest = heads.iter().filter_map(|slots| slots.first()).map(|slot| slot.sequence).min();
        Ok(rest.unwrap_or(until).min(until))
    }
}

/// Takes the slot with the lowest number from the heads.
fn earliest<'s>(heads: &mut [&'s [Slot]; SHARDS]) -> Option<&'s Slot> {
    let head = heads.iter_mut().filter(|slots| !slots.is_empty()).min_by_key(|slots| slots[0].sequence)?;
    let (first, rest) = head.split_first()?;
    *head = rest;
    Some(first)
}
