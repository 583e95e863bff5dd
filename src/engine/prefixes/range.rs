//! Walking through references in the order of their keys. Reads no keys.

use super::node::{Locator, Node};
use super::{Path, Prefixes, Step, MAX_HEIGHT};

/// Some references that stand side by side.
#[derive(Clone)]
pub struct Range<'s> {
    set: &'s Prefixes,
    /// By level: where it is.
    steps: [Step; MAX_HEIGHT],
    /// Slots of the leaf that are the range's.
    until: usize,
    end: Step,
}

impl<'s> Range<'s> {
    pub(super) fn empty(set: &'s Prefixes) -> Self {
        Range { set, steps: [Step::default(); MAX_HEIGHT], until: 0, end: Step::default() }
    }

    /// From the leaf's place of a path up to a place in a leaf.
    pub(super) fn new(set: &'s Prefixes, first: Path, end: Step) -> Self {
        let mut range = Range { set, steps: first.steps, until: 0, end };
        range.enter_leaf();
        range
    }

    fn is_last(&self) -> bool {
        self.steps[0].node == self.end.node
    }

    fn enter_leaf(&mut self) {
        if self.is_last() {
            self.until = self.end.position;
            return;
        }
        self.until = self.set.node(self.steps[0].node).count();
        let Step { node, position } = self.steps[1];
        let parent = self.set.node(node);
        if position + 1 < parent.count() {
            self.set.node(parent.child(position + 1)).prefetch();
        }
    }

    /// Goes to the next leaf, if it is the range's.
    fn next_leaf(&mut self) -> bool {
        if self.is_last() {
            return false;
        }
        self.steps[1].position += 1;
        let entered = self.set.enter(&mut self.steps, 1);
        if entered {
            self.enter_leaf();
        }
        entered
    }
}

impl Iterator for Range<'_> {
    type Item = Locator;

    #[inline]
    fn next(&mut self) -> Option<Locator> {
        loop {
            let Step { node, position } = &mut self.steps[0];
            if *position < self.until {
                *position += 1;
                return Some(self.set.node(*node).locator(*position - 1));
            }
            if !self.next_leaf() {
                return None;
            }
        }
    }

    /// Leaf by leaf.
    fn fold<T, F: FnMut(T, Locator) -> T>(mut self, first: T, mut see: F) -> T {
        let mut all = first;
        loop {
            let Step { node, position } = self.steps[0];
            let leaf = self.set.node(node);
            all = (position..self.until).fold(all, |all, at| see(all, leaf.locator(at)));
            if !self.next_leaf() {
                return all;
            }
        }
    }

    /// Leaf by leaf.
    fn count(mut self) -> usize {
        let mut count = 0;
        loop {
            count += self.until.saturating_sub(self.steps[0].position);
            if !self.next_leaf() {
                return count;
            }
        }
    }
}
