//! Bounds, time to live and the set for prefixes: what a store does by itself.

use super::*;

/// Within its bounds after every batch, exact in what it counts, and never emptied.
#[test]
fn a_bounded_engine_keeps_its_bounds_through_hostile_sizes() {
    const ROUNDS: u64 = if cfg!(miri) { 12 } else { 3000 };
    let bounds = [(300_000, u64::MAX), (u64::MAX, 37), (100_000, 200)];
    let all = bounds.into_iter().flat_map(|bound| [(bound, false), (bound, true)]);
    for ((max_bytes, max_entries), asked) in all.step_by(if cfg!(miri) { 3 } else { 1 }) {
        let limits = Limits { max_bytes, max_entries, max_item_bytes: 50_000 };
        let engine = Engine::new(Settings { limits, manual_clock: true, ..Settings::default() }).unwrap();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for round in 0..ROUNDS {
            let pairs: Vec<(Vec<u8>, Vec<u8>)> = (0..[1, 3, 20][random.below(3) as usize])
                .map(|_| {
                    let len = [0, 50, 300, 4090, 5000, 30_000][random.below(6) as usize] + random.below(9);
                    (format!("key:{}", random.below(900)).into_bytes(), vec![1; len as usize])
                })
                .collect();
            let before = engine.counters();
            let ttl = [None, None, Some(10)][random.below(3) as usize];
            match engine.mset(pairs.iter().map(|(key, value)| (&key[..], &value[..])), ttl) {
                Ok(()) => {
                    // What a batch sets is there after it.
                    let last: HashMap<_, _> = pairs.iter().cloned().collect();
                    let mut values = Plain::default();
                    engine.mget(last.keys().map(|key| &key[..]), &mut values).unwrap();
                    assert!(values.0.into_iter().eq(last.into_values().map(Some)), "round {round}");
                }
                Err(error) => {
                    assert_eq!((error, engine.counters()), (Error::OverLimit, before));
                }
            }
            let mut values = Plain::default();
            let keys: Vec<_> = (0..random.below(30)).map(|_| format!("key:{}", random.below(900))).collect();
            engine.mget(keys.iter().map(|key| key.as_bytes()), &mut values).unwrap();
            if random.below(9) == 0 {
                engine.mdelete(keys.iter().take(5).map(|key| key.as_bytes())).unwrap();
            }
            if asked {
                let prefix = format!("key:{}", random.below(90));
                let keys = keys_from(&engine, prefix.as_bytes(), usize::MAX, 0, engine.now());
                assert_eq!(engine.count(prefix.as_bytes()), keys.len());
                assert_eq!(
                    keys,
                    keys_of(&engine).into_iter().filter(|key| key.starts_with(prefix.as_bytes())).collect::<Vec<_>>()
                );
                if random.below(9) == 0 {
                    assert_eq!(engine.delete_prefix(prefix.as_bytes()), Ok(keys.len()));
                    assert_eq!(engine.count(prefix.as_bytes()), 0);
                }
            }
            engine.advance_clock(random.below(3));
            let now = engine.counters();
            let bytes = now.key_bytes + now.value_bytes + now.overhead_bytes;
            assert!(bytes <= max_bytes && now.entries <= max_entries, "{now:?}");
            // One at a time, and no more than needed.
            if now.evictions_by_bytes > before.evictions_by_bytes && now.expirations == before.expirations {
                assert!(bytes + 31_000 > max_bytes || now.deletes > before.deletes, "{before:?} {now:?}");
            }
            if now.evictions_by_entries > before.evictions_by_entries && now.expirations == before.expirations {
                assert!(now.entries == max_entries || now.deletes > before.deletes, "{before:?} {now:?}");
            }
            if round % 50 == 0 {
                check_shards(&engine);
            }
        }
        check_shards(&engine);
        let counters = engine.counters();
        assert!(counters.evictions_by_bytes + counters.evictions_by_entries > 0, "{counters:?}");
        assert_eq!(counters.evictions_by_bytes > 0, max_bytes != u64::MAX);
    }
}

/// Half of the entries are asked for, in batches of each size that is read in its own way: nearly all that go are others.
#[test]
fn what_was_asked_for_stays() {
    for size in [1, 5, 100] {
        let limits = Limits { max_entries: 200, ..Limits::default() };
        let engine = Engine::new(Settings { limits, ..Settings::default() }).unwrap();
        let keys: Vec<_> = (0..300).map(|number| format!("key/{number}")).collect();
        let keys: Vec<_> = keys.iter().map(|key| key.as_bytes()).collect();
        let set = |keys: &[&[u8]]| engine.mset(keys.iter().map(|&key| (key, &b"value"[..])), None).unwrap();
        set(&keys[..200]);
        for batch in keys[..100].chunks(size).chain(keys[..100].chunks(size)) {
            engine.mget(batch.iter().copied(), &mut Plain::default()).unwrap();
        }
        keys[200..].iter().for_each(|key| set(&[key]));
        let mut values = Plain::default();
        engine.mget(keys[..100].iter().copied(), &mut values).unwrap();
        let there = values.0.iter().flatten().count();
        assert!(there > 90, "{there} of 100, read {size} at a time");
    }
}

/// The last of equal keys wins, too, where the batch finds that what was there has ended: also of the empty one, as which
/// a hole could pass.
#[test]
fn a_batch_may_set_what_has_ended_twice() {
    for (key, before, first, last) in [("", 9, 5, 38), ("", 9, 9, 9), ("k", 9, 5, 38), ("k", 9, 9, 9), ("", 5000, 1, 2)]
    {
        for others in [0, 7, 30] {
            let engine = Engine::new(Settings { manual_clock: true, ttl: 10, ..Settings::default() }).unwrap();
            let set = |pairs: &[(String, Vec<u8>)]| {
                engine.mset(pairs.iter().map(|(key, value)| (key.as_bytes(), &value[..])), None).unwrap();
            };
            set(&[(key.to_string(), vec![0; before])]);
            engine.advance_clock(10);
            let mut pairs: Vec<_> = (0..others).map(|number| (format!("other/{number}"), vec![3; 4])).collect();
            pairs.insert(others / 2, (key.to_string(), vec![1; first]));
            pairs.push((key.to_string(), vec![2; last]));
            set(&pairs);
            let mut values = Plain::default();
            engine.mget([key.as_bytes()].into_iter(), &mut values).unwrap();
            assert_eq!(values.0, [Some(vec![2; last])], "{key:?}, {others} others");
            assert_eq!(engine.len(), others + 1);
            check_shards(&engine);
        }
    }
}

#[test]
fn what_has_ended_is_nowhere_to_be_seen() {
    let settings = Settings { manual_clock: true, ttl: 100, ..Settings::default() };
    let engine = Engine::new(settings).unwrap();
    let large = [5; 9000];
    let set = |key: &str, value: &[u8], ttl| engine.mset([(key.as_bytes(), value)].into_iter(), ttl).unwrap();
    let get = |keys: &[&str]| {
        let mut values = Plain::default();
        engine.mget(keys.iter().map(|key| key.as_bytes()), &mut values).unwrap();
        values.0.into_iter().map(|value| value.map_or(0, |value| value.len())).collect::<Vec<_>>()
    };
    let names = |keys: &[&str]| keys.iter().map(|key| key.as_bytes().to_vec()).collect::<Vec<_>>();
    set("default", b"1", None);
    set("short", b"22", Some(10));
    set("large", &large, Some(10));
    set("never", b"333", Some(NEVER));
    let all = ["default", "short", "large", "never", "nothing"];
    for (advance, expected) in [(0, [1, 2, 9000, 3, 0]), (9, [1, 2, 9000, 3, 0]), (1, [1, 0, 0, 3, 0])] {
        assert!(engine.advance_clock(advance));
        assert_eq!(get(&all), expected);
        let many: Vec<_> = all.iter().copied().cycle().take(50).collect();
        assert_eq!(get(&many), expected.iter().copied().cycle().take(50).collect::<Vec<_>>());
        all.iter().zip(expected).for_each(|(key, len)| assert_eq!(get(&[key]), [len]));
        assert_eq!(engine.len(), expected.iter().filter(|&&len| len != 0).count());
    }
    assert_eq!(keys_of(&engine), names(&["default", "never"]));
    assert_eq!(engine.mdelete([&b"short"[..]].into_iter()), Ok(0));
    // Set again it is new: at the end. Overwriting gives a new time, or none.
    set("large", b"4444", None);
    set("never", &large, Some(20));
    set("default", b"1", Some(NEVER));
    assert_eq!(keys_of(&engine), names(&["default", "never", "large"]));
    assert!(engine.advance_clock(20));
    assert_eq!(get(&all), [1, 0, 4, 0, 0]);
    assert!(engine.advance_clock(1000));
    assert_eq!((get(&all), keys_of(&engine)), (vec![1, 0, 0, 0, 0], names(&["default"])));
    check_shards(&engine);
}

/// Where it is erased, all that has ended is gone with the next write, whichever shard that is of.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_has_ended_is_erased_with_the_next_write() {
    const KEYS: u64 = 5000;
    let settings = Settings { manual_clock: true, erase: true, ..Settings::default() };
    let engine = Engine::new(settings).unwrap();
    let set = |key: u64, ttl| engine.mset([(&key.to_le_bytes()[..], &[7; 60][..])].into_iter(), ttl).unwrap();
    for round in 1..4 {
        (0..KEYS).for_each(|key| set(key, Some(100 + key % 100)));
        (KEYS..KEYS + 100).for_each(|key| set(key, None));
        assert!(engine.advance_clock(149));
        set(KEYS, None);
        let Counters { entries, expirations, .. } = engine.counters();
        assert_eq!((entries, expirations), (KEYS / 2 + 100, KEYS * round - KEYS / 2));
        assert!(engine.advance_clock(1000));
        assert_eq!(engine.mdelete([&b"none"[..]].into_iter()), Ok(0));
        assert_eq!((engine.counters().entries, engine.counters().expirations), (100, KEYS * round));
        check_shards(&engine);
    }
}

/// A million entries that nobody asks for again are gone after some thousand writes of other keys.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn memory_of_what_has_ended_comes_back() {
    const KEYS: u64 = 200_000;
    let pool = Shared::try_new(Pool::new()).unwrap();
    let engine = Engine::with_pool(&pool, Settings { manual_clock: true, ..Settings::default() }).unwrap();
    for start in (0..KEYS).step_by(500) {
        let keys: Vec<_> = (start..start + 500).map(u64::to_le_bytes).collect();
        engine.mset(keys.iter().map(|key| (&key[..], &[7; 60][..])), Some(1000 + start)).unwrap();
    }
    let (peak, _) = pool.used_and_kept();
    assert!(engine.advance_clock(KEYS * 2));
    let mut writes = 0;
    while engine.counters().entries > 1 {
        engine.mset([(&b"other"[..], &b"value"[..])].into_iter(), None).unwrap();
        engine.mset((0..64_u32).map(|_| (&b"other"[..], &b"value"[..])), None).unwrap();
        writes += 1;
        assert!(writes < KEYS / 50, "{:?} after {writes} writes", engine.counters());
    }
    assert_eq!((engine.len(), engine.counters().expirations), (1, KEYS));
    let (used, _) = pool.used_and_kept();
    assert!(used * 20 < peak, "{used} of {peak} pages");
    check_shards(&engine);
}

/// Others ask for the first time, again and again, while writers that watch deadlines hold few shards.
#[test]
fn the_set_is_made_and_forgotten_beside_writers() {
    const ROUNDS: u64 = if cfg!(miri) { 2 } else { 400 };
    const WRITES: u64 = if cfg!(miri) { 10 } else { ROUNDS * 20 };
    let engine = Engine::new(Settings::default()).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3_u64 {
            let engine = &engine;
            scope.spawn(move || {
                let mut random = Random(writer + 1);
                for _ in 0..WRITES {
                    let key = |number| format!("key:{number}");
                    let keys: Vec<_> = (0..1 + random.below(5)).map(|_| key(random.below(500))).collect();
                    let value = random.value();
                    let ttl = [Some(1), Some(60_000), None][writer as usize];
                    engine.mset(keys.iter().map(|key| (key.as_bytes(), &value[..])), ttl).unwrap();
                    engine.mdelete([key(random.below(500)).as_bytes()].into_iter()).unwrap();
                }
            });
        }
        scope.spawn(|| {
            for round in 0..ROUNDS {
                engine.count(b"key:1");
                let keys = keys_from(&engine, b"key:2", 3, 0, engine.now());
                let distinct: std::collections::HashSet<_> = keys.iter().collect();
                assert!(distinct.len() == keys.len() && keys.iter().all(|key| key.starts_with(b"key:2")));
                if round % 4 == 0 {
                    engine.delete_prefix(b"").unwrap();
                }
                if round % 16 == 0 {
                    check_shards(&engine);
                }
            }
        });
    });
    engine.count(b"key:1");
    check_shards(&engine);
}

/// Of equal keys in one batch, while the entry before them has ended: what the first one frees a later one may take.
#[test]
fn equal_keys_of_a_batch_may_follow_one_that_has_ended() {
    let engine = Engine::new(Settings { manual_clock: true, ..Settings::default() }).unwrap();
    let set = |values: &[&[u8]], ttl| engine.mset(values.iter().map(|&value| (&b"key"[..], value)), ttl).unwrap();
    let (short, long, large) = (&[1; 40][..], &[2; 300][..], &[3; 5000][..]);
    for last in [short, long, large] {
        set(&[short], Some(1));
        engine.advance_clock(1);
        set(&[long, short, large, short, short, large, short, long, large, last], Some(5));
        let mut values = Plain::default();
        engine.mget([&b"key"[..]].into_iter(), &mut values).unwrap();
        assert_eq!((values.0, engine.len()), (vec![Some(last.to_vec())], 1));
        check_shards(&engine);
        engine.advance_clock(9);
    }
}

/// A bounded store's large entries move, some with each batch, until no span wastes much.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_is_left_of_large_entries_moves_together() {
    let limits = Limits { max_bytes: 64 << 20, ..Limits::default() };
    let engine = Engine::new(Settings { limits, ..Settings::default() }).unwrap();
    let keys: Vec<_> = (0..2000_u32).map(u32::to_le_bytes).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &[7; 8000][..])), None).unwrap();
    let gone = (0..).zip(&keys).filter(|(number, _)| number % 4 != 0).map(|(_, key)| &key[..]).collect::<Vec<_>>();
    for keys in gone.chunks(8) {
        assert_eq!(engine.mdelete(keys.iter().copied()), Ok(keys.len()));
    }
    let mut writes = 0_u32;
    while engine.heap.is_sparse() && writes < 2000 {
        engine.mset([(&writes.to_be_bytes()[..], &b"small"[..])].into_iter(), None).unwrap();
        writes += 1;
    }
    assert!(!engine.heap.is_sparse(), "{writes} batches have moved too little");
    check_shards(&engine);
}
