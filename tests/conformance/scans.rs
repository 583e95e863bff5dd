//! The steps that give keys. Where a store keeps no order, the keys of a whole scan are compared as a set.

use std::collections::HashSet;

use bytestore::{Error, Keys, Store};

use crate::notation::{list, number, Bytes};
use crate::place;
use crate::readable::Readable;
use crate::steps::{Fields, Outcome};

pub struct Scan {
    keys: Keys,
    /// Where a store keeps no order: what it gave so far, and what it would have given in order.
    given: Vec<Bytes>,
    due: Vec<Bytes>,
}

pub fn keys(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let prefix = fields.prefix()?;
    let expected = outcome.answer(&mut fields, "expect", list)?;
    fields.end()?;
    compare(outcome, store.keys(prefix).and_then(Iterator::collect), expected)
}

pub fn start(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<Option<Scan>, String> {
    let prefix = fields.prefix()?;
    fields.end()?;
    let keys = outcome.of(store.keys(prefix))?;
    Ok(keys.map(|keys| Scan { keys, given: Vec::new(), due: Vec::new() }))
}

impl Scan {
    pub fn next(&mut self, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
        let take = number(&fields.take("take")?)?;
        let expected = outcome.answer(&mut fields, "expect", list)?;
        fields.end()?;
        let answer = self.keys.by_ref().take(take).collect();
        if place::keeps_order() {
            return outcome.equals(answer, expected);
        }
        self.given.extend(outcome.of::<Vec<Bytes>>(answer)?.unwrap_or_default());
        self.due.extend(expected.unwrap_or_default());
        Ok(())
    }

    pub fn rest(&mut self, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
        let expected = outcome.answer(&mut fields, "expect", list)?;
        let may = fields.optional("may_include").map_or(Ok(Vec::new()), |form| list(&form))?;
        fields.end()?;
        let may: HashSet<Bytes> = may.into_iter().collect();
        let given = self.given.drain(..).map(Ok);
        let answer: Result<Vec<Bytes>, Error> = given.chain(self.keys.by_ref()).collect();
        let mut seen = HashSet::new();
        if let Some(twice) = answer.iter().flatten().find(|key| !seen.insert(*key)) {
            return Err(format!("twice: {}", twice.shortened()));
        }
        let is_certain = |key: &Bytes| !may.contains(key);
        let others = answer.map(|keys| keys.into_iter().filter(is_certain).collect());
        let due = self.due.drain(..);
        compare(outcome, others, expected.map(|rest| due.chain(rest).filter(is_certain).collect()))
    }
}

pub fn compare(
    outcome: &Outcome,
    answer: Result<Vec<Bytes>, Error>,
    expected: Option<Vec<Bytes>>,
) -> Result<(), String> {
    let comparable = |mut keys: Vec<Bytes>| {
        if !place::keeps_order() {
            keys.sort();
        }
        keys
    };
    outcome.equals(answer.map(comparable), expected.map(comparable))
}
