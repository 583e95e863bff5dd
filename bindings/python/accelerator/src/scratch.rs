//! Memory that a thread's calls use one after the other, so that a batch allocates nothing. Knows no Python object.

use std::cell::RefCell;

use crate::abi::Slice;

/// How many bytes of values a thread keeps room for: a part of the second-level cache.
pub const ROOM: usize = 256 << 10;

/// A batch of more items than this leaves no memory behind.
const KEPT: usize = 16 << 10;

/// What one call needs; what is in it means nothing to the next one, save `usual`.
#[derive(Default)]
pub struct Scratch {
    pub keys: Vec<Slice>,
    pub values: Vec<Slice>,
    pub lens: Vec<usize>,
    /// Values on their way, `ROOM` bytes or none yet.
    pub bytes: Vec<u8>,
    /// How long the values of the last answer were on average.
    pub usual: usize,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Lends the thread's memory. None: it is lent already, or the thread is ending.
pub fn with<R>(call: impl FnOnce(&mut Scratch) -> R) -> Option<R> {
    let run = |scratch: &RefCell<Scratch>| {
        let mut scratch = scratch.try_borrow_mut().ok()?;
        let result = call(&mut scratch);
        if scratch.keys.capacity() > KEPT {
            *scratch =
                Scratch { bytes: std::mem::take(&mut scratch.bytes), usual: scratch.usual, ..Scratch::default() };
        }
        Some(result)
    };
    SCRATCH.try_with(run).ok().flatten()
}

impl Scratch {
    /// Makes `lens` as long as there are keys, and `bytes` as long as it ever is. False: memory ran out.
    pub fn make_room(&mut self) -> bool {
        let (lens, bytes) = (self.keys.len(), ROOM);
        if self.lens.try_reserve(lens.saturating_sub(self.lens.len())).is_err()
            || self.bytes.try_reserve_exact(bytes - self.bytes.len()).is_err()
        {
            return false;
        }
        self.lens.resize(lens, 0);
        self.bytes.resize(bytes, 0);
        true
    }
}
