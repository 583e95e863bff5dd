//! Making the tree of many entries at once: sorted first, then level by level. Knows no bounds.

use super::grow::Row;
use super::node::{capacity, Locator, Node};
use super::sort::{sort, Cached};
use super::{Keys, Prefixes};
use crate::sys::{Pool, Shared};
use crate::Error;

impl Prefixes {
    /// The set of some references, `count` at most, in any order, whose keys
    /// differ. Needs 16 bytes for each beside the tree while it works.
    pub fn build(
        pool: Shared<Pool>,
        keys: &impl Keys,
        count: usize,
        locators: impl Iterator<Item = Locator>,
    ) -> Result<Self, Error> {
        let mut sorted = Vec::new();
        sorted.try_reserve_exact(count)?;
        sorted.extend(locators.take(count).map(Cached::new));
        sort(keys, &mut sorted);
        if pool.erases() {
            sorted.iter_mut().for_each(Cached::forget);
        }
        let mut set = Prefixes::new(pool);
        set.len = sorted.len();
        set.build_level(keys, sorted.len(), |_, at| (sorted[at].at, 0))?;
        let mut start = 0;
        while set.used - start > 1 {
            let (first, count) = (start, set.used - start);
            start = set.used;
            set.build_level(keys, count, |set, at| (set.node((first + at) as u32).locator(0), (first + at) as u32))?;
            set.inner += set.used - start;
        }
        set.root = start as u32;
        Ok(set)
    }

    /// Makes nodes of `count` sorted items, an eighth of each free.
    fn build_level(
        &mut self,
        keys: &impl Keys,
        count: usize,
        item: impl Fn(&Self, usize) -> (Locator, u32),
    ) -> Result<(), Error> {
        let level = self.height;
        let nodes = count.div_ceil(capacity(level) * 7 / 8);
        self.nodes.reserve(&self.pool, self.used + nodes)?;
        for number in 0..nodes {
            let mut row = Row::new();
            for at in count * number / nodes..count * (number + 1) / nodes {
                let (at, child) = item(self, at);
                keys.prefetch(at);
                row.push_new(at, child);
            }
            let node = self.take_node();
            row.write(keys, self.node_mut(node), level, 0, row.len());
        }
        self.height += usize::from(nodes > 0);
        Ok(())
    }
}
