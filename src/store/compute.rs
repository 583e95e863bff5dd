//! `mget_or_compute` of the Rust API: a computation's steps around a closure. Knows no flights.

use std::sync::Arc;
use std::time::Duration;
use std::{error, fmt};

use super::computation::Computation;
use super::flights::Failure;
use super::values::Values;
use super::{milliseconds, Store};
use crate::{sys, Error};

impl Store {
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
        let mut values = Vec::new();
        values.try_reserve_exact(keys.len())?;
        let mut found = Values::new(self.erases());
        self.mget_items(keys.iter().map(AsRef::as_ref), &mut found)?;
        if found.answers.iter().all(Option::is_some) {
            values.extend(found.take().into_iter().flatten()); // the usual case: no computation, no handle for it
            return Ok(values);
        }
        let missing = keys.iter().zip(&found.answers).filter(|(_, value)| value.is_none()).map(|(key, _)| key.as_ref());
        let mut computation = Computation::new(self, missing, seen, ttl)?;
        loop {
            let missing = computation.next_keys()?;
            if missing.is_empty() {
                break;
            }
            match compute(&missing) {
                Ok(computed) => {
                    computation.set(&sys::try_collect(computed.iter().map(AsRef::as_ref))?)?;
                }
                Err(error) => {
                    let failure = Failure::Computation(Arc::from(error.into()));
                    computation.fail(failure.clone());
                    return Err(failure.into());
                }
            }
        }
        let mut computed = computation.values()?;
        for missing in found.answers.iter_mut().filter(|answer| answer.is_none()) {
            *missing = Some(sys::try_to_vec(computed.next().ok_or(Error::Internal)?)?);
        }
        values.extend(found.take().into_iter().flatten());
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

#[cfg(all(test, modelled))]
mod model;

#[cfg(all(test, not(modelled)))]
mod tests {
    use super::*;

    fn echo(keys: &[&[u8]]) -> Result<Vec<Vec<u8>>, Error> {
        Ok(keys.iter().map(|key| [b"<", *key, b">"].concat()).collect())
    }

    #[test]
    fn nobody_looks_twice_for_what_nobody_else_computed() {
        let store = Store::new().unwrap();
        for (key, value, count) in [("a", b"<a>", 1), ("b", b"<b>", 2), ("c", b"<c>", 3)] {
            assert_eq!(store.mget_or_compute(&[key], echo).unwrap(), [value]);
            let counters = store.counters().unwrap();
            assert_eq!((counters.hits, counters.misses, counters.sets), (0, count, count));
        }
        let values = store.mget_or_compute(&["c", "d", "a"], echo).unwrap();
        assert_eq!(values, [b"<c>", b"<d>", b"<a>"]);
        let counters = store.counters().unwrap();
        assert_eq!((counters.hits, counters.misses, counters.sets), (2, 4, 4));
    }

    #[test]
    fn what_is_computed_ends_when_it_was_said() {
        let store = Store::open("memory:?clock=manual&ttl=9ms").unwrap();
        let soon = Some(Duration::from_millis(5));
        assert_eq!(store.mget_or_compute_with_ttl(&["a", "b"], soon, echo).unwrap(), [b"<a>", b"<b>"]);
        assert_eq!(store.mget_or_compute_with_ttl(&["c"], None, echo).unwrap(), [b"<c>"]);
        assert_eq!(store.mget_or_compute(&["d"], echo).unwrap(), [b"<d>"]);
        for (step, left) in [(4, 4), (1, 2), (3, 2), (1, 1)] {
            store.advance_clock(step).unwrap();
            assert_eq!(store.len(), Ok(left));
        }
        assert_eq!(store.mget(&["c"]).unwrap(), [Some(b"<c>".to_vec())]);
        let never = store.mget_or_compute_with_ttl(&["c"], Some(Duration::ZERO), echo);
        assert!(matches!(never, Err(ComputeError::Store(Error::InvalidArgument))), "{never:?}");
    }
}
