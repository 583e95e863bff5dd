//! The index alone: what it finds while it grows and shrinks.

use super::*;

fn hash_of(reference: Ref) -> u64 {
    u64::from(reference).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn find(index: &Index, hash: u64, is_it: impl FnMut(Ref) -> bool) -> Option<Ref> {
    index.find(index.line(hash), hash, is_it)
}

fn holds(index: &Index, references: impl Iterator<Item = Ref>) -> bool {
    references.into_iter().all(|reference| find(index, hash_of(reference), |found| found == reference).is_some())
}

#[test]
fn grows_and_shrinks_by_single_buckets_and_loses_nothing() {
    const COUNT: Ref = if cfg!(miri) { 200 } else { 50_000 };
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    for reference in 1..=COUNT {
        index.reserve(1, hash_of, |_| ()).unwrap();
        index.insert(hash_of(reference), reference);
    }
    assert_eq!(index.len(), COUNT as usize);
    assert!(holds(&index, 1..=COUNT));
    let buckets = index.bucket_count;
    for reference in (1..=COUNT).filter(|reference| reference % 20 != 0) {
        assert!(index.remove(hash_of(reference), reference));
        assert!(!index.remove(hash_of(reference), reference));
        index.shrink(2);
    }
    assert!(index.bucket_count < buckets / 4, "{} of {buckets}", index.bucket_count);
    assert!(holds(&index, (20..=COUNT).step_by(20)));
    assert!(!holds(&index, 1..=1));
    let references = (20..=COUNT).step_by(20);
    references.clone().for_each(|reference| assert!(index.replace(hash_of(reference), reference, reference + COUNT)));
    assert!(find(&index, hash_of(20), |_| true) == Some(20 + COUNT));
}

#[test]
fn it_shrinks_as_far_as_it_has_to() {
    for (left, buckets) in [(20, 6), (21, 7), (22, 7)] {
        let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
        for reference in 1..=300 {
            index.reserve(1, hash_of, |_| ()).unwrap();
            index.insert(hash_of(reference), reference);
        }
        (1..=300 - left).for_each(|reference| assert!(index.remove(hash_of(reference), reference)));
        index.shrink(300);
        assert_eq!(index.bucket_count, buckets, "for {left}");
        assert!(holds(&index, 301 - left..=300));
    }
}

#[test]
fn more_than_references_can_name_is_refused() {
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    assert_eq!(index.reserve(1 << 40, hash_of, |_| ()), Err(Error::OutOfMemory));
    assert_eq!(index.reserve_lines(u32::MAX as usize), Err(Error::OutOfMemory));
    assert_eq!((index.bucket_count, index.len()), (0, 0));
}

#[test]
fn one_hash_for_all_is_slow_but_right() {
    const COUNT: Ref = if cfg!(miri) { 50 } else { 300 };
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    for reference in 1..=COUNT {
        index.reserve(1, |_| 5, |_| ()).unwrap();
        index.insert(5, reference);
    }
    assert!((1..=COUNT).all(|reference| find(&index, 5, |found| found == reference) == Some(reference)));
    assert!((1..=COUNT).all(|reference| index.remove(5, reference)));
    assert_eq!(find(&index, 5, |_| true), None);
}

#[test]
fn what_is_expected_comes_without_a_split() {
    const COUNT: Ref = 1000;
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    index.expect(COUNT as usize).unwrap();
    for reference in 1..=COUNT {
        let grows = index.reserve(1, |_| unreachable!("nothing moves"), |_| ()).unwrap();
        assert!(!grows);
        index.insert(hash_of(reference), reference);
    }
    let buckets = index.bucket_count;
    index.expect(2 * COUNT as usize).unwrap();
    assert!(index.bucket_count == buckets && holds(&index, 1..=COUNT), "only an empty one");
}

#[test]
fn a_bucket_comes_when_the_others_are_full_on_average() {
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    index.expect(0).unwrap();
    assert_eq!(index.bucket_count, 0);
    let growing = (1..=40).filter(|&reference| {
        let grows = index.reserve(1, hash_of, |_| ()).unwrap();
        index.insert(hash_of(reference), reference);
        grows
    });
    assert_eq!(growing.collect::<Vec<_>>(), [1, 7, 14, 20, 27, 33, 40]);
    assert_eq!(index.bucket_count, 7);
}

/// Before its chain is taken apart.
#[test]
fn a_bucket_moves_where_there_is_room_for_all_its_lines() {
    let mut index = Index::new(Shared::try_new(Pool::new()).unwrap());
    index.expect(20).unwrap();
    assert_eq!((0..4).map(|bucket| index.places(bucket)).collect::<Vec<_>>(), [LINE_REFS; 4]);
    for reference in 1..=41 {
        index.reserve_lines(1).unwrap();
        index.insert(3, reference);
    }
    assert_eq!([2, 3].map(|bucket| index.places(bucket)), [LINE_REFS, 4 * LINE_REFS]);
    (2..=41).for_each(|reference| assert!(index.remove(3, reference)));
    index.shrink(1);
    assert_eq!(index.bucket_count, 3);
    assert!(index.moving.capacity() >= 4 * LINE_REFS);
    assert_eq!(find(&index, 3, |_| true), Some(1));
}
