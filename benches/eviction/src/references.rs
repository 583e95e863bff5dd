//! Policies from papers, in their simplest form, and the optimum. Slow and plain: only their hits count.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::trace::Trace;
use crate::Cache;

/// Evicts what was not asked for the longest.
pub struct Lru {
    bound: u64,
    used: u64,
    clock: u64,
    /// When each key was asked for last, and its weight.
    entries: HashMap<u32, (u64, u32)>,
    order: BTreeSet<(u64, u32)>,
}

impl Lru {
    pub fn new(bound: u64) -> Self {
        Lru { bound, used: 0, clock: 0, entries: HashMap::new(), order: BTreeSet::new() }
    }
}

impl Cache for Lru {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        self.clock += 1;
        let before = self.entries.insert(key, (self.clock, weight));
        self.order.insert((self.clock, key));
        match before {
            Some((then, _)) => drop(self.order.remove(&(then, key))),
            None => self.used += u64::from(weight),
        }
        while self.used > self.bound {
            let (_, oldest) = self.order.pop_first().expect("something has weight");
            self.used -= u64::from(self.entries.remove(&oldest).expect("both know it").1);
        }
        before.is_some()
    }
}

/// Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, SOSP 2023.
pub struct S3Fifo {
    bound: u64,
    small: VecDeque<u32>,
    main: VecDeque<u32>,
    ghosts: VecDeque<u32>,
    small_weight: u64,
    main_weight: u64,
    /// Times asked for, at most 3, and weight.
    entries: HashMap<u32, (u8, u32)>,
    /// How often each key stands among the ghosts.
    in_ghosts: HashMap<u32, u32>,
}

impl S3Fifo {
    pub fn new(bound: u64) -> Self {
        S3Fifo {
            bound,
            small: VecDeque::new(),
            main: VecDeque::new(),
            ghosts: VecDeque::new(),
            small_weight: 0,
            main_weight: 0,
            entries: HashMap::new(),
            in_ghosts: HashMap::new(),
        }
    }

    fn evict(&mut self) {
        if self.small_weight >= (self.bound / 10).max(1) || self.main.is_empty() {
            self.evict_small();
        } else {
            self.evict_main();
        }
    }

    fn evict_small(&mut self) {
        while let Some(key) = self.small.pop_front() {
            let (times, weight) = self.entries[&key];
            self.small_weight -= u64::from(weight);
            if times > 1 {
                self.entries.insert(key, (0, weight));
                self.main.push_back(key);
                self.main_weight += u64::from(weight);
                continue;
            }
            self.entries.remove(&key);
            self.ghosts.push_back(key);
            *self.in_ghosts.entry(key).or_default() += 1;
            // As many as the main queue holds.
            while self.ghosts.len() > self.main.len().max(1) {
                let oldest = self.ghosts.pop_front().expect("there are some");
                if let Some(times) = self.in_ghosts.get_mut(&oldest) {
                    *times -= 1;
                    if *times == 0 {
                        self.in_ghosts.remove(&oldest);
                    }
                }
            }
            return;
        }
        if !self.main.is_empty() {
            self.evict_main();
        }
    }

    fn evict_main(&mut self) {
        loop {
            let key = self.main.pop_front().expect("it is not empty");
            let (times, weight) = self.entries[&key];
            if times > 0 {
                self.entries.insert(key, (times - 1, weight));
                self.main.push_back(key);
            } else {
                self.entries.remove(&key);
                self.main_weight -= u64::from(weight);
                return;
            }
        }
    }
}

impl Cache for S3Fifo {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        if let Some((times, _)) = self.entries.get_mut(&key) {
            *times = (*times + 1).min(3);
            return true;
        }
        while self.small_weight + self.main_weight + u64::from(weight) > self.bound {
            self.evict();
        }
        self.entries.insert(key, (0, weight));
        if self.in_ghosts.remove(&key).is_some() {
            self.main.push_back(key);
            self.main_weight += u64::from(weight);
        } else {
            self.small.push_back(key);
            self.small_weight += u64::from(weight);
        }
        false
    }
}

/// Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024.
pub struct Sieve {
    bound: u64,
    used: u64,
    clock: u64,
    hand: u64,
    /// Place, weight, and whether it was asked for.
    entries: HashMap<u32, (u64, u32, bool)>,
    order: BTreeSet<(u64, u32)>,
}

impl Sieve {
    pub fn new(bound: u64) -> Self {
        Sieve { bound, used: 0, clock: 0, hand: 0, entries: HashMap::new(), order: BTreeSet::new() }
    }
}

impl Cache for Sieve {
    fn access(&mut self, key: u32, weight: u32) -> bool {
        if let Some((_, _, asked)) = self.entries.get_mut(&key) {
            *asked = true;
            return true;
        }
        while self.used + u64::from(weight) > self.bound {
            let next = self.order.range((self.hand, 0)..).next().or(self.order.first());
            let &(place, candidate) = next.expect("something has weight");
            self.hand = place + 1;
            let (_, weight, asked) = self.entries.get_mut(&candidate).expect("both know it");
            if !std::mem::take(asked) {
                self.used -= u64::from(*weight);
                self.entries.remove(&candidate);
                self.order.remove(&(place, candidate));
            }
        }
        self.clock += 1;
        self.used += u64::from(weight);
        self.entries.insert(key, (self.clock, weight, false));
        self.order.insert((self.clock, key));
        false
    }
}

/// Belady: A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 1966. Evicts the key
/// whose next use lies furthest ahead, be it the one that was just asked for. Every key counts 1.
pub fn belady(trace: &Trace, bound: u64) -> u64 {
    const NEVER: usize = usize::MAX;
    let mut next = vec![NEVER; trace.keys.len()];
    let mut seen = vec![NEVER; trace.distinct()];
    for (at, &key) in trace.keys.iter().enumerate().rev() {
        next[at] = std::mem::replace(&mut seen[key as usize], at);
    }
    let mut cached = vec![NEVER; trace.distinct()]; // each cached key's next use
    let mut order = BTreeSet::new();
    let mut hits = 0;
    for (at, &key) in trace.keys.iter().enumerate() {
        if cached[key as usize] == at {
            hits += 1;
            order.remove(&(at, key));
        }
        cached[key as usize] = next[at];
        if next[at] != NEVER {
            order.insert((next[at], key));
        }
        if order.len() as u64 > bound {
            let (_, furthest) = order.pop_last().expect("too many");
            cached[furthest as usize] = NEVER;
        }
    }
    hits
}
