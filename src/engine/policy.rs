//! Which entry to evict. Knows ids, ages and weights; no keys, no values, no bound.

use crate::Error;

pub type Id = u32;

const AGES: usize = 56; // two an octave
const TIMES: usize = 6;
const INTERVALS: usize = 14;
const CLASSES: usize = TIMES * INTERVALS;
const SLOTS: usize = 16;

fn env(name: &str, default: f32) -> f32 {
    std::env::var(name).ok().and_then(|x| x.parse().ok()).unwrap_or(default)
}

#[derive(Clone, Copy, Default)]
struct Node {
    last: u32,
    weight: u32,
    class: u8, // of CLASSES
    times: u8,
    present: bool,
}

#[derive(Clone, Copy, Default)]
struct Ghost {
    print: u16,
    used: bool,
    class: u8,
    times: u8,
    last: u32,
}

pub struct Policy {
    now: u32,
    live: usize,
    nodes: Vec<Node>,
    ghosts: Vec<Ghost>,
    events: Vec<f32>,
    exposure: Vec<f32>,
    index: Vec<f32>,
    ratio: Vec<f32>, parents: Vec<f32>, // events, exposure by age
    seen: u32,  // when exposure was sampled last
    row: usize,
    row_at: u32,
    random: u64,
    newest: Option<Id>,
    p: [f32; 8],
}

fn age_bucket(age: u32) -> usize {
    let age = age.max(1);
    let o = age.ilog2();
    let half = if o > 0 { (age >> (o - 1)) & 1 } else { 0 };
    ((2 * o + half) as usize).min(AGES - 1)
}
fn start(bucket: usize) -> f32 {
    let base = (1u64 << (bucket / 2)) as f32;
    if bucket % 2 == 1 { base * 1.5 } else { base }
}

fn env2(i: usize) -> u32 { static M: std::sync::OnceLock<[u32;2]> = std::sync::OnceLock::new(); M.get_or_init(|| [env("P0", 4096.0) as u32, env("P1", 64.0) as u32])[i] }
fn mode() -> u32 { static M: std::sync::OnceLock<u32> = std::sync::OnceLock::new(); *M.get_or_init(|| env("MODE", 0.0) as u32) }
fn class_of(times: u8, interval: u32, shift: u32) -> u8 {
    let t = (u32::from(times) + 1).ilog2().min(5) as usize;
    let t = if mode() == 1 { t.min(1) } else { t };
    let i = ((interval >> shift).max(1).ilog2() as usize).min(INTERVALS - 1);
 (t * INTERVALS + i) as u8
}

impl Policy {
    pub fn new() -> Self {
        let mut p = Policy {
            now: 0, live: 0, nodes: Vec::new(), ghosts: Vec::new(),
            events: vec![0.0; CLASSES * AGES], exposure: vec![0.0; CLASSES * AGES], index: vec![0.0; CLASSES * AGES],
            parents: vec![0.0; (INTERVALS + 1) * 2 * AGES], ratio: vec![0.0; 4 * AGES], seen: 0, row: 0, row_at: 0, random: 1, newest: None,
            p: [env("GHOST", 1.0), env("MIN", 4096.0), env("HALF", 16.0), env("K", 2.0), env("PRIOR", 0.3), env("S", 64.0), env("K3", 1.0), env("K2", 2.0)],
        };
        p.pool();
        for row in 0..CLASSES { p.learn(row) }
        p
    }

    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 32) as usize * below) >> 32
    }

    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        let want = ((self.live + more) as f32 * self.p[0]).max(self.p[1]) as usize;
        let want = want.next_power_of_two() ;
        if self.ghosts.len() < want {
            let old = std::mem::replace(&mut self.ghosts, vec![Ghost::default(); want]);
            let _ = old;
        }
        Ok(())
    }

    fn shift(&self) -> u32 {
        (self.live as u32 / 64).max(1).ilog2()
    }

    fn tick(&mut self) {
        self.now = self.now.wrapping_add(1);
        let period = (self.now / env2(0)).clamp(1, env2(1));
        if self.now.wrapping_sub(self.row_at) >= period {
            self.row_at = self.now;
            let rows_half = (self.p[2] * self.live as f32).max(8192.0) / (period as f32 * CLASSES as f32);
            let decay = 0.5f32.powf(1.0 / rows_half);
            let row = self.row;
            for b in row * AGES..(row + 1) * AGES {
                self.events[b] *= decay;
                self.exposure[b] *= decay;
            }
            if row == 0 { self.pool(); }
            self.learn(row);
            self.row = if row == 0 { INTERVALS } else { (row + 1) % CLASSES };
        }
    }

    fn pool(&mut self) {
        self.parents.fill(0.0);
        self.ratio.fill(0.0);
        let shift = self.shift();
        for c in INTERVALS..CLASSES {
            let i = c % INTERVALS;
            let mid = 2 * (i + shift as usize);
            for b in 0..AGES {
                let at = AGES + b - mid.min(AGES);
                self.ratio[at] += self.events[c * AGES + b];
                self.ratio[2 * AGES + at] += self.exposure[c * AGES + b] / start(b); // in units of the age
            }
        }
        for c in 0..CLASSES {
            let t = if c < INTERVALS { 0 } else { c % INTERVALS + 1 };
            for b in 0..AGES {
                let (e, x) = (self.events[c * AGES + b], self.exposure[c * AGES + b]);
                self.parents[b] += e;
                self.parents[AGES + b] += x;
                if t > 0 {
                self.parents[t * 2 * AGES + b] += e;
                self.parents[t * 2 * AGES + AGES + b] += x; }
            }
        }
    }

    fn learn(&mut self, row: usize) {
        let mut rate = [0f32; AGES];
        let t = if row < INTERVALS { 0 } else { row % INTERVALS + 1 };
        let (k, prior, k2) = (self.p[3], self.p[4], self.p[7]);
        for b in 0..AGES {
            let root = prior / start(b);
            let all = (self.parents[b] + k2) / (self.parents[AGES + b] + k2 / root);
            let by_t = if t == 0 { all } else { (self.parents[t * 2 * AGES + b] + k2) / (self.parents[t * 2 * AGES + AGES + b] + k2 / all) };
            let by_t = if row >= INTERVALS && self.p[6] > 0.0 && false {
                let at = AGES + b - (2 * (row % INTERVALS + self.shift() as usize)).min(AGES);
                (self.ratio[at] + self.p[6]) / (self.ratio[2 * AGES + at] * start(b) + self.p[6] / by_t)
            } else { by_t };
            rate[b] = (self.events[row * AGES + b] + k) / (self.exposure[row * AGES + b] + k / by_t);
        }
        for b in 0..AGES {
            let (mut hits, mut time, mut alive, mut best) = (0f32, 0f32, 1f32, 0f32);
            for e in b..AGES {
                let w = start(e + 1) - start(e);
                let x = rate[e] * w;
                let p = x / (1.0 + x);
                hits += alive * p;
                time += alive * w / (1.0 + x) ;
                alive *= 1.0 - p;
                best = best.max(hits / time);
            }
            self.index[row * AGES + b] = best;
        }
    }

    pub fn insert(&mut self, id: Id, hash: u64, weight: u32) {
        self.tick();
        let n = self.ghosts.len() / SLOTS;
        let bucket = (hash as usize & (n - 1)) * SLOTS;
        let print = (hash >> 40) as u16;
        let dt = self.now.wrapping_sub(self.seen) as f32;
        self.seen = self.now;
        // Exposure of ghosts: this bucket stands for all.
        let scale = dt * n as f32;
        let mut found = None;
        let other = self.random(n) * SLOTS;
        for at in other..other + SLOTS {
            let g = self.ghosts[at];
            if !g.used { continue }
            let cell = g.class as usize * AGES + age_bucket(self.now.wrapping_sub(g.last));
            self.exposure[cell] += scale;
        }
        for at in bucket..bucket + SLOTS {
            let g = self.ghosts[at];
            if !g.used { continue }
            let cell = g.class as usize * AGES + age_bucket(self.now.wrapping_sub(g.last));
            if g.print == print {
                found = Some(g);
                self.ghosts[at].used = false;
                self.events[cell] += 1.0;
            }
        }
        // And of entries.
        let samples = 16.min(self.live);
        for _ in 0..samples {
            let at = self.random(self.nodes.len());
            let node = self.nodes[at];
            if node.present {
                let cell = node.class as usize * AGES + age_bucket(self.now.wrapping_sub(node.last));
                self.exposure[cell] += dt * self.nodes.len() as f32 / samples as f32;
            }
        }
        let (class, times) = match found {
            Some(g) => { let t = (g.times + 1).min(200); (class_of(t, self.now.wrapping_sub(g.last), self.shift()), t) }
            None => (0, 0),
        };
        if self.nodes.len() <= id as usize { self.nodes.resize(id as usize + 1, Node::default()); }
        self.nodes[id as usize] = Node { last: self.now, weight, class, times, present: true };
        self.live += 1;
        self.newest = Some(id);
    }

    pub fn hit(&mut self, id: Id) {
        self.tick();
        let shift = self.shift();
        let node = &mut self.nodes[id as usize];
        let age = self.now.wrapping_sub(node.last);
        self.events[node.class as usize * AGES + age_bucket(age)] += 1.0;
        node.times = (node.times + 1).min(200);
        node.class = class_of(node.times, age, shift);
        node.last = self.now;
    }

    fn value(&self, id: usize) -> f32 {
        let node = &self.nodes[id];
        self.index[node.class as usize * AGES + age_bucket(self.now.wrapping_sub(node.last))] / node.weight as f32
    }

    pub fn victim(&mut self) -> Option<Id> {
        let mut best = (f32::INFINITY, None);
        let all = self.nodes.len() <= self.p[5] as usize;
        let n = if all { self.nodes.len() } else { self.p[5] as usize };
        for i in 0..n {
            let at = if all { i } else { self.random(self.nodes.len()) };
            if self.nodes[at].present {
                let v = self.value(at);
                if v < best.0 { best = (v, Some(at as u32)); }
            }
        }
        if let Some(id) = self.newest.filter(|&id| self.nodes[id as usize].present) {
            let v = self.value(id as usize);
            if v < best.0 { best = (v, Some(id)); }
        }
        best.1
    }

    pub fn remove(&mut self, id: Id) {
        self.nodes[id as usize].present = false;
        self.live -= 1;
    }

    pub fn evict(&mut self, id: Id, hash: u64) {
        let n = self.ghosts.len() / SLOTS;
        let bucket = (hash as usize & (n - 1)) * SLOTS;
        let node = self.nodes[id as usize];
        let now = self.now;
        let slot = (bucket..bucket + SLOTS).max_by_key(|&at| {
            let g = self.ghosts[at];
            if g.used { now.wrapping_sub(g.last) as u64 } else { u64::MAX }
        }).unwrap();
        self.ghosts[slot] = Ghost { print: (hash >> 40) as u16, used: true, class: node.class, times: node.times, last: node.last };
        self.remove(id);
    }
}
