//! Batch by batch: what each one sets, takes out and leaves to others.

use super::super::batch::shard_of;
use super::super::order::BLOCK;
use super::*;
use crate::sys::Zeroed;

fn engine(max_entries: u64) -> Engine {
    let limits = Limits { max_entries, ..Limits::default() };
    Engine::new(Settings { limits, manual_clock: true, ..Settings::default() }).unwrap()
}

fn set(engine: &Engine, keys: impl Iterator<Item = u32>, ttl: Option<u64>) {
    let keys: Vec<_> = keys.map(u32::to_le_bytes).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &b"value"[..])), ttl).unwrap();
}

fn shard(engine: &Engine, key: u32) -> usize {
    shard_of(engine.seed.hash(&key.to_le_bytes()))
}

/// Numbers of keys that a shard has, from one on.
fn of_shard(engine: &Engine, number: usize, from: u32) -> impl Iterator<Item = u32> + '_ {
    (from..).filter(move |&key| shard(engine, key) == number)
}

fn there(engine: &Engine, key: u32) -> bool {
    let mut values = Plain::default();
    engine.mget([&key.to_le_bytes()[..]].into_iter(), &mut values).unwrap();
    values.0[0].is_some()
}

/// Whichever shards they are of, and whatever was read before.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_was_there_before_goes_for_what_a_batch_sets() {
    let engine = engine(1);
    for key in 0..60 {
        set(&engine, [key].into_iter(), None);
        assert!(there(&engine, key) && engine.len() == 1, "key {key}");
        assert_eq!(engine.counters().evictions_by_entries, u64::from(key));
    }
    check_shards(&engine);
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn as_many_go_as_a_batch_is_too_much() {
    let engine = engine(40);
    for batch in 0..6 {
        set(&engine, 20 * batch..20 * batch + 20, None);
        assert_eq!(engine.len(), [20, 40][(batch as usize).min(1)]);
        assert!((20 * batch..20 * batch + 20).all(|key| there(&engine, key)));
        check_shards(&engine);
    }
    assert_eq!(engine.counters().evictions_by_entries, 80);
}

/// Nothing goes that has not ended while there is something that has.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_has_ended_goes_rather_than_what_has_not() {
    let engine = engine(100);
    set(&engine, 0..50, Some(10));
    set(&engine, 50..100, None);
    engine.advance_clock(10);
    set(&engine, [100].into_iter(), None);
    let Counters { entries, expirations, evictions_by_entries, .. } = engine.counters();
    assert_eq!((entries, expirations, evictions_by_entries), (51, 50, 0));
    check_shards(&engine);
}

/// A batch that has all shards, and need not, looks for what has ended in one of them, in turn, if it is small.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn small_batches_that_have_all_shards_look_at_one_each() {
    for (items, all) in [(1, false), (2, false), (8, false), (9, true), (70, true)] {
        let engine = engine(10_000);
        set(&engine, 0..400, Some(10));
        engine.advance_clock(10);
        set(&engine, 1000..1000 + items, None);
        let turn = engine.now() as usize % SHARDS;
        let ended = (0..400).filter(|&key| all || shard(&engine, key) == turn).count() as u64;
        let Counters { entries, expirations, .. } = engine.counters();
        assert_eq!((entries, expirations), (400 - ended + u64::from(items), ended), "{items} items");
        assert_eq!(engine.len(), items as usize);
        check_shards(&engine);
    }
}

/// One that has a few shards looks at those, and takes a block's entries of each at most.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn small_batches_look_at_the_shards_they_have() {
    let engine = engine(u64::MAX);
    set(&engine, 0..400, Some(10));
    let many: Vec<_> = of_shard(&engine, 9, 1000).take(BLOCK).collect();
    set(&engine, many.iter().copied(), Some(10));
    engine.advance_clock(10);
    let ended = |number: usize| (0..400).filter(|&key| shard(&engine, key) == number).count() as u64;
    let mut gone = 0;
    for number in [4, 5, 6] {
        let key = of_shard(&engine, number, 1_000_000).next().unwrap();
        set(&engine, [key].into_iter(), None);
        gone += ended(number);
        assert_eq!(engine.counters().expirations, gone);
    }
    // Two blocks: the look goes on where it was, at the second one.
    let key = of_shard(&engine, 9, 1_000_000).next().unwrap();
    for (write, part) in (0..).zip([ended(9), BLOCK as u64, 0]) {
        set(&engine, [key].into_iter(), None);
        gone += part;
        assert_eq!(engine.counters().expirations, gone, "write {write}");
    }
    check_shards(&engine);
}

/// Pages that a store has beside its entries, as if they were holes, take the place of entries: large ones are none of it.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn large_entries_are_not_what_is_held_beside_them() {
    for (pages, evicted) in [(0, false), (60, false), (112, true)] {
        let pool = Shared::try_new(Pool::new()).unwrap();
        let _held: Vec<_> = (0..pages).map(|_| Zeroed::<u8>::try_new(&pool, Zeroed::<u8>::MAX).unwrap()).collect();
        let limits = Limits { max_bytes: 10 << 20, ..Limits::default() };
        let engine = Engine::with_pool(&pool, Settings { limits, ..Settings::default() }).unwrap();
        let keys: Vec<_> = (0..9_u32).map(u32::to_le_bytes).collect();
        let value = vec![7; (1 << 20) - 8192];
        engine.mset(keys.iter().map(|key| (&key[..], &value[..])), None).unwrap();
        assert_eq!(engine.len(), 9);
        set(&engine, [100].into_iter(), None);
        assert_eq!(engine.counters().evictions_by_bytes > 0, evicted, "{pages} pages");
        assert_eq!(engine.len() == 10, !evicted);
        check_shards(&engine);
    }
}

/// What a batch guesses for keys that follow is forgotten where it finds that an entry has ended: a hole could pass for
/// one of the empty key. As far behind as anything is guessed.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn an_ended_entry_may_be_set_twice_at_any_distance() {
    for distance in 1..30 {
        for before in [0, 15] {
            let engine = Engine::new(Settings { manual_clock: true, ttl: 10, ..Settings::default() }).unwrap();
            engine.mset([(&b""[..], &[0; 9][..])].into_iter(), None).unwrap();
            engine.advance_clock(10);
            let mut pairs: Vec<_> =
                (0..before + distance + 3).map(|key: usize| (key.to_le_bytes().to_vec(), vec![3; 4])).collect();
            pairs[before] = (Vec::new(), vec![1; 5]);
            pairs[before + distance] = (Vec::new(), vec![2; 38]);
            engine.mset(pairs.iter().map(|(key, value)| (&key[..], &value[..])), None).unwrap();
            let mut values = Plain::default();
            engine.mget([&b""[..]].into_iter(), &mut values).unwrap();
            assert_eq!(values.0, [Some(vec![2; 38])], "{distance} behind");
            assert_eq!(engine.len(), before + distance + 2);
            check_shards(&engine);
        }
    }
}

/// Set anew, an entry has its new deadline, or none, whether it stays where it is or not.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_deadline_is_that_of_the_last_set() {
    let value = |len: usize| vec![7; len];
    for (before, after) in
        [None, Some(100)].into_iter().flat_map(|before| [None, Some(10)].map(|after| (before, after)))
    {
        for (len, other) in [(20, 20), (20, 90), (90, 20), (20, 5000), (5000, 20), (5000, 5000)] {
            let engine = engine(u64::MAX);
            // Others, so that there is something to look through, and that all deadlines are looked at.
            set(&engine, 0..50, Some(1000));
            for (len, ttl) in [(len, before), (other, after)] {
                engine.mset([(&b"key"[..], &value(len)[..])].into_iter(), ttl).unwrap();
                check_shards(&engine);
            }
            engine.advance_clock(9);
            assert_eq!(engine.len(), 51);
            engine.advance_clock(1);
            assert_eq!(engine.len(), if after.is_some() { 50 } else { 51 }, "{before:?} {after:?} {len} {other}");
            engine.advance_clock(200);
            let mut values = Plain::default();
            engine.mget([&b"key"[..]].into_iter(), &mut values).unwrap();
            assert_eq!(values.0, [after.is_none().then(|| value(other))]);
            set(&engine, [0].into_iter(), None);
            engine.delete_prefix(b"nothing").unwrap();
            check_shards(&engine);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_value_as_long_as_the_one_before_is_written_in_its_place() {
    for ttl in [None, Some(1000)] {
        let engine = engine(u64::MAX);
        set(&engine, 0..100, ttl);
        let reference = |key: u32| {
            let hash = engine.seed.hash(&key.to_le_bytes());
            let shards = engine.gate.read(ALL);
            let shard = shards.shard(shard_of(hash));
            shard.find(shard.line(hash), hash, &key.to_le_bytes()).unwrap()
        };
        let before: Vec<_> = (0..100).map(reference).collect();
        set(&engine, 0..100, ttl);
        set(&engine, [7].into_iter(), ttl);
        assert!((0..100).map(reference).eq(before));
        assert_eq!(engine.counters().sets, 201);
        check_shards(&engine);
    }
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_is_not_there_is_not_deleted() {
    for settings in [Settings::default(), Settings { erase: true, ..Settings::default() }] {
        let engine = Engine::new(settings).unwrap();
        let keys: Vec<_> = (0..100_u32).map(u32::to_le_bytes).collect();
        for there in [0, 1, 50] {
            set(&engine, 0..there, None);
            for (from, len) in [(50, 0), (50, 1), (50, 8), (50, 9), (50, 50), (0, 100)] {
                let removed = if from == 0 { there as usize } else { 0 };
                assert_eq!(engine.mdelete(keys[from..][..len].iter().map(|key| &key[..])), Ok(removed));
                check_shards(&engine);
            }
            assert_eq!(engine.len(), 0);
        }
        assert_eq!(engine.counters().deletes, 51);
    }
}

/// A compaction comes to its end, and is not begun again where nothing is sparse.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_compaction_ends() {
    let limits = Limits { max_bytes: 64 << 20, ..Limits::default() };
    let engine = Engine::new(Settings { limits, ..Settings::default() }).unwrap();
    let keys: Vec<_> = (0..1200_u32).map(u32::to_le_bytes).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &[7; 5000][..])), None).unwrap();
    let gone =
        keys.iter().enumerate().filter(|(number, _)| number % 3 != 0).map(|(_, key)| &key[..]).collect::<Vec<_>>();
    assert_eq!(engine.mdelete(gone.iter().copied()), Ok(800));
    let is_due = || engine.gate.read(ALL).whole().compaction.is_due(&engine.heap);
    assert!(is_due());
    let mut writes = 0;
    while is_due() && writes < 300 {
        set(&engine, [1_000_000 + writes].into_iter(), None);
        writes += 1;
    }
    assert!(writes < 300, "{writes} batches");
    check_shards(&engine);
}
