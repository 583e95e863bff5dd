//! How soon entries are asked for again, learned by class and age. Knows no entries.
//!
//! For each class and age: how often was one asked for there, and how much time did all spend there. Their quotient is
//! the rate of hits; where little was seen, the rate of all classes fills in, and before that a rate which falls with
//! age. The value of holding on is the best rate over any time ahead (Gittins: Bandit processes and dynamic allocation
//! indices, 1979).

use super::judges::Past;
use crate::Error;

/// Ages are told apart by logarithm, two an octave. Miri and fuzzers want few.
const AGES: usize = if cfg!(any(miri, fuzzing)) { 12 } else { 56 };
/// How often an entry was asked for: once, twice or 3 times, 4 to 7, 8 to 15, more.
const TIMES: usize = 5;
/// Octaves of the interval between accesses.
const INTERVALS: usize = if cfg!(any(miri, fuzzing)) { 2 } else { 14 };
const CLASSES: usize = 1 + TIMES * INTERVALS;
/// The class of entries that were never asked for.
const NEW: usize = 0;

/// What is believed before anything was seen: this many hits each time an age doubles.
const PRIOR: f32 = 3.0;
/// How many hits a belief counts as beside what was seen: of all classes, and of one.
const BELIEF_ALL: f32 = 0.5;
const BELIEF: f32 = 1.0;

#[derive(Clone, Copy, Default)]
struct Cell {
    hits: f32,
    time: f32,
}

pub struct Reuse {
    /// `AGES` for each class.
    cells: Vec<Cell>,
    values: Vec<f32>,
    /// Sums of classes: all, then those with the same interval.
    sums: [[Cell; AGES]; 1 + INTERVALS],
    /// The class that is evaluated next, when the last one was, and how long after it.
    class: usize,
    evaluated: u32,
    period: u32,
    /// The octave of intervals that are far below the number of entries: all shorter ones are alike.
    shortest: u8,
}

impl Reuse {
    pub fn new() -> Result<Self, Error> {
        let mut reuse = Reuse {
            cells: Vec::new(),
            values: Vec::new(),
            sums: [[Cell::default(); AGES]; 1 + INTERVALS],
            class: 0,
            evaluated: 0,
            period: 1,
            shortest: 0,
        };
        reuse.cells.try_reserve_exact(CLASSES * AGES)?;
        reuse.cells.resize(CLASSES * AGES, Cell::default());
        reuse.values.try_reserve_exact(CLASSES * AGES)?;
        reuse.values.resize(CLASSES * AGES, 0.0);
        (0..CLASSES).for_each(|class| reuse.evaluate(class));
        Ok(reuse)
    }

    /// An entry was asked for at an age.
    #[inline(always)]
    pub fn asked(&mut self, past: Past, age: u32) {
        let cell = self.cell(past, age);
        self.cells[cell].hits += 1.0;
    }

    /// An entry, or many like it, spent time at an age, all together.
    #[inline(always)]
    pub fn waited(&mut self, past: Past, age: u32, time: f32) {
        let cell = self.cell(past, age);
        self.cells[cell].time += time;
    }

    /// Hits to expect for holding on to an entry at an age, by the time that takes.
    #[inline(always)]
    pub fn value(&self, past: Past, age: u32) -> f32 {
        self.values[self.cell(past, age)]
    }

    #[inline(always)]
    fn cell(&self, past: Past, age: u32) -> usize {
        class(past, self.shortest) * AGES + bucket(age)
    }

    /// Evaluates a class now and then: often at first, and in a small store.
    #[inline(always)]
    pub fn tick(&mut self, now: u32, entries: usize) {
        if now.wrapping_sub(self.evaluated) >= self.period {
            self.next(now, entries);
        }
    }

    /// Evaluates the next class. What was seen fades.
    #[cold]
    fn next(&mut self, now: u32, entries: usize) {
        self.evaluated = now;
        // In the end all classes have had their turn when as many accesses were made as there are entries.
        self.period = (now / 4096).clamp(1, (entries / CLASSES).clamp(64, 4096) as u32);
        self.shortest = (entries / 64).max(1).ilog2() as u8;
        if self.class == 0 {
            self.sum();
        }
        let half_life = (16 * entries).max(8192) as f32;
        let keep = (1.0 - 0.7 * self.period as f32 * CLASSES as f32 / half_life).max(0.5);
        for cell in &mut self.cells[self.class * AGES..][..AGES] {
            cell.hits *= keep;
            cell.time *= keep;
        }
        self.evaluate(self.class);
        self.class = (self.class + 1) % CLASSES;
    }

    fn sum(&mut self) {
        self.sums = [[Cell::default(); AGES]; 1 + INTERVALS];
        for (class, cells) in self.cells.chunks_exact(AGES).enumerate() {
            for (age, cell) in cells.iter().enumerate() {
                for sum in [Some(0), parent(class)].into_iter().flatten() {
                    self.sums[sum][age].hits += cell.hits;
                    self.sums[sum][age].time += cell.time;
                }
            }
        }
    }

    fn evaluate(&mut self, class: usize) {
        let mut rates = [0.0; AGES];
        for (age, rate) in rates.iter_mut().enumerate() {
            let believed = self.sums[0][age].rate(PRIOR / start(age), BELIEF_ALL);
            let believed = parent(class).map_or(believed, |sum| self.sums[sum][age].rate(believed, BELIEF_ALL));
            *rate = self.cells[class * AGES + age].rate(believed, BELIEF);
        }
        // One that waits from the youngest age on: the hits until each age, and the time.
        let (mut hits, mut time, mut left) = ([0.0; AGES + 1], [0.0; AGES + 1], 1.0);
        for (age, rate) in rates.iter().enumerate() {
            let width = start(age + 1) - start(age);
            let stay = 1.0 / (1.0 + f64::from(rate * width));
            hits[age + 1] = hits[age] + left * (1.0 - stay);
            time[age + 1] = time[age] + left * stay * f64::from(width);
            // Some are left, however many were asked for: else there would be no rate.
            left = (left * stay).max(1e-9);
        }
        // The best rate from an age on is the slope of the upper convex hull of what lies ahead.
        let slope = |from: usize, to: usize| (hits[to] - hits[from]) / (time[to] - time[from]);
        let (mut hull, mut len) = ([AGES; AGES + 1], 1);
        for age in (0..AGES).rev() {
            while len > 1 && slope(age, hull[len - 2]) >= slope(age, hull[len - 1]) {
                len -= 1;
            }
            self.values[class * AGES + age] = slope(age, hull[len - 1]) as f32;
            hull[len] = age;
            len += 1;
        }
    }
}

impl Cell {
    /// Hits by time, where a belief counts as some hits.
    fn rate(self, believed: f32, weight: f32) -> f32 {
        (self.hits + weight) / (self.time + weight / believed)
    }
}

/// Entries with a like past.
#[inline]
fn class(past: Past, shortest: u8) -> usize {
    if past.times == 0 {
        return NEW;
    }
    let interval = usize::from((past.interval / 8).saturating_sub(shortest)).min(INTERVALS - 1);
    let times = (past.times.ilog2() as usize).min(TIMES - 1);
    1 + times * INTERVALS + interval
}

/// The sum of classes that are like this one.
fn parent(class: usize) -> Option<usize> {
    Some(1 + class.checked_sub(1)? % INTERVALS)
}

fn bucket(age: u32) -> usize {
    let age = age.max(1);
    let octave = age.ilog2();
    let half = ((u64::from(age) * 2) >> octave) & 1;
    (octave as usize * 2 + half as usize).min(AGES - 1)
}

/// The lowest age of a bucket.
fn start(bucket: usize) -> f32 {
    (1u64 << (bucket / 2)) as f32 * if bucket % 2 == 1 { 1.5 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::judges::logarithm;
    use super::super::nodes::{Node, State};
    use super::super::random::Random;
    use super::super::Policy;
    use super::*;

    /// The values of a class by their definition: of all times ahead the one with the best rate. As far as anybody gets.
    fn defined(reuse: &Reuse, class: usize) -> Vec<f64> {
        let rate = |cell: Cell, believed: f64, weight: f64| {
            (f64::from(cell.hits) + weight) / (f64::from(cell.time) + weight / believed)
        };
        let first = |age: usize| [1.0, 1.5][age % 2] * 2f64.powi(age as i32 / 2);
        let own = |age: usize| {
            let all = rate(reuse.sums[0][age], 3.0 / first(age), 0.5);
            let alike = match class {
                0 => all,
                _ => rate(reuse.sums[1 + (class - 1) % INTERVALS][age], all, 0.5),
            };
            rate(reuse.cells[class * AGES + age], alike, 1.0)
        };
        let from = |start: usize| {
            let (mut best, mut hits, mut time, mut left) = (0f64, 0.0, 0.0, 1.0);
            for age in start..AGES {
                let width = first(age + 1) - first(age);
                let stay = 1.0 / (1.0 + own(age) * width);
                (hits, time) = (hits + left * (1.0 - stay), time + left * stay * width);
                left *= stay;
                best = best.max(hits / time);
            }
            best
        };
        let mut left = 1.0;
        let is_reached = |age: &usize| {
            left /= 1.0 + own(*age) * (first(age + 1) - first(*age));
            left > 1e-6
        };
        (0..AGES).take_while(is_reached).map(from).collect()
    }

    #[test]
    fn values_are_as_they_are_defined() {
        let (mut reuse, mut random) = (Reuse::new().unwrap(), Random::new());
        for seen in [false, true] {
            if seen {
                for cell in &mut reuse.cells {
                    let mut some = || {
                        let octave = random.below(8);
                        random.below(1 << octave) as f32
                    };
                    *cell = Cell { hits: some(), time: some() * 1000.0 };
                }
                reuse.sum();
                (0..CLASSES).for_each(|class| reuse.evaluate(class));
            }
            for class in 0..CLASSES {
                let (values, defined) = (&reuse.values[class * AGES..][..AGES], defined(&reuse, class));
                assert!(defined.len() > 10);
                for (age, (&value, defined)) in values.iter().zip(defined).enumerate() {
                    let off = (f64::from(value) / defined - 1.0).abs();
                    assert!(off < 0.01, "class {class}, age {age}: {value}, and not {defined}");
                }
            }
        }
    }

    #[test]
    fn ages_are_told_apart_two_an_octave() {
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8].map(bucket), [0, 0, 2, 3, 4, 4, 5, 5, 6]);
        for at in 3..AGES {
            let first = start(at) as u32;
            assert_eq!([bucket(first - 1), bucket(first)], [at - 1, at]);
        }
        assert_eq!([bucket(0), bucket(u32::MAX)], [0, AGES - 1]);
    }

    #[test]
    fn classes_are_how_often_and_after_how_long() {
        let of =
            |times, interval: u32, shortest| class(Past { last: 9, times, interval: logarithm(interval) }, shortest);
        assert_eq!([of(0, 1, 0), of(0, 1 << 20, 0)], [NEW; 2], "who was never asked for has no interval");
        let apart = [(1, 0), (2, 1), (3, 1), (4, 2), (7, 2), (8, 3), (15, 3), (16, 4), (200, 4)];
        for (times, kind) in apart {
            assert_eq!(of(times, 1, 0), 1 + kind * INTERVALS);
            assert_eq!(of(times, 1 << 31, 0), (kind + 1) * INTERVALS, "the longest intervals are alike");
            assert_eq!([of(times, 2, 1), of(times, 4, 1)], [1 + kind * INTERVALS, 2 + kind * INTERVALS]);
        }
        assert_eq!(
            [parent(NEW), parent(1), parent(INTERVALS), parent(INTERVALS + 1)],
            [None, Some(1), Some(INTERVALS), Some(1)]
        );
    }

    #[test]
    fn every_class_has_its_turn_in_as_many_accesses_as_there_are_entries() {
        const ENTRIES: usize = 40_000;
        let mut reuse = Reuse::new().unwrap();
        (0..1 << 22).for_each(|now| reuse.tick(now, ENTRIES));
        reuse.cells.iter_mut().for_each(|cell| *cell = Cell { hits: 1e6, time: 1.0 });
        let unseen = |reuse: &Reuse| (0..CLASSES).filter(|class| reuse.values[class * AGES] < 100.0).count();
        assert_eq!(unseen(&reuse), CLASSES);
        let from = 1u32 << 22;
        (from..from + ENTRIES as u32 / 2).for_each(|now| reuse.tick(now, ENTRIES));
        assert!((CLASSES / 3..CLASSES * 2 / 3).contains(&unseen(&reuse)), "{}", unseen(&reuse));
        (from..from + ENTRIES as u32).for_each(|now| reuse.tick(now, ENTRIES));
        assert_eq!(unseen(&reuse), 0);
        assert_eq!(reuse.shortest, 9, "a sixty-fourth of the entries' octave");
    }

    #[test]
    fn what_was_seen_counts_for_its_class_and_age_alone() {
        let mut reuse = Reuse::new().unwrap();
        let past = Past { last: 0, times: 4, interval: logarithm(2) };
        let cell = class(past, 0) * AGES + bucket(12);
        assert_eq!(cell, (2 + 2 * INTERVALS) * AGES + 7);
        reuse.asked(past, 12);
        reuse.waited(past, 12, 5.0);
        for (at, seen) in reuse.cells.iter().enumerate() {
            let expected = if at == cell { (1.0, 5.0) } else { (0.0, 0.0) };
            assert_eq!((seen.hits, seen.time), expected, "{at}");
        }
    }

    #[test]
    fn what_was_seen_fades_where_it_is_evaluated_and_is_summed_once_a_round() {
        let mut reuse = Reuse::new().unwrap();
        for class in [0, 2] {
            reuse.cells[class * AGES + 3] = Cell { hits: 8.0, time: 8.0 };
        }
        let keep = 1.0 - 0.7 * CLASSES as f32 / 8192.0;
        reuse.next(1, 0);
        let seen =
            |reuse: &Reuse, class: usize| [reuse.cells[class * AGES + 3].hits, reuse.cells[class * AGES + 3].time];
        assert_eq!([seen(&reuse, 0), seen(&reuse, 2)], [[8.0 * keep; 2], [8.0; 2]]);
        assert_eq!([reuse.sums[0][3].hits, reuse.sums[0][3].time], [16.0; 2]);
        (1..CLASSES).for_each(|_| reuse.next(1, 0));
        assert_eq!(seen(&reuse, 2), [8.0 * keep; 2]);
        assert_eq!(reuse.sums[0][3].hits, 16.0);
        reuse.next(1, 0);
        assert_eq!(reuse.sums[0][3].hits, 16.0 * keep);
    }

    /// A few nodes stand for all, and the ghosts of a bucket for those of all buckets.
    #[test]
    fn a_sample_counts_for_the_time_of_all() {
        let mut policy = Policy::new(false).unwrap();
        for id in 0..1000 {
            policy.nodes.set(id, Node::new(Past::default(), 0, State::There));
        }
        [1, 3, 5].into_iter().for_each(|hash| policy.ghosts.add(hash, Past::default(), 0));
        policy.now = 3;
        policy.count();
        let time: f32 = policy.reuse.cells.iter().map(|cell| cell.time).sum();
        assert_eq!(time, (3 * 1000 + 3 * 3 * policy.ghosts.buckets()) as f32);
    }
}
