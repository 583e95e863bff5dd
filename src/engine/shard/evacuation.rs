//! Emptying a page of mostly holes, so that it can be given back. Knows no locks and no batches.

use super::{Ref, Seed, Shard};
use crate::sys::prefetch;

/// Entries of a page on the move at once.
const MOVING: usize = 32;

/// A page whose entries move elsewhere.
pub struct Evacuation {
    page: usize,
    /// Where its next entries are.
    at: u32,
    /// Entries that have been asked for, with their hashes; the first `moved` have moved.
    group: [(Ref, u64); MOVING],
    len: usize,
    moved: usize,
}

impl Shard {
    /// Begins to move the entries of a page.
    pub fn evacuate(&mut self) -> Option<Evacuation> {
        let page = self.arena.emptiest()?;
        self.arena.retire(page);
        Some(Evacuation { page, at: 0, group: [(0, 0); MOVING], len: 0, moved: 0 })
    }

    /// Moves the next entry: from where to where. After the last one, or where
    /// there is no memory, the evacuation is over.
    #[inline(always)]
    pub fn move_next(&mut self, seed: &Seed, evacuation: &mut Evacuation) -> Option<(Ref, Ref)> {
        if evacuation.moved == evacuation.len {
            self.ask_for_more(seed, evacuation);
        }
        let Evacuation { page, group, len, moved, .. } = evacuation;
        let Some(&(old, hash)) = group[..*len].get(*moved) else {
            self.arena.release(*page);
            return None;
        };
        let Ok(new) = self.arena.move_out(old) else {
            self.arena.reinstate(*page); // another time
            return None;
        };
        self.index.replace(hash, old, new);
        self.order.set(self.arena.header(new).place(), new);
        *moved += 1;
        Some((old, new))
    }

    fn ask_for_more(&self, seed: &Seed, evacuation: &mut Evacuation) {
        (evacuation.len, evacuation.moved) = (0, 0);
        while evacuation.len < MOVING {
            let Some((old, next)) = self.arena.next_entry(evacuation.page, evacuation.at) else { break };
            let hash = seed.hash(self.arena.block(old).key());
            prefetch(self.line(hash));
            self.prefetch_place(old);
            evacuation.group[evacuation.len] = (old, hash);
            (evacuation.at, evacuation.len) = (next, evacuation.len + 1);
        }
    }
}
