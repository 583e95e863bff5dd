//! That the small caches are what they should be, whatever happens, and that the judge changes when it should.

use super::super::Reuse;
use super::*;

#[test]
fn leads_fade_in_some_times_as_many_accesses_as_there_are_entries() {
    for (entries, accesses) in [(0.0, 64.0), (1.0, 128.0), (100.0, 6464.0)] {
        let mut miniature = Miniature::new(false).unwrap();
        (0..100_000).for_each(|_| miniature.compare(0b00010, entries));
        for [one, other] in [[1, 0], [1, 4], [0, 1], [4, 1], [0, 4], [1, 1]] {
            let ahead = f32::from(u8::from(one == 1)) - f32::from(u8::from(other == 1));
            for (sum, expected) in [(miniature.lead[one][other], ahead), (miniature.apart[one][other], ahead.abs())] {
                assert!((sum - accesses * expected).abs() < accesses / 100.0, "{one} and {other}: {sum}");
            }
        }
        assert_eq!(miniature.best(), JUDGES[1], "whose it was");
    }
}

#[test]
fn who_takes_part_is_decided_by_few_bits() {
    let (mut miniature, reuse) = (Miniature::new(true).unwrap(), Reuse::new().unwrap());
    let mut taken = 0;
    for id in 0..4096 {
        let present = Present { reuse: &reuse, now: id, live: id as usize + 1 };
        taken = usize::from(miniature.insert(id, u64::from(id) << 16, Past::default(), 8, u64::from(id) * 2, present));
    }
    assert_eq!((miniature.mask, taken), (0b1111, 0), "of 4096 one in 16");
    assert_eq!(miniature.check(), ENTRIES);
    assert!(miniature.by_id.keys().all(|id| id % 16 == 0));
    assert!(miniature.caches.iter().all(|cache| cache.weight == 2 * ENTRIES as u64), "nothing had to go");
    miniature.fill();
    let present = Present { reuse: &reuse, now: 5000, live: 4096 };
    assert!(miniature.insert(4096, 4096 << 16, Past::default(), 8, 4096, present));
    assert!(miniature.caches.iter().all(|cache| cache.weight == 4096 / 16), "as much as a sixteenth of all");
    let asked = miniature.by_id[&4096];
    assert!(miniature.caches.iter().all(|cache| cache.keys.contains(&asked)), "not who was just asked for");
    miniature.check();
}

#[test]
fn no_more_bits_decide_than_entries_can_be() {
    let (mut miniature, reuse) = (Miniature::new(false).unwrap(), Reuse::new().unwrap());
    for id in 0..2 * KEYS as u32 {
        // Hashes that are alike in these bits: halving makes the sample no smaller.
        miniature.insert(id, id.into(), Past::default(), 1, 1, Present { reuse: &reuse, now: id, live: 10 });
    }
    assert_eq!(miniature.mask, (1 << HALVINGS) - 1);
    assert_eq!(miniature.check(), KEYS);
}

#[test]
fn an_entry_that_moved_is_known_by_its_new_id() {
    let (mut miniature, reuse) = (Miniature::new(false).unwrap(), Reuse::new().unwrap());
    let present = Present { reuse: &reuse, now: 1, live: 1 };
    assert!(miniature.insert(3, 7, Past::default(), 1, 1, present));
    miniature.moved(3, 9);
    miniature.remove(3);
    assert_eq!((miniature.check(), miniature.by_id.contains_key(&9)), (1, true));
    miniature.remove(9);
    assert_eq!(miniature.check(), 0);
}

#[test]
fn leads_fade_by_the_entries_that_take_part() {
    let (mut miniature, reuse) = (Miniature::new(false).unwrap(), Reuse::new().unwrap());
    (miniature.mask, miniature.lead[1][0]) = (0b1111, 1000.0);
    assert!(miniature.insert(0, 0, Past::default(), 1, 1, Present { reuse: &reuse, now: 1, live: 16 * 256 }));
    let lead = miniature.lead[1][0];
    assert!((lead - (1000.0 - 1000.0 / (64.0 * 256.0 + 64.0))).abs() < 0.001, "{lead}");
}

/// So many entries that nothing fades, for numbers without a rest.
#[test]
fn a_lead_that_just_pays_changes_nothing() {
    const ENTRIES: f32 = (1 << 20) as f32;
    for (more, changes) in [(0.0, false), (1.0 / 64.0, true)] {
        let mut miniature = Miniature::new(false).unwrap();
        let before = miniature.best;
        let other = (before + 1) % JUDGES.len();
        miniature.lead[other][before] = ENTRIES * COST + DEVIATIONS * 2.0 + more;
        miniature.apart[other][before] = 3.0;
        miniature.compare(0, ENTRIES);
        assert_eq!(miniature.best, if changes { other } else { before });
    }
}

/// Three with the same past, and room for less than all of them: whom each judge holds then.
fn left_of(by_weight: bool, weights: [u8; 3], room: u64) -> [Vec<Option<Id>>; JUDGES.len()] {
    let (mut miniature, reuse) = (Miniature::new(by_weight).unwrap(), Reuse::new().unwrap());
    miniature.fill();
    for (id, weight) in (0..).zip(weights) {
        let total = if id == 2 { room } else { 1000 };
        let present = Present { reuse: &reuse, now: 10, live: 3 };
        assert!(miniature.insert(id, id.into(), Past::default(), weight, total, present));
    }
    miniature.check();
    miniature.caches.map(|cache| {
        let mut ids: Vec<_> = cache.keys.iter().map(|&place| miniature.keys[place as usize].id).collect();
        ids.sort_unstable();
        ids
    })
}

#[test]
fn of_two_alike_the_heavier_one_goes_and_else_the_first() {
    // Logarithms: 1, 8 and 1.
    assert!(left_of(true, [0, 24, 0], 9).iter().all(|left| *left == [Some(0), Some(2)]));
    assert!(left_of(true, [24, 0, 0], 9).iter().all(|left| *left == [Some(1), Some(2)]));
    assert!(left_of(false, [0, 24, 0], 2).iter().all(|left| *left == [Some(1), Some(2)]));
    assert!(left_of(false, [0, 0, 0], 0).iter().all(|left| *left == [Some(2)]), "who was just asked for stays");
}

#[test]
fn a_key_that_one_judge_alone_holds_is_forgotten_where_it_takes_part_no_more() {
    let (mut miniature, reuse) = (Miniature::new(false).unwrap(), Reuse::new().unwrap());
    let present = Present { reuse: &reuse, now: 1, live: 2 };
    assert!([0, 1].into_iter().all(|id| miniature.insert(id, u64::from(id) << 16, Past::default(), 1, 2, present)));
    let asked = miniature.by_id[&0];
    (1..JUDGES.len()).for_each(|at| miniature.evict(at, asked, 1, present));
    assert_eq!(miniature.caches[0].keys.len(), 2);
    miniature.halve();
    assert_eq!((miniature.check(), miniature.by_hash.len()), (1, 1));
}
