//! Which entry to evict: the one whose place brings the fewest hits. Knows ids, ages and weights; no keys, no values, no bound.
//!
//! No single rule is right for all. So there are several (`judges`), each of which takes the worst of a random sample:
//! - one learns how soon entries of a class (asked for how often, after how long the last time) were asked for again, at
//!   each age (`reuse`): Beckmann, Chen, Cidon: LHD, NSDI 2018, with the index of Gittins (1979) for the hit density, and
//!   with what a table of evicted entries (`ghosts`) tells about the time after eviction;
//! - the others need no time to learn: the last interval, as in LIRS, which is right about loops and scans at once;
//!   recency; and frequency.
//!
//! Each rules a small cache beside the store, in which a sample of the keys takes part (`miniature`). Whose cache hits most
//! decides; it changes only for a lead that is no chance, and pays (in the place of regret: Vietri et al.: LeCaR,
//! HotStorage 2018).

mod ghosts;
mod judges;
mod miniature;
mod random;
mod reuse;
#[cfg(test)]
mod tests;

use crate::Error;
use ghosts::Ghosts;
use judges::{counts, logarithm, power, Past, Present};
use miniature::Miniature;
use random::Random;
use reuse::Reuse;

/// The number of an entry. They are dense: nearly all below the highest are in use.
pub type Id = u32;

/// Random entries looked at for one eviction, beside the worst ones of the last time.
const SAMPLE: usize = 48;
const POOL: usize = 16;
/// Random entries that stand for all when it is counted how many have which age.
const CENSUS: usize = 16;

/// 8 bytes.
#[derive(Clone, Copy, Default)]
struct Node {
    past: Past,
    /// Its logarithm.
    weight: u8,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum State {
    #[default]
    Vacant,
    There,
    /// And in the miniature.
    Sampled,
}

/// One policy for a whole store; its holder has the store alone.
pub struct Policy {
    /// Accesses so far. It wraps: an entry of that age counts as young again.
    now: u32,
    /// Those before the batch under way.
    started: u32,
    live: usize,
    /// Of all entries together.
    weight: u64,
    nodes: Vec<Node>,
    /// The worst entries of the last sample.
    pool: [Option<Id>; POOL],
    newest: Option<Id>,
    ghosts: Ghosts,
    reuse: Reuse,
    miniature: Miniature,
    /// Something had to be evicted.
    full: bool,
    counted: u32,
    random: Random,
    by_weight: bool,
}

impl Policy {
    /// `by_weight`: an entry of twice the weight must bring twice the hits. Without, entries' weights are ignored.
    pub fn new(by_weight: bool) -> Result<Self, Error> {
        Ok(Policy {
            now: 0,
            started: 0,
            live: 0,
            weight: 0,
            nodes: Vec::new(),
            pool: [None; POOL],
            newest: None,
            ghosts: Ghosts::new()?,
            reuse: Reuse::new()?,
            miniature: Miniature::new(by_weight)?,
            full: false,
            counted: 0,
            random: Random::new(),
            by_weight,
        })
    }

    /// Memory for ids below `ids`. Whatever can fail is done here.
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        if ids > self.nodes.capacity() {
            // A sixteenth more, where doubling would leave half of it empty.
            let more = ids.saturating_sub(self.nodes.len()).max(self.nodes.len() / 16);
            self.nodes.try_reserve_exact(more)?;
        }
        self.ghosts.reserve(ids)
    }

    /// Bytes that it holds for its ids.
    pub fn bytes(&self) -> u64 {
        (self.nodes.capacity() * size_of::<Node>()) as u64 + self.ghosts.bytes()
    }

    /// A batch begins: what it sets will not have to go for it, as long as there is anything else.
    pub fn begin(&mut self) {
        self.started = self.now;
    }

    /// A new entry, whose id was reserved and is not in use.
    pub fn insert(&mut self, id: Id, hash: u64, weight: u32) {
        if self.nodes.len() <= id as usize {
            self.nodes.resize(id as usize + 1, Node::default());
        }
        self.remove(id);
        self.live += 1;
        self.tick();
        self.count();
        let interval = if self.full { Past::UNKNOWN } else { Past::FIRST };
        let mut past = Past { last: self.now, times: 0, interval };
        if let Some(ghost) = self.ghosts.take(hash) {
            self.reuse.asked(ghost, ghost.age(self.now), self.live);
            past = ghost.asked(self.now);
        }
        let weight = logarithm(weight);
        self.weight += counts(weight, self.by_weight);
        let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
        let sampled = self.miniature.insert(id, hash, past, weight, self.weight, present);
        let state = if sampled { State::Sampled } else { State::There };
        self.nodes[id as usize] = Node { past, weight, state };
        self.newest = Some(id);
    }

    /// The entry was read or overwritten.
    pub fn hit(&mut self, id: Id) {
        self.tick();
        let Some(node) = self.nodes.get_mut(id as usize).filter(|node| node.state != State::Vacant) else { return };
        self.reuse.asked(node.past, node.past.age(self.now), self.live);
        node.past = node.past.asked(self.now);
        if node.state == State::Sampled {
            let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
            self.miniature.hit(id, node.past, node.weight, self.weight, present);
        }
    }

    /// The entry's weight changed.
    pub fn reweigh(&mut self, id: Id, weight: u32) {
        if let Some(node) = self.nodes.get_mut(id as usize).filter(|node| node.state != State::Vacant) {
            self.weight -= counts(node.weight, self.by_weight);
            node.weight = logarithm(weight);
            self.weight += counts(node.weight, self.by_weight);
        }
    }

    /// The entry is gone and not missed: it was deleted, or expired.
    pub fn remove(&mut self, id: Id) {
        if let Some(node) = self.nodes.get_mut(id as usize).filter(|node| node.state != State::Vacant) {
            if node.state == State::Sampled {
                self.miniature.remove(id);
            }
            node.state = State::Vacant;
            self.live -= 1;
            self.weight -= counts(node.weight, self.by_weight);
        }
    }

    /// The last victim is gone, and remembered.
    pub fn evict(&mut self, id: Id, hash: u64) {
        if let Some(&node) = self.nodes.get(id as usize).filter(|node| node.state != State::Vacant) {
            self.ghosts.add(hash, node.past, self.now);
            self.remove(id);
        }
    }

    /// An entry has a new id, which was reserved and is not in use.
    pub fn moved(&mut self, from: Id, to: Id) {
        if self.nodes.len() <= to as usize {
            self.nodes.resize(to as usize + 1, Node::default());
        }
        if let Some(node) = self.nodes.get_mut(from as usize) {
            let node = std::mem::take(node);
            if node.state == State::Sampled {
                self.miniature.moved(from, to);
            }
            self.nodes[to as usize] = node;
        }
    }

    /// How many entries there are.
    #[cfg(any(test, bytestore_faults))]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Whom to evict next; none: there is nobody. The worst of a sample, of the last samples' worst, and of the newest.
    /// It stays in the pool: its id is vacant soon.
    pub fn victim(&mut self) -> Option<Id> {
        if !self.full {
            self.full = true;
            self.miniature.fill();
        }
        let mut values = [f32::INFINITY; POOL];
        let mut worst = [None; POOL];
        let mut look = |id: Id, policy: &Policy| {
            let Some(value) = policy.value(id) else { return };
            if value < values[POOL - 1] && !worst.contains(&Some(id)) {
                let at = values.partition_point(|&other| other <= value);
                values[at..].rotate_right(1);
                worst[at..].rotate_right(1);
                (values[at], worst[at]) = (value, Some(id));
            }
        };
        self.pool.iter().chain([&self.newest]).flatten().for_each(|&id| look(id, self));
        if self.nodes.len() <= SAMPLE {
            (0..self.nodes.len() as Id).for_each(|id| look(id, self));
        } else {
            for _ in 0..SAMPLE {
                let id = self.random.below(self.nodes.len()) as Id;
                look(id, self);
            }
        }
        self.pool = worst;
        // Nothing found: most ids are vacant.
        let all = 0..self.nodes.len() as Id;
        worst[0].or_else(|| all.clone().find(|&id| self.value(id).is_some())).or_else(|| {
            let is_there = |id: &Id| self.nodes.get(*id as usize).is_some_and(|node| node.state != State::Vacant);
            all.clone().find(is_there) // of this batch
        })
    }

    fn is_of_this_batch(&self, node: &Node) -> bool {
        self.now.wrapping_sub(node.past.last) < self.now.wrapping_sub(self.started)
    }

    /// What the entry's place brings, by weight; none: it may not go.
    fn value(&self, id: Id) -> Option<f32> {
        let node = self.nodes.get(id as usize).filter(|node| node.state != State::Vacant)?;
        if self.is_of_this_batch(node) {
            return None;
        }
        let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
        let value = self.miniature.best().value(node.past, present);
        Some(if self.by_weight { value / power(node.weight) } else { value })
    }

    fn tick(&mut self) {
        self.now = self.now.wrapping_add(1);
        self.reuse.tick(self.now, self.live);
    }

    /// Adds to the time that entries and ghosts spent at each age: a sample of them stands for all.
    fn count(&mut self) {
        let time = self.now.wrapping_sub(self.counted) as f32;
        self.counted = self.now;
        let each = time * self.nodes.len() as f32 / CENSUS as f32;
        for _ in 0..CENSUS {
            let id = self.random.below(self.nodes.len());
            let node = self.nodes[id];
            if node.state != State::Vacant {
                self.reuse.waited(node.past, node.past.age(self.now), self.live, each);
            }
        }
        let bucket = self.random.below(self.ghosts.buckets());
        let each = time * self.ghosts.buckets() as f32;
        for ghost in self.ghosts.bucket(bucket) {
            self.reuse.waited(ghost, ghost.age(self.now), self.live, each);
        }
    }
}
