//! Which entry to evict: the one whose place brings the fewest hits. Knows ids, ages and weights; no keys, no values, no bound.
//!
//! No single rule is right for all. So there are several (`judges`), each of which takes the worst of a random sample and of
//! those that have just ceased to be newcomers (`newcomers`):
//! - one learns how soon entries of a class (asked for how often, after how long the last time) were asked for again, at
//!   each age (`reuse`): Beckmann, Chen, Cidon: LHD, NSDI 2018, with the index of Gittins (1979) for the hit density, and
//!   with what a table of evicted entries (`ghosts`) tells about the time after eviction;
//! - the others need no time to learn: the interval between accesses, as in LIRS, which is right about loops and scans at
//!   once; recency; frequency; and a weight between these two.
//!
//! Each rules a small cache beside the store, in which a sample of the keys takes part (`miniature`). Whose cache hits most
//! decides; it changes only for a lead that is no chance, and pays (in the place of regret: Vietri et al.: LeCaR,
//! HotStorage 2018).

mod ghosts;
mod judges;
mod miniature;
mod newcomers;
mod nodes;
mod pool;
mod random;
mod reuse;
#[cfg(all(test, not(modelled)))]
mod tests;

use crate::Error;
use ghosts::Ghosts;
use judges::{counts, logarithm, power, Past, Present};
use miniature::Miniature;
use newcomers::Newcomers;
use nodes::{Node, Nodes, State};
use pool::Pool;
use random::Random;
use reuse::Reuse;

/// The number of an entry. They are dense: nearly all below the highest are in use.
pub type Id = u32;

/// Random entries looked at for one eviction, beside the worst ones of the last time.
const SAMPLE: usize = 48;
/// Random entries that stand for all when it is counted how many have which age.
const CENSUS: usize = 8;
/// Random entries that are on their way before they are looked at.
const DRAWN: usize = 32;
/// Entries that have ceased to be newcomers which are looked at beside, at most: as many cease as come.
const SETTLED: usize = 2;
/// Victims that are named at once, at most.
pub(crate) const GROUP: usize = 16;

/// One policy for a whole store; its holder has the store alone.
pub struct Policy {
    /// Accesses so far. It wraps: an entry of that age counts as young again.
    now: u32,
    /// Those before the batch under way.
    started: u32,
    live: usize,
    /// Of all entries together.
    weight: u64,
    nodes: Nodes,
    /// The worst entries that were looked at.
    pool: Pool,
    /// Random ids, which will be looked at next, and which one first.
    drawn: [Id; DRAWN],
    next: usize,
    /// The ghosts that will be counted next.
    bucket: usize,
    newest: Option<Id>,
    newcomers: Newcomers,
    /// Entries that were evicted so far.
    evicted: usize,
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
            nodes: Nodes::default(),
            pool: Pool::new(),
            drawn: [0; DRAWN],
            next: 0,
            bucket: 0,
            newest: None,
            newcomers: Newcomers::default(),
            evicted: 0,
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
    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        self.nodes.reserve(ids)?;
        self.newcomers.reserve(ids)?;
        self.ghosts.reserve(ids)
    }

    /// Bytes that it holds for its ids.
    pub fn bytes(&self) -> u64 {
        self.nodes.bytes() + self.newcomers.bytes() + self.ghosts.bytes()
    }

    /// Asks for what `hit` will look at.
    #[inline(always)]
    pub fn prefetch(&self, id: Id) {
        self.nodes.prefetch(id);
    }

    /// Asks for what `insert` and `evict` will look at.
    #[inline(always)]
    pub fn prefetch_ghost(&self, hash: u64) {
        self.ghosts.prefetch(hash);
    }

    /// A batch begins: what it sets will not have to go for it, as long as there is anything else.
    pub fn begin(&mut self) {
        self.started = self.now;
    }

    /// A new entry, whose id was reserved and is not in use.
    pub fn insert(&mut self, id: Id, hash: u64, weight: u32) {
        self.remove(id);
        self.live += 1;
        self.tick();
        self.count();
        let interval = if self.full { Past::UNKNOWN } else { Past::FIRST };
        let mut past = Past { last: self.now, times: 0, interval };
        if let Some(ghost) = self.ghosts.take(hash) {
            self.reuse.asked(ghost, ghost.age(self.now));
            past = ghost.asked(self.now);
        }
        let weight = logarithm(weight);
        self.weight += counts(weight, self.by_weight);
        let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
        let sampled = self.miniature.insert(id, hash, past, weight, self.weight, present);
        let state = if sampled { State::Sampled } else { State::There };
        self.nodes.set(id, Node::new(past, weight, state));
        self.newest = Some(id);
        self.newcomers.add(id);
    }

    /// The entry was read or overwritten.
    pub fn hit(&mut self, id: Id) {
        self.tick();
        let Some(node) = self.nodes.get_mut(id) else { return };
        let past = node.past();
        self.reuse.asked(past, past.age(self.now));
        let past = past.asked(self.now);
        node.set_past(past);
        if node.state == State::Sampled {
            let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
            self.miniature.hit(id, past, node.weight, self.weight, present);
        }
    }

    /// The entry's weight changed.
    pub fn reweigh(&mut self, id: Id, weight: u32) {
        if let Some(node) = self.nodes.get_mut(id) {
            self.weight -= counts(node.weight, self.by_weight);
            node.weight = logarithm(weight);
            self.weight += counts(node.weight, self.by_weight);
        }
    }

    /// The entry is gone and not missed: it was deleted, or expired.
    pub fn remove(&mut self, id: Id) {
        if let Some(node) = self.nodes.get_mut(id) {
            if node.state == State::Sampled {
                self.miniature.remove(id);
            }
            node.state = State::Vacant;
            self.live -= 1;
            self.weight -= counts(node.weight, self.by_weight);
        }
    }

    /// A victim is gone, and remembered.
    pub fn evict(&mut self, id: Id, hash: u64) {
        if let Some(node) = self.nodes.get(id) {
            self.ghosts.add(hash, node.past(), self.now);
            self.remove(id);
            self.evicted = self.evicted.saturating_add(1);
        }
    }

    /// An entry has a new id, which was reserved and is not in use.
    pub fn moved(&mut self, from: Id, to: Id) {
        if let Some(node) = self.nodes.get_mut(from) {
            let node = std::mem::take(node);
            if node.state == State::Sampled {
                self.miniature.moved(from, to);
            }
            self.nodes.set(to, node);
        }
    }

    /// How many entries there are.
    #[cfg(any(test, bytestore_faults))]
    pub fn live(&self) -> usize {
        self.live
    }

    /// Whom to evict next, who is worth least first, until so many entries and so much weight would be gone, or as many
    /// as are named at once; none: there is nobody. Each one is the worst of a sample, of the last samples' worst, and of
    /// the newest.
    pub fn victims(&mut self, entries: u64, weight: u64) -> Victims {
        if !self.full {
            self.full = true;
            self.miniature.fill();
        }
        let mut pool = Pool::new();
        for id in self.pool.ids().chain(self.newest) {
            match self.nodes.get(id).and_then(|node| self.value(node)) {
                Some(value) if pool.wants(value) => pool.add(id, value),
                _ => {}
            }
        }
        let (mut victims, mut gone) = (Victims::default(), 0);
        while victims.len < GROUP && ((victims.len as u64) < entries || gone < weight) {
            self.look(&mut pool, &victims);
            let Some(id) = pool.take().or_else(|| self.any().filter(|_| victims.len == 0)) else { break };
            victims.ids[victims.len] = id;
            victims.len += 1;
            gone += self.nodes.get(id).map_or(0, |node| power(node.weight) as u64);
        }
        self.pool = pool;
        victims
    }

    /// Looks at a sample, or at all if there are no more, and at who has just ceased to be a newcomer: most of those that
    /// nobody asked for will go, and a sample would find them late (as the small queue of S3-FIFO: Yang et al., SOSP 2023).
    fn look(&mut self, pool: &mut Pool, victims: &Victims) {
        let ids = self.nodes.len();
        for at in 0..ids.min(SAMPLE) {
            let id = if ids > SAMPLE { self.draw() } else { at as Id };
            self.consider(id, pool, victims);
        }
        for _ in 0..SETTLED {
            let Some((id, next)) = self.newcomers.settled(self.live) else { return };
            next.into_iter().for_each(|next| self.nodes.prefetch(next));
            // Before, the judges have not been compared enough.
            if self.evicted >= self.live {
                self.consider(id, pool, victims);
            }
        }
    }

    #[inline(always)]
    fn consider(&self, id: Id, pool: &mut Pool, victims: &Victims) {
        match self.nodes.get(id).and_then(|node| self.value(node)) {
            Some(value) if pool.wants(value) && !victims.ids().contains(&id) => pool.add(id, value),
            _ => {}
        }
    }

    /// A random id, drawn some time ago, so that its node has come meanwhile.
    #[inline(always)]
    fn draw(&mut self) -> Id {
        let new = self.random.below(self.nodes.len()) as Id;
        self.nodes.prefetch(new);
        self.next = (self.next + 1) % DRAWN;
        std::mem::replace(&mut self.drawn[self.next], new)
    }

    /// Nothing was found, as most ids are vacant: whoever may go; if there is nobody else, one of this batch.
    fn any(&self) -> Option<Id> {
        let may_go = self.nodes.all().find(|(_, node)| self.value(node).is_some());
        may_go.or_else(|| self.nodes.all().next()).map(|(id, _)| id)
    }

    /// What the entry's place brings, by weight; none: it may not go.
    #[inline(always)]
    fn value(&self, node: &Node) -> Option<f32> {
        let past = node.past();
        let is_of_this_batch = past.age(self.now) < self.now.wrapping_sub(self.started);
        if is_of_this_batch {
            return None;
        }
        let present = Present { reuse: &self.reuse, now: self.now, live: self.live };
        let value = self.miniature.best().value(past, present);
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
            let id = self.draw();
            if let Some(past) = self.nodes.get(id).map(Node::past) {
                self.reuse.waited(past, past.age(self.now), each);
            }
        }
        let each = time * self.ghosts.buckets() as f32;
        for ghost in self.ghosts.bucket(self.bucket) {
            self.reuse.waited(ghost, ghost.age(self.now), each);
        }
        self.bucket = self.random.below(self.ghosts.buckets());
        self.ghosts.prefetch_bucket(self.bucket);
    }
}

/// Entries that have to go.
#[derive(Default)]
pub struct Victims {
    ids: [Id; GROUP],
    len: usize,
}

impl Victims {
    pub fn ids(&self) -> &[Id] {
        &self.ids[..self.len]
    }
}
