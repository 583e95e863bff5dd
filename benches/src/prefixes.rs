//! How long a question about a prefix takes that a hundred keys of many begin with: bytestore and others in turns.
//! Knows no store.

use crate::{
    machine,
    peer::Prefixed,
    peers,
    plan::BASE,
    results::rounded,
    workload::{mix, shuffled, Values},
};
use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// Keys that begin with the same prefix.
const MATCHES: usize = 100;
const ROUNDS: usize = 7;
/// A store's turn has two parts, of so many questions or so much time: in the first its memory comes back into the
/// processor's caches, which others had in their turns.
const COLD: usize = 128;
const WARM: usize = 256;
const SLICE: Duration = Duration::from_millis(60);
const QUESTIONS: usize = COLD + WARM;

/// A key is its prefix and a number below `MATCHES`, 20 bytes in all.
const PREFIX: usize = 17;
const KEY: usize = PREFIX + 3;

#[derive(Clone, Copy)]
enum Question {
    Count,
    Keys,
    Delete,
}

/// Deletes last: the others ask about what is there.
const QUESTIONS_BY_NAME: [(Question, &str); 3] =
    [(Question::Count, "count"), (Question::Keys, "keys"), (Question::Delete, "delete")];

impl Question {
    /// Asks, and checks the answer.
    #[inline]
    fn ask(self, store: &mut dyn Prefixed, prefix: &[u8]) {
        match self {
            Question::Count => assert_eq!(store.count(prefix), MATCHES, "a wrong count"),
            Question::Keys => assert_eq!(store.keys(prefix), MATCHES * KEY, "not the keys that were set"),
            Question::Delete => assert_eq!(store.delete(prefix), MATCHES, "not every match was deleted"),
        }
    }
}

/// How long each question of some turns took.
#[derive(Clone, Default)]
struct Times {
    cold: Vec<Duration>,
    warm: Vec<Duration>,
}

/// A line for each store and question: the median time of one, in microseconds.
pub fn run(entries: usize) -> Vec<Value> {
    assert!(entries % MATCHES == 0 && entries / MATCHES >= ROUNDS * QUESTIONS, "too few prefixes to delete");
    let line = |store: &str, question: &str, time: Duration| {
        let us = micros(time);
        json!({ "kind": "prefix", "entries": entries, "store": store, "question": question, "us": us })
    };
    let _pinned = machine::pin(0);
    let mut stores = peers::prefixed();
    stores.iter_mut().for_each(|(_, store)| fill(&mut **store, entries));
    let prefixes: Vec<String> = shuffled(entries / MATCHES).into_iter().map(prefix).collect();
    let first = |(name, store): &mut (&str, Box<dyn Prefixed>)| {
        let time = timed(|| Question::Count.ask(&mut **store, prefixes[0].as_bytes()));
        line(name, "first count", time)
    };
    let mut lines: Vec<Value> = stores.iter_mut().map(first).collect();
    for (question, words) in QUESTIONS_BY_NAME {
        let mut times = vec![Times::default(); stores.len()];
        for round in 0..ROUNDS {
            for place in 0..stores.len() {
                let at = (place + round) % stores.len(); // who begins changes
                turn(question, &mut *stores[at].1, &prefixes[round * QUESTIONS..][..QUESTIONS], &mut times[at]);
            }
        }
        for ((name, _), Times { cold, warm }) in stores.iter().zip(times) {
            let mut line = line(name, words, median(warm));
            line["cold_us"] = micros(median(cold)).into();
            lines.push(line);
        }
    }
    drop(stores);
    machine::trim();
    lines
}

fn turn(question: Question, store: &mut dyn Prefixed, prefixes: &[String], times: &mut Times) {
    let (cold, warm) = prefixes.split_at(COLD);
    for (prefixes, times) in [(cold, &mut times.cold), (warm, &mut times.warm)] {
        let start = Instant::now();
        for prefix in prefixes {
            times.push(timed(|| question.ask(store, prefix.as_bytes())));
            if start.elapsed() > SLICE {
                break;
            }
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e6)
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Keys of one prefix do not follow each other: each comes after one of every other prefix.
fn fill(store: &mut dyn Prefixed, entries: usize) {
    let (values, groups) = (Values::new(BASE.value), entries / MATCHES);
    for entry in 0..entries {
        let key = format!("{}{:03}", prefix(entry % groups), entry / groups);
        store.insert(key.as_bytes(), values.of(entry));
    }
}

fn prefix(group: usize) -> String {
    format!("{:016x}/", mix(group as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_gives_right_answers() {
        let questions: Vec<Value> = run(MATCHES * ROUNDS * QUESTIONS);
        assert_eq!(questions.len(), 12);
    }

    #[test]
    fn keys_are_as_long_as_they_are_said_to_be() {
        assert_eq!((prefix(7).len(), format!("{}{:03}", prefix(7), 5).len()), (PREFIX, KEY));
    }
}
