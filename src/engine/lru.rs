//! Interim: least recently used.
use super::note::Id;
use crate::Error;

const END: u32 = u32::MAX;

pub struct Policy {
    nodes: Vec<[u32; 2]>,
    newest: u32,
    oldest: u32,
}

impl Policy {
    pub fn new() -> Self {
        Policy { nodes: Vec::new(), newest: END, oldest: END }
    }

    #[inline(always)]
    pub fn reserve(&mut self, ids: usize) -> Result<(), Error> {
        if ids > self.nodes.len() {
            self.nodes.try_reserve(ids - self.nodes.len())?;
            self.nodes.resize(ids, [END; 2]);
        }
        Ok(())
    }

    pub fn insert(&mut self, id: Id, _hash: u64, _weight: u64) {
        self.nodes[id as usize] = [self.newest, END];
        match self.nodes.get_mut(self.newest as usize) {
            Some(newest) => newest[1] = id,
            None => self.oldest = id,
        }
        self.newest = id;
    }

    pub fn remove(&mut self, id: Id) {
        let [older, newer] = self.nodes[id as usize];
        match self.nodes.get_mut(older as usize) {
            Some(node) => node[1] = newer,
            None => self.oldest = newer,
        }
        match self.nodes.get_mut(newer as usize) {
            Some(node) => node[0] = older,
            None => self.newest = older,
        }
    }

    pub fn evict(&mut self, id: Id, _hash: u64) {
        self.remove(id);
    }

    pub fn hit(&mut self, id: Id) {
        self.remove(id);
        self.insert(id, 0, 0);
    }

    pub fn moved(&mut self, from: Id, to: Id) {
        if from == to {
            return;
        }
        let [older, newer] = self.nodes[from as usize];
        self.nodes[to as usize] = [older, newer];
        match self.nodes.get_mut(older as usize) {
            Some(node) => node[1] = to,
            None => self.oldest = to,
        }
        match self.nodes.get_mut(newer as usize) {
            Some(node) => node[0] = to,
            None => self.newest = to,
        }
    }

    #[cfg(test)]
    pub fn check(&self, entries: usize) {
        let (mut at, mut count) = (self.newest, 0);
        while at != END {
            at = self.nodes[at as usize][0];
            count += 1;
        }
        assert_eq!(count, entries);
    }

    pub fn victim(&mut self) -> Option<Id> {
        (self.oldest != END).then_some(self.oldest)
    }
}
