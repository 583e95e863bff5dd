//! Loads: what was staged takes the place of what was there, all at once.

use super::snapshots::{save, Stop};
use super::*;

type Entries = Vec<(Vec<u8>, Vec<u8>, Option<u64>)>;

fn stage<'e>(engine: &'e Engine, entries: &Entries) -> Staging<'e> {
    let staging = engine.staging(0).unwrap();
    let staged: Vec<_> =
        entries.iter().map(|(key, value, remaining)| Staged { key, value, remaining: *remaining }).collect();
    staged.chunks(100).for_each(|batch| staging.set(batch).unwrap());
    staging
}

fn entries(random: &mut Random, count: u64, name: &str) -> Entries {
    (0..count)
        .map(|number| {
            let remaining = [None, None, Some(50), Some(1 + random.below(1000))][random.below(4) as usize];
            (format!("{name}/{number}").into_bytes(), random.value(), remaining)
        })
        .collect()
}

fn set_all(engine: &Engine, entries: &Entries) {
    for (key, value, remaining) in entries {
        engine.mset([(&key[..], &value[..])].into_iter(), Some(remaining.unwrap_or(NEVER))).unwrap();
    }
}

#[test]
fn a_load_is_what_was_saved() {
    const COUNT: u64 = if cfg!(miri) { 24 } else { 3000 };
    for (erase, ttl) in [(false, NEVER), (true, 7)] {
        let settings = Settings { manual_clock: true, erase, ttl, ..Settings::default() };
        let (from, to) = (Engine::new(settings).unwrap(), Engine::new(settings).unwrap());
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for asked in [false, true, true] {
            set_all(&from, &entries(&mut random, COUNT, "a"));
            set_all(&to, &entries(&mut random, COUNT / 2, "b"));
            to.advance_clock(3);
            let saved = save(&from, b"", |_| Ok(())).unwrap();
            let staging = stage(&to, &saved);
            set_all(&to, &entries(&mut random, COUNT / 4, "c"));
            let (before, at) = (to.counters(), to.now());
            assert_eq!(staging.duplicates(), 0);
            if asked {
                to.count(b"b/1");
                assert!(to.uses(PREFIXES));
            }
            to.advance_clock(10); // counts from the beginning of the staging on
            staging.replace();
            check_shards(&to);
            assert!(!to.uses(PREFIXES));
            let there = |remaining: &Option<u64>| remaining.is_none_or(|remaining| remaining > 10);
            let expected: Entries = saved
                .iter()
                .filter(|(_, _, remaining)| there(remaining))
                .map(|(key, value, remaining)| (key.clone(), value.clone(), remaining.map(|time| time - 10)))
                .collect();
            assert!(save(&to, b"", |_| Ok(())).unwrap() == expected);
            let after = to.counters();
            let lifetime = |counters: &Counters| (counters.sets, counters.deletes, counters.expirations);
            assert_eq!(lifetime(&after), lifetime(&before));
            // A cursor of before has come to its end; one that goes on later sees all.
            assert!(keys_from(&to, b"", usize::MAX, 0, at).is_empty());
            assert_eq!(keys_from(&to, b"", usize::MAX, at, to.now()).len(), expected.len());
            assert_eq!(to.count(b"b/"), 0);
            assert_eq!(to.count(b"a/"), expected.len());
            to.mset([(&b"new"[..], &b"1"[..])].into_iter(), None).unwrap();
            assert_eq!(keys_of(&to).last().unwrap(), b"new");
            check_shards(&to);
        }
    }
}

/// As many as fit, exactly counted, beside a full store whose own entries stay until they are replaced.
#[test]
fn a_load_keeps_the_bounds() {
    const COUNT: u64 = if cfg!(miri) { 40 } else { 5000 };
    const ROUNDS: u64 = if cfg!(miri) { 1 } else { 3 };
    for (max_bytes, max_entries) in [(400_000, u64::MAX), (u64::MAX, 150), (15_000, 30)] {
        let limits = Limits { max_bytes, max_entries, ..Limits::default() };
        let engine = Engine::new(Settings { limits, manual_clock: true, ..Settings::default() }).unwrap();
        let mut random = Random(77);
        set_all(&engine, &entries(&mut random, COUNT, "old"));
        for round in 0..ROUNDS {
            let before = engine.counters();
            let staged = entries(&mut random, COUNT, &format!("new{round}"));
            let staging = stage(&engine, &staged);
            assert_eq!((staging.duplicates(), engine.counters()), (0, before));
            engine.mget(staged.iter().map(|(key, ..)| &key[..]), &mut Plain::default()).unwrap();
            keys_of(&engine).iter().for_each(|key| {
                engine.mget([&key[..]].into_iter(), &mut Plain::default()).unwrap();
            });
            staging.replace();
            assert!(engine.gate.notes().all(|note| note.take_seen().count() == 0), "seen, and gone");
            check_shards(&engine);
            let after = engine.counters();
            assert!(after.key_bytes + after.value_bytes + after.overhead_bytes <= max_bytes);
            assert!(after.entries > 0 && after.entries <= max_entries);
            assert_eq!(
                (after.sets, after.evictions_by_bytes, after.evictions_by_entries),
                (before.sets, before.evictions_by_bytes, before.evictions_by_entries)
            );
            let prefix = format!("new{round}/");
            assert!(keys_of(&engine).iter().all(|key| key.starts_with(prefix.as_bytes())));
            set_all(&engine, &entries(&mut random, COUNT / 5, "more"));
            check_shards(&engine);
        }
    }
}

/// What is staged takes no room of the store that it will be of.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn nothing_goes_for_what_is_staged() {
    const COUNT: u32 = 10_000;
    let limits = Limits { max_bytes: 8_000_000, ..Limits::default() };
    let engine = Engine::new(Settings { limits, ..Settings::default() }).unwrap();
    let all: Entries = (0..COUNT).map(|number| (number.to_le_bytes().to_vec(), vec![1; 700], None)).collect();
    set_all(&engine, &all);
    let staging = stage(&engine, &all);
    set_all(&engine, &all[..100].to_vec());
    assert_eq!(engine.len(), COUNT as usize);
    staging.replace();
    set_all(&engine, &all[..100].to_vec());
    assert_eq!(engine.len(), COUNT as usize);
}

/// A store where nothing ever ended watches the time from then on.
#[test]
fn what_is_loaded_ends_in_its_time() {
    for prefix in [None, Some(b"k")] {
        let engine = Engine::new(Settings { manual_clock: true, ..Settings::default() }).unwrap();
        let entry = |key: &str, remaining| (key.as_bytes().to_vec(), vec![1; 9], remaining);
        let staging = stage(&engine, &vec![entry("k1", Some(5)), entry("k2", None), entry("k3", Some(7))]);
        match prefix {
            None => staging.replace(),
            Some(prefix) => staging.replace_prefix(prefix).unwrap(),
        }
        for (time, len) in [(4, 3), (1, 2), (2, 1), (100, 1)] {
            engine.advance_clock(time);
            assert_eq!(engine.len(), len);
        }
        check_shards(&engine);
    }
}

#[test]
fn what_does_not_fit_and_what_comes_twice_is_told() {
    let limits = Limits { max_item_bytes: 100, max_bytes: 5000, ..Limits::default() };
    let engine = Engine::new(Settings { limits, ..Settings::default() }).unwrap();
    let staging = engine.staging(0).unwrap();
    let (short, long) = ([1; 20], [2; 90]);
    fn entry<'e>(key: &'e str, value: &'e [u8]) -> Staged<'e> {
        Staged { key: key.as_bytes(), value, remaining: None }
    }
    staging.set(&[entry("a", &short), entry("b", &short), entry("a", &long)]).unwrap();
    assert_eq!(staging.duplicates(), 1);
    assert_eq!(staging.set(&[entry("c", &[0; 100])]), Err(Error::OverLimit));
    // More at once than fit: some go, as always.
    let names: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    staging.set(&names.iter().map(|name| entry(name, &long)).collect::<Vec<_>>()).unwrap();
    assert_eq!(staging.duplicates(), 1);
    drop(staging);
    assert_eq!((engine.len(), engine.watches()), (0, true));
}

/// Readers see the old ones or the new ones; a snapshot sees one of both, too.
#[test]
fn a_load_is_one_step_beside_threads() {
    const ROUNDS: u8 = if cfg!(miri) { 3 } else { 60 };
    const KEYS: u32 = if cfg!(miri) { 12 } else { 400 };
    let engine = Engine::new(Settings::default()).unwrap();
    let load = |round: u8| {
        let all = (0..KEYS).map(|number| (number.to_le_bytes().to_vec(), vec![round; 60], None)).collect();
        stage(&engine, &all).replace();
    };
    load(0);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let keys: Vec<_> = (0..KEYS).map(u32::to_le_bytes).collect();
            while !done.load(SeqCst) {
                let mut values = Plain::default();
                engine.mget(keys.iter().map(|key| &key[..]), &mut values).unwrap();
                assert!(values.0[0].is_some() && values.0.windows(2).all(|pair| pair[0] == pair[1]));
            }
        });
        scope.spawn(|| {
            while !done.load(SeqCst) {
                let saved = save(&engine, b"", |_| Ok(())).unwrap();
                assert!(saved.len() == KEYS as usize && saved.windows(2).all(|pair| pair[0].1 == pair[1].1));
            }
        });
        let _stop = Stop(&done);
        (1..ROUNDS).for_each(load);
    });
    check_shards(&engine);
}

/// A part of the keys is replaced, in the order of the load, and nothing else changes; or nothing at all.
#[test]
fn a_load_may_replace_the_keys_of_a_prefix() {
    const COUNT: u64 = if cfg!(miri) { 8 } else { 1000 };
    let bound = Limits { max_bytes: 20_000_000, ..Limits::default() };
    let all = [Limits::default(), bound].into_iter().flat_map(|limits| [(limits, false), (limits, true)]);
    for (limits, asked) in all.step_by(if cfg!(miri) { 3 } else { 1 }) {
        let engine = Engine::new(Settings { limits, manual_clock: true, ..Settings::default() }).unwrap();
        let mut random = Random(4711);
        for round in (0..6).step_by(if cfg!(miri) { 2 } else { 1 }) {
            set_all(&engine, &entries(&mut random, COUNT, "a"));
            set_all(&engine, &entries(&mut random, COUNT, "b"));
            if asked {
                engine.count(b"a/1");
            }
            engine.advance_clock(random.below(60));
            let before = save(&engine, b"", |_| Ok(())).unwrap();
            let counters = engine.counters();
            // Some that are there, some that are not; large ones and small ones; none.
            let mut load = entries(&mut random, [COUNT, COUNT / 3, COUNT * 2, 0, 5, COUNT][round], "a");
            load.iter_mut().for_each(|(key, ..)| key.extend_from_slice([&b""[..], b"0"][random.below(2) as usize]));
            load.sort();
            load.dedup_by(|one, other| one.0 == other.0);
            let wrong: Entries = load.iter().cloned().chain([(b"b/1".to_vec(), vec![1], None)]).collect();
            assert_eq!(stage(&engine, &wrong).replace_prefix(b"a/"), Err(Error::InvalidArgument));
            assert!(save(&engine, b"", |_| Ok(())).unwrap() == before);
            let staging = stage(&engine, &load);
            let mut replaced = false;
            let mut staging = Some(staging);
            let saved = save(&engine, b"", |given| {
                if given > before.len() / 3 && !std::mem::replace(&mut replaced, true) {
                    staging.take().unwrap().replace_prefix(b"a/")?;
                }
                Ok(())
            });
            assert!(saved.unwrap() == before, "a snapshot under way");
            let others = before.into_iter().filter(|(key, ..)| !key.starts_with(b"a/"));
            let expected: Entries = others.chain(load).collect();
            assert!(save(&engine, b"", |_| Ok(())).unwrap() == expected, "round {round}");
            check_shards(&engine);
            assert_eq!(engine.count(b"a/"), expected.iter().filter(|(key, ..)| key.starts_with(b"a/")).count());
            let after = engine.counters();
            assert_eq!((after.sets, after.deletes), (counters.sets, counters.deletes));
        }
    }
}
