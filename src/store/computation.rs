//! Computing what is missing of a batch, step by step: which keys now, their values, and all of them. Knows flights, no
//! threads.

use std::collections::HashMap;

use super::flights::{Claims, Failure, Outcome};
use super::values::Values;
use super::Store;
use crate::sys::{self, Bytes, Shared};
use crate::Error;

/// One batch that is computed. Dropped before its keys have values, it leaves
/// them to those who wait for them.
pub struct Computation {
    /// A handle of its own.
    store: Store,
    ttl: Option<u64>,
    /// The missing keys, each once, in the order of their first places in the batch.
    keys: Vec<Bytes>,
    /// For each answer that was missing, the place of its key in `keys`.
    places: Vec<usize>,
    /// Their values so far.
    found: Vec<Option<Shared<Bytes>>>,
    claims: Claims,
    /// The store's landings before it was last looked into.
    seen: u64,
}

impl Store {
    /// To be read before the look into the store that finds keys missing.
    pub(crate) fn landings(&self) -> u64 {
        self.core.flights.landings()
    }
}

impl Computation {
    /// Of keys that a look into the store found missing; equal ones come as often as they were asked for.
    pub fn new<'k>(
        store: &Store,
        missing: impl Iterator<Item = &'k [u8]>,
        seen: u64,
        ttl: Option<u64>,
    ) -> Result<Self, Error> {
        let store = store.namespace(b"")?;
        let claims = Claims::none(store.core.clone());
        let (keys, places, found) = (Vec::new(), Vec::new(), Vec::new());
        let mut computation = Computation { store, ttl, keys, places, found, claims, seen };
        let mut known = HashMap::with_hasher(computation.store.core.flights.hashing);
        for key in missing {
            known.try_reserve(1)?;
            let place = *known.entry(key).or_insert(computation.keys.len());
            if place == computation.keys.len() {
                computation.keys.try_reserve(1)?;
                computation.keys.push(Bytes::copy_of(key, computation.erases())?);
            }
            computation.places.try_reserve(1)?;
            computation.places.push(place);
        }
        computation.found.try_reserve_exact(computation.keys.len())?;
        computation.found.resize_with(computation.keys.len(), || None);
        Ok(computation)
    }

    /// The keys that are to be computed here and now. None: all have values. It
    /// may have to wait for those that others compute, and fails as they do.
    pub fn next_keys(&mut self) -> Result<Vec<&[u8]>, Failure> {
        while self.claims.mine.is_empty() {
            for (place, flight) in std::mem::take(&mut self.claims.others) {
                match self.store.core.flights.wait(&flight)? {
                    Outcome::Value(value) => self.found[place] = Some(value),
                    Outcome::Failed(failure) => return Err(failure),
                    Outcome::Abandoned => (), // claimed below
                }
            }
            if !self.claim()? {
                break;
            }
        }
        Ok(self.own_keys()?)
    }

    /// Whether keys and values are erased when they go.
    pub fn erases(&self) -> bool {
        self.store.erases()
    }

    /// The keys whose flights are this batch's.
    fn own_keys(&self) -> Result<Vec<&[u8]>, Error> {
        sys::try_collect(self.claims.mine.iter().map(|(place, _)| &*self.keys[*place]))
    }

    /// Claims all keys without values; whether there are any.
    fn claim(&mut self) -> Result<bool, Error> {
        let left = sys::try_collect((0..self.keys.len()).filter(|&place| self.found[place].is_none()))?;
        if left.is_empty() {
            return Ok(false);
        }
        let full = left.iter().map(|&place| (place, self.store.full_key(&self.keys[place])));
        self.claims = Claims::of(&self.store.core, full, self.seen)?;
        if self.claims.is_late {
            self.look_again()?;
        }
        Ok(true)
    }

    /// Gets what somebody set since the look into the store that found it missing.
    fn look_again(&mut self) -> Result<(), Error> {
        self.seen = self.store.landings();
        let mut values = Values::new(self.erases());
        self.store.mget_items(self.own_keys()?.iter().copied(), &mut values)?;
        for ((place, _), value) in self.claims.mine.iter().zip(&mut values.answers) {
            let value = value.take().map(|value| Bytes::from((value, self.erases())));
            self.found[*place] = value.map(Shared::try_new).transpose()?;
        }
        self.claims.land(|place| self.found[place].clone().map(Outcome::Value));
        Ok(())
    }

    /// Sets the values of the keys that `next_keys` gave, in their order, and
    /// gives them to those who wait; when that fails, the error.
    pub fn set(&mut self, values: &[&[u8]]) -> Result<(), Error> {
        let result = self.try_set(values);
        match result {
            Ok(()) => self.claims.land(|place| self.found[place].clone().map(Outcome::Value)),
            Err(error) => self.fail(Failure::Store(error)),
        }
        result
    }

    fn try_set(&mut self, values: &[&[u8]]) -> Result<(), Error> {
        let mine = &self.claims.mine;
        if values.len() != mine.len() {
            return Err(Error::InvalidArgument);
        }
        let mut copies = Vec::new();
        copies.try_reserve_exact(values.len())?;
        for value in values {
            copies.push(Shared::try_new(Bytes::copy_of(value, self.erases())?)?);
        }
        let keys = self.own_keys()?;
        self.store.mset_items(keys.iter().copied().zip(values.iter().copied()), self.ttl)?;
        for ((place, _), copy) in mine.iter().zip(copies) {
            self.found[*place] = Some(copy);
        }
        Ok(())
    }

    /// Tells all who wait for the keys that `next_keys` gave why there are no values.
    pub fn fail(&mut self, failure: Failure) {
        self.claims.land(|_| Some(Outcome::Failed(failure.clone())));
    }

    /// The values of all answers that were missing, in order; `InvalidArgument`: some are not there yet.
    pub fn values(&self) -> Result<impl Iterator<Item = &[u8]> + '_, Error> {
        match self.found.iter().all(Option::is_some) {
            true => Ok(self.places.iter().filter_map(|&place| self.found[place].as_deref().map(|value| &**value))),
            false => Err(Error::InvalidArgument),
        }
    }
}

#[cfg(all(test, not(modelled)))]
mod tests {
    use super::*;
    use crate::store::Options;

    fn computation(store: &Store) -> Computation {
        Computation::new(store, [&b"key"[..]].into_iter(), store.landings(), None).unwrap()
    }

    /// Of another thread, which has found that the key is being computed.
    fn waiting(store: &Store) -> Computation {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut computation = computation(store);
                assert!(computation.claim().unwrap() && computation.claims.mine.is_empty());
                computation
            });
            other.join().unwrap()
        })
    }

    #[test]
    fn who_waits_is_told_a_failure() {
        let store = Store::new().unwrap();
        let mut first = computation(&store);
        assert_eq!(first.next_keys().unwrap(), [b"key"]);
        let mut second = waiting(&store);
        first.fail(Failure::Status(7));
        match second.next_keys() {
            Err(Failure::Status(7)) => (),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn who_waits_is_given_the_value() {
        let store = Store::new().unwrap();
        let mut first = computation(&store);
        assert_eq!(first.next_keys().unwrap(), [b"key"]);
        let mut second = waiting(&store);
        assert_eq!(second.values().err(), Some(Error::InvalidArgument), "it is not there yet");
        first.set(&[b"value"]).unwrap();
        assert!(second.next_keys().unwrap().is_empty());
        for computation in [&first, &second] {
            assert!(computation.values().unwrap().eq([b"value"]));
        }
    }

    #[test]
    fn what_it_has_is_erased_as_in_its_store() {
        for (options, erase) in [(Options::default(), false), (Options::default().with_erase(), true)] {
            let store = Store::with_options(&options).unwrap();
            assert_eq!((store.erases(), computation(&store).erases()), (erase, erase));
            assert_eq!(computation(&store).keys[0].is_erased(), erase);
        }
    }
}
