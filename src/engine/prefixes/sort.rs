//! Sorting references by keys that are elsewhere: eight bytes of each beside it, and a look at the keys for the rest. Knows no nodes.

use super::bound::{common, tail};
use super::node::Locator;
use super::Keys;
use crate::sys::erase;

/// Keys that are asked for before they are needed.
const AHEAD: usize = 16;
/// Fewer than that are compared, whole.
const FEW: usize = 16;
/// Times that eight bytes more are looked at. What is the same then is compared, whole.
const MAX_DEPTH: usize = 8;

/// A reference, and a part of its key.
#[derive(Clone, Copy)]
pub struct Cached {
    part: u64,
    pub at: Locator,
}

impl Cached {
    pub fn new(at: Locator) -> Self {
        Cached { part: 0, at }
    }

    /// Nothing is left of its key.
    pub fn forget(&mut self) {
        erase(std::slice::from_mut(&mut self.part));
    }
}

/// Sorts by key; needs no memory.
pub fn sort(keys: &impl Keys, items: &mut [Cached]) {
    sort_from(keys, items, 0, 0);
}

/// Sorts items whose keys' first `skip` bytes are the same.
fn sort_from(keys: &impl Keys, items: &mut [Cached], skip: usize, depth: usize) {
    if items.len() < FEW || depth == MAX_DEPTH {
        let compare = |a: &Cached, b: &Cached| tail(keys.key(a.at), skip).cmp(tail(keys.key(b.at), skip));
        return items.sort_unstable_by(compare);
    }
    let skip = read_parts(keys, items);
    items.sort_unstable_by_key(|item| item.part);
    for run in items.chunk_by_mut(|a, b| a.part == b.part).filter(|run| run.len() > 1) {
        sort_from(keys, run, skip, depth + 1);
    }
}

/// Reads the part of each key that follows what all have in common, and says how much that is.
fn read_parts(keys: &impl Keys, items: &mut [Cached]) -> usize {
    let Some(first) = items.first().map(|item| keys.key(item.at)) else { return 0 };
    // What some have in common is probably what all have.
    let some = items.iter().step_by(items.len() / FEW + 1);
    let mut skip = some.fold(first.len(), |skip, item| skip.min(common(first, keys.key(item.at))));
    loop {
        let expected = skip;
        for place in 0..items.len() {
            if let Some(soon) = items.get(place + AHEAD) {
                keys.prefetch(soon.at);
            }
            let Some(item) = items.get_mut(place) else { break };
            let key = keys.key(item.at);
            if key.get(..skip) != first.get(..skip) {
                skip = common(first, key).min(skip);
            }
            item.part = part(key, skip);
        }
        if skip == expected {
            return skip;
        }
    }
}

/// Eight bytes of a key, as if zeroes followed it.
fn part(key: &[u8], skip: usize) -> u64 {
    let tail = tail(key, skip);
    u64::from_be_bytes(tail.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(tail).for_each(|(byte, &own)| *byte = own);
        bytes
    }))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[test]
    fn what_is_forgotten_has_nothing_of_its_key() {
        let at = Locator { reference: 7, shard: 3 };
        let mut cached = Cached { part: u64::from_be_bytes(*b"a secret"), at };
        cached.forget();
        assert_eq!((cached.part, cached.at), (0, at));
    }

    /// Keys, how many were read, and which were asked for.
    #[derive(Default)]
    struct All {
        keys: Vec<Vec<u8>>,
        read: Cell<usize>,
        asked: RefCell<Vec<u32>>,
    }

    impl All {
        fn new(keys: impl Iterator<Item = Vec<u8>>) -> (All, Vec<Cached>) {
            let keys: Vec<_> = keys.collect();
            let items = (0..keys.len() as u32).map(|reference| Cached::new(Locator { reference, shard: 0 })).collect();
            (All { keys, ..All::default() }, items)
        }
    }

    impl Keys for All {
        fn key(&self, at: Locator) -> &[u8] {
            self.read.set(self.read.get() + 1);
            &self.keys[at.reference as usize]
        }

        fn prefetch(&self, at: Locator) {
            self.asked.borrow_mut().push(at.reference);
        }
    }

    #[test]
    fn a_part_is_eight_bytes_as_if_zeroes_followed() {
        let parts = [(&b"a long key"[..], 1, b" long ke"), (b"a key", 2, b"key\0\0\0\0\0"), (b"key", 3, &[0; 8])];
        for (key, skip, expected) in parts {
            assert_eq!(part(key, skip).to_be_bytes(), *expected);
        }
    }

    /// Also where one key has less in common than those that are looked at first.
    #[test]
    fn parts_are_what_follows_the_start_of_all_keys() {
        for (odd, skip) in [("space/doc/001", 8), ("space/dog", 8), ("sp", 2)] {
            let key = |number| if number == 97 { odd.to_owned() } else { format!("space/do{number:03}") };
            let (all, mut items) = All::new((0..100).map(|number| key(number).into_bytes()));
            assert_eq!(read_parts(&all, &mut items), skip, "{odd}");
            assert!(items.iter().zip(&all.keys).all(|(item, key)| item.part == part(key, skip)));
        }
    }

    /// Few are looked at for what all have in common; then each is read once, and was asked for before.
    #[test]
    fn many_keys_that_differ_soon_are_read_once() {
        for (count, looked_at) in [(16, 8), (17, 9), (100, 15), (160, 15)] {
            let (all, mut items) = All::new((0..count).rev().map(|number| format!("doc/{number:05}").into_bytes()));
            sort(&all, &mut items);
            assert!(items.iter().map(|item| item.at.reference).eq((0..count as u32).rev()));
            assert_eq!(all.read.get(), 1 + looked_at + count);
            assert!(all.asked.into_inner().into_iter().eq(AHEAD as u32..count as u32));
        }
    }
}
