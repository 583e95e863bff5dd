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
