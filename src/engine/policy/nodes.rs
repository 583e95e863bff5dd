//! What is known of each entry, by its id: 8 bytes. Judges none of them.

use super::judges::Past;
use super::Id;
use crate::sys::prefetch;
use crate::Error;

/// 8 bytes. Those of a past stand here one by one: as a whole it would be padded.
#[derive(Clone, Copy, Default)]
pub struct Node {
    last: u32,
    times: u8,
    interval: u8,
    /// Its logarithm.
    pub weight: u8,
    pub state: State,
}

const _: () = assert!(size_of::<Node>() == 8);

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum State {
    #[default]
    Vacant,
    There,
    /// And in the miniature.
    Sampled,
}

impl Node {
    pub fn new(Past { last, times, interval }: Past, weight: u8, state: State) -> Self {
        Node { last, times, interval, weight, state }
    }

    #[inline(always)]
    pub fn past(&self) -> Past {
        Past { last: self.last, times: self.times, interval: self.interval }
    }

    #[inline(always)]
    pub fn set_past(&mut self, Past { last, times, interval }: Past) {
        (self.last, self.times, self.interval) = (last, times, interval);
    }

    #[inline(always)]
    fn is_there(&self) -> bool {
        self.state != State::Vacant
    }
}

#[derive(Default)]
pub struct Nodes(Vec<Node>);

impl Nodes {
    /// Memory for ids below `ids`.
    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        if ids > self.0.capacity() {
            // A twentieth more, where doubling would leave half of it empty.
            let more = ids.saturating_sub(self.0.len()).max(self.0.len() / 20);
            self.0.try_reserve_exact(more)?;
        }
        Ok(())
    }

    /// The ids in use are below.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Of memory for all of them.
    pub fn bytes(&self) -> u64 {
        (self.0.capacity() * size_of::<Node>()) as u64
    }

    #[inline(always)]
    pub fn prefetch(&self, id: Id) {
        self.0.get(id as usize).into_iter().for_each(prefetch);
    }

    /// The node of an id that is in use.
    #[inline(always)]
    pub fn get(&self, id: Id) -> Option<&Node> {
        self.0.get(id as usize).filter(|node| node.is_there())
    }

    #[inline(always)]
    pub fn get_mut(&mut self, id: Id) -> Option<&mut Node> {
        self.0.get_mut(id as usize).filter(|node| node.is_there())
    }

    /// An id that was reserved.
    #[inline(always)]
    pub fn set(&mut self, id: Id, node: Node) {
        if self.0.len() <= id as usize {
            self.0.resize(id as usize + 1, Node::default());
        }
        self.0[id as usize] = node;
    }

    /// All that are in use.
    pub fn all(&self) -> impl Iterator<Item = (Id, &Node)> {
        (0..).zip(&self.0).filter(|(_, node)| node.is_there())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_by_a_twentieth_where_that_is_more_than_is_asked_for() {
        let mut nodes = Nodes::default();
        for (ids, capacity) in [(100, 100), (99, 100), (100, 100), (101, 105), (105, 105), (300, 300)] {
            nodes.reserve(ids).unwrap();
            assert_eq!(nodes.bytes(), 8 * capacity, "{ids}");
            nodes.set(99, Node::default());
        }
    }
}
