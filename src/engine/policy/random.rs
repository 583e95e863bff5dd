//! Random numbers, fast and the same on every machine (Marsaglia: Xorshift RNGs, 2003). Must not be used for secrets.

pub struct Random(u64);

impl Random {
    pub const fn new() -> Self {
        Random(1)
    }

    /// Evenly from 0 to `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) as usize * end) >> 32
    }
}
