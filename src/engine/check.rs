//! For tests: whether what a whole store counts and keeps in order is what its shards hold.

use super::matches::{self, All};
use super::prefixes::Keys;
use super::*;

/// Compares what is counted with what is there; panics where they differ.
pub fn check_shards(engine: &Engine) {
    let shards = engine.gate.read(ALL);
    (0..SHARDS).for_each(|shard| shards.shard(shard).check(&engine.seed));
    if let Some(bounds) = shards.whole().bounds() {
        let sum = |of: fn(&Shard) -> u64| (0..SHARDS).map(|shard| of(shards.shard(shard))).sum::<u64>();
        assert_eq!((bounds.bytes(), bounds.entries()), (sum(Shard::bytes), sum(|shard| shard.len() as u64)));
        bounds.check();
    }
    if let Some(set) = shards.whole().prefixes() {
        let keys = All::new(|number| shards.shard(number));
        let mut entries: Vec<_> = matches::all(|number| shards.shard(number)).collect();
        entries.sort_by_key(|&at| keys.key(at));
        assert_eq!(set.len(), entries.len());
        assert!(set.range(&keys, b"").eq(entries), "the set differs from the entries");
    }
    assert!(!engine.uses(SAVING) || shards.whole().aside().is_some());
    assert_eq!(engine.uses(PREFIXES), shards.whole().prefixes().is_some());
}

#[cfg(bytestore_faults)]
impl crate::Store {
    /// As [`check_shards`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_shards(self.engine()?);
        Ok(())
    }
}
