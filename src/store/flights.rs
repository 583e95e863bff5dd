//! Which keys are being computed, by whom, and who waits for them. Knows keys and outcomes; sets and gets nothing.
//!
//! A computation of a key is a flight. Who finds none for a key that is missing
//! starts one; who finds one waits for it (the Go project's `singleflight` gave
//! the form). A batch lands its own flights before it waits for others, so two
//! batches never wait for each other. A computation that asks for keys itself
//! can: before a thread waits, the chain of those who wait for it is followed.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::error;
use std::hash::{Hash, Hasher};
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::registry::Core;
use crate::sys::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use crate::sys::random::Keyed;
use crate::sys::{futex, this_thread, Bytes, Lock, Shared};
use crate::Error;

/// Why there is no value.
#[derive(Clone, Debug)]
pub enum Failure {
    Store(Error),
    /// A number that a computation in C ended with.
    Status(i32),
    Computation(Arc<dyn error::Error + Send + Sync>),
}

#[derive(Clone)]
pub enum Outcome {
    Value(Shared<Bytes>),
    Failed(Failure),
    /// Its computation never ended: a panic, for one.
    Abandoned,
}

/// The computation of one key.
pub struct Flight {
    key: Bytes,
    thread: usize,
    state: AtomicU32,
    outcome: OnceCell<Outcome>,
}

const RUNNING: u32 = 0;
/// Running, and somebody sleeps until it has landed.
const AWAITED: u32 = 1;
const LANDED: u32 = 2;

/// A flight that is found by its key.
pub struct ByKey(Shared<Flight>);

/// The flights of a store that are under way; None: nobody computes.
type Running = Option<HashSet<ByKey, Keyed>>;

/// Threads, and what each waits for, of all stores: a circle may lead through several.
pub struct Waiting(Vec<(usize, Shared<Flight>)>);

pub(super) static WAITING: Lock<Waiting> = Lock::new(Waiting(Vec::new()));
/// This is the child of a fork, and none of those in `WAITING` is here.
static LEFT_BEHIND: AtomicBool = AtomicBool::new(false);

/// All flights of one store.
pub struct Flights {
    /// How keys are found.
    pub(super) hashing: Keyed,
    pub(super) running: Lock<Running>,
    /// How many times some have landed.
    landings: AtomicU64,
    /// In the child of a fork: the one thread that is left of those who had flights; otherwise 0.
    left: AtomicUsize,
}

/// What a batch has of the flights of its store.
pub struct Claims {
    core: Shared<Core>,
    /// Places in the batch, and flights that are to be landed.
    pub mine: Vec<(usize, Shared<Flight>)>,
    pub others: Vec<(usize, Shared<Flight>)>,
    /// Whether somebody landed since the batch looked into the store.
    pub is_late: bool,
}

impl Flights {
    pub fn new() -> Self {
        let (running, landings, left) = (Lock::new(None), AtomicU64::new(0), AtomicUsize::new(0));
        Flights { hashing: Keyed::new(), running, landings, left }
    }

    /// To be read before the store is; see [`Claims::is_late`].
    pub fn landings(&self) -> u64 {
        self.landings.load(Ordering::Acquire)
    }

    /// Waits until a flight has landed. `InvalidArgument`: it waits for this thread.
    pub fn wait(&self, flight: &Shared<Flight>) -> Result<Outcome, Error> {
        let thread = this_thread();
        {
            let Waiting(waiting) = &mut *WAITING.lock();
            if LEFT_BEHIND.swap(false, Ordering::Relaxed) {
                waiting.clear();
            }
            let mut next = Some(flight);
            while let Some(flight) = next.filter(|flight| !flight.has_landed()) {
                if flight.thread == thread {
                    return Err(Error::InvalidArgument);
                }
                next = waiting.iter().find(|(other, _)| *other == flight.thread).map(|(_, flight)| flight);
            }
            waiting.try_reserve(1)?;
            waiting.push((thread, flight.clone()));
        }
        let _ = flight.state.compare_exchange(RUNNING, AWAITED, Ordering::Relaxed, Ordering::Relaxed);
        while !flight.has_landed() {
            futex::wait(&flight.state, AWAITED);
        }
        let mut waiting = WAITING.lock();
        if let Some(place) = waiting.0.iter().position(|(other, _)| *other == thread) {
            let ended = waiting.0.swap_remove(place);
            drop(waiting);
            drop(ended);
        }
        Ok(flight.outcome.get().cloned().unwrap_or(Outcome::Abandoned))
    }

    /// In the child of a fork, whose only thread this is.
    pub fn leave_others_behind(&self) {
        self.left.store(this_thread(), Ordering::Relaxed);
        LEFT_BEHIND.store(true, Ordering::Relaxed);
    }
}

impl Flight {
    fn has_landed(&self) -> bool {
        self.state.load(Ordering::Acquire) == LANDED
    }
}

impl Claims {
    pub fn none(core: Shared<Core>) -> Self {
        Claims { core, mine: Vec::new(), others: Vec::new(), is_late: false }
    }

    /// Starts flights for those keys, given with their places, that have none.
    /// `InvalidArgument`: this thread is computing one of them already.
    pub fn of(
        core: &Shared<Core>,
        keys: impl ExactSizeIterator<Item = (usize, Result<Bytes, Error>)>,
        seen: u64,
    ) -> Result<Self, Error> {
        let (thread, flights) = (this_thread(), &core.flights);
        let mut claims = Claims::none(core.clone());
        claims.mine.try_reserve_exact(keys.len())?;
        claims.others.try_reserve_exact(keys.len())?;
        let mut running = flights.running.lock();
        let left = flights.left.swap(0, Ordering::Relaxed);
        if let Some(running) = running.as_mut().filter(|_| left != 0) {
            running.retain(|ByKey(flight)| flight.thread == left); // nobody lands the others
        }
        claims.is_late = flights.landings.load(Ordering::Relaxed) != seen;
        let claim_all = || {
            let running = running.get_or_insert_with(|| HashSet::with_hasher(flights.hashing));
            running.try_reserve(keys.len())?;
            for (place, key) in keys {
                let key = key?;
                match running.get(&*key) {
                    Some(ByKey(flight)) if flight.thread == thread => return Err(Error::InvalidArgument),
                    Some(ByKey(flight)) => claims.others.push((place, flight.clone())),
                    None => {
                        let (state, outcome) = (AtomicU32::new(RUNNING), OnceCell::new());
                        let flight = Shared::try_new(Flight { key, thread, state, outcome })?;
                        #[cfg(modelled)]
                        flight.has_landed(); // made by this thread, before others have it
                        running.insert(ByKey(flight.clone()));
                        claims.mine.push((place, flight));
                    }
                }
            }
            Ok(())
        };
        let claimed = claim_all();
        drop(running); // giving claims back asks for it
        claimed.map(|()| claims)
    }

    /// Lands the flights of this batch that `outcome` has something to say of, by their places.
    pub fn land(&mut self, outcome: impl Fn(usize) -> Option<Outcome>) {
        let mut running = self.core.flights.running.lock();
        for (place, flight) in &self.mine {
            let Some(outcome) = outcome(*place) else { continue };
            let _ = flight.outcome.set(outcome);
            running.as_mut().map(|running| running.remove(&*flight.key));
            if flight.state.swap(LANDED, Ordering::AcqRel) == AWAITED {
                futex::wake_all(&flight.state);
            }
        }
        if running.as_ref().is_some_and(HashSet::is_empty) {
            *running = None;
        }
        self.core.flights.landings.fetch_add(1, Ordering::Release);
        drop(running);
        self.mine.retain(|(_, flight)| !flight.has_landed());
    }
}

/// Nobody waits for ever.
impl Drop for Claims {
    fn drop(&mut self) {
        if !self.mine.is_empty() {
            self.land(|_| Some(Outcome::Abandoned));
        }
    }
}

impl Borrow<[u8]> for ByKey {
    fn borrow(&self) -> &[u8] {
        &self.0.key
    }
}

impl Hash for ByKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialEq for ByKey {
    fn eq(&self, other: &Self) -> bool {
        *self.0.key == *other.0.key
    }
}

impl Eq for ByKey {}

#[cfg(all(test, modelled))]
mod model;

#[cfg(all(test, not(modelled)))]
mod tests {
    use super::*;
    use crate::engine::Settings;
    use crate::store::registry;

    fn claim(core: &Shared<Core>, keys: u32) -> Claims {
        let keys: Vec<_> = (0..keys).map(|key| Bytes::copy_of(&key.to_le_bytes(), false)).collect();
        Claims::of(core, keys.into_iter().enumerate(), core.flights.landings()).unwrap()
    }

    #[test]
    fn every_key_has_a_flight_of_its_own_until_it_lands() {
        let core = registry::open(b"", Settings::default()).unwrap();
        let under_way = || core.flights.running.lock().as_ref().map(HashSet::len);
        let mut claims = claim(&core, 1000);
        assert_eq!((claims.mine.len(), under_way()), (1000, Some(1000)));
        claims.land(|place| (place < 999).then_some(Outcome::Abandoned));
        assert_eq!((claims.mine.len(), under_way()), (1, Some(1)));
        drop(claims);
        assert_eq!(under_way(), None);
        assert_eq!(core.flights.landings(), 2);
    }

    #[test]
    fn who_has_waited_waits_no_more() {
        let core = registry::open(b"", Settings::default()).unwrap();
        let mut theirs = std::thread::scope(|scope| scope.spawn(|| claim(&core, 1)).join().unwrap());
        let mut ours = claim(&core, 2);
        assert_eq!((theirs.mine.len(), ours.mine.len(), ours.others.len()), (1, 1, 1));
        ours.land(|_| Some(Outcome::Abandoned));
        theirs.land(|_| Some(Outcome::Failed(Failure::Status(3))));
        let outcome = core.flights.wait(&ours.others[0].1);
        assert!(matches!(outcome, Ok(Outcome::Failed(Failure::Status(3)))));
        assert!(WAITING.lock().0.iter().all(|(thread, _)| *thread != this_thread()));
    }
}
