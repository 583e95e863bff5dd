//! Which entry to evict: the one whose place brings the fewest hits. Knows ids, ages and weights; no keys, no values, no bound.
//!
//! Two judges. The learned one knows how soon entries of a class (asked for how often, after how long the last time)
//! were asked for again, at each age (`reuse`), and takes the worst of a random sample: Beckmann, Chen, Cidon: LHD,
//! NSDI 2018, with the index of Gittins (1979) for the hit density, and with what a table of evicted entries (`ghosts`)
//! tells about the time after eviction. It has to see entries come back before it knows anything. Probation, a short
//! queue that new entries pass through first (Johnson, Shasha: 2Q, VLDB 1994), is right about scans and loops at once.
//! Whose victims were missed less decides next time (Vietri et al.: LeCaR, HotStorage 2018).

mod ghosts;
mod reuse;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::Error;
use ghosts::{Ghost, Ghosts};
use reuse::{Reuse, NEW};

/// The number of an entry. They are dense: nearly all below the highest are in use.
pub type Id = u32;

/// Random entries looked at for one eviction, beside the worst ones of the last time.
const SAMPLE: usize = 48;
const POOL: usize = 16;
/// Random entries that stand for all when it is counted how many have which age.
const CENSUS: usize = 16;
/// One entry in this many is on probation.
const PROBATION: usize = 32;
/// One eviction in this many is the other judge's, to keep an eye on it.
const TRIAL: u32 = 16;

#[derive(Clone, Copy, Default)]
struct Node {
    last: u32,
    class: u8,
    times: u8,
    /// Its logarithm, see [`cost`].
    weight: u8,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum State {
    #[default]
    Vacant,
    /// Neither asked for since it came, nor remembered.
    New,
    Known,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Judge {
    Learned,
    Probation,
}

/// How many of a judge's victims there were, and how many of them were soon missed; both fade.
#[derive(Clone, Copy)]
struct Record {
    evicted: f32,
    missed: f32,
}

/// One policy for a whole store; its holder has the store alone.
pub struct Policy {
    /// Accesses so far. It wraps: an entry of that age counts as young again.
    now: u32,
    /// Those before the batch under way.
    started: u32,
    live: usize,
    nodes: Vec<Node>,
    /// Ids on probation, oldest first; some may have been deleted or renumbered since.
    queue: VecDeque<Id>,
    /// The worst entries of the last sample.
    pool: [Option<Id>; POOL],
    newest: Option<Id>,
    ghosts: Ghosts,
    reuse: Reuse,
    /// Of the learned judge and of probation.
    records: [Record; 2],
    judge: Judge,
    turn: u32,
    counted: u32,
    random: u64,
    by_weight: bool,
}

impl Policy {
    /// `by_weight`: an entry of twice the weight must bring twice the hits. Without, entries' weights are ignored.
    pub fn new(by_weight: bool) -> Result<Self, Error> {
        Ok(Policy {
            now: 0,
            started: 0,
            live: 0,
            nodes: Vec::new(),
            queue: VecDeque::new(),
            pool: [None; POOL],
            newest: None,
            ghosts: Ghosts::new()?,
            reuse: Reuse::new()?,
            records: [Record { evicted: 1.0, missed: 1.0 }, Record { evicted: 1.0, missed: 0.0 }],
            judge: Judge::Learned,
            turn: 0,
            counted: 0,
            random: 1,
            by_weight,
        })
    }

    /// Memory for ids below `ids`. Whatever can fail is done here.
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        if ids > self.nodes.capacity() {
            // An eighth more, where doubling would leave half of it empty.
            let more = ids.saturating_sub(self.nodes.len()).max(self.nodes.len() / 8);
            self.nodes.try_reserve_exact(more)?;
        }
        let queue = ids / PROBATION + 2;
        self.queue.try_reserve(queue.saturating_sub(self.queue.len()))?;
        self.ghosts.reserve(ids)
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
        let (now, live) = (self.now, self.live);
        let mut node = Node { last: now, class: NEW, times: 0, weight: logarithm(weight), state: State::New };
        if let Some(ghost) = self.ghosts.take(hash) {
            let age = now.wrapping_sub(ghost.last);
            self.reuse.asked(ghost.class, age);
            let judge = if ghost.probation { Judge::Probation } else { Judge::Learned };
            self.records[judge as usize].missed += live as f32 / (live as f32 + age as f32);
            let times = ghost.times.saturating_add(1);
            node = Node { class: self.reuse.class(times, age, live), times, state: State::Known, ..node };
        } else {
            let most = live / PROBATION;
            // More are there only while nothing has to be evicted: they have passed.
            while self.queue.len() > most {
                self.queue.pop_front();
            }
            self.queue.push_back(id);
        }
        self.nodes[id as usize] = node;
        self.newest = Some(id);
    }

    /// The entry was read or overwritten.
    pub fn hit(&mut self, id: Id) {
        self.tick();
        let (now, live) = (self.now, self.live);
        let Some(node) = self.nodes.get_mut(id as usize).filter(|node| node.state != State::Vacant) else { return };
        let age = now.wrapping_sub(node.last);
        self.reuse.asked(node.class, age);
        node.times = node.times.saturating_add(1);
        node.class = self.reuse.class(node.times, age, live);
        node.last = now;
        node.state = State::Known;
    }

    /// The entry's weight changed.
    pub fn reweigh(&mut self, id: Id, weight: u32) {
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.weight = logarithm(weight);
        }
    }

    /// The entry is gone and not missed: it was deleted, or expired.
    pub fn remove(&mut self, id: Id) {
        if let Some(node) = self.nodes.get_mut(id as usize).filter(|node| node.state != State::Vacant) {
            node.state = State::Vacant;
            self.live -= 1;
        }
    }

    /// The last victim is gone, and remembered.
    pub fn evict(&mut self, id: Id, hash: u64) {
        if let Some(&node) = self.nodes.get(id as usize).filter(|node| node.state != State::Vacant) {
            let probation = self.judge == Judge::Probation;
            self.ghosts.add(hash, Ghost { last: node.last, class: node.class, times: node.times, probation }, self.now);
            self.remove(id);
        }
    }

    /// An entry has a new id, which was reserved and is not in use. It is not on probation any more.
    pub fn moved(&mut self, from: Id, to: Id) {
        if self.nodes.len() <= to as usize {
            self.nodes.resize(to as usize + 1, Node::default());
        }
        if let Some(node) = self.nodes.get_mut(from as usize) {
            let node = std::mem::take(node);
            self.nodes[to as usize] = node;
        }
    }

    /// How many entries there are.
    #[cfg(test)]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Whom to evict next; none: there is nobody.
    pub fn victim(&mut self) -> Option<Id> {
        self.turn = self.turn.wrapping_add(1);
        let keep = 1.0 - 1.0 / (4.0 * self.live as f32 + 64.0);
        for record in &mut self.records {
            record.evicted *= keep;
            record.missed *= keep;
        }
        let [learned, probation] = self.records;
        // Compares missed / evicted.
        let trusted = probation.missed * learned.evicted <= learned.missed * probation.evicted;
        let on_probation = if trusted != (self.turn % TRIAL == 0) { self.failed() } else { None };
        self.judge = if on_probation.is_some() { Judge::Probation } else { Judge::Learned };
        self.records[self.judge as usize].evicted += 1.0;
        on_probation.or_else(|| self.worst())
    }

    /// The next one that was not asked for while on probation.
    fn failed(&mut self) -> Option<Id> {
        while self.queue.len() > self.live / PROBATION {
            let &id = self.queue.front()?;
            let node = self.nodes.get(id as usize).filter(|node| node.state == State::New);
            if node.is_some_and(|node| self.is_of_this_batch(node)) {
                return None;
            }
            self.queue.pop_front();
            if node.is_some() {
                return Some(id);
            }
        }
        None
    }

    /// The worst of a sample, of the last samples' worst, and of the newest. It stays in the pool: its id is vacant soon.
    fn worst(&mut self) -> Option<Id> {
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
                let id = self.random_id();
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
        self.now.wrapping_sub(node.last) < self.now.wrapping_sub(self.started)
    }

    /// Hits that the entry's place brings, by time and weight; none: it may not go.
    fn value(&self, id: Id) -> Option<f32> {
        let node = self.nodes.get(id as usize).filter(|node| node.state != State::Vacant)?;
        if self.is_of_this_batch(node) {
            return None;
        }
        let value = self.reuse.value(node.class, self.now.wrapping_sub(node.last));
        Some(if self.by_weight { value / cost(node.weight) } else { value })
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
            let id = self.random_id();
            let node = self.nodes[id as usize];
            if node.state != State::Vacant {
                self.reuse.waited(node.class, self.now.wrapping_sub(node.last), each);
            }
        }
        let bucket = self.below(self.ghosts.buckets());
        let each = time * self.ghosts.buckets() as f32;
        for ghost in self.ghosts.bucket(bucket) {
            self.reuse.waited(ghost.class, self.now.wrapping_sub(ghost.last), each);
        }
    }

    fn random_id(&mut self) -> Id {
        self.below(self.nodes.len()) as Id
    }

    /// Marsaglia: Xorshift RNGs, 2003.
    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 32) as usize * end) >> 32
    }
}

/// A weight's logarithm, in eighths of an octave.
fn logarithm(weight: u32) -> u8 {
    let weight = u64::from(weight.max(1));
    let octave = weight.ilog2();
    (octave * 8 + (((weight << 3) >> octave) & 7) as u32) as u8
}

/// The weight of a logarithm.
fn cost(logarithm: u8) -> f32 {
    (1u64 << (logarithm / 8)) as f32 * (1.0 + f32::from(logarithm % 8) / 8.0)
}
