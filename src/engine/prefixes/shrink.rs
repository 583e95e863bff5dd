//! How the tree shrinks: nodes that are mostly free become one, and the memory of the last node goes back. Knows no bounds.

use super::grow::Row;
use super::node::{capacity, Node, EMPTY};
use super::{rank, Bound, Keys, Path, Prefixes, Sought, Step, MAX_HEIGHT};

/// Nodes that one removal takes out, at most.
const MAX_FREED: usize = 2 * MAX_HEIGHT;

/// Nodes that are not the tree's any more.
struct Freed {
    nodes: [u32; MAX_FREED],
    len: usize,
}

impl Freed {
    fn push(&mut self, node: u32) {
        if let Some(place) = self.nodes.get_mut(self.len) {
            *place = node;
            self.len += 1;
        }
    }
}

impl Prefixes {
    /// Takes so many slots out of a path's leaf, from the path's on.
    pub(super) fn remove_at(&mut self, keys: &impl Keys, path: &mut Path, slots: usize) {
        let mut freed = Freed { nodes: [0; MAX_FREED], len: 0 };
        let mut slots = slots;
        for level in 0..self.height {
            if !self.remove_slots(keys, path, level, slots, &mut freed) {
                break;
            }
            slots = 1; // the node's, of the level above
        }
        // A root with one child is none.
        while self.height > 1 && self.node(self.root).count() == 1 {
            freed.push(self.root);
            self.root = self.node(self.root).child(0);
            self.inner -= 1;
            self.height -= 1;
        }
        if freed.len > 0 {
            self.give_back(keys, freed);
        }
    }

    /// Takes slots out of a path's node on one level; says whether one of the
    /// level above must follow, which the path then names.
    fn remove_slots(
        &mut self,
        keys: &impl Keys,
        path: &mut Path,
        level: usize,
        slots: usize,
        freed: &mut Freed,
    ) -> bool {
        let Step { node, position } = path.steps[level % MAX_HEIGHT];
        let words = self.node_mut(node);
        words.remove(level, position, slots);
        let count = words.count();
        let first = words.locator(0);
        if count == 0 {
            self.free(node, level, freed);
            if level + 1 == self.height {
                self.height = 0;
            }
            return true;
        }
        if position == 0 {
            self.set_first(keys, path, level + 1, first);
        }
        // A look at the neighbours now and then, not for every removal: at each fourth.
        count <= capacity(level) / 2
            && count.next_multiple_of(4) < count + slots
            && level + 1 < self.height
            && self.merge(keys, path, level, freed)
    }

    /// Makes one node of a path's node and a neighbour, if they fit well.
    fn merge(&mut self, keys: &impl Keys, path: &mut Path, level: usize, freed: &mut Freed) -> bool {
        let Step { node: parent, position } = &mut path.steps[(level + 1) % MAX_HEIGHT];
        let parent = *self.node(*parent);
        for left in [Some(*position), position.checked_sub(1)].into_iter().flatten() {
            if left + 1 >= parent.count() {
                continue;
            }
            let (target, source) = (parent.child(left), parent.child(left + 1));
            let (a, b) = (self.node(target), self.node(source));
            let count = a.count() + b.count();
            if count > capacity(level) * 7 / 8 {
                continue;
            }
            let mut row = Row::new();
            row.append(a, 0, a.count());
            row.append(b, 0, b.count());
            row.write(keys, self.node_mut(target), level, 0, count);
            self.free(source, level, freed);
            *position = left + 1;
            return true;
        }
        false
    }

    fn free(&mut self, node: u32, level: usize, freed: &mut Freed) {
        *self.node_mut(node) = EMPTY;
        self.inner -= usize::from(level > 0);
        freed.push(node);
    }

    /// The last nodes move to where the freed ones are: nodes stay side by side.
    #[cold]
    fn give_back(&mut self, keys: &impl Keys, mut freed: Freed) {
        let nodes = freed.nodes.get_mut(..freed.len).unwrap_or_default();
        // From the last one on, so that none that moves is a freed one.
        nodes.sort_unstable_by(|a, b| b.cmp(a));
        for &node in nodes.iter() {
            self.used -= 1;
            let last = self.used as u32;
            if node != last {
                self.renumber(keys, last, node);
                *self.node_mut(node) = std::mem::replace(self.node_mut(last), EMPTY);
            }
        }
        self.nodes.trim(&self.pool, self.used + self.promised);
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
