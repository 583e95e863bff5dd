//! Snapshots: whatever others do meanwhile, they show one moment.

use std::sync::atomic::AtomicBool;

use super::*;

/// Keys, values, milliseconds left to live.
type Saved = Vec<(Vec<u8>, Vec<u8>, Option<u64>)>;

/// Keeps what it is given, and does something before each entry.
struct Keeper<F> {
    at_most: usize,
    saved: Saved,
    meanwhile: F,
}

impl<F: FnMut(usize) -> Result<(), Error>> SnapshotSink for Keeper<F> {
    fn begin(&mut self, at_most: usize) -> Result<(), Error> {
        self.at_most = at_most;
        Ok(())
    }

    fn entry(&mut self, key: &[u8], value: &[u8], remaining: Option<u64>) -> Result<(), Error> {
        self.saved.push((key.to_vec(), value.to_vec(), remaining));
        (self.meanwhile)(self.saved.len())
    }
}

pub(super) fn save(
    engine: &Engine,
    prefix: &[u8],
    meanwhile: impl FnMut(usize) -> Result<(), Error>,
) -> Result<Saved, Error> {
    let mut keeper = Keeper { at_most: 0, saved: Saved::new(), meanwhile };
    let given = engine.snapshot(prefix, &mut keeper)?;
    assert_eq!(given, keeper.saved.len() as u64);
    assert!(keeper.saved.len() <= keeper.at_most);
    Ok(keeper.saved)
}

/// What others do: everything, to keys that are there and others. Notes down when entries end.
struct Writer<'e> {
    engine: &'e Engine,
    random: Random,
    /// Whether some entries end.
    expires: bool,
    clock: u64,
    deadlines: HashMap<Vec<u8>, u64>,
}

impl Writer<'_> {
    fn act(&mut self) {
        const KEYS: u64 = if cfg!(miri) { 40 } else { 1500 };
        const MOST: u64 = if cfg!(miri) { 8 } else { 40 };
        let Writer { engine, random, expires, clock, deadlines } = self;
        let size = [1, 3, MOST][random.below(3) as usize];
        let keys: Vec<_> =
            (0..size).map(|_| format!("{}/{}", random.below(3), random.below(KEYS)).into_bytes()).collect();
        match random.below(12) {
            0..=6 => {
                let ttl = [NEVER, 5, 80][random.below(if *expires { 3 } else { 1 }) as usize];
                let pairs: Vec<_> = keys.into_iter().map(|key| (key, random.value())).collect();
                engine.mset(pairs.iter().map(|(key, value)| (&key[..], &value[..])), Some(ttl)).unwrap();
                deadlines.extend(pairs.into_iter().map(|(key, _)| (key, clock.saturating_add(ttl))));
            }
            7..=9 => _ = engine.mdelete(keys.iter().map(|key| &key[..])).unwrap(),
            10 => {
                let time = random.below(3);
                assert!(engine.advance_clock(time));
                *clock += time;
            }
            _ => {
                let mut prefix = keys[0].clone();
                prefix.truncate(prefix.len().max(4) - 1);
                engine.count(&prefix);
                engine.delete_prefix(&prefix).unwrap();
            }
        }
    }

    /// What is there now.
    fn contents(&self, prefix: &[u8]) -> Saved {
        let keys: Vec<_> = keys_of(self.engine).into_iter().filter(|key| key.starts_with(prefix)).collect();
        let mut values = Plain::default();
        self.engine.mget(keys.iter().map(|key| &key[..]), &mut values).unwrap();
        let with_value = keys.into_iter().zip(values.0);
        with_value
            .map(|(key, value)| {
                let deadline = self.deadlines[&key];
                let remaining = (deadline != NEVER).then(|| deadline - self.clock);
                (key, value.unwrap(), remaining)
            })
            .collect()
    }
}

#[test]
fn a_snapshot_is_of_one_moment_whatever_is_done_meanwhile() {
    const ROUNDS: usize = if cfg!(miri) { 1 } else { 20 };
    const BEFORE: usize = if cfg!(miri) { 12 } else { 40 };
    let bounds = [(u64::MAX, u64::MAX), (300_000, u64::MAX), (u64::MAX, 700)];
    let ways = [(false, false), (false, true), (true, true)];
    for ((max_bytes, max_entries), (erase, expires)) in
        bounds.into_iter().flat_map(|bounds| ways.map(|way| (bounds, way)))
    {
        let limits = Limits { max_bytes, max_entries, ..Limits::default() };
        let settings = Settings { limits, manual_clock: true, erase, ..Settings::default() };
        let engine = Engine::new(settings).unwrap();
        let random = Random(0x2545_f491_4f6c_dd1d);
        let mut writer = Writer { engine: &engine, random, expires, clock: 0, deadlines: HashMap::new() };
        let mut most = 0;
        for round in 0..ROUNDS {
            (0..BEFORE).for_each(|_| writer.act());
            let prefix = ["", "", "1/", "2/4", "none"][round % 5].as_bytes();
            let expected = writer.contents(prefix);
            let every = 1 + writer.random.below(8) as usize;
            let saved = save(&engine, prefix, |given| {
                if given % every == 0 {
                    writer.act();
                }
                Ok(())
            });
            assert!(saved.unwrap() == expected, "round {round}, {max_bytes} {max_entries} {erase} {expires}");
            check_shards(&engine);
            assert!(!engine.uses(SAVING));
            most = most.max(expected.len());
        }
        assert!(most > if cfg!(miri) { 10 } else { 300 }, "{most}");
    }
}

/// Says when it is dropped that others may stop: also where a test fails.
pub(super) struct Stop<'d>(pub &'d AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Threads set and delete batches of keys that lie far apart in the order: a snapshot has all of a batch or nothing.
#[test]
fn a_snapshot_beside_threads_mixes_no_two_batches() {
    const ROUNDS: u64 = if cfg!(miri) { 2 } else { 200 };
    const OTHERS: u32 = if cfg!(miri) { 20 } else { 3000 };
    const GROUPS: u32 = 3;
    let engine = Engine::new(Settings::default()).unwrap();
    let keys = |group: u32, parts: std::ops::Range<u32>| {
        parts.map(move |part| format!("{group}:{part}").into_bytes()).collect::<Vec<_>>()
    };
    let set = |keys: &[Vec<u8>], value: &[u8]| engine.mset(keys.iter().map(|key| (&key[..], value)), None).unwrap();
    (0..GROUPS).for_each(|group| set(&keys(group, 0..8), b"0"));
    (0..OTHERS).for_each(|number| set(&[format!("other/{number}").into_bytes()], &[1; 50]));
    (0..GROUPS).for_each(|group| set(&keys(group, 8..16), b"0"));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for group in 0..GROUPS {
            let (engine, done) = (&engine, &done);
            let all = keys(group, 0..16);
            scope.spawn(move || {
                let mut generation = 0_u64;
                while !done.load(SeqCst) {
                    generation += 1;
                    // In place, elsewhere, large.
                    let mut value = generation.to_le_bytes().to_vec();
                    value.resize([8, 8, 100, 5000][generation as usize % 4], 0);
                    engine.mset(all.iter().map(|key| (&key[..], &value[..])), None).unwrap();
                    if group > 0 && generation % 7 == 0 {
                        engine.mdelete(all.iter().map(|key| &key[..])).unwrap();
                    }
                }
            });
        }
        let _stop = Stop(&done);
        for round in 0..ROUNDS {
            let saved = save(&engine, b"", |_| Ok(())).unwrap();
            let others = saved.iter().filter(|(key, ..)| key.starts_with(b"other/")).count();
            assert_eq!(others, OTHERS as usize, "round {round}");
            for group in 0..GROUPS {
                let prefix = format!("{group}:");
                let values: Vec<_> =
                    saved.iter().filter(|(key, ..)| key.starts_with(prefix.as_bytes())).map(|(_, v, _)| v).collect();
                assert!(values.is_empty() || values.len() == 16, "round {round}: {} of 16", values.len());
                assert!(values.windows(2).all(|pair| pair[0] == pair[1]), "round {round}: a torn batch");
            }
        }
    });
    check_shards(&engine);
}

fn filled(settings: Settings, entries: u32) -> Engine {
    let engine = Engine::new(settings).unwrap();
    for number in 0..entries {
        engine.mset([(&number.to_le_bytes()[..], &[1; 40][..])].into_iter(), None).unwrap();
    }
    engine
}

/// Wherever the sink fails, writers are as before, and the next snapshot is whole.
#[test]
fn a_snapshot_that_fails_leaves_nothing_behind() {
    const COUNT: usize = if cfg!(miri) { 40 } else { 200 };
    let engine = filled(Settings::default(), COUNT as u32);
    for fails_at in if cfg!(miri) { &[1, 33][..] } else { &[1, 2, 32, 33, 100, 200] } {
        let failing = |given| {
            engine.mset([(&b"\x07\0\0\0"[..], &[9; 50][..])].into_iter(), None).unwrap();
            if given == *fails_at {
                Err(Error::OverLimit)
            } else {
                Ok(())
            }
        };
        assert_eq!(save(&engine, b"", failing), Err(Error::OverLimit));
        assert!(!engine.watches());
        assert_eq!(save(&engine, b"", |_| Ok(())).unwrap().len(), COUNT);
    }
    let panicking = std::panic::AssertUnwindSafe(|| save(&engine, b"", |_| panic!("asked for by a test")));
    let panics = std::panic::catch_unwind(panicking);
    assert!(panics.is_err() && !engine.watches());
    assert_eq!(save(&engine, b"", |_| Ok(())).unwrap().len(), COUNT);
}

/// Where there is no memory for what a writer puts aside, the write is done and the snapshot fails.
#[test]
fn writes_are_done_where_nothing_can_be_put_aside() {
    let engine = filled(Settings::default(), 200);
    let saved = save(&engine, b"", |given| {
        if given == 10 {
            engine.gate.read(ALL).whole().aside().unwrap().lock().fail();
        }
        engine.mset([(&199_u32.to_le_bytes()[..], &[given as u8; 4][..])].into_iter(), None)
    });
    assert_eq!(saved, Err(Error::OutOfMemory));
    let mut values = Plain::default();
    engine.mget([&199_u32.to_le_bytes()[..]].into_iter(), &mut values).unwrap();
    assert_eq!(values.0, [Some(vec![32; 4])]);
    assert!(!engine.watches());
}

/// A fork in the middle: in the child nobody saves, and everybody may.
#[test]
fn after_a_fork_nobody_saves() {
    const COUNT: u32 = if cfg!(miri) { 100 } else { 200 };
    for limits in [Limits::default(), Limits { max_entries: 1000, ..Limits::default() }] {
        let engine = filled(Settings { limits, ..Settings::default() }, COUNT);
        let saved = save(&engine, b"", |given| {
            if given == 40 {
                engine.be_forked();
                assert!(!engine.uses(SAVING) && engine.turn.try_lock().is_some());
                for number in 0..COUNT {
                    engine.mset([(&number.to_le_bytes()[..], &[2; 40][..])].into_iter(), None).unwrap();
                }
                check_shards(&engine);
                let left = engine.gate.read(ALL).whole().aside().unwrap().lock().go_on(0);
                assert!(left.is_err(), "something was put aside for nobody");
                let saved = save(&engine, b"", |_| Ok(())).unwrap();
                assert!(saved.len() == COUNT as usize && saved.iter().all(|(_, value, _)| value == &[2; 40]));
            }
            Ok(())
        });
        assert!(saved.is_err());
        check_shards(&engine);
    }
}
