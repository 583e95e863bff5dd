//! Snapshots: a store's entries as bytes, in a file or in memory. Knows nothing of engines, and not whose entries they are.

mod format;
mod reader;
mod writer;

#[cfg(test)]
mod tests;

use crate::sys::file::{Input, Replacement};
use crate::sys::Bytes;
use crate::Error;

pub use format::{Entry, Header};
pub use reader::{Entries, Reader};
pub use writer::Writer;

/// Where a snapshot goes.
pub trait Sink {
    /// All of them, behind those of before.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;
}

impl Sink for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.append(bytes)
    }
}

impl Sink for Replacement {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Replacement::write(self, bytes)
    }
}

/// Where a snapshot comes from: as many bytes as are known at first.
pub trait Source {
    /// Bytes that are still to come.
    fn left(&self) -> u64;
    /// The next ones, no more than are left; in the buffer, or where they are.
    fn take<'b>(&'b mut self, len: usize, buffer: &'b mut Bytes) -> Result<&'b [u8], Error>;
    /// The next ones, a few.
    fn next<const N: usize>(&mut self) -> Result<[u8; N], Error>;
    /// The last ones of all, before their turn.
    fn last<const N: usize>(&self) -> Result<[u8; N], Error>;
}

impl Source for &[u8] {
    fn left(&self) -> u64 {
        self.len() as u64
    }

    fn take<'b>(&'b mut self, len: usize, _buffer: &'b mut Bytes) -> Result<&'b [u8], Error> {
        let (bytes, others) = self.split_at_checked(len).ok_or(Error::BadSnapshot)?;
        *self = others;
        Ok(bytes)
    }

    fn next<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (bytes, others) = self.split_first_chunk().ok_or(Error::BadSnapshot)?;
        *self = others;
        Ok(*bytes)
    }

    fn last<const N: usize>(&self) -> Result<[u8; N], Error> {
        self.last_chunk().copied().ok_or(Error::BadSnapshot)
    }
}

impl Source for Input {
    fn left(&self) -> u64 {
        Input::left(self)
    }

    fn take<'b>(&'b mut self, len: usize, buffer: &'b mut Bytes) -> Result<&'b [u8], Error> {
        if len as u64 > self.left() {
            return Err(Error::BadSnapshot);
        }
        let bytes = buffer.resize(len)?;
        match self.read(bytes)? == len {
            true => Ok(bytes),
            false => Err(Error::BadSnapshot), // it became shorter meanwhile
        }
    }

    fn next<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        let read = self.read(&mut bytes)?;
        all_of(bytes, read)
    }

    fn last<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        let read = self.read_last(&mut bytes)?;
        all_of(bytes, read)
    }
}

/// Fewer were read where the file became shorter meanwhile.
fn all_of<const N: usize>(bytes: [u8; N], read: usize) -> Result<[u8; N], Error> {
    (read == N).then_some(bytes).ok_or(Error::BadSnapshot)
}
