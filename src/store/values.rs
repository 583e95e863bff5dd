//! The answers of `mget` as Rust values. Knows nothing of how they were found.

use crate::engine::{Entry, ValueSink};
use crate::{sys, Error};

/// Erased, if so wanted, unless somebody takes them.
pub struct Values {
    pub answers: Vec<Option<Vec<u8>>>,
    erase: bool,
}

impl Values {
    pub fn new(erase: bool) -> Self {
        Values { answers: Vec::new(), erase }
    }

    /// For whom they are made: from now on his own.
    pub fn take(mut self) -> Vec<Option<Vec<u8>>> {
        std::mem::take(&mut self.answers)
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        if self.erase {
            self.answers.iter_mut().flatten().for_each(|value| sys::erase(value));
        }
    }
}

impl ValueSink for Values {
    fn expect(&mut self, answers: usize, _bytes: usize) -> Result<(), Error> {
        Ok(self.answers.try_reserve_exact(answers)?)
    }

    fn missing(&mut self) -> Result<(), Error> {
        self.answers.push(None);
        Ok(())
    }

    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        self.answers.push(Some(sys::try_to_vec(value)?));
        Ok(())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.copied(entry.value())
    }
}
