//! That the policy keeps count, whatever is done to it, and learns what it should.

use std::collections::HashMap;

use proptest::prelude::*;

use super::judges::{Judge, JUDGES};
use super::*;

fn hash(key: u32) -> u64 {
    u64::from(key + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A cache of so many entries; its hits.
fn hits(capacity: usize, keys: impl IntoIterator<Item = u32>) -> usize {
    let mut policy = Policy::new(false).unwrap();
    let (mut ids, mut keys_of, mut hits) = (HashMap::new(), Vec::new(), 0);
    policy.reserve(capacity + 1).unwrap();
    for key in keys {
        if let Some(&id) = ids.get(&key) {
            policy.hit(id);
            hits += 1;
            continue;
        }
        let mut id = keys_of.len() as Id;
        if ids.len() == capacity {
            id = policy.victims(1, 0).ids()[0];
            let old = keys_of[id as usize];
            policy.evict(id, hash(old));
            assert!(ids.remove(&old).is_some());
            keys_of[id as usize] = key;
        } else {
            keys_of.push(key);
        }
        policy.begin();
        policy.insert(id, hash(key), 1);
        ids.insert(key, id);
    }
    hits
}

#[test]
fn it_holds_eight_to_twelve_bytes_an_entry_and_says_so() {
    let mut policy = Policy::new(false).unwrap();
    policy.reserve(100_000).unwrap();
    assert_eq!(policy.nodes.bytes(), 800_000);
    // Ghosts of eight bytes for seven sixteenths of the entries.
    assert!((340_000..=360_000).contains(&policy.ghosts.bytes()), "{} bytes", policy.ghosts.bytes());
    assert_eq!(policy.bytes(), 800_000 + 4 * 2001 + policy.ghosts.bytes(), "and four for one in fifty");
}

#[test]
fn a_loop_that_does_not_fit_is_kept_in_part() {
    // The optimum is 9,000 or so of 100,000; the least recently used would have none.
    assert!(hits(100, (0..100_000).map(|at| at % 1000)) > 8_000);
}

#[test]
fn newcomers_that_nobody_asks_for_go_in_time() {
    // The optimum is 24,900 or so of 100,000. A random sample alone finds them so late that it is 24,300.
    assert!(hits(250, (0..100_000).map(|at| at % 1000)) > 24_500);
}

#[test]
fn what_slides_by_is_kept_by_recency() {
    // Each key comes four times within 200 accesses and never again.
    let keys = (0..20_000).flat_map(|at| [at, at + 50, at + 100, at + 150]);
    assert!(hits(300, keys) > 55_000);
}

#[test]
fn a_scan_does_not_drive_out_what_is_used() {
    let keys = (0..100_000u32).map(|at| if at % 2 == 0 { at / 2 % 50 } else { 1000 + at });
    assert!(hits(100, keys) > 47_000);
}

/// Evenly below a power of two up to 4096, which is drawn first: twice as small is about twice as likely.
fn draw(random: &mut Random) -> usize {
    let octave = 1 + random.below(12);
    random.below(1 << octave)
}

#[test]
fn what_was_asked_for_last_stays_where_that_is_right() {
    let (mut random, mut stack) = (Random::new(), (0..4096).collect::<Vec<u32>>());
    let keys = (0..60_000).map(|_| {
        let key = stack.remove(stack.len() - 1 - draw(&mut random));
        stack.push(key);
        key
    });
    // The least recently used alone would have 42,500 or so.
    assert!(hits(200, keys) > 41_000);
}

#[test]
fn what_is_popular_stays() {
    let mut random = Random::new();
    let keys = (0..60_000).map(|_| draw(&mut random) as u32);
    // The 200 most popular ones are asked for 42,500 times or so.
    assert!(hits(200, keys) > 39_000);
}

#[test]
fn a_large_store_is_judged_by_a_sample() {
    const ENTRIES: u32 = 20_000;
    let mut policy = Policy::new(true).unwrap();
    policy.reserve(ENTRIES as usize).unwrap();
    for id in 0..ENTRIES {
        policy.insert(id, hash(id), id % 1000);
        policy.begin();
        policy.hit(id / 2);
    }
    assert!((64..512).contains(&policy.miniature.check()));
    for key in ENTRIES..2 * ENTRIES {
        let id = policy.victims(1, 0).ids()[0];
        policy.evict(id, hash(key - ENTRIES));
        policy.insert(id, hash(key), key % 1000);
        policy.begin();
    }
    assert!((64..512).contains(&policy.miniature.check()));
}

#[test]
fn a_judge_changes_only_for_a_lead_that_is_no_chance_and_pays() {
    let best_after = |hits, entries| {
        let mut miniature = Miniature::new(false).unwrap();
        let recency = 1 << JUDGES.iter().position(|&judge| judge == Judge::Recency).unwrap();
        (0..hits).for_each(|_| miniature.compare(recency, entries));
        miniature.best()
    };
    assert_eq!(best_after(3, 1.0), best_after(0, 1.0), "three hits may be chance");
    assert_eq!(best_after(30, 1000.0), best_after(0, 1000.0), "another thousand entries may miss more");
    assert_eq!([best_after(30, 1.0), best_after(60, 1000.0)], [Judge::Recency; 2]);
    assert_eq!(best_after(5, 5.0), best_after(0, 5.0), "nor is one more than the deviation of five");
    assert_eq!(best_after(6, 5.0), Judge::Recency);
}

#[test]
fn what_was_learned_fades_in_many_times_as_many_accesses_as_there_are_entries() {
    const ENTRIES: u32 = 20_000;
    let past = Past { last: 0, times: 2, interval: logarithm(ENTRIES / 2) };
    let value_after = |accesses: u32| {
        let mut reuse = Reuse::new().unwrap();
        (0..20).for_each(|_| reuse.asked(past, 1000));
        reuse.waited(past, 1000, 200.0);
        (0..accesses).for_each(|now| reuse.tick(now, ENTRIES as usize));
        reuse.value(past, 1000)
    };
    let learned = value_after(2 * ENTRIES);
    assert!(value_after(10 * ENTRIES) > 0.5 * learned, "it is used for a while");
    assert!(value_after(120 * ENTRIES) < 0.5 * learned, "it is not believed for ever");
}

#[test]
fn many_ghosts_are_remembered() {
    let mut ghosts = Ghosts::new().unwrap();
    let mut random = Random::new();
    let hashes: Vec<u64> =
        (0..2000).map(|_| (random.below(1 << 32) as u64) << 32 | random.below(1 << 32) as u64).collect();
    for (&hash, now) in hashes.iter().zip(0..) {
        ghosts.add(hash, Past { last: now, times: 3, interval: 9 }, now);
    }
    let found = hashes.iter().zip(0..).filter(|&(&hash, now)| ghosts.take(hash).is_some_and(|past| past.last == now));
    assert!(found.count() > 1900, "there is room for twice as many");
    assert!(hashes.iter().filter(|&&hash| ghosts.take(hash).is_some()).count() < 20, "each once");
}

#[test]
fn density_is_between_frequency_and_recency() {
    let reuse = Reuse::new().unwrap();
    let value = |times, age: u32| {
        let past = Past { last: 10_000 - age, times, interval: Past::UNKNOWN };
        Judge::Density.value(past, Present { reuse: &reuse, now: 10_000, live: 100 })
    };
    assert!(value(4, 100) > value(1, 100) && value(1, 10) > value(1, 100), "more often, and later");
    assert!(value(8, 200) > value(0, 10) && value(0, 10) > value(8, 5_000), "a favourite stays, but not for ever");
}

#[test]
fn weights_are_kept_nearly() {
    for weight in [1, 2, 3, 7, 100, 34_000, 1 << 20, u32::MAX] {
        let kept = power(logarithm(weight));
        assert!(kept <= weight as f32 && kept * 1.13 > weight as f32, "{weight}: {kept}");
    }
    assert_eq!(power(logarithm(0)), 1.0);
}

#[test]
fn heavy_entries_must_bring_more() {
    let mut policy = Policy::new(true).unwrap();
    policy.reserve(40).unwrap();
    for id in 0..40 {
        policy.insert(id, hash(id), if id == 20 { u32::MAX } else { 1 });
        policy.begin();
    }
    assert_eq!(policy.victims(1, 0).ids(), [20]);
    policy.reweigh(20, 1);
    policy.reweigh(7, 1000);
    assert_eq!(policy.victims(1, 0).ids(), [7]);
}

#[test]
fn the_worst_of_all_go_first() {
    let mut policy = Policy::new(true).unwrap();
    policy.reserve(8).unwrap();
    // So far apart that age makes no difference.
    for id in 0..8 {
        policy.insert(id, hash(id), 1 << (id * 3 % 8 * 4));
        policy.begin();
    }
    let heaviest_first = [5, 2, 7, 4, 1, 6, 3, 0];
    for (entries, weight, count) in [(0, 0, 0), (1, 0, 1), (5, 1, 5), (0, 1 << 28, 1), (0, (1 << 28) + 1, 2), (9, 0, 8)]
    {
        assert_eq!(
            policy.victims(entries, weight).ids(),
            &heaviest_first[..count],
            "{entries} entries, {weight} bytes"
        );
    }
}

#[test]
fn of_no_more_than_a_sample_all_are_looked_at() {
    let mut policy = Policy::new(true).unwrap();
    policy.reserve(SAMPLE).unwrap();
    for id in 0..SAMPLE as Id {
        policy.insert(id, hash(id), 1);
        policy.begin();
    }
    for id in 0..SAMPLE as Id {
        policy.reweigh(id, 1 << 20);
        assert_eq!(policy.victims(1, 0).ids(), [id]);
        policy.reweigh(id, 1);
    }
}

#[test]
fn the_newest_entry_takes_no_place_of_one_that_is_worth_less() {
    let mut policy = Policy::new(true).unwrap();
    policy.reserve(1000).unwrap();
    let worst = 500..516;
    for id in 0..1000 {
        policy.insert(id, hash(id), if worst.contains(&id) { 1 << (id - 488) } else { 1 });
        policy.begin();
    }
    worst.clone().for_each(|id| policy.pool.add(id, 0.0));
    assert_eq!(policy.victims(1, 0).ids(), [515]);
    assert!(policy.pool.ids().eq((500..515).rev()), "those are known still");
}

#[test]
fn random_ids_are_drawn_long_before_they_are_used() {
    let (mut policy, mut random) = (Policy::new(false).unwrap(), Random::new());
    policy.nodes.set(999, Node::default());
    assert!((0..DRAWN).all(|_| policy.draw() == 0), "nothing was drawn yet");
    assert!((0..100).all(|_| policy.draw() == random.below(1000) as Id));
}

#[test]
fn an_entry_that_moved_leaves_nothing_behind() {
    let mut policy = Policy::new(false).unwrap();
    policy.reserve(10).unwrap();
    policy.insert(3, hash(3), 1);
    policy.moved(3, 7);
    assert_eq!((policy.miniature.check(), policy.live), (1, 1));
    policy.remove(3);
    assert_eq!((policy.miniature.check(), policy.live), (1, 1));
    policy.remove(7);
    assert_eq!((policy.miniature.check(), policy.live), (0, 0));
}

/// Hashes that someone would have to know: no halving makes the sample smaller. Then no others take part.
#[test]
fn a_sample_that_cannot_be_halved_is_full() {
    let (mut miniature, reuse) = (Miniature::new(false).unwrap(), Reuse::new().unwrap());
    let taken: Vec<_> = (0..5000)
        .filter(|&id| {
            let present = Present { reuse: &reuse, now: id, live: 10 };
            miniature.insert(id, id.into(), Past::default(), 1, u64::from(id) + 1, present)
        })
        .collect();
    assert!((1..5000).contains(&taken.len()) && taken.iter().copied().eq(0..taken.len() as u32));
    assert_eq!(miniature.check(), taken.len());
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32),
    Hit(Id),
    Reweigh(Id, u32),
    Remove(Id),
    /// So many, and so much weight.
    Evict(u64, u64),
    Move(Id, Id),
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 0..60u32;
    let weight = prop_oneof![Just(1), Just(u32::MAX), any::<u32>()];
    prop_oneof![
        4 => weight.clone().prop_map(Step::Insert),
        4 => id().prop_map(Step::Hit),
        1 => (id(), weight).prop_map(|(id, weight)| Step::Reweigh(id, weight)),
        1 => id().prop_map(Step::Remove),
        2 => (0..4u64, prop_oneof![Just(0), any::<u32>().prop_map(u64::from)]).prop_map(|(entries, weight)| Step::Evict(entries, weight)),
        1 => (id(), id()).prop_map(|(from, to)| Step::Move(from, to)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The model: which id has which hash.
    #[test]
    fn it_knows_who_is_there(steps in proptest::collection::vec(step(), 1..400), by_weight: bool) {
        let mut policy = Policy::new(by_weight).unwrap();
        policy.reserve(60).unwrap();
        let mut model: HashMap<Id, u64> = HashMap::new();
        let mut keys = 0;
        for step in steps {
            match step {
                Step::Insert(weight) => {
                    let Some(id) = (0..60).find(|id| !model.contains_key(id)) else { continue };
                    keys = (keys + 1) % 97; // so that some come back
                    if weight % 2 == 0 {
                        policy.begin();
                    }
                    policy.insert(id, hash(keys), weight);
                    model.insert(id, hash(keys));
                }
                Step::Hit(id) => policy.hit(id),
                Step::Reweigh(id, weight) => policy.reweigh(id, weight),
                Step::Remove(id) => {
                    policy.remove(id);
                    model.remove(&id);
                }
                Step::Evict(entries, weight) => {
                    let weigh = |id: Id| power(policy.nodes.get(id).unwrap().weight) as u64;
                    let weights: HashMap<Id, u64> = model.keys().map(|&id| (id, weigh(id))).collect();
                    let victims = policy.victims(entries, weight);
                    let mut gone = [0, 0];
                    for &id in victims.ids() {
                        prop_assert!(gone[0] < entries || gone[1] < weight, "{} is one too many", id);
                        let hash = model.remove(&id);
                        prop_assert!(hash.is_some(), "{} is not there, or twice", id);
                        gone = [gone[0] + 1, gone[1] + weights[&id]];
                        policy.evict(id, hash.unwrap());
                    }
                    let enough = gone[0] >= entries && gone[1] >= weight;
                    prop_assert!(enough || gone[0] > 0 || model.is_empty(), "nobody has to go");
                }
                Step::Move(from, to) => {
                    if model.contains_key(&from) && !model.contains_key(&to) {
                        policy.moved(from, to);
                        let hash = model.remove(&from).unwrap();
                        model.insert(to, hash);
                    }
                }
            }
            prop_assert_eq!(policy.live, model.len());
            prop_assert_eq!(policy.nodes.all().count(), model.len());
            prop_assert!(policy.nodes.all().all(|(id, _)| model.contains_key(&id)));
            let weight: u64 = policy.nodes.all().map(|(_, node)| counts(node.weight, by_weight)).sum();
            prop_assert_eq!(policy.weight, weight);
            policy.miniature.check();
        }
    }
}
