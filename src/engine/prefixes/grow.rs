//! How the tree grows: full nodes share with a neighbour, and two full ones become three. Knows no bounds.
//!
//! So nodes are four fifths full where keys come in no order (B*-trees: Knuth,
//! The Art of Computer Programming 3, 6.2.4). Where keys ascend, those behind
//! the last one are a node of their own, and full nodes are left behind.

use super::node::{capacity, Locator, Node, Slot, Words, EMPTY, LEAF};
use super::{common, head, Keys, Path, Prefixes, Step, MAX_HEIGHT};

/// Free slots for which it is worth sharing with a neighbour.
const WORTH_SHARING: usize = 6;

/// Insertions one right behind the other that will probably go on.
const RUN: u8 = 8;

/// What was in some neighbouring nodes, one slot after the other.
pub(super) struct Row {
    items: [Item; 2 * LEAF + 1],
    len: usize,
}

#[derive(Clone, Copy)]
struct Item {
    slot: Slot,
    /// What the head was made for.
    skip: usize,
    child: u32,
}

/// The head is not made yet.
const NO_HEAD: usize = usize::MAX;

impl Row {
    pub fn new() -> Self {
        Row { items: [Item { slot: Slot::default(), skip: NO_HEAD, child: 0 }; 2 * LEAF + 1], len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, slot: Slot, skip: usize, child: u32) {
        if let Some(item) = self.items.get_mut(self.len) {
            *item = Item { slot, skip, child };
            self.len += 1;
        }
    }

    /// A part of a node's slots.
    pub fn append(&mut self, node: &Words, from: usize, to: usize) {
        (from..to).for_each(|at| self.push(node.slot(at), node.skip(), node.child(at)));
    }

    /// An item whose head is not made yet.
    pub fn push_new(&mut self, at: Locator, child: u32) {
        self.push(Slot::new(0, at), NO_HEAD, child);
    }

    /// Makes a node of a part.
    pub fn write(&self, keys: &impl Keys, node: &mut Words, level: usize, from: usize, to: usize) {
        let items = self.items.get(from..to.min(self.len)).unwrap_or_default();
        let (Some(first), Some(last)) = (items.first(), items.last()) else { return };
        let skip = common(keys.key(first.slot.locator()), keys.key(last.slot.locator()));
        *node = EMPTY;
        node.set_header(items.len(), skip);
        let others = items.iter().filter(|item| item.skip != skip);
        others.for_each(|item| keys.prefetch(item.slot.locator()));
        for (at, item) in items.iter().enumerate() {
            let locator = item.slot.locator();
            let kept = item.skip == skip;
            node.set_slot(at, if kept { item.slot } else { Slot::new(head(keys.key(locator), skip), locator) });
            if level > 0 {
                node.set_child(at, item.child);
            }
        }
    }
}

impl Prefixes {
    /// Puts an entry or a node into the node of a level.
    pub(super) fn insert_at(
        &mut self,
        keys: &impl Keys,
        path: &mut Path,
        level: usize,
        position: usize,
        (at, child): (Locator, u32),
    ) {
        let step = path.steps[level % MAX_HEIGHT];
        let node = self.node_mut(step.node);
        let count = node.count();
        if count == capacity(level) {
            return self.insert_into_full(keys, path, level, position, (at, child));
        }
        let key = keys.key(at);
        let fits = match level {
            0 => path.common >= node.skip(),
            _ => begin_alike(keys, node, key, 0),
        };
        node.insert(level, position, Slot::new(head(key, node.skip()), at), child);
        if !fits {
            refresh(keys, node, level);
        }
    }

    #[cold]
    fn insert_into_full(
        &mut self,
        keys: &impl Keys,
        path: &mut Path,
        level: usize,
        position: usize,
        (at, child): (Locator, u32),
    ) {
        if level + 1 == self.height {
            self.add_root(keys, path);
        }
        let Step { node: parent, position: index } = path.steps[(level + 1) % MAX_HEIGHT];
        if level == 0 && self.node(path.steps[0].node).run(position) >= RUN {
            return self.cut(keys, path, position, at);
        }
        let parent_node = *self.node(parent);
        let room = |index: usize| match index < parent_node.count() {
            true => capacity(level) - self.node(parent_node.child(index)).count(),
            false => 0,
        };
        let (before, after) = (index.checked_sub(1).map_or(0, room), room(index + 1));
        let takes_before = index > 0 && (before > after || index + 1 == parent_node.count());
        let first = index - usize::from(takes_before);
        let last = (first + 1).min(parent_node.count() - 1);
        let mut row = Row::new();
        for place in first..=last {
            let node = self.node(parent_node.child(place));
            let split = if place == index { position } else { node.count() };
            row.append(node, 0, split);
            if place == index {
                row.push_new(at, child);
                row.append(node, split, node.count());
            }
        }
        // Both take half, or one more node is made.
        let old = last + 1 - first;
        let parts = old + usize::from(before.max(after) < WORTH_SHARING);
        let start = |part: usize| row.len * part / parts;
        for part in 0..parts {
            let is_new = part == old;
            let node = if is_new { self.take_node() } else { parent_node.child(first + part) };
            row.write(keys, self.node_mut(node), level, start(part), start(part + 1));
            let own_first = self.node(node).locator(0);
            match is_new {
                true => {
                    self.inner += usize::from(level > 0);
                    self.insert_at(keys, path, level + 1, first + old, (own_first, node));
                }
                false => set_slot(keys, self.node_mut(parent), level + 1, first + part, own_first),
            }
        }
    }

    /// Puts an entry into a full leaf where entries come one behind the other:
    /// what is behind it becomes a leaf of its own, or it does.
    fn cut(&mut self, keys: &impl Keys, path: &mut Path, position: usize, at: Locator) {
        let leaf = path.steps[0].node;
        let (new, old) = (self.take_node(), *self.node(leaf));
        let mut row = Row::new();
        row.append(&old, 0, position);
        row.push_new(at, 0);
        row.append(&old, position, LEAF);
        let is_last = position == LEAF;
        let cut = position + usize::from(!is_last);
        row.write(keys, self.node_mut(leaf), 0, 0, cut);
        row.write(keys, self.node_mut(new), 0, cut, LEAF + 1);
        let (growing, last) = if is_last { (new, 0) } else { (leaf, position) };
        self.node_mut(growing).set_run(last, old.run(position));
        let first = self.node(new).locator(0);
        let index = path.steps[1].position;
        self.insert_at(keys, path, 1, index + 1, (first, new));
    }

    /// Puts a root above the root.
    fn add_root(&mut self, keys: &impl Keys, path: &mut Path) {
        let (old, new) = (self.root, self.take_node());
        let first = self.node(old).locator(0);
        let root = self.node_mut(new);
        root.insert(1, 0, Slot::new(0, first), old);
        refresh(keys, root, 1);
        path.steps[self.height % MAX_HEIGHT] = Step { node: new, position: 0 };
        self.root = new;
        self.inner += 1;
        self.height += 1;
    }

    /// The way's leaf has another first entry: so have nodes above, from a level on.
    pub(super) fn set_first(&mut self, keys: &impl Keys, path: &Path, from: usize, at: Locator) {
        for level in from..self.height {
            let Step { node, position } = path.steps[level % MAX_HEIGHT];
            set_slot(keys, self.node_mut(node), level, position, at);
            if position > 0 {
                break;
            }
        }
    }

    /// A node that was reserved.
    pub(super) fn take_node(&mut self) -> u32 {
        let node = self.take_free().unwrap_or_else(|| {
            self.used += 1;
            self.used as u32 - 1
        });
        self.promised = self.promised.saturating_sub(1);
        *self.node_mut(node) = EMPTY;
        node
    }

    /// A node of the tree.
    pub(super) fn node_mut(&mut self, node: u32) -> &mut Words {
        // There is no other; a tree that is broken must not end the host.
        self.nodes.get_mut(node as usize).unwrap_or(&mut self.nowhere)
    }
}

/// Puts another entry into a slot, whose key stands where the old one's did.
fn set_slot(keys: &impl Keys, node: &mut Words, level: usize, position: usize, at: Locator) {
    if node.locator(position) == at {
        return;
    }
    let key = keys.key(at);
    let fits = node.count() > 1 && begin_alike(keys, node, key, usize::from(position == 0));
    node.set_slot(position, Slot::new(head(key, node.skip()), at));
    if !fits {
        refresh(keys, node, level);
    }
}

/// Whether a key begins with what all of a node's keys do: one of them is asked.
fn begin_alike(keys: &impl Keys, node: &Words, key: &[u8], at: usize) -> bool {
    let skip = node.skip();
    skip == 0 || key.get(..skip).is_some_and(|start| keys.key(node.locator(at)).get(..skip) == Some(start))
}

/// Makes a node's heads anew.
fn refresh(keys: &impl Keys, node: &mut Words, level: usize) {
    let mut row = Row::new();
    let count = node.count();
    row.append(node, 0, count);
    row.items.iter_mut().for_each(|item| item.skip = NO_HEAD);
    row.write(keys, node, level, 0, count);
}
