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
