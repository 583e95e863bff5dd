//! What a lookup finds, and who is given it. Knows not how it was found.

use super::entry::Entry;
use crate::Error;

/// What `mget` gives its answers to, in the order of the keys.
pub trait ValueSink {
    /// Once, before the answers: how many there are, how many bytes will be
    /// copied, and how many values handed out by reference.
    fn reserve(&mut self, answers: usize, copied_bytes: usize, shared: usize) -> Result<(), Error>;
    fn missing(&mut self) -> Result<(), Error>;
    fn copied(&mut self, value: &[u8]) -> Result<(), Error>;
    fn shared(&mut self, entry: &Entry) -> Result<(), Error>;
}

/// What was found for one key. Good as long as its shard is held.
#[derive(Clone, Copy)]
pub enum Answer<'s> {
    Missing,
    /// To be copied.
    Value(&'s [u8]),
    /// To be handed out by reference.
    Shared(&'s Entry),
}

/// What the answers of a batch amount to.
#[derive(Default)]
pub struct Sizes {
    /// Bytes that are copied.
    pub copied: usize,
    /// Values that are handed out by reference.
    pub shared: usize,
}

/// Gives a sink the answers of a batch.
#[inline(always)]
pub fn deliver(answers: &[Answer], sizes: &Sizes, sink: &mut impl ValueSink) -> Result<(), Error> {
    sink.reserve(answers.len(), sizes.copied, sizes.shared)?;
    for answer in answers {
        match answer {
            Answer::Missing => sink.missing()?,
            Answer::Value(value) => sink.copied(value)?,
            Answer::Shared(entry) => sink.shared(entry)?,
        }
    }
    Ok(())
}
