//! What a store counts. Knows nothing of how.

/// What happened in a store since it was opened, and what is in it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Keys that were looked up and found.
    pub hits: u64,
    /// Keys that were looked up and not found, expired ones too.
    pub misses: u64,
    /// Pairs that were set.
    pub sets: u64,
    /// Entries that callers deleted.
    pub deletes: u64,
    /// Entries that had to go because the store was over `max_bytes`.
    pub evictions_by_bytes: u64,
    /// Entries that had to go because the store was over `max_entries`.
    pub evictions_by_entries: u64,
    /// Entries that had lived long enough, as far as their memory has been taken back.
    pub expirations: u64,
    /// Entries that are there. Expired ones count until their memory is taken back.
    pub entries: u64,
    /// Bytes of their keys.
    pub key_bytes: u64,
    /// Bytes of their values.
    pub value_bytes: u64,
    /// What they take beside their keys and values.
    pub overhead_bytes: u64,
    /// The store's bound; 0: none.
    pub max_bytes: u64,
    /// As `max_bytes`.
    pub max_entries: u64,
}

/// A shard's part.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub sets: u64,
    pub deletes: u64,
    pub evictions_by_bytes: u64,
    pub evictions_by_entries: u64,
    pub expirations: u64,
    pub key_bytes: u64,
    pub value_bytes: u64,
}

/// Why an entry goes.
#[derive(Clone, Copy)]
pub enum Cause {
    Deleted,
    OverBytes,
    OverEntries,
    Expired,
    /// A load is in its place; nobody counts that.
    Replaced,
}

impl Tally {
    #[inline(always)]
    pub fn entered(&mut self, key_len: usize, value_len: usize) {
        self.key_bytes = self.key_bytes.wrapping_add(key_len as u64);
        self.value_bytes = self.value_bytes.wrapping_add(value_len as u64);
    }

    #[inline(always)]
    pub fn replaced(&mut self, old_len: usize, new_len: usize) {
        self.value_bytes = self.value_bytes.wrapping_add(new_len as u64).wrapping_sub(old_len as u64);
    }

    #[inline(always)]
    pub fn left(&mut self, key_len: usize, value_len: usize, cause: Cause) {
        self.key_bytes = self.key_bytes.wrapping_sub(key_len as u64);
        self.value_bytes = self.value_bytes.wrapping_sub(value_len as u64);
        let count = match cause {
            Cause::Deleted => &mut self.deletes,
            Cause::OverBytes => &mut self.evictions_by_bytes,
            Cause::OverEntries => &mut self.evictions_by_entries,
            Cause::Expired => &mut self.expirations,
            Cause::Replaced => return,
        };
        *count = count.wrapping_add(1);
    }

    pub fn add_to(&self, counters: &mut Counters) {
        counters.sets += self.sets;
        counters.deletes += self.deletes;
        counters.evictions_by_bytes += self.evictions_by_bytes;
        counters.evictions_by_entries += self.evictions_by_entries;
        counters.expirations += self.expirations;
        counters.key_bytes += self.key_bytes;
        counters.value_bytes += self.value_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_counts_where_it_belongs() {
        let mut tally = Tally { sets: 9, ..Tally::default() };
        (0..5).for_each(|_| tally.entered(3, 100));
        tally.replaced(100, 70);
        tally.replaced(100, 107);
        let causes = [(Cause::Deleted, 1), (Cause::OverBytes, 2), (Cause::OverEntries, 1), (Cause::Expired, 1)];
        for (cause, times) in causes {
            (1..times).for_each(|_| tally.entered(1, 1));
            (1..times).for_each(|_| tally.left(1, 1, cause));
            tally.left(3, 10, cause);
        }
        let mut counters = Counters { sets: 1, key_bytes: 1000, hits: 4, ..Counters::default() };
        tally.add_to(&mut counters);
        tally.add_to(&mut counters);
        let expected = Counters {
            hits: 4,
            sets: 1 + 2 * 9,
            deletes: 2,
            evictions_by_bytes: 4,
            evictions_by_entries: 2,
            expirations: 2,
            key_bytes: 1000 + 2 * 3,
            value_bytes: 2 * (500 - 30 + 7 - 40),
            ..Counters::default()
        };
        assert_eq!(counters, expected);
    }
}
