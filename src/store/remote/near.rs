//! The near tier: copies, in this process, of what a server has, and which of them may be used. Knows no connections.
//!
//! Who fills it asked the server some time ago, and the entry may have changed
//! since. So he notes numbers before he asks, one of each key's part and one of
//! all: a notice of a change adds one to them before it drops the copy. He
//! fills only where they have not moved, and checks and fills with the lock
//! that whoever drops has, too: a copy goes in before the notice, and goes, or
//! never goes in. Filling first and checking later would need no lock, but
//! others would find in between what the caller's own write has replaced.
//!
//! No reader goes back in time: who fills moves the numbers, too, so that what
//! was asked for earlier is not put over it, and who comes too late to fill
//! drops a copy that is not what he gives his caller.
//!
//! Who writes drops copies once, when the server has answered or failed, before
//! his call returns. Dropping them before as well would gain nothing: until the
//! call returns it is one of those under way at once, and a copy that comes in
//! meanwhile goes with the rest.
//!
//! All of this is for words of changes that come. That they do is vouched for
//! until a time, which readers look at after they have found a copy.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use crate::engine::{Counters, Engine, Entry, Settings, ValueSink, NEVER};
use crate::store::values::Values;
use crate::sys::random::Keyed;
use crate::sys::{self, clock, Bytes, Lock, Shared};
use crate::Error;

/// Keys share so many numbers: a change refuses few copies that are under way but its own key's.
const PARTS: usize = 4096;

/// A copy ends before its entry does, by this part of the time left: so much may pass before its own time begins.
const SPARE: u64 = 16;
/// Milliseconds by which two times that are rounded are wrong.
const ROUNDED: u64 = 2;

pub struct Near {
    engine: Engine,
    /// Who fills or drops has it.
    turn: Lock<()>,
    /// How often copies of keys of each part were dropped.
    moved: [AtomicU64; PARTS],
    /// How often all copies were.
    all_moved: AtomicU64,
    hashing: Keyed,
    /// Until when copies may be used, by the monotonic clock.
    trusted_until: AtomicU64,
    /// Something could not be dropped: nothing is used until all is.
    is_broken: AtomicBool,
    is_closed: AtomicBool,
    /// There is a thread that hears of changes, and has a reference of its own.
    is_watched: AtomicBool,
}

/// The numbers before the server was asked, and when that was.
pub struct Notes {
    all: u64,
    parts: Vec<u64>,
    pub time: u64,
}

/// What the server has: a value, and the milliseconds that it still has to live.
#[derive(Clone, Copy)]
pub struct Fresh<'v> {
    pub value: Option<&'v [u8]>,
    pub ttl: Option<u64>,
}

/// What there was, in the order of the keys.
#[derive(Default)]
pub struct Found {
    pub answers: Vec<Answer>,
    bytes: Bytes,
}

pub enum Answer {
    Missing,
    /// Where it ends; it begins where the last one does.
    Copied(usize),
    Shared(Entry),
}

impl Near {
    pub fn new(settings: Settings) -> Result<Shared<Self>, Error> {
        Shared::try_new(Near {
            engine: Engine::new(settings)?,
            turn: Lock::new(()),
            moved: [const { AtomicU64::new(0) }; PARTS],
            all_moved: AtomicU64::new(0),
            hashing: Keyed::new(),
            trusted_until: AtomicU64::new(0),
            is_broken: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
        })
    }

    /// What may be used of what there is; `None`: nothing may.
    pub fn find(&self, keys: &[&[u8]]) -> Result<Option<Found>, Error> {
        if !self.is_trusted() {
            return Ok(None);
        }
        let mut found = Found::default();
        self.engine.mget(keys.iter().copied(), &mut found)?;
        // Asked again: this thread may have slept before it looked.
        Ok(self.is_trusted().then_some(found))
    }

    pub fn note(&self, keys: &[&[u8]]) -> Result<Notes, Error> {
        Ok(Notes {
            all: self.all_moved.load(SeqCst),
            parts: sys::try_collect(keys.iter().map(|key| self.part(key).load(SeqCst)))?,
            time: clock::monotonic_ms(),
        })
    }

    /// Keeps copies of what the server had after `notes` were taken of the same keys, where nothing has changed since.
    pub fn fill(&self, keys: &[&[u8]], fresh: &[Fresh], notes: &Notes) -> Result<(), Error> {
        let (mut pairs, mut doubtful, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        pairs.try_reserve_exact(keys.len())?;
        doubtful.try_reserve_exact(keys.len())?;
        wrong.try_reserve_exact(keys.len())?;
        let _turn = self.turn.lock();
        let start = clock::monotonic_ms();
        let late = start - notes.time + ROUNDED;
        let have_all_moved = self.all_moved.load(SeqCst) != notes.all;
        // There is room in all three.
        for ((&key, &Fresh { value, ttl }), &part) in keys.iter().zip(fresh).zip(&notes.parts) {
            // It ends no later than the server's, whenever that has said so.
            let left = |ttl: u64| ttl.saturating_sub(late) / SPARE * (SPARE - 1);
            let ttl = ttl.map_or(NEVER, left).min(self.engine.settings().ttl);
            match value.filter(|_| ttl > 0) {
                None => wrong.push(key),
                Some(value) if have_all_moved || self.part(key).load(SeqCst) != part => doubtful.push((key, value)),
                Some(value) => pairs.push((key, value, ttl)),
            }
        }
        // Who has asked before now may have what is older.
        keys.iter().for_each(|key| _ = self.part(key).fetch_add(1, SeqCst));
        // In order, and what goes goes last: of a key that stands there twice the later answer may be another one.
        self.set(&pairs);
        let passed = clock::monotonic_ms() - start;
        wrong.extend(pairs.iter().filter(|pair| passed > pair.2 / SPARE).map(|pair| pair.0));
        self.find_wrong(&doubtful, &mut wrong)?;
        if !wrong.is_empty() && self.engine.mdelete(wrong.iter().copied()).is_err() {
            self.is_broken.store(true, SeqCst);
        }
        Ok(())
    }

    /// Of copies that others may have made meanwhile, those that are not what the server said.
    fn find_wrong<'k>(&self, doubtful: &[(&'k [u8], &[u8])], wrong: &mut Vec<&'k [u8]>) -> Result<(), Error> {
        if doubtful.is_empty() {
            return Ok(());
        }
        let mut values = Values::new(false);
        self.engine.mget(doubtful.iter().map(|&(key, _)| key), &mut values)?;
        let copies = doubtful.iter().zip(&values.answers);
        wrong.extend(copies.filter(|((_, value), copy)| copy.as_deref() != Some(value)).map(|((key, _), _)| key));
        Ok(())
    }

    /// What is too large, or too much at once, is left out: these are copies.
    fn set(&self, pairs: &[(&[u8], &[u8], u64)]) {
        for pairs in pairs.chunk_by(|one, other| one.2 == other.2) {
            let ttl = pairs.first().map(|pair| pair.2);
            let set = |pairs: &[(&[u8], &[u8], u64)]| {
                self.engine.mset(pairs.iter().map(|&(key, value, _)| (key, value)), ttl)
            };
            if set(pairs).is_err() {
                for pair in pairs {
                    if set(std::slice::from_ref(pair)).is_err() && self.engine.mdelete([pair.0].into_iter()).is_err() {
                        self.is_broken.store(true, SeqCst);
                    }
                }
            }
        }
    }

    /// Drops copies: these keys have changed.
    pub fn forget(&self, keys: &[&[u8]]) {
        keys.iter().for_each(|key| _ = self.part(key).fetch_add(1, SeqCst));
        let _turn = self.turn.lock();
        if self.engine.mdelete(keys.iter().copied()).is_err() {
            self.is_broken.store(true, SeqCst);
        }
    }

    /// Drops all copies: anything may have changed. Whether it could.
    pub fn forget_all(&self) -> bool {
        self.all_moved.fetch_add(1, SeqCst);
        let _turn = self.turn.lock();
        let is_broken = self.engine.delete_prefix(b"").is_err();
        self.is_broken.store(is_broken, SeqCst);
        !is_broken
    }

    /// All changes up to a time have been heard of, so copies are good until a later one; 0: no longer.
    pub fn trust_until(&self, time: u64) {
        self.trusted_until.store(time, SeqCst);
    }

    fn is_trusted(&self) -> bool {
        clock::monotonic_ms() < self.trusted_until.load(SeqCst) && !self.is_broken()
    }

    pub fn is_broken(&self) -> bool {
        self.is_broken.load(SeqCst)
    }

    pub fn is_closed(&self) -> bool {
        self.is_closed.load(SeqCst)
    }

    /// The store goes: so do the copies, and soon the thread.
    pub fn close(&self) {
        self.is_closed.store(true, SeqCst);
        self.trust_until(0);
        self.forget_all();
    }

    /// A reference for the thread that hears of changes, if there is none yet.
    pub fn watch(near: &Shared<Self>) -> Option<Shared<Self>> {
        let is_needed = !near.is_watched.load(SeqCst) && !near.is_watched.swap(true, SeqCst);
        is_needed.then(|| near.clone())
    }

    /// The thread is no more.
    pub fn leave(&self) {
        self.is_watched.store(false, SeqCst);
    }

    /// Sizes, bounds and what went by itself: that of the copies.
    pub fn counters(&self) -> Counters {
        Counters { hits: 0, misses: 0, sets: 0, deletes: 0, ..self.engine.counters() }
    }

    /// To be held around a fork, in this order.
    pub fn locks(&self) -> (&Lock<()>, &Engine) {
        (&self.turn, &self.engine)
    }

    /// In the child of a fork, where the thread is not: what it would hear of is unknown until another one is there. What
    /// it had, one reference among it, is lost here.
    pub fn lose_watch(&self) {
        self.trust_until(0);
        self.leave();
    }

    fn part(&self, key: &[u8]) -> &AtomicU64 {
        &self.moved[self.hashing.hash_one(key) as usize % PARTS]
    }
}

impl Found {
    /// The keys that are not there.
    pub fn missing<'k>(&self, keys: &[&'k [u8]]) -> Result<Vec<&'k [u8]>, Error> {
        let is_missing = |answer: &Answer| matches!(answer, Answer::Missing);
        let mut missing = Vec::new();
        missing.try_reserve_exact(self.answers.iter().filter(|answer| is_missing(answer)).count())?;
        missing.extend(keys.iter().zip(&self.answers).filter(|(_, answer)| is_missing(answer)).map(|(&key, _)| key));
        Ok(missing)
    }

    /// Gives all answers, in order, the others' where they are missing.
    pub fn give<'v>(
        &self,
        mut others: impl Iterator<Item = Option<&'v [u8]>> + Clone,
        sink: &mut impl ValueSink,
    ) -> Result<(), Error> {
        let shared = |answer: &Answer| if let Answer::Shared(entry) = answer { entry.value().len() } else { 0 };
        let more: usize = others.clone().flatten().map(<[u8]>::len).sum();
        let bytes = self.bytes.len() + self.answers.iter().map(shared).sum::<usize>() + more;
        sink.expect(self.answers.len(), bytes)?;
        let mut start = 0;
        for answer in &self.answers {
            match answer {
                Answer::Missing => match others.next().flatten() {
                    Some(value) => sink.copied(value)?,
                    None => sink.missing()?,
                },
                &Answer::Copied(end) => sink.copied(&self.bytes[std::mem::replace(&mut start, end)..end])?,
                Answer::Shared(entry) => sink.shared(entry)?,
            }
        }
        Ok(())
    }
}

impl ValueSink for Found {
    fn expect(&mut self, answers: usize, bytes: usize) -> Result<(), Error> {
        self.answers.try_reserve_exact(answers)?;
        self.bytes.reserve_exact(bytes)
    }

    fn missing(&mut self) -> Result<(), Error> {
        self.answers.push(Answer::Missing);
        Ok(())
    }

    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        self.bytes.append(value)?;
        self.answers.push(Answer::Copied(self.bytes.len()));
        Ok(())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.answers.push(Answer::Shared(entry.clone()));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
