//! Emptying a page of mostly holes, so that it can be given back. Knows no locks and no batches.

use super::{Seed, Shard};
use crate::sys::prefetch;

/// Entries of a page on the move at once.
const MOVING: usize = 32;

impl Shard {
    /// Moves the entries of a page elsewhere and gives the page back.
    #[cold]
    pub(super) fn empty_a_page(&mut self, seed: &Seed) {
        let Some(page) = self.arena.emptiest() else { return };
        self.arena.retire(page);
        let mut at = 0;
        loop {
            let mut group = [(0, 0); MOVING];
            let mut len = 0;
            while len < MOVING {
                let Some((old, next)) = self.arena.next_entry(page, at) else { break };
                let hash = seed.hash(self.arena.block(old).key());
                prefetch(self.line(hash));
                self.prefetch_place(old);
                group[len] = (old, hash);
                (at, len) = (next, len + 1);
            }
            if len == 0 {
                self.arena.release(page);
                return;
            }
            for &(old, hash) in &group[..len] {
                let Ok(new) = self.arena.move_out(old) else {
                    self.arena.reinstate(page); // no memory: another time
                    return;
                };
                self.index.replace(hash, old, new);
                self.order.set(self.arena.header(new).place(), new);
            }
        }
    }
}
