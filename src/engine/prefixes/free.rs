//! Nodes that the tree left free: new ones are made of them, and where too many are, the last nodes move there. Knows no
//! bounds.
//!
//! They are a list linked through themselves. Moving a node costs a way from the root to it, so some holes are left: what
//! goes and comes back moves nothing.

use super::node::{Node, EMPTY};
use super::{rank, Bound, Keys, Prefixes, Sought};

/// One of so many nodes may be free.
pub(super) const MOST: usize = 8;
/// Words of a free node that name the next one and the one before, + 1; 0: none.
pub(super) const NEXT: usize = 2;
pub(super) const PREVIOUS: usize = 3;

#[derive(Default)]
pub(super) struct Free {
    /// The first one, + 1.
    pub(super) first: u32,
    pub(super) count: usize,
}

impl Prefixes {
    /// A node of a level is the tree's no more.
    pub(super) fn free(&mut self, node: u32, level: usize) {
        let next = std::mem::replace(&mut self.free.first, node + 1);
        *self.node_mut(node) = EMPTY;
        self.node_mut(node)[NEXT] = next;
        self.link(next, PREVIOUS, node + 1);
        self.free.count += 1;
        self.inner -= usize::from(level > 0);
    }

    /// A free node, in which its links are left.
    pub(super) fn take_free(&mut self) -> Option<u32> {
        let node = self.free.first.checked_sub(1)?;
        self.unlink(node);
        Some(node)
    }

    fn unlink(&mut self, node: u32) {
        let [next, previous] = [NEXT, PREVIOUS].map(|link| self.node(node)[link]);
        match previous {
            0 => self.free.first = next,
            _ => self.link(previous, NEXT, next),
        }
        self.link(next, PREVIOUS, previous);
        self.free.count -= 1;
    }

    /// Another free node, if it is one, names a node.
    fn link(&mut self, from: u32, link: usize, to: u32) {
        if let Some(node) = from.checked_sub(1) {
            self.node_mut(node)[link] = to;
        }
    }

    /// Moves the last nodes to where free ones are, until few of those are left, and gives their memory back.
    pub(super) fn close_up(&mut self, keys: &impl Keys) {
        let before = self.used;
        while self.free.count * MOST > self.used {
            let last = self.used as u32 - 1;
            if self.node(last).count() == 0 {
                self.unlink(last);
            } else if let Some(hole) = self.take_free() {
                self.renumber(keys, last, hole);
                *self.node_mut(hole) = std::mem::replace(self.node_mut(last), EMPTY);
            }
            self.used -= 1;
        }
        if self.used < before {
            self.nodes.trim(&self.pool, self.used + self.promised);
        }
    }

    /// Where a node is named, it has another number now.
    fn renumber(&mut self, keys: &impl Keys, old: u32, new: u32) {
        if self.root == old {
            self.root = new;
            return;
        }
        let first = self.node(old).locator(0);
        let sought = Sought { bound: Bound::at(keys.key(first)), target: Some(first) };
        let mut parent = self.root;
        for _ in 1..self.height {
            let words = self.node(parent);
            let position = rank(words, keys, sought, 0, true).0.saturating_sub(1);
            let child = words.child(position);
            if child == old {
                return self.node_mut(parent).set_child(position, new);
            }
            parent = child;
        }
    }
}
