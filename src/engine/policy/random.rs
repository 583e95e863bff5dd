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

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of xorshift64 with 13, 7 and 17 that begins with 1: their upper halves.
    #[test]
    fn the_numbers_are_the_same_on_every_machine() {
        let mut random = Random::new();
        assert_eq!([(); 4].map(|()| random.below(1 << 32)), [0, 268_452_102, 2_602_468_399, 4_115_985_667]);
        assert_eq!([(); 4].map(|()| random.below(10)), [5, 9, 6, 7]);
    }
}
