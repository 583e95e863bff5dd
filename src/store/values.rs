//! The answers of `mget` as Rust values. Knows nothing of how they were found.

use crate::engine::{Entry, ValueSink};
use crate::{sys, Error};

#[derive(Default)]
pub struct Values(pub Vec<Option<Vec<u8>>>);

impl ValueSink for Values {
    fn expect(&mut self, answers: usize, _bytes: usize) -> Result<(), Error> {
        Ok(self.0.try_reserve_exact(answers)?)
    }

    fn missing(&mut self) -> Result<(), Error> {
        self.0.push(None);
        Ok(())
    }

    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        self.0.push(Some(sys::try_to_vec(value)?));
        Ok(())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.copied(entry.value())
    }
}
