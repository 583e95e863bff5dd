//! For tests: whether what is counted and linked is what is there.

use super::*;

impl Shard {
    /// Compares what is counted with what is there.
    pub fn check(&self, seed: &Seed) {
        let mut entries = self.order.from(0);
        let (mut count, mut keys, mut values, mut bytes) = (0, 0, 0, 0);
        while let Some((_, reference)) = entries.first() {
            let key = self.key(reference);
            assert_eq!(
                self.find(self.line(seed.hash(key)), seed.hash(key), key),
                Some(reference),
                "order and index disagree"
            );
            assert!(reference >= REF_LIMIT || !self.arena.header(reference).is_claimed());
            let (key_len, value_len) = self.lens(reference);
            (count, keys, values) = (count + 1, keys + key_len as u64, values + value_len as u64);
            bytes += self.bytes_of(reference);
            entries.advance();
        }
        assert_eq!(count, self.len());
        assert_eq!((keys, values), (self.tally.key_bytes, self.tally.value_bytes));
        assert_eq!(bytes, self.bytes());
        let small = self.arena.check();
        assert_eq!(small + self.large.len(), self.len());
    }
}
