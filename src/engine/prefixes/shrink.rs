//! How the tree shrinks: nodes that are mostly free become one. Knows no bounds.

use super::grow::Row;
use super::node::{capacity, Node};
use super::{Keys, Path, Prefixes, Step, MAX_HEIGHT};

impl Prefixes {
    /// Takes so many slots out of a path's leaf, from the path's on. Gives the level whose position on the path then names
    /// what came behind them, unless it was put into a neighbour.
    pub(super) fn remove_at(&mut self, keys: &impl Keys, path: &mut Path, slots: usize) -> usize {
        let (mut slots, mut level) = (slots, 0);
        while level < self.height && self.remove_slots(keys, path, level, slots) {
            level += 1;
            slots = 1; // the node's, of the level above
        }
        // A root with one child is none.
        while self.height > 1 && self.node(self.root).count() == 1 {
            self.height -= 1;
            let root = self.root;
            self.root = self.node(root).child(0);
            self.free(root, self.height);
        }
        if level == 0 {
            path.steps[1].position += 1; // behind the leaf
        }
        level.max(1)
    }

    /// Takes slots out of a path's node on one level; says whether one of the
    /// level above must follow, which the path then names.
    fn remove_slots(&mut self, keys: &impl Keys, path: &mut Path, level: usize, slots: usize) -> bool {
        let Step { node, position } = path.steps[level % MAX_HEIGHT];
        let words = self.node_mut(node);
        words.remove(level, position, slots);
        let count = words.count();
        let first = words.locator(0);
        if count == 0 {
            self.free(node, level);
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
            && self.merge(keys, path, level)
    }

    /// Makes one node of a path's node and a neighbour, if they fit well.
    fn merge(&mut self, keys: &impl Keys, path: &mut Path, level: usize) -> bool {
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
            self.free(source, level);
            *position = left + 1;
            return true;
        }
        false
    }
}
