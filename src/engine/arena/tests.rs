//! The arena alone: where blocks come to stand, what is counted of them, and what goes with them.

use super::*;

/// Granules of an entry of which a page has room for sixteen and a little more.
const SIXTEENTH: u32 = PAGE / 16 - 4;

fn new(erase: bool) -> Arena {
    Arena::new(Shared::try_new(Pool::new().erasing(erase)).unwrap())
}

/// An entry of so many granules.
fn insert(arena: &mut Arena, granules: u32) -> Ref {
    arena.insert(b"key", &vec![7; granules as usize * GRANULE - GRANULE - 3], NEVER).unwrap()
}

#[test]
fn a_hole_of_its_size_is_taken_before_new_room() {
    let mut arena = new(false);
    let insert = |arena: &mut Arena, len: usize| arena.insert(b"key", &vec![7; len], NEVER).unwrap();
    let [first, second, _] = [100; 3].map(|len| insert(&mut arena, len));
    let (_, used) = arena.dead_and_used();
    arena.remove(second);
    arena.remove(first);
    assert_eq!([100; 2].map(|len| insert(&mut arena, len)), [first, second]);
    assert_eq!(arena.dead_and_used(), (0, used));
    arena.remove(first);
    assert_ne!(insert(&mut arena, 50), first);
    assert_eq!(insert(&mut arena, 100), first);
}

#[test]
fn a_small_arena_grows_where_it_is() {
    let mut arena = new(false);
    for number in 0..20 {
        assert_eq!(insert(&mut arena, 100), START + 100 * number);
    }
    assert_eq!((arena.dead_and_used(), arena.pages.len()), ((0, u64::from(START) + 2000), 1));
    assert_eq!(arena.check(), 20);
}

#[test]
fn the_longest_entry_may_be_the_first() {
    let (key, value) = ([1; MAX_LEN], [2; MAX_LEN]);
    for deadline in [NEVER, 5] {
        let mut arena = new(false);
        let block = arena.insert(&key, &value, deadline).unwrap();
        let block = arena.block(block);
        assert_eq!((block.key(), block.value(), block.deadline()), (&key[..], &value[..], deadline));
    }
}

#[test]
fn what_is_left_of_a_full_page_is_a_hole() {
    let mut arena = new(false);
    for number in 0..16 {
        assert_eq!(insert(&mut arena, SIXTEENTH), START + SIXTEENTH * number);
    }
    assert_eq!(insert(&mut arena, SIXTEENTH), PAGE + START);
    let (rest, used) = (64 - START, u64::from(PAGE + START + SIXTEENTH));
    assert_eq!(arena.dead_and_used(), (u64::from(rest), used));
    assert_eq!(insert(&mut arena, rest), PAGE - rest);
    assert_eq!(arena.dead_and_used(), (0, used));
    assert_eq!(arena.check(), 18);
}

/// All but what a hole begins with.
#[test]
fn what_goes_is_erased_where_that_is_wanted() {
    for erase in [false, true] {
        let mut arena = new(erase);
        let block = arena.insert(b"key", &[7; 85], NEVER).unwrap();
        arena.overwrite(block, &[8; 80], NEVER);
        assert_eq!(arena.block(block).value(), [8; 80]);
        assert_eq!(arena.block(block).0[91..96], if erase { [0; 5] } else { [7; 5] });
        arena.remove(block);
        assert_eq!(arena.block(block).0[2 * GRANULE..96] == [0; 80], erase);
    }
}

/// Holes among what was given out; neither the newest page nor one that was given back.
#[test]
fn the_emptiest_page_has_the_largest_share_of_holes() {
    let mut arena = new(false);
    for (first, second, emptiest) in [
        ((PAGE, PAGE / 2), (200, 10), Some(0)),
        ((200, 100), (PAGE, 150), Some(0)),
        ((PAGE, 150), (200, 100), Some(1)),
        ((0, 0), (200, 100), Some(1)),
        ((0, 0), (0, 0), None),
    ] {
        arena.uses = [first, second, (100, 92)].map(|(used, dead)| Use { used, dead }).to_vec();
        arena.newest = 2;
        assert_eq!(arena.emptiest(), emptiest, "{first:?} {second:?}");
    }
}

#[test]
fn a_retired_page_takes_nothing_until_it_is_reinstated() {
    let mut arena = new(false);
    let blocks: Vec<_> = (0..20).map(|_| insert(&mut arena, SIXTEENTH)).collect();
    arena.remove(blocks[3]);
    arena.retire(0);
    assert_eq!(insert(&mut arena, SIXTEENTH), blocks[19] + SIXTEENTH);
    arena.reinstate(0);
    assert_eq!(insert(&mut arena, SIXTEENTH), blocks[3]);
    assert_eq!(arena.check(), 21);
}
