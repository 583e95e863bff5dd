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
/// A store's turn ends after so many questions, or so much time.
const QUESTIONS: usize = 128;
const SLICE: Duration = Duration::from_millis(60);

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

/// A line for each store and question: the median time of one, in microseconds.
pub fn run(entries: usize) -> Vec<Value> {
    assert!(entries % MATCHES == 0 && entries / MATCHES >= ROUNDS * QUESTIONS, "too few prefixes to delete");
    let line = |store: &str, question: &str, time: Duration| {
        let micros = rounded(time.as_secs_f64() * 1e6);
        json!({ "kind": "prefix", "entries": entries, "store": store, "question": question, "us": micros })
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
        let mut times = vec![Vec::new(); stores.len()];
        for round in 0..ROUNDS {
            for place in 0..stores.len() {
                let at = (place + round) % stores.len(); // who begins changes
                turn(question, &mut *stores[at].1, &prefixes[round * QUESTIONS..][..QUESTIONS], &mut times[at]);
            }
        }
        for ((name, _), times) in stores.iter().zip(&mut times) {
            times.sort_unstable();
            lines.push(line(name, words, times[times.len() / 2]));
        }
    }
    drop(stores);
    machine::trim();
    lines
}

fn turn(question: Question, store: &mut dyn Prefixed, prefixes: &[String], times: &mut Vec<Duration>) {
    let start = Instant::now();
    for prefix in prefixes {
        times.push(timed(|| question.ask(store, prefix.as_bytes())));
        if start.elapsed() > SLICE {
            break;
        }
    }
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
