//! Which judge is right: a sample of the keys, and for each judge a small cache of them that it rules. Must not know how
//! judges judge. Waldspurger, Saemundsson, Ahmad, Park: Cache Modeling and Optimization using Miniature Simulations,
//! USENIX ATC 2017.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

use super::judges::{counts, power, Judge, Past, Present, JUDGES};
use super::random::Random;
use super::Id;
use crate::Error;

/// Entries that a small cache holds, at most: in a larger store only one in 2, 4, 8, … takes part.
const ENTRIES: usize = 256;
/// Keys in all: each cache may hold others, and none is like the store. More only come by chance.
const KEYS: usize = ENTRIES * (JUDGES.len() + 2);
/// The most bits of a hash that decide who takes part: no store has more entries than that lets in.
const HALVINGS: u32 = 32;
/// Entries looked at for one eviction.
const SAMPLE: usize = 32;
/// Accesses that are remembered, in times of a cache's entries; and in a tiny one.
const MEMORY: f32 = 64.0;
const LEAST_MEMORY: f32 = 64.0;
/// A judge is better when it leads by this many standard deviations, and by the hits which a change costs: this share
/// of the entries.
const DEVIATIONS: f32 = 2.0;
const COST: f32 = 1.0 / 32.0;

type Map<K> = HashMap<K, u16, BuildHasherDefault<DefaultHasher>>;

/// A key that takes part.
#[derive(Clone, Copy)]
struct Key {
    hash: u64,
    /// While it is in the store.
    id: Option<Id>,
    past: Past,
    weight: u8,
    /// The caches that hold it, a bit each.
    held: u8,
}

#[derive(Default)]
struct Cache {
    keys: Vec<u16>,
    weight: u64,
}

pub struct Miniature {
    keys: Vec<Key>,
    free: Vec<u16>,
    by_id: Map<Id>,
    by_hash: Map<u64>,
    caches: [Cache; JUDGES.len()],
    /// By how many hits each judge leads each other one, and how many only one of both had; both fade.
    lead: [[f32; JUDGES.len()]; JUDGES.len()],
    apart: [[f32; JUDGES.len()]; JUDGES.len()],
    best: usize,
    /// Keys take part whose hash has none of these bits.
    mask: u64,
    /// The store had to evict something.
    full: bool,
    by_weight: bool,
    random: Random,
}

impl Miniature {
    pub fn new(by_weight: bool) -> Result<Self, Error> {
        let mut miniature = Miniature {
            keys: Vec::new(),
            free: Vec::new(),
            by_id: Map::default(),
            by_hash: Map::default(),
            caches: Default::default(),
            lead: Default::default(),
            apart: Default::default(),
            // The one that is rarely far from the best.
            best: JUDGES.iter().position(|&judge| judge == Judge::Interval).unwrap_or(0),
            mask: 0,
            full: false,
            by_weight,
            random: Random::new(),
        };
        miniature.keys.try_reserve_exact(KEYS)?;
        miniature.free.try_reserve_exact(KEYS)?;
        // Twice as many: a map that is half empty clears up in place after removals, and never allocates.
        miniature.by_id.try_reserve(2 * KEYS)?;
        miniature.by_hash.try_reserve(2 * KEYS)?;
        for cache in &mut miniature.caches {
            cache.keys.try_reserve_exact(KEYS)?;
        }
        Ok(miniature)
    }

    pub fn best(&self) -> Judge {
        JUDGES[self.best]
    }

    /// The store evicts: from now on there is no room for all.
    pub fn fill(&mut self) {
        self.full = true;
    }

    /// An entry came, all of them weigh `total`. True: it takes part, and all that happens to it must be told.
    pub fn insert(&mut self, id: Id, hash: u64, past: Past, weight: u8, total: u64, present: Present) -> bool {
        let halvings = self.mask.count_ones();
        if halvings < HALVINGS && (present.live > ENTRIES << halvings || self.by_hash.len() == KEYS) {
            self.halve();
        }
        if part(hash) & self.mask != 0 {
            return false;
        }
        let place = match self.by_hash.get(&hash) {
            // Two keys with one hash: the first one takes part.
            Some(&place) if self.keys[place as usize].id.is_some() => return false,
            Some(&place) => place,
            None if self.by_hash.len() == KEYS => return false,
            None => self.add(Key { hash, id: None, past, weight, held: 0 }),
        };
        self.keys[place as usize].id = Some(id);
        self.by_id.insert(id, place);
        self.access(place, past, weight, total, present);
        true
    }

    /// An entry was asked for.
    pub fn hit(&mut self, id: Id, past: Past, weight: u8, total: u64, present: Present) {
        if let Some(&place) = self.by_id.get(&id) {
            self.access(place, past, weight, total, present);
        }
    }

    /// An entry left the store.
    pub fn remove(&mut self, id: Id) {
        if let Some(place) = self.by_id.remove(&id) {
            self.keys[place as usize].id = None;
            self.forget(place);
        }
    }

    pub fn moved(&mut self, from: Id, to: Id) {
        if let Some(place) = self.by_id.remove(&from) {
            self.keys[place as usize].id = Some(to);
            self.by_id.insert(to, place);
        }
    }

    fn access(&mut self, place: u16, past: Past, weight: u8, total: u64, present: Present) {
        let entries = (present.live >> self.mask.count_ones()) as f32;
        self.compare(self.keys[place as usize].held, entries);
        let key = &mut self.keys[place as usize];
        for (at, cache) in self.caches.iter_mut().enumerate() {
            if key.held & 1 << at != 0 {
                cache.weight -= counts(key.weight, self.by_weight);
            } else {
                cache.keys.push(place);
            }
            cache.weight += counts(weight, self.by_weight);
        }
        (key.past, key.weight, key.held) = (past, weight, (1 << JUDGES.len()) - 1);
        let room = total >> self.mask.count_ones();
        if self.full {
            (0..JUDGES.len()).for_each(|at| self.evict(at, place, room, present));
        }
    }

    /// Counts who has the key, and changes the judge.
    pub(super) fn compare(&mut self, held: u8, entries: f32) {
        let keep = 1.0 - 1.0 / (MEMORY * entries + LEAST_MEMORY);
        let has = |judge: usize| f32::from(held >> judge & 1);
        for one in 0..JUDGES.len() {
            for other in 0..JUDGES.len() {
                let ahead = has(one) - has(other);
                self.lead[one][other] = self.lead[one][other] * keep + ahead;
                self.apart[one][other] = self.apart[one][other] * keep + ahead.abs();
            }
        }
        let now = self.best;
        let gain = |one: usize| self.lead[one][now] - DEVIATIONS * (self.apart[one][now] + 1.0).sqrt() - COST * entries;
        if let Some(better) = (0..JUDGES.len()).max_by(|&a, &b| gain(a).total_cmp(&gain(b))) {
            if gain(better) > 0.0 {
                self.best = better;
            }
        }
    }

    /// A judge's cache gives up entries until it has no more than `room`, but not the one that was just asked for.
    fn evict(&mut self, at: usize, asked: u16, room: u64, present: Present) {
        while self.caches[at].weight > room && self.caches[at].keys.len() > 1 {
            let held = self.caches[at].keys.len();
            let (mut worst, mut least) = (None, f32::INFINITY);
            for look in 0..SAMPLE.min(held) {
                let candidate = if held <= SAMPLE { look } else { self.random.below(held) };
                let place = self.caches[at].keys[candidate];
                let key = &self.keys[place as usize];
                let mut value = JUDGES[at].value(key.past, present);
                if self.by_weight {
                    value /= power(key.weight);
                }
                if place != asked && value < least {
                    (worst, least) = (Some(candidate), value);
                }
            }
            let Some(worst) = worst else { return };
            let place = self.caches[at].keys.swap_remove(worst);
            let key = &mut self.keys[place as usize];
            key.held &= !(1 << at);
            self.caches[at].weight -= counts(key.weight, self.by_weight);
            self.forget(place);
        }
    }

    fn add(&mut self, key: Key) -> u16 {
        let place = self.free.pop().unwrap_or(self.keys.len() as u16);
        match self.keys.get_mut(place as usize) {
            Some(free) => *free = key,
            None => self.keys.push(key),
        }
        self.by_hash.insert(key.hash, place);
        place
    }

    /// How many of the store's entries take part.
    #[cfg(test)]
    pub fn check(&self) -> usize {
        let held = |at: usize| self.keys.iter().filter(move |key| key.held & 1 << at != 0);
        for (at, cache) in self.caches.iter().enumerate() {
            assert_eq!(held(at).count(), cache.keys.len());
            assert_eq!(held(at).map(|key| counts(key.weight, self.by_weight)).sum::<u64>(), cache.weight);
            assert!(cache.keys.iter().all(|&place| self.keys[place as usize].held & 1 << at != 0));
        }
        assert!(self.by_id.iter().all(|(&id, &place)| self.keys[place as usize].id == Some(id)));
        assert!(self.by_hash.iter().all(|(&hash, &place)| self.keys[place as usize].hash == hash));
        assert_eq!(self.by_hash.len() + self.free.len(), self.keys.len());
        assert!(self.keys.len() <= KEYS);
        self.by_id.len()
    }

    /// A key that nobody has any more.
    fn forget(&mut self, place: u16) {
        let key = self.keys[place as usize];
        if key.held == 0 && key.id.is_none() {
            self.by_hash.remove(&key.hash);
            self.free.push(place);
        }
    }

    /// Only half of the keys take part from now on.
    fn halve(&mut self) {
        self.mask = self.mask << 1 | 1;
        for at in 0..JUDGES.len() {
            let (keys, by_weight, mask) = (&mut self.keys, self.by_weight, self.mask);
            let cache = &mut self.caches[at];
            let mut weight = cache.weight;
            cache.keys.retain(|&place| {
                let key = &mut keys[place as usize];
                let stays = part(key.hash) & mask == 0;
                if !stays {
                    key.held &= !(1 << at);
                    weight -= counts(key.weight, by_weight);
                }
                stays
            });
            cache.weight = weight;
        }
        for place in 0..self.keys.len() as u16 {
            let key = &mut self.keys[place as usize];
            if part(key.hash) & self.mask != 0 && self.by_hash.get(&key.hash) == Some(&place) {
                if let Some(id) = key.id.take() {
                    self.by_id.remove(&id);
                }
                self.forget(place);
            }
        }
    }
}

/// Bits of a hash that the ghosts use least.
fn part(hash: u64) -> u64 {
    hash >> 16
}

#[cfg(test)]
mod tests;
