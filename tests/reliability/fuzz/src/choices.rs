//! What a fuzzer's bytes stand for: numbers, keys, values. Knows no store.

use crate::dict::Bytes;

/// Few, so that keys meet again and begin alike.
const ALPHABET: [u8; 6] = [b'a', 0, b'/', 0x7F, 0x80, 0xFF];
/// Around the lengths at which keys are hashed, compared or kept in another way.
const KEY_LENGTHS: [usize; 14] = [7, 8, 15, 16, 24, 25, 32, 33, 64, 65, 300, 4094, 4095, 4096];
/// The same of values.
const VALUE_LENGTHS: [usize; 12] = [59, 60, 61, 127, 128, 1000, 4093, 4094, 4095, 4096, 4097, 5000];
/// Each takes as long as a hundred others: they are rare.
const LONG_VALUES: [usize; 2] = [33_000, 70_000];

/// When nothing is left, all choices are the first one.
pub struct Choices<'b>(&'b [u8]);

impl<'b> Choices<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Choices(bytes)
    }

    pub fn are_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// All that is left, and at most `len` bytes.
    pub fn bytes(&mut self, len: usize) -> &'b [u8] {
        let (first, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        first
    }

    /// Below 256 at most.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of them.
    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn key(&mut self) -> Bytes {
        let kind = self.byte();
        match kind {
            0..=223 => (0..kind % 4).map(|_| self.of(&ALPHABET)).collect(),
            224..=239 => format!("many/{}", self.byte()).into_bytes(),
            _ => vec![self.of(&ALPHABET); self.of(&KEY_LENGTHS)],
        }
    }

    pub fn keys(&mut self) -> Vec<Bytes> {
        (0..self.number()).map(|_| self.key()).collect()
    }

    pub fn value(&mut self) -> Bytes {
        let kind = self.byte();
        let len = match kind {
            0..=199 => usize::from(kind % 48),
            254 => self.of(&LONG_VALUES),
            _ => self.of(&VALUE_LENGTHS),
        };
        vec![self.byte(); len]
    }

    pub fn pairs(&mut self) -> Vec<(Bytes, Bytes)> {
        (0..self.number()).map(|_| (self.key(), self.value())).collect()
    }

    /// Of keys in a batch: mostly few, and around the numbers that are treated alike.
    fn number(&mut self) -> usize {
        match self.byte() {
            254 => self.of(&[63, 64, 65, 100]),
            few => usize::from(few % 10),
        }
    }

    /// Milliseconds: few, or so many that time ends.
    pub fn milliseconds(&mut self) -> u64 {
        match self.byte() {
            255 => u64::MAX,
            254 => u64::MAX - 1,
            253 => u64::MAX / 2,
            few => u64::from(few % 32),
        }
    }
}
