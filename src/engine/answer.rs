//! Who is given what a lookup finds. Knows not how it is found.

use super::entry::Entry;
use crate::Error;

/// What `mget` gives its answers to, in the order of the keys.
pub trait ValueSink {
    /// Once, before the answers: how many there are, and how many bytes they
    /// will probably have.
    fn expect(&mut self, answers: usize, bytes: usize) -> Result<(), Error>;
    fn missing(&mut self) -> Result<(), Error>;
    /// A value to be copied.
    fn copied(&mut self, value: &[u8]) -> Result<(), Error>;
    /// A value that may be kept by reference.
    fn shared(&mut self, entry: &Entry) -> Result<(), Error>;

    /// After the answers: whether they count as hits and misses.
    #[inline(always)]
    fn is_of_use(&self) -> bool {
        true
    }
}
