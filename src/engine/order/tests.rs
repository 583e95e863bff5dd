//! The order alone: what it keeps through removals and merges, and how its entries are numbered.

use super::*;

fn all(order: &Order, from: u64) -> Vec<(u64, Ref)> {
    let mut entries = order.from(from);
    let mut found = Vec::new();
    while let Some(entry) = entries.first() {
        found.push(entry);
        entries.advance();
    }
    found
}

#[test]
fn keeps_order_through_removals_and_merges() {
    const COUNT: u64 = if cfg!(miri) { 600 } else { 5_000 };
    let mut order = Order::new(Shared::try_new(Pool::new()).unwrap());
    let mut places = vec![0; COUNT as usize + 1];
    for number in 1..=COUNT {
        order.reserve(1).unwrap();
        places[number as usize] = order.push(number * 3, number as Ref);
    }
    assert!(all(&order, 0).into_iter().eq((1..=COUNT).map(|number| (number * 3, number as Ref))));
    for number in (1..=COUNT).filter(|number| number % 10 != 0) {
        let (mut announced, mut moves) = (Vec::new(), Vec::new());
        order.remove(places[number as usize], |reference, to| match to {
            Move::Soon => announced.push(reference),
            Move::To(place) => moves.push((reference, place)),
        });
        assert!(announced.drain(..).eq(moves.iter().map(|&(reference, _)| reference)));
        moves.into_iter().for_each(|(reference, place)| places[reference as usize] = place);
    }
    let left = (10..=COUNT).step_by(10);
    assert!(all(&order, 0).into_iter().eq(left.clone().map(|number| (number * 3, number as Ref))));
    assert!(all(&order, 302).into_iter().eq(left.skip_while(|&n| n * 3 < 302).map(|n| (n * 3, n as Ref))));
    assert!(order.chain.len() < (COUNT as usize / 10).div_ceil(BLOCK) * 2 + 4, "{} blocks", order.chain.len());
    order.set(places[20], 7);
    assert_eq!(all(&order, 60)[0], (60, 7));
}

#[test]
fn a_wide_gap_in_the_numbers_begins_a_block() {
    let mut order = Order::new(Shared::try_new(Pool::new()).unwrap());
    order.reserve(3).unwrap();
    for (reference, sequence) in [1, 2, 1 << 40].into_iter().enumerate() {
        order.reserve(1).unwrap();
        order.push(sequence, reference as Ref + 1);
    }
    assert_eq!(all(&order, 2), [(2, 2), (1 << 40, 3)]);
    assert_eq!(all(&order, 3), [(1 << 40, 3)]);
}

/// Within a block numbers are 32 bits above its first.
#[test]
fn blocks_with_a_wide_gap_between_them_stay_two() {
    let mut order = Order::new(Shared::try_new(Pool::new()).unwrap());
    let sequence = |number: usize| number as u64 + if number < BLOCK { 0 } else { 1 << 33 };
    let mut places = Vec::new();
    for number in 0..4 * BLOCK {
        order.reserve(1).unwrap();
        places.push(order.push(sequence(number), number as Ref + 1));
    }
    assert_eq!(order.chain.len(), 4);
    for number in (0..4 * BLOCK).filter(|number| number % 8 != 0) {
        let mut moves = Vec::new();
        order.remove(places[number], |reference, to| match to {
            Move::Soon => (),
            Move::To(place) => moves.push((reference, place)),
        });
        moves.into_iter().for_each(|(reference, place)| places[reference as usize - 1] = place);
    }
    let left = (0..4 * BLOCK).step_by(8).map(|number| (sequence(number), number as Ref + 1));
    assert!(all(&order, 0).into_iter().eq(left));
    assert_eq!(order.chain.len(), 3, "the second and the third became one");
}

#[test]
fn more_than_places_can_name_is_refused() {
    let mut order = Order::new(Shared::try_new(Pool::new()).unwrap());
    assert_eq!(order.reserve(1 << 40), Err(Error::OutOfMemory));
    assert_eq!(order.ids(), 0);
}

#[test]
fn ids_name_shards_and_places() {
    for shard in 0..SHARDS {
        for place in [0, 1, 127, 128, 1000, (1 << 28) - 1] {
            assert_eq!(place_of(id_of(shard, place)), (shard, place));
        }
    }
    assert_eq!(id_of(SHARDS - 1, 127), (SHARDS * BLOCK) as u32 - 1);
}

/// Adds entries with these numbers, each one's room made alone; says where they are.
fn push_all(order: &mut Order, sequences: impl Iterator<Item = u64>) -> Vec<Place> {
    let push = |(reference, sequence)| {
        order.reserve(1).unwrap();
        order.push(sequence, reference)
    };
    (1..).zip(sequences).map(push).collect()
}

/// Takes entries out; none of the others moves.
fn remove_all(order: &mut Order, places: &[Place]) {
    places.iter().for_each(|&place| order.remove(place, |reference, _| panic!("{reference} moves")));
}

fn new() -> Order {
    Order::new(Shared::try_new(Pool::new()).unwrap())
}

#[test]
fn there_is_room_for_what_is_to_come_and_one_block_more() {
    const A_BLOCK: usize = SHARDS * BLOCK;
    let mut order = new();
    order.reserve(1).unwrap();
    assert_eq!(order.ids(), 2 * A_BLOCK);
    assert!(order.free.capacity() >= 2, "their removal needs none");
    order.push(1, 1);
    assert_eq!(order.ids(), 2 * A_BLOCK);
    for (more, blocks) in [(1, 2), (BLOCK - 1, 2), (BLOCK, 3), (2 * BLOCK + 1, 5)] {
        order.reserve(more).unwrap();
        assert_eq!(order.ids(), blocks * A_BLOCK, "for {more}");
    }
}

#[test]
fn an_entry_is_found_at_its_place() {
    let mut order = new();
    let sequences = || (0..300).chain((1..150).map(|gap| gap << 33));
    let places = push_all(&mut order, sequences());
    for ((reference, sequence), &place) in (1..).zip(sequences()).zip(&places) {
        order.prefetch_head(place);
        order.prefetch(place);
        assert_eq!((order.at(place), order.sequence(place)), (reference, sequence));
    }
    order.remove(places[200], |_, _| ());
    assert_eq!([places[200], Place::MAX].map(|place| order.at(place)), [0; 2]);
    assert_eq!([0, 2, 299, 400].map(|ahead| order.from(0).soon(ahead)), [1, 3, 0, 0]);
    assert_eq!(order.from(5).soon(2), 8);
}

#[test]
fn a_block_is_due_when_its_first_entry_ends() {
    let mut order = new();
    let places = push_all(&mut order, 0..3 * BLOCK as u64);
    for (place, deadline) in [(places[140], 9), (places[130], 7), (places[150], 8)] {
        order.expires(place, deadline);
    }
    assert_eq!([6, 7].map(|now| order.due(now).collect::<Vec<_>>()), [vec![], vec![1]]);
    assert_eq!([(6, 9), (7, 1), (7, 9)].map(|(now, blocks)| order.next_due(now, blocks)), [None, None, Some(1)]);
}

#[test]
fn a_block_without_entries_is_given_back() {
    let mut order = new();
    let places = push_all(&mut order, 0..4 * BLOCK as u64);
    remove_all(&mut order, &places[BLOCK..2 * BLOCK]);
    assert_eq!((order.chain.len(), order.free.len()), (3, 1));
    let left = (0..BLOCK).chain(2 * BLOCK..4 * BLOCK);
    assert!(all(&order, 0).into_iter().eq(left.map(|number| (number as u64, number as Ref + 1))));
}

#[test]
fn the_last_block_goes_on_alone() {
    let mut order = new();
    let places = push_all(&mut order, 0..2 * BLOCK as u64);
    remove_all(&mut order, &places[BLOCK..2 * BLOCK - 8]);
    remove_all(&mut order, &places[8..BLOCK]);
    assert_eq!((order.chain.len(), all(&order, 0).len()), (2, 16));
}

/// The second one's last number is just too far from the first one's.
#[test]
fn blocks_stay_two_if_one_could_not_hold_their_numbers() {
    let mut order = new();
    let far = BLOCK as u64 + u64::from(u32::MAX);
    let places = push_all(&mut order, (0..2 * BLOCK as u64 - 1).chain([far, 1 << 40]));
    remove_all(&mut order, &places[8..BLOCK]);
    remove_all(&mut order, &places[BLOCK..2 * BLOCK - 1]);
    assert_eq!(order.chain.len(), 3);
    assert_eq!(all(&order, 7), [(7, 8), (far, 2 * BLOCK as Ref), (1 << 40, 2 * BLOCK as Ref + 1)]);
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn there_are_as_many_blocks_as_ids_can_name() {
    const BLOCKS: usize = 1 << 21;
    let mut order = new();
    assert_eq!(order.reserve_blocks(BLOCKS + 1), Err(Error::OutOfMemory));
    assert_eq!((order.heads.capacity(), order.spare), (0, 0), "before anything is reserved");
    let head = Head { base: 0, earliest: NEVER, at: 0, len: 0, live: 0 };
    order.heads.resize(BLOCKS - 1, head);
    assert_eq!([2, 1].map(|more| order.reserve_blocks(more)), [Err(Error::OutOfMemory), Ok(())]);
    assert_eq!(id_of(SHARDS - 1, (BLOCKS * BLOCK) as Place - 1), Id::MAX);
}
