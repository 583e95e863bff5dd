//! The steps of a case, done with the public Rust API and nothing else of the library.

use std::collections::HashMap;
use std::time::Duration;

use bytestore::{Error, Store};
use serde_json::{Map, Value};

use crate::compute;
use crate::notation::{answers, bytes, list, number, pairs, Bytes};
use crate::place;
use crate::prefixes;
use crate::race::race;
use crate::readable::Readable;
use crate::scans::{self, Scan};
use crate::snapshots;

/// What lives while a case runs.
pub struct Case {
    stores: HashMap<String, Opened>,
    scans: HashMap<String, Scan>,
    /// What was saved, by name.
    snapshots: HashMap<String, Bytes>,
    /// Of a store and a page: where the next one begins.
    positions: HashMap<(String, String), u64>,
}

struct Opened {
    store: Store,
    closed: bool,
}

/// One step's fields. Each is taken once; what is left at the end is unknown.
pub struct Fields(Map<String, Value>);

/// How a step must fail, if it must.
pub struct Outcome(pub Option<String>);

const OWN_STORE: &str = "";

impl Case {
    pub fn new() -> Result<Self, String> {
        let store = place::own_store().map_err(|error| error.name())?;
        let stores = HashMap::from([(OWN_STORE.to_string(), Opened { store, closed: false })]);
        Ok(Case { stores, scans: HashMap::new(), snapshots: HashMap::new(), positions: HashMap::new() })
    }

    pub fn run(&mut self, step: &Value) -> Result<(), String> {
        let mut fields = Fields(step.as_object().ok_or("a step is an object")?.clone());
        let operation = fields.text("do")?;
        let name = fields.optional("store").map_or(Ok(OWN_STORE.to_string()), text)?;
        let outcome = Outcome(fields.optional("error").map(text).transpose()?);
        match operation.as_str() {
            "open" => self.open(name, fields, &outcome),
            "save" => {
                let new = fields.text("as")?;
                fields.end()?;
                if let Some(bytes) = snapshots::save(self.store(&name)?, &outcome)? {
                    self.snapshots.insert(new, bytes);
                }
                Ok(())
            }
            "load" => {
                let from = fields.text("from")?;
                let bytes = self.snapshots.get(&from).ok_or_else(|| format!("no snapshot {from}"))?.clone();
                snapshots::load(self.store(&name)?, bytes, fields, &outcome)
            }
            "close" => self.close(&name, fields, &outcome),
            "mset" => mset(self.store(&name)?, fields, &outcome),
            "mget" => mget(self.store(&name)?, fields, &outcome),
            "mdelete" => mdelete(self.store(&name)?, fields, &outcome),
            "keys" => scans::keys(self.store(&name)?, fields, &outcome),
            "len" => len(self.store(&name)?, fields, &outcome),
            "advance" => advance(self.store(&name)?, fields, &outcome),
            "counters" => counters(self.store(&name)?, fields, &outcome),
            "count" => prefixes::count(self.store(&name)?, fields, &outcome),
            "delete_prefix" => prefixes::delete_prefix(self.store(&name)?, fields, &outcome),
            "page" => {
                let position = self.positions.entry((name.clone(), fields.text("page")?)).or_default();
                let opened = self.stores.get(&name).ok_or_else(|| format!("no store {name}"))?;
                prefixes::page(&opened.store, position, fields, &outcome)
            }
            "namespace" => {
                let (prefix, new) = (bytes(&fields.take("prefix")?)?, fields.text("as")?);
                fields.end()?;
                let view = self.store(&name)?.namespace(prefix);
                self.add(new, view, &outcome)
            }
            "compute" => compute::compute(self.store(&name)?, fields, &outcome),
            "scan_start" => self.scan_start(&name, fields, &outcome),
            "scan_next" => self.scan(&mut fields)?.next(fields, &outcome),
            "scan_rest" => self.scan(&mut fields)?.rest(fields, &outcome),
            "race" => {
                let (list, with) = (list(&fields.take("keys")?)?, fields.text("with")?);
                let (writers, rounds) = (number(&fields.take("writers")?)?, number(&fields.take("rounds")?)?);
                fields.end()?;
                outcome.must_be_success()?;
                race(self.store(&name)?, &list, writers, rounds, &with)
            }
            unknown => Err(format!("unknown operation {unknown}")),
        }
    }

    fn store(&self, name: &str) -> Result<&Store, String> {
        Ok(&self.stores.get(name).ok_or_else(|| format!("no store {name}"))?.store)
    }

    fn open(&mut self, name: String, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
        if let Some(from) = fields.optional("snapshot").map(text).transpose()? {
            fields.end()?;
            let bytes = self.snapshots.get(&from).ok_or_else(|| format!("no snapshot {from}"))?;
            return self.add(name, snapshots::open(bytes), outcome);
        }
        let url = fields.text("url")?;
        fields.end()?;
        self.add(name, Store::open(&url), outcome)
    }

    fn add(&mut self, name: String, store: Result<Store, Error>, outcome: &Outcome) -> Result<(), String> {
        if let Some(store) = outcome.of(store)? {
            if self.stores.insert(name, Opened { store, closed: false }).is_some() {
                return Err("a store of this name is there".to_string());
            }
        }
        Ok(())
    }

    fn close(&mut self, name: &str, fields: Fields, outcome: &Outcome) -> Result<(), String> {
        fields.end()?;
        let opened = self.stores.get_mut(name).ok_or_else(|| format!("no store {name}"))?;
        match opened.store.close() {
            // Closing again may do nothing or say so.
            Err(Error::ClosedHandle) if opened.closed => Ok(()),
            first => outcome.of(first).map(|_| opened.closed = true),
        }
    }

    fn scan_start(&mut self, name: &str, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
        let new = fields.text("scan")?;
        if let Some(scan) = scans::start(self.store(name)?, fields, outcome)? {
            self.scans.insert(new, scan);
        }
        Ok(())
    }

    fn scan(&mut self, fields: &mut Fields) -> Result<&mut Scan, String> {
        let name = fields.text("scan")?;
        self.scans.get_mut(&name).ok_or_else(|| format!("no scan {name}"))
    }
}

fn mset(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let mut pairs = pairs(&fields.take("pairs")?)?;
    let scribble = fields.scribble()?;
    let ttl = fields.optional("ttl");
    fields.end()?;
    outcome.of(match ttl {
        None => store.mset(&pairs),
        Some(Value::Null) => store.mset_with_ttl(&pairs, None),
        Some(ttl) => store.mset_with_ttl(&pairs, Some(Duration::from_millis(number(&ttl)? as u64))),
    })?;
    if scribble {
        pairs.iter_mut().for_each(|(key, value)| {
            key.fill(b'#');
            value.fill(b'#');
        });
    }
    Ok(())
}

fn mget(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let mut keys = list(&fields.take("keys")?)?;
    let expected = outcome.answer(&mut fields, "expect", answers)?;
    let scribble = fields.scribble()?;
    fields.end()?;
    let mut answer = store.mget(&keys);
    let verdict = outcome.equals(answer.clone(), expected);
    if scribble {
        keys.iter_mut().for_each(|key| key.fill(b'#'));
        answer.iter_mut().flatten().flatten().for_each(|value| value.fill(b'#'));
    }
    verdict
}

fn mdelete(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let mut keys = list(&fields.take("keys")?)?;
    let removed = outcome.answer(&mut fields, "removed", number)?;
    let scribble = fields.scribble()?;
    fields.end()?;
    let verdict = outcome.equals(store.mdelete(&keys), removed);
    if scribble {
        keys.iter_mut().for_each(|key| key.fill(b'#'));
    }
    verdict
}

fn len(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let expected = outcome.answer(&mut fields, "expect", number)?;
    fields.end()?;
    outcome.equals(store.len(), expected)
}

fn advance(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let milliseconds = number(&fields.take("ms")?)?;
    fields.end()?;
    outcome.of(store.advance_clock(milliseconds as u64)).map(|_| ())
}

fn counters(store: &Store, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let object = |form: &Value| form.as_object().cloned().ok_or_else(|| format!("not an object: {form}"));
    let expected = outcome.answer(&mut fields, "expect", object)?;
    fields.end()?;
    let Some(counted) = outcome.of(store.counters())? else { return Ok(()) };
    for (name, expected) in expected.unwrap_or_default() {
        let answer = match name.as_str() {
            "hits" => counted.hits,
            "misses" => counted.misses,
            "sets" => counted.sets,
            "deletes" => counted.deletes,
            "evictions_by_bytes" => counted.evictions_by_bytes,
            "evictions_by_entries" => counted.evictions_by_entries,
            "expirations" => counted.expirations,
            "entries" => counted.entries,
            "key_bytes" => counted.key_bytes,
            "value_bytes" => counted.value_bytes,
            "overhead_bytes" => counted.overhead_bytes,
            "max_bytes" => counted.max_bytes,
            "max_entries" => counted.max_entries,
            unknown => return Err(format!("unknown counter {unknown}")),
        };
        if answer != number(&expected)? as u64 {
            return Err(format!("{name} is {answer}, must be {expected}"));
        }
    }
    Ok(())
}

impl Fields {
    pub fn take(&mut self, field: &str) -> Result<Value, String> {
        self.0.remove(field).ok_or_else(|| format!("no field {field}"))
    }

    pub fn optional(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field)
    }

    pub fn text(&mut self, field: &str) -> Result<String, String> {
        text(self.take(field)?)
    }

    pub fn prefix(&mut self) -> Result<Bytes, String> {
        self.optional("prefix").map_or(Ok(Bytes::new()), |form| bytes(&form))
    }

    fn scribble(&mut self) -> Result<bool, String> {
        self.optional("scribble").map_or(Ok(false), |form| form.as_bool().ok_or_else(|| format!("not a bool: {form}")))
    }

    /// Every field must have been understood.
    pub fn end(self) -> Result<(), String> {
        match self.0.keys().next() {
            Some(unknown) => Err(format!("unknown field {unknown}")),
            None => Ok(()),
        }
    }
}

impl Outcome {
    /// The field with the answer, which a step that must fail does not have.
    pub fn answer<T>(
        &self,
        fields: &mut Fields,
        field: &str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match &self.0 {
            None => read(&fields.take(field)?).map(Some),
            Some(_) => Ok(None),
        }
    }

    /// `None` when the step failed as it must.
    pub fn of<T>(&self, result: Result<T, Error>) -> Result<Option<T>, String> {
        match (result, &self.0) {
            (Ok(answer), None) => Ok(Some(answer)),
            (Ok(_), Some(error)) => Err(format!("succeeds, must be {error}")),
            (Err(error), Some(name)) if error.name() == name => Ok(None),
            (Err(error), must) => Err(format!("is {}, must be {}", error.name(), must.as_deref().unwrap_or("ok"))),
        }
    }

    pub fn equals<T: PartialEq + Readable>(&self, result: Result<T, Error>, expected: Option<T>) -> Result<(), String> {
        let answer = self.of(result)?;
        if answer == expected {
            return Ok(());
        }
        Err(format!("gives {}, must give {}", answer.shortened(), expected.shortened()))
    }

    fn must_be_success(&self) -> Result<(), String> {
        self.0.as_ref().map_or(Ok(()), |error| Err(format!("cannot be made to fail with {error}")))
    }
}

fn text(form: Value) -> Result<String, String> {
    form.as_str().map(str::to_string).ok_or_else(|| format!("not a string: {form}"))
}
