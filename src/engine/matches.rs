//! Questions about the keys that begin alike, and the set that answers them without a walk. Changes no entry.
//!
//! The set of all entries in the order of their keys is made when somebody
//! first asks a store of some size, and forgotten when the store is empty. It
//! is of use only: where there is no memory for it, entries are walked through.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use super::gate::{self, ALL, SHARDS};
use super::note::Note;
use super::prefixes::{Keys, Locator, Prefixes, Range};
use super::shard::Shard;
use super::whole::Whole;
use super::{Engine, PREFIXES};

/// Entries below which a walk is short.
const WORTH_IT: usize = if cfg!(any(test, bytestore_faults, fuzzing)) { 32 } else { 4096 };
/// Entries that are asked for at once.
pub(super) const GROUP: usize = 128;

pub(super) type Reading<'e> = gate::Reading<'e, Shard, Whole, Note>;

/// The keys of all shards, as somebody gives them.
#[derive(Clone, Copy)]
pub struct All<'s, F>(F, PhantomData<&'s Shard>);

impl<'s, F: Fn(usize) -> &'s Shard> All<'s, F> {
    pub fn new(shard: F) -> Self {
        All(shard, PhantomData)
    }
}

impl<'s, F: Fn(usize) -> &'s Shard> Keys for All<'s, F> {
    #[inline(always)]
    fn key(&self, at: Locator) -> &[u8] {
        (self.0)(usize::from(at.shard)).key(at.reference)
    }

    #[inline(always)]
    fn prefetch(&self, at: Locator) {
        (self.0)(usize::from(at.shard)).prefetch_key(at.reference);
    }
}

impl Engine {
    /// How many entries there are that have not ended and whose keys begin with
    /// `prefix`, at one moment.
    pub fn count(&self, prefix: &[u8]) -> usize {
        if prefix.is_empty() {
            return self.len();
        }
        let shards = self.read_for(prefix);
        let shard = |number| shards.shard(number);
        let now = self.time();
        match matches(&shards, prefix) {
            Some(matches) if now == 0 => matches.count(),
            Some(matches) => count_of(shard, matches, prefix, now),
            None => count_of(shard, all(shard), prefix, now),
        }
    }

    /// All shards to read, with the set if it is of use.
    pub(super) fn read_for(&self, prefix: &[u8]) -> Reading<'_> {
        let shards = self.gate.read(ALL);
        if prefix.is_empty() || self.uses(PREFIXES) || len_of(|number| shards.shard(number)) < WORTH_IT {
            return shards;
        }
        drop(shards);
        self.make_prefixes();
        self.gate.read(ALL)
    }

    /// Makes the set, while nobody else has any shard. All that came before is
    /// in it, and whoever comes later tells it.
    #[cold]
    fn make_prefixes(&self) {
        let mut shards = self.gate.write(ALL);
        let Some((whole, shard)) = shards.whole_and_shards() else { return };
        if whole.prefixes().is_some() {
            return; // others were faster
        }
        if let Ok(set) = Prefixes::build(shard(0).pool().clone(), &All::new(shard), len_of(shard), all(shard)) {
            whole.set_prefixes(Some(set));
            self.uses.fetch_or(PREFIXES, Ordering::SeqCst);
        }
    }
}

/// The entries whose keys begin with a prefix, if they need not be looked for.
pub(super) fn matches<'r>(shards: &'r Reading, prefix: &[u8]) -> Option<Range<'r>> {
    let set = shards.whole().prefixes().filter(|_| !prefix.is_empty())?;
    Some(set.range(&All::new(|number| shards.shard(number)), prefix))
}

/// Entries of all shards.
pub(super) fn len_of<'s>(shard: impl Fn(usize) -> &'s Shard) -> usize {
    (0..SHARDS).map(|number| shard(number).len()).sum()
}

/// How many of some entries have a prefix and have not ended.
fn count_of<'s>(
    shard: impl Fn(usize) -> &'s Shard + Copy,
    entries: impl Iterator<Item = Locator>,
    prefix: &[u8],
    now: u64,
) -> usize {
    let mut count = 0;
    in_groups(entries, |group| {
        group.iter().for_each(|&at| All::new(shard).prefetch(at));
        let has_ended = |at: &Locator| shard(usize::from(at.shard)).has_ended(at.reference, now);
        count += group.iter().filter(|&at| All::new(shard).key(*at).starts_with(prefix) && !has_ended(at)).count();
    });
    count
}

/// Shows entries, some at a time.
pub(super) fn in_groups(mut entries: impl Iterator<Item = Locator>, mut see: impl FnMut(&[Locator])) {
    loop {
        let mut group = [Locator { reference: 0, shard: 0 }; GROUP];
        let len = group.iter_mut().zip(entries.by_ref()).map(|(place, at)| *place = at).count();
        if len == 0 {
            return;
        }
        see(&group[..len]);
    }
}

/// All entries, shard by shard.
pub(super) fn all<'s>(shard: impl Fn(usize) -> &'s Shard + 's) -> impl Iterator<Item = Locator> + 's {
    (0..SHARDS).flat_map(move |number| {
        let mut entries = shard(number).entries_from(0);
        std::iter::from_fn(move || {
            let (_, reference) = entries.first()?;
            entries.advance();
            Some(Locator { reference, shard: number as u8 })
        })
    })
}
