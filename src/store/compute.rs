//! Getting a batch or computing what is missing of it, each key by one caller at a time. Knows flights, no threads.

use std::collections::HashMap;
use std::sync::Arc;
use std::{error, fmt};

use super::flights::{Claims, Failure, Outcome};
use super::values::Values;
use super::{milliseconds, Store};
use crate::sys::{self, Shared};
use crate::Error;
use std::time::Duration;

/// Takes the values of the keys that a computation was given.
pub type Give<'g> = &'g mut dyn FnMut(&[&[u8]]) -> Result<(), Failure>;
/// Is given keys, and gives their values.
pub type Computation<'c> = &'c mut dyn FnMut(&[&[u8]], Give) -> Result<(), Failure>;

/// The keys of a batch that are missing: each once, in the order of their first places.
pub struct Missing<'k> {
    pub keys: Vec<&'k [u8]>,
    places: HashMap<&'k [u8], usize>,
}

impl<'k> Missing<'k> {
    pub fn new(keys: impl Iterator<Item = &'k [u8]>) -> Result<Self, Error> {
        let mut missing = Missing { keys: Vec::new(), places: HashMap::new() };
        for key in keys {
            missing.keys.try_reserve(1)?;
            missing.places.try_reserve(1)?;
            let place = missing.keys.len();
            if *missing.places.entry(key).or_insert(place) == place {
                missing.keys.push(key);
            }
        }
        Ok(missing)
    }

    /// The value of a missing key among those that were computed.
    pub fn value<'v>(&self, key: &[u8], values: &'v [Shared<Vec<u8>>]) -> Result<&'v [u8], Error> {
        let place = self.places.get(key).ok_or(Error::Internal)?;
        values.get(*place).map(|value| value.as_slice()).ok_or(Error::Internal)
    }
}

impl Store {
    /// To be read before the look at the store that found keys missing.
    pub(crate) fn landings(&self) -> u64 {
        self.core.flights.landings()
    }

    /// The values of keys that were missing, in their order: computed here, or by
    /// who was at it already.
    pub(crate) fn compute(
        &self,
        missing: &[&[u8]],
        mut seen: u64,
        ttl: Option<u64>,
        compute: Computation,
    ) -> Result<Vec<Shared<Vec<u8>>>, Failure> {
        let mut found: Vec<Option<Shared<Vec<u8>>>> = Vec::new();
        found.try_reserve_exact(missing.len())?;
        found.resize_with(missing.len(), || None);
        loop {
            let mut left = Vec::new();
            left.try_reserve_exact(missing.len())?;
            left.extend((0..missing.len()).filter(|&place| found[place].is_none()));
            if left.is_empty() {
                break;
            }
            let keys = left.iter().map(|&place| self.full_key(missing[place]));
            let mut claims = self.core.flights.claim(keys, seen)?;
            for (place, _) in claims.mine.iter_mut().chain(&mut claims.others) {
                *place = left[*place];
            }
            if claims.is_late {
                seen = self.landings();
                self.look_again(missing, &mut claims, &mut found)?;
            }
            if !claims.mine.is_empty() {
                self.compute_own(missing, &mut claims, &mut found, ttl, compute)?;
            }
            for (place, flight) in std::mem::take(&mut claims.others) {
                match self.core.flights.wait(&flight)? {
                    Outcome::Value(value) => found[place] = Some(value),
                    Outcome::Failed(failure) => return Err(failure),
                    Outcome::Abandoned => (), // the next round may compute it
                }
            }
        }
        let mut values = Vec::new();
        values.try_reserve_exact(found.len())?;
        values.extend(found.into_iter().flatten());
        Ok(values)
    }

    /// What somebody set since the look at the store that found it missing.
    fn look_again(
        &self,
        missing: &[&[u8]],
        claims: &mut Claims,
        found: &mut [Option<Shared<Vec<u8>>>],
    ) -> Result<(), Error> {
        let mut values = Values::default();
        let mut keys: Vec<&[u8]> = Vec::new();
        keys.try_reserve_exact(claims.mine.len())?;
        keys.extend(claims.mine.iter().map(|(place, _)| missing[*place]));
        self.mget_items(keys.iter().copied(), &mut values)?;
        for ((place, _), value) in claims.mine.iter().zip(values.0) {
            found[*place] = value.map(Shared::try_new).transpose()?;
        }
        claims.land(|place| found[place].clone().map(Outcome::Value));
        Ok(())
    }

    /// Computes the keys whose flights are this batch's, and sets them.
    fn compute_own(
        &self,
        missing: &[&[u8]],
        claims: &mut Claims,
        found: &mut [Option<Shared<Vec<u8>>>],
        ttl: Option<u64>,
        compute: Computation,
    ) -> Result<(), Failure> {
        let mut keys: Vec<&[u8]> = Vec::new();
        keys.try_reserve_exact(claims.mine.len())?;
        keys.extend(claims.mine.iter().map(|(place, _)| missing[*place]));
        let mut computed = false;
        let result = compute(&keys, &mut |values| {
            if values.len() != keys.len() {
                return Err(Error::InvalidArgument.into());
            }
            for ((place, _), value) in claims.mine.iter().zip(values) {
                found[*place] = Some(Shared::try_new(sys::try_to_vec(value)?)?);
            }
            self.mset_items(keys.iter().copied().zip(values.iter().copied()), ttl)?;
            computed = true;
            Ok(())
        });
        let result = result.and(if computed { Ok(()) } else { Err(Error::Internal.into()) });
        claims.land(|place| match &result {
            Ok(()) => found[place].clone().map(Outcome::Value),
            Err(failure) => Some(Outcome::Failed(failure.clone())),
        });
        result
    }

    /// One value for each key, in order: what is missing is computed and set.
    ///
    /// `compute` is given the missing keys, each once, in the order of their
    /// first places, and gives as many values. Of several threads that miss the
    /// same key, through this store, its namespaces or another opening of its
    /// name, one computes it, and the others wait for its value. No lock is held
    /// meanwhile: the computation may use the store. What it fails with goes to
    /// all who wait, and nothing is kept: the next one computes again. When it
    /// panics, one of those who wait computes, so it may be called again for
    /// keys that another thread gave up.
    ///
    /// Errors beside those of the computation: what `mget` and `mset` say, and
    /// `InvalidArgument` for another number of values than of keys, and for a
    /// computation that asks for a key which waits for that computation itself.
    ///
    /// ```
    /// let store = bytestore::Store::new()?;
    /// store.mset(&[("a", "1")])?;
    /// let lengths = |keys: &[&[u8]]| Ok::<_, bytestore::Error>(keys.iter().map(|key| key.len().to_string()).collect());
    /// let values = store.mget_or_compute::<_, String, _>(&["a", "bbb"], lengths)?;
    /// assert_eq!(values, [b"1", b"3"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mget_or_compute<K, V, E>(
        &self,
        keys: &[K],
        compute: impl FnMut(&[&[u8]]) -> Result<Vec<V>, E>,
    ) -> Result<Vec<Vec<u8>>, ComputeError>
    where
        K: AsRef<[u8]>,
        V: AsRef<[u8]>,
        E: Into<Box<dyn error::Error + Send + Sync>>,
    {
        self.get_or_compute(keys, None, compute)
    }

    /// As [`mget_or_compute`](Self::mget_or_compute); what is computed ends after `ttl`, as with
    /// [`mset_with_ttl`](Self::mset_with_ttl).
    pub fn mget_or_compute_with_ttl<K, V, E>(
        &self,
        keys: &[K],
        ttl: Option<Duration>,
        compute: impl FnMut(&[&[u8]]) -> Result<Vec<V>, E>,
    ) -> Result<Vec<Vec<u8>>, ComputeError>
    where
        K: AsRef<[u8]>,
        V: AsRef<[u8]>,
        E: Into<Box<dyn error::Error + Send + Sync>>,
    {
        self.get_or_compute(keys, Some(milliseconds(ttl)?), compute)
    }

    fn get_or_compute<K, V, E>(
        &self,
        keys: &[K],
        ttl: Option<u64>,
        mut compute: impl FnMut(&[&[u8]]) -> Result<Vec<V>, E>,
    ) -> Result<Vec<Vec<u8>>, ComputeError>
    where
        K: AsRef<[u8]>,
        V: AsRef<[u8]>,
        E: Into<Box<dyn error::Error + Send + Sync>>,
    {
        let seen = self.landings();
        let answers = self.mget(keys)?;
        let absent = keys.iter().zip(&answers).filter(|(_, value)| value.is_none()).map(|(key, _)| key.as_ref());
        let missing = Missing::new(absent)?;
        let computed = match missing.keys.is_empty() {
            true => Vec::new(),
            false => self.compute(&missing.keys, seen, ttl, &mut |keys, give| {
                let values = compute(keys).map_err(|error| Failure::Computation(Arc::from(error.into())))?;
                let mut given = Vec::new();
                given.try_reserve_exact(values.len())?;
                given.extend(values.iter().map(AsRef::as_ref));
                give(&given)
            })?,
        };
        let mut values = Vec::new();
        values.try_reserve_exact(keys.len())?;
        for (key, answer) in keys.iter().zip(answers) {
            values.push(match answer {
                Some(value) => value,
                None => sys::try_to_vec(missing.value(key.as_ref(), &computed)?)?,
            });
        }
        Ok(values)
    }
}

/// Why [`Store::mget_or_compute`] gives no values.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ComputeError {
    /// The store failed, in the look for the keys or in setting what was computed.
    Store(Error),
    /// The computation failed: here, or on another thread that computed one of these keys.
    Computation(Arc<dyn error::Error + Send + Sync>),
}

impl fmt::Display for ComputeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComputeError::Store(error) => error.fmt(f),
            ComputeError::Computation(error) => error.fmt(f),
        }
    }
}

impl error::Error for ComputeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            ComputeError::Store(error) => Some(error),
            ComputeError::Computation(error) => Some(error.as_ref()),
        }
    }
}

impl From<Error> for ComputeError {
    fn from(error: Error) -> Self {
        ComputeError::Store(error)
    }
}

impl From<std::collections::TryReserveError> for ComputeError {
    fn from(error: std::collections::TryReserveError) -> Self {
        ComputeError::Store(error.into())
    }
}

impl From<Failure> for ComputeError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => ComputeError::Store(error),
            Failure::Status(_) => ComputeError::Store(Error::Internal), // nothing in Rust computes so
            Failure::Computation(error) => ComputeError::Computation(error),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Store(error)
    }
}

impl From<std::collections::TryReserveError> for Failure {
    fn from(error: std::collections::TryReserveError) -> Self {
        Failure::Store(error.into())
    }
}
