//! Keys looked up together: each answer in its place and exactly counted, whatever stands between them.

use super::super::batch::shard_of;
use super::*;

/// What a reader is told.
#[derive(Default)]
struct Told {
    expected: Vec<(usize, usize)>,
    /// Whether it is shared, and what it is.
    answers: Vec<Option<(bool, Vec<u8>)>>,
}

impl ValueSink for Told {
    fn expect(&mut self, answers: usize, bytes: usize) -> Result<(), Error> {
        self.expected.push((answers, bytes));
        Ok(())
    }

    fn missing(&mut self) -> Result<(), Error> {
        self.answers.push(None);
        Ok(())
    }

    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        self.answers.push(Some((false, value.to_vec())));
        Ok(())
    }

    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.answers.push(Some((true, entry.value().to_vec())));
        Ok(())
    }
}

fn told(engine: &Engine, keys: &[&[u8]]) -> Told {
    let mut told = Told::default();
    engine.mget(keys.iter().copied(), &mut told).unwrap();
    told
}

/// What a lookup adds to the hits and misses.
fn counted(engine: &Engine, look_up: impl FnOnce()) -> (u64, u64) {
    let before = engine.counters();
    look_up();
    let after = engine.counters();
    (after.hits - before.hits, after.misses - before.misses)
}

/// An engine of which nothing is watched, one with bounds, and one where entries may end.
fn engines() -> [Engine; 3] {
    let limits = Limits { max_entries: 10_000, ..Limits::default() };
    let settings = [
        Settings::default(),
        Settings { limits, ..Settings::default() },
        Settings { ttl: 1000, manual_clock: true, ..Settings::default() },
    ];
    settings.map(|settings| Engine::new(settings).unwrap())
}

/// Far more keys in one bucket of the index than a line has room for, large ones first: neither what is further down a
/// chain is overlooked, nor is one key's value another's.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn every_key_of_a_chain_is_found_and_no_other() {
    for engine in engines() {
        let is_of_the_chain = |key: &[u8; 8]| {
            let hash = engine.seed.hash(key);
            shard_of(hash) == 3 && hash % 8 == 0
        };
        let keys: Vec<_> = (0_u64..).map(u64::to_le_bytes).filter(is_of_the_chain).take(60).collect();
        let (there, absent) = keys.split_at(40);
        let value = |number: usize| vec![number as u8; if number < 16 { 5000 } else { 30 }];
        let pairs: Vec<_> = there.iter().enumerate().map(|(number, key)| (&key[..], value(number))).collect();
        engine.mset(pairs.iter().map(|(key, value)| (*key, &value[..])), None).unwrap();
        let asked: Vec<_> = keys.iter().map(|key| &key[..]).collect();
        let expected: Vec<_> =
            (0..60).map(|number| (number < 40).then(|| (number < 16, value(number)))).collect::<Vec<_>>();
        for together in [1, 5, 60] {
            let mut answers = Vec::new();
            let count = counted(&engine, || {
                asked.chunks(together).for_each(|keys| answers.append(&mut told(&engine, keys).answers));
            });
            assert!(answers == expected, "{together} together");
            assert_eq!(count, (there.len() as u64, absent.len() as u64));
        }
        check_shards(&engine);
    }
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn where_nothing_is_all_is_missing() {
    for engine in engines() {
        let keys: Vec<_> = (0..40_u32).map(u32::to_le_bytes).collect();
        for len in [0, 1, 2, 8, 9, 40] {
            let asked: Vec<_> = keys[..len].iter().map(|key| &key[..]).collect();
            let count = counted(&engine, || {
                let Told { expected, answers } = told(&engine, &asked);
                assert_eq!((expected, answers), (vec![(len, 0)], vec![None; len]));
            });
            assert_eq!(count, (0, len as u64));
        }
    }
}

/// A short value is copied however long its key is. Where few are asked for, it is known how much that will be.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn long_values_are_shared_and_all_others_copied() {
    for engine in engines() {
        let long_keys = [vec![1; 5000], vec![2; 5000], vec![3; 5000]];
        let pairs = [
            (&b"short"[..], vec![1; 10]),
            (b"just short", vec![2; SHARED_VALUE_LEN - 1]),
            (b"long", vec![3; SHARED_VALUE_LEN]),
            (&long_keys[0], vec![4; 10]),
            (&long_keys[1], vec![5; SHARED_VALUE_LEN - 1]),
            (&long_keys[2], vec![6; SHARED_VALUE_LEN]),
        ];
        engine.mset(pairs.iter().map(|(key, value)| (*key, &value[..])), None).unwrap();
        let is_shared = |value: &Vec<u8>| value.len() >= SHARED_VALUE_LEN;
        let answer = |value: &Vec<u8>| Some((is_shared(value), value.clone()));
        for (key, value) in &pairs {
            let Told { expected, answers } = told(&engine, &[*key]);
            assert_eq!(answers, [answer(value)]);
            assert_eq!(expected, [(1, if is_shared(value) { 0 } else { value.len() })]);
        }
        let keys: Vec<_> = pairs.iter().map(|(key, _)| *key).collect();
        let Told { expected, answers } = told(&engine, &keys);
        assert!(answers.into_iter().eq(pairs.iter().map(|(_, value)| answer(value))));
        assert_eq!(expected, [(6, 2 * (10 + SHARED_VALUE_LEN - 1))]);
        let many: Vec<_> = keys.iter().copied().cycle().take(50).collect();
        let Told { expected, answers } = told(&engine, &many);
        assert!(answers.into_iter().eq(pairs.iter().map(|(_, value)| answer(value)).cycle().take(50)));
        assert_eq!((expected.len(), expected[0].0), (1, 50));
    }
}

/// The last ones, in order, by the numbers of their places; large ones, too.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn readers_note_down_what_they_found() {
    for engine in engines() {
        let keys: Vec<_> = (0..400_u32).map(u32::to_le_bytes).collect();
        let value = |number: usize| vec![number as u8; if number % 10 == 9 { 5000 } else { 40 }];
        for (number, key) in keys.iter().enumerate() {
            engine.mset([(&key[..], &value(number)[..])].into_iter(), None).unwrap();
        }
        let asked: Vec<_> = keys.iter().map(|key| &key[..]).collect();
        for together in [1, 6, 20, 400] {
            let last = if together == 400 { 400 } else { 200 };
            asked[..last].chunks(together).for_each(|keys| {
                told(&engine, keys);
            });
            let mut seen: Vec<_> = engine.gate.notes().flat_map(|note| note.take_seen()).collect();
            let shards = engine.gate.read(ALL);
            let ids = asked[..last].iter().map(|key| {
                let hash = engine.seed.hash(key);
                let shard = shards.shard(shard_of(hash));
                shard.id(shard.place(shard.find(shard.line(hash), hash, key).unwrap()))
            });
            let mut ids: Vec<_> = ids.skip(last.saturating_sub(256)).collect();
            if together < 400 {
                // Each call may have another note.
                seen.sort_unstable();
                ids.sort_unstable();
            }
            assert_eq!(seen, if engine.uses(BOUNDED) { ids } else { Vec::new() }, "{together} together");
        }
        let answers = told(&engine, &asked).answers;
        assert!(answers.into_iter().enumerate().all(|(at, answer)| answer == Some((at % 10 == 9, value(at)))));
    }
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn of_many_keys_those_that_have_ended_are_missing() {
    let engine = Engine::new(Settings { manual_clock: true, ..Settings::default() }).unwrap();
    let keys: Vec<_> = (0..40_u32).map(u32::to_le_bytes).collect();
    let asked: Vec<_> = keys.iter().map(|key| &key[..]).collect();
    for (keys, ttl) in asked.chunks(20).zip([Some(10), Some(12)]) {
        engine.mset(keys.iter().map(|key| (*key, &b"value"[..])), ttl).unwrap();
    }
    for (time, ended) in [(9, 0), (1, 20), (1, 20), (1, 40), (1000, 40)] {
        engine.advance_clock(time);
        for together in [1, 4, 40] {
            let mut answers = Vec::new();
            let count = counted(&engine, || {
                asked.chunks(together).for_each(|keys| answers.append(&mut told(&engine, keys).answers));
            });
            assert_eq!(count, (40 - ended, ended));
            assert!((0..40).zip(answers).all(|(number, answer)| answer.is_none() == (number < ended)));
        }
    }
}
