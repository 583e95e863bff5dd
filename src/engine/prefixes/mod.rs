//! All entries of a store in the order of their keys, for questions about prefixes. Knows no values, no locks and no keys.
//!
//! A B+ tree of nodes in pages. It holds references only and reads keys where
//! they are, which costs a cache miss each: so a node keeps some bits of every
//! key behind the bytes that all of its keys share, and most steps of a search
//! read no key at all. Who holds all shards changes it; readers may share it.

mod bound;
mod build;
mod free;
mod grow;
mod node;
mod range;
mod shrink;
mod sort;

use std::cmp::Ordering;

use super::paged::Paged;
use crate::sys::{Pool, Shared};
use crate::Error;

use bound::{common, common_of_heads, head, Bound};
use free::Free;
pub use node::Locator;
use node::{Node, Slot, Words, EMPTY};
pub use range::Range;

/// Levels at most. Each takes more than ten times as many insertions as the one below.
const MAX_HEIGHT: usize = 16;
/// Locators of a store at most, and more than that many insertions cannot be.
const MAX_LEN: usize = 1 << 36;

/// Where keys are read.
pub trait Keys {
    fn key(&self, at: Locator) -> &[u8];
    /// Asks for it.
    fn prefetch(&self, at: Locator);
}

pub struct Prefixes {
    pool: Shared<Pool>,
    /// The first `used` are the tree's, or free.
    nodes: Paged<Words>,
    used: usize,
    /// Of those, how many are inner ones.
    inner: usize,
    free: Free,
    root: u32,
    /// Levels; 0: no nodes.
    height: usize,
    len: usize,
    /// Nodes that the insertions under way were promised.
    promised: usize,
    /// What stands for a node that there is not; there should be none such.
    nowhere: Words,
}

/// A node on the way from the root to a leaf, and a position in it.
#[derive(Clone, Copy, Default)]
struct Step {
    node: u32,
    position: usize,
}

/// The way to a place in a leaf, by level.
#[derive(Clone, Copy)]
struct Path {
    steps: [Step; MAX_HEIGHT],
    /// Bytes that the key sought and the leaf's first have in common; at least.
    common: usize,
}

/// What a search knows: a bound, and the locator that has this key, if there is
/// one that need not be read.
#[derive(Clone, Copy)]
struct Sought<'k> {
    bound: Bound<'k>,
    target: Option<Locator>,
}

impl Prefixes {
    pub fn new(pool: Shared<Pool>) -> Self {
        Prefixes {
            pool,
            nodes: Paged::new(),
            used: 0,
            inner: 0,
            free: Free::default(),
            root: 0,
            height: 0,
            len: 0,
            promised: 0,
            nowhere: EMPTY,
        }
    }

    /// How many references there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Makes room for `more` insertions since the last `settle`; then they cannot fail.
    pub fn reserve(&mut self, more: usize) -> Result<(), Error> {
        if self.len.saturating_add(more) > MAX_LEN || self.height + 2 > MAX_HEIGHT {
            return Err(Error::OutOfMemory);
        }
        // A leaf for each at worst, as many inner nodes on every level or one for
        // each there is and for some of the leaves, and another root.
        let inner = (more * self.height).min(2 * self.inner + more / 8 + MAX_HEIGHT);
        let promised = more + inner + 1;
        if self.used + promised > u32::MAX as usize {
            return Err(Error::OutOfMemory);
        }
        self.nodes.reserve(&self.pool, self.used + promised)?;
        self.promised = promised;
        Ok(())
    }

    /// Ends a batch: gives back memory that it reserved and did not use.
    pub fn settle(&mut self) {
        self.promised = 0;
        self.nodes.trim(&self.pool, self.used);
    }

    /// Adds a reference whose key no other one has. The caller has reserved.
    pub fn insert(&mut self, keys: &impl Keys, at: Locator) {
        let key = keys.key(at);
        self.len += 1;
        if self.height == 0 {
            let leaf = self.take_node();
            self.node_mut(leaf).insert(0, 0, Slot::new(head(key, 0), at), 0);
            (self.root, self.height) = (leaf, 1);
            return;
        }
        let mut path = self.descend(keys, Sought { bound: Bound::at(key), target: None });
        let position = path.steps[0].position;
        if position == 0 {
            // The lowest of all.
            self.set_first(keys, &path, 1, at);
        }
        self.insert_at(keys, &mut path, 0, position, (at, 0));
    }

    /// Takes references out whose keys can still be read, and follow each other as in a range; says how many were there.
    pub fn remove_run(&mut self, keys: &impl Keys, run: &[Locator]) -> usize {
        let (mut removed, mut next) = (0, None);
        while let Some(&first) = run.get(removed) {
            let there = next.take().filter(|next: &Path| self.node(next.steps[0].node).locator(0) == first);
            let Some(mut path) = there.or_else(|| self.find(keys, keys.key(first), first)) else { break };
            let Step { node, position } = path.steps[0];
            // The leaf's part of them, in one step.
            let part = (run.len() - removed).min(self.node(node).count() - position);
            self.len -= part;
            removed += part;
            let level = self.remove_at(keys, &mut path, part);
            if removed < run.len() {
                next = self.enter(&mut path.steps, level).then_some(path);
            }
        }
        self.close_up(keys);
        removed
    }

    /// Another entry has the key now: its key is read, the old one's is not.
    /// Says whether the old one was there.
    pub fn replace(&mut self, keys: &impl Keys, old: Locator, new: Locator) -> bool {
        let Some(path) = self.find(keys, keys.key(new), old) else { return false };
        // Where it is the first of a leaf, inner nodes have it too.
        for Step { node, position } in path.steps.into_iter().take(self.height) {
            let node = self.node_mut(node);
            node.set_slot(position, Slot::new(node.slot(position).head(), new));
            if position > 0 {
                break;
            }
        }
        true
    }

    /// The references whose keys begin with `prefix`, in the order of their keys.
    pub fn range(&self, keys: &impl Keys, prefix: &[u8]) -> Range<'_> {
        if self.height == 0 {
            return Range::empty(self);
        }
        let [first, end] =
            [Bound::at(prefix), Bound::behind(prefix)].map(|bound| self.descend(keys, Sought { bound, target: None }));
        Range::new(self, first, end.steps[0])
    }

    /// The way to a reference whose key this is.
    fn find(&self, keys: &impl Keys, key: &[u8], at: Locator) -> Option<Path> {
        if self.height == 0 {
            return None;
        }
        let mut path = self.descend_to_leaf(keys, Sought { bound: Bound::at(key), target: Some(at) });
        let Step { node, position } = &mut path.steps[0];
        *position = self.node(*node).position(at)?; // without reading a key
        Some(path)
    }

    /// The way to the first place that is not before a bound. There is a root.
    #[inline]
    fn descend(&self, keys: &impl Keys, sought: Sought) -> Path {
        let mut path = self.descend_to_leaf(keys, sought);
        let Step { node, position } = &mut path.steps[0];
        (*position, path.common) = rank(self.node(*node), keys, sought, path.common, false);
        path
    }

    /// The way to the leaf where it is. There is a root.
    #[inline]
    fn descend_to_leaf(&self, keys: &impl Keys, sought: Sought) -> Path {
        let mut path = Path { steps: [Step::default(); MAX_HEIGHT], common: 0 };
        let mut node = self.root;
        for level in (1..self.height).rev() {
            let words = self.node(node);
            let (rank, mut common) = rank(words, keys, sought, path.common, true);
            let position = rank.saturating_sub(1);
            if common == words.skip() {
                common += common_of_heads(sought.bound.head(common), words.slot(position).head());
            }
            path.steps[level % MAX_HEIGHT] = Step { node, position };
            // The slot is the child's first, too.
            path.common = common.min(sought.bound.key.len());
            node = words.child(position);
            self.node(node).prefetch();
        }
        path.steps[0].node = node;
        path
    }

    /// Enters the first leaf there is from a level's position on.
    fn enter(&self, steps: &mut [Step; MAX_HEIGHT], level: usize) -> bool {
        for level in level..self.height.min(MAX_HEIGHT) {
            let Step { node, position } = steps[level];
            let parent = self.node(node);
            if position < parent.count() {
                let mut child = parent.child(position);
                for step in steps[..level].iter_mut().rev() {
                    *step = Step { node: child, position: 0 };
                    child = self.node(child).child(0);
                }
                return true;
            }
            if let Some(above) = steps.get_mut(level + 1) {
                above.position += 1;
            }
        }
        false
    }

    #[inline(always)]
    fn node(&self, node: u32) -> &Words {
        self.nodes.get(node as usize).unwrap_or(&EMPTY)
    }
}

/// How many of a node's keys are before a bound (`through`: or are it), and how
/// many bytes it has in common with all of them: the node's `skip`, or less.
/// `known` of them are known to be in common with the node's first.
#[inline(always)]
fn rank(node: &Words, keys: &impl Keys, sought: Sought, known: usize, through: bool) -> (usize, usize) {
    let Sought { bound, target } = sought;
    let is_before = |order| order == Ordering::Less || (through && order == Ordering::Equal);
    let (count, skip) = (node.count(), node.skip());
    if known < skip && Some(node.locator(0)) != target {
        let first = keys.key(node.locator(0));
        let common = common(first, bound.key);
        if common < skip {
            // All of its keys are on one side.
            let rank = if is_before(bound.compare(first, common)) { count } else { 0 };
            return (rank, common);
        }
    }
    let head = bound.head(skip);
    let mut low = partition(0, count, |at| node.slot(at).head() < head);
    let mut high = low;
    while high < count && node.slot(high).head() == head {
        high += 1;
    }
    if low < high {
        // Only keys can tell. Both that may be next are asked for.
        let middle = |low: usize, high: usize| low + (high - low) / 2;
        while low < high {
            let at = middle(low, high);
            if high - low > 1 {
                keys.prefetch(node.locator(at));
                keys.prefetch(node.locator(middle(low, at)));
                keys.prefetch(node.locator(middle(at + 1, high).min(count - 1)));
            }
            let locator = node.locator(at);
            let order = match Some(locator) == target {
                true => Ordering::Equal,
                false => bound.compare(keys.key(locator), skip),
            };
            match is_before(order) {
                true => low = at + 1,
                false => high = at,
            }
        }
    }
    (low, skip)
}

/// How many of `low..high` are before: those that are come first. Without branches.
#[inline(always)]
fn partition(mut low: usize, high: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let mut len = high - low;
    while len > 0 {
        let half = len.div_ceil(2);
        low = if is_before(low + half - 1) { low + half } else { low };
        len -= half;
    }
    low
}

#[cfg(all(test, not(modelled)))]
mod tests;
