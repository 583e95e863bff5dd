//! How the tree is shaped, what it reserves, and which keys it reads.

use std::cell::RefCell;

use super::*;

/// Notes down which keys are asked for, and which are read.
struct Overheard<'m> {
    model: &'m Model,
    asked: RefCell<Vec<usize>>,
    read: RefCell<Vec<usize>>,
}

impl<'m> Overheard<'m> {
    fn new(model: &'m Model) -> Self {
        Overheard { model, asked: RefCell::default(), read: RefCell::default() }
    }
}

impl Keys for Overheard<'_> {
    fn key(&self, at: Locator) -> &[u8] {
        self.read.borrow_mut().push(number(at));
        self.model.key(at)
    }

    fn prefetch(&self, at: Locator) {
        self.asked.borrow_mut().push(number(at));
    }
}

/// A key, and 999 others fit between it and the next one.
fn key(number: usize) -> Vec<u8> {
    format!("{:08}", number * 1000).into_bytes()
}

/// Made in one step: leaves of 55 where `count` is a multiple of that.
fn built(count: usize) -> Both {
    let mut both = Both::new();
    for number in 0..count {
        let at = both.add_key(&key(number));
        both.model.locators.insert(key(number), at);
    }
    both.build();
    both
}

/// Inserts so many keys right behind one, each before the last one: that is no run.
fn insert_behind(both: &mut Both, number: usize, count: usize) {
    let next = both.model.locators.keys().find(|&other| *other > key(number));
    let end = next.map_or((number + 1) * 1000, |next| String::from_utf8_lossy(next).parse().unwrap());
    (1..=count).for_each(|less| both.insert(format!("{:08}", end - less).as_bytes()));
}

/// How many entries each leaf has.
fn leaves(both: &Both) -> Vec<usize> {
    let mut nodes = vec![both.set.root];
    for _ in 1..both.set.height {
        let children = |node: u32| {
            let node = *both.set.node(node);
            (0..node.count()).map(move |at| node.child(at))
        };
        nodes = nodes.into_iter().flat_map(children).collect();
    }
    both.check();
    nodes.into_iter().map(|node| both.set.node(node).count()).collect()
}

#[test]
fn what_is_built_leaves_an_eighth_of_each_node_free() {
    let both = built(60 * 55);
    assert_eq!(leaves(&both), [55; 60]);
    // 36 of a node's 42: two of 30, and a root.
    assert_eq!((both.set.inner, both.set.used, both.set.height), (3, 63, 3));
}

#[test]
fn a_full_leaf_shares_with_the_neighbour_that_has_more_room() {
    let mut both = built(3 * 55);
    assert_eq!(leaves(&both), [55, 55, 55]);
    insert_behind(&mut both, 80, 8);
    insert_behind(&mut both, 5, 1);
    insert_behind(&mut both, 120, 1);
    assert_eq!(leaves(&both), [56, 63, 56]);
    insert_behind(&mut both, 80, 1);
    assert_eq!(leaves(&both), [56, 60, 60], "of two with as much the one behind");
    insert_behind(&mut both, 80, 3);
    insert_behind(&mut both, 80, 1);
    assert_eq!(leaves(&both), [60, 60, 60]);
}

#[test]
fn a_neighbour_with_little_room_is_not_worth_sharing_with() {
    for (filled, expected) in [(57, vec![60, 61]), (58, vec![40, 41, 41]), (63, vec![42, 42, 43])] {
        let mut both = built(2 * 55);
        insert_behind(&mut both, 5, 8);
        insert_behind(&mut both, 80, filled - 55);
        assert_eq!(leaves(&both), [63, filled]);
        insert_behind(&mut both, 5, 1);
        assert_eq!(leaves(&both), expected);
    }
}

#[test]
fn two_full_leaves_become_three_also_where_the_last_one_is_full() {
    let mut both = built(2 * 55);
    insert_behind(&mut both, 5, 8);
    insert_behind(&mut both, 80, 8);
    assert_eq!(leaves(&both), [63, 63]);
    insert_behind(&mut both, 80, 1);
    assert_eq!(leaves(&both), [42, 42, 43]);
}

#[test]
fn a_run_that_leaves_little_makes_neighbours_one() {
    for (first, second, expected) in [(30, 30, vec![50]), (27, 28, vec![55]), (27, 27, vec![28, 28])] {
        let mut both = built(2 * 55);
        both.remove_run(&key(60), second);
        assert_eq!(leaves(&both), [55, 55 - second]);
        both.remove_run(&key(10), first);
        assert_eq!(leaves(&both), expected);
    }
}

/// Single removals look at the neighbours of a leaf that is less than half full, at each fourth.
#[test]
fn leaves_become_one_where_few_are_left() {
    for (second, until, left) in [(39, 29, 28 + 16), (27, 25, 24 + 28)] {
        let mut both = built(2 * 55);
        both.remove_run(&key(56), second);
        for removed in 1..55 {
            both.remove(&key(removed));
            let first = 55 - removed;
            if first < until {
                assert_eq!(leaves(&both), [left]);
                break;
            }
            assert_eq!(leaves(&both), [first, 55 - second]);
        }
    }
}

/// Behind a leaf whose end it takes, a run goes on with the next leaf: nothing is sought.
#[test]
fn a_run_goes_on_from_leaf_to_leaf() {
    let mut both = built(3 * 55);
    let run: Vec<_> = (40..60).map(locator).collect();
    let keys = Overheard::new(&both.model);
    assert_eq!(both.set.remove_run(&keys, &run), 20);
    let read = keys.read.into_inner();
    assert!(read.contains(&40) && !read.contains(&55), "{read:?}");
    (40..60).for_each(|number| _ = both.model.locators.remove(&key(number)));
    assert_eq!(leaves(&both), [40, 50, 55]);
}

#[test]
fn both_keys_that_may_be_next_are_asked_for() {
    let mut both = Both::new();
    both.insert(b"a");
    // Heads do not tell these apart.
    (1..=6).for_each(|number| both.insert(format!("b000000{number}").as_bytes()));
    let keys = Overheard::new(&both.model);
    let path = both.set.descend(&keys, Sought { bound: Bound::at(b"b0000004"), target: None });
    assert_eq!(path.steps[0].position, 4);
    assert_eq!(keys.asked.into_inner(), [4, 2, 6, 2, 1, 3]);
    assert_eq!(keys.read.into_inner(), [4, 2, 3]);
}

#[test]
fn a_part_is_searched_to_its_end() {
    for (low, high, end) in [(0, 7, 3), (3, 10, 3), (3, 10, 5), (3, 10, 10), (4, 4, 4)] {
        let found = partition(low, high, |at| {
            assert!((low..high).contains(&at));
            at < end
        });
        assert_eq!(found, end.clamp(low, high));
    }
}

/// The root's bytes behind what its keys share look like the start of another key.
#[test]
fn what_follows_the_start_of_a_node_is_not_taken_for_it() {
    let mut both = Both::new();
    both.insert(b"baxy");
    (0..60).for_each(|number| both.insert(format!("baz{number:04}").as_bytes()));
    (0..200).for_each(|number| both.insert(format!("bz{number:04}").as_bytes()));
    assert_eq!(both.set.node(both.set.root).skip(), 1);
    both.insert(b"axyq");
    both.check();
    both.check_range(b"axy");
}

/// The only slot of a new root says nothing of the key that comes into it.
#[test]
fn a_lower_key_in_a_full_leaf_gives_the_root_its_start() {
    let mut both = Both::new();
    both.insert(b"gone"); // where a slot that is free seems to refer to
    both.remove(b"gone");
    (0..LEAF).rev().for_each(|number| both.insert(format!("m{number:04}").as_bytes()));
    both.insert(b"a0000");
    both.check();
    assert_eq!(both.set.node(both.set.root).skip(), 0);
}

#[test]
fn as_many_nodes_are_promised_as_insertions_may_need() {
    for (height, inner, more, promised) in [
        (0, 0, 5, 5 + 1),
        (1, 0, 5, 5 + 5 + 1),
        (3, 100, 2, 2 + 6 + 1),
        (3, 100, 800, 800 + 200 + 100 + 16 + 1),
        (14, 0, 1, 1 + 14 + 1),
    ] {
        let mut both = Both::new();
        (both.set.height, both.set.inner) = (height, inner);
        assert_eq!(both.set.reserve(more), Ok(()));
        assert_eq!(both.set.promised, promised, "{more} for {height} levels");
        assert!(both.set.nodes.capacity() >= promised);
        both.set.height = 15;
        assert_eq!(both.set.reserve(1), Err(Error::OutOfMemory), "there may be no two levels more");
    }
    let mut set = Both::new().set;
    set.len = MAX_LEN - 1;
    assert_eq!([set.reserve(1), set.reserve(2)], [Ok(()), Err(Error::OutOfMemory)]);
}

#[test]
fn what_was_reserved_and_not_used_is_given_back() {
    let mut both = Both::new();
    both.set.reserve(10_000).unwrap();
    let pages = both.pool.used_and_kept().0;
    assert!(pages > 1);
    both.set.settle();
    assert_eq!((both.set.promised, both.pool.used_and_kept().0), (0, 0), "of {pages} pages");
}

#[test]
fn what_a_run_leaves_is_given_back_with_it() {
    let count = if cfg!(miri) { 110 } else { 20_000 };
    let mut both = built(count);
    let pages = both.pool.used_and_kept().0;
    assert!(cfg!(miri) || pages > 1);
    let run: Vec<_> = (0..count).map(locator).collect();
    assert_eq!(both.set.remove_run(&both.model, &run), count);
    assert_eq!((both.set.used, both.pool.used_and_kept().0), (0, 0), "of {pages} pages");
}
