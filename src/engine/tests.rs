//! The whole engine against a plain map, long enough for holes, evacuations, merges and growth in both directions.

mod engine;
mod limits;
mod loads;
mod reads;
mod scans;
mod snapshots;
mod stagings;
mod writes;

use std::collections::HashMap;

use super::check::check_shards;
use super::*;

type Model = HashMap<Vec<u8>, (u64, Vec<u8>)>;

/// Answers as plain values.
#[derive(Default)]
struct Plain(Vec<Option<Vec<u8>>>);

impl ValueSink for Plain {
    fn expect(&mut self, _: usize, _: usize) -> Result<(), Error> {
        Ok(())
    }
    fn missing(&mut self) -> Result<(), Error> {
        self.0.push(None);
        Ok(())
    }
    fn copied(&mut self, value: &[u8]) -> Result<(), Error> {
        self.0.push(Some(value.to_vec()));
        Ok(())
    }
    fn shared(&mut self, entry: &Entry) -> Result<(), Error> {
        self.copied(entry.value())
    }
}

impl KeySink for Plain {
    fn wanted(&self) -> usize {
        usize::MAX
    }
    fn key(&mut self, key: &[u8]) -> Result<bool, Error> {
        self.0.push(Some(key.to_vec()));
        Ok(true)
    }
}

/// Marsaglia's xorshift64, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn value(&mut self) -> Vec<u8> {
        let len = match self.below(20) {
            0 => 4090 + self.below(10),
            1 => self.below(3000),
            2 => 0,
            _ => 60 + self.below(80),
        };
        vec![self.below(256) as u8; len as usize]
    }
}

fn mset(engine: &Engine, model: &mut Model, clock: &mut u64, pairs: Vec<(Vec<u8>, Vec<u8>)>) {
    engine.mset(pairs.iter().map(|(key, value)| (&key[..], &value[..])), None).unwrap();
    for (key, value) in pairs {
        *clock += 1;
        model.entry(key).or_insert((*clock, Vec::new())).1 = value;
    }
}

fn mdelete(engine: &Engine, model: &mut Model, keys: Vec<Vec<u8>>) {
    let there = keys.iter().filter(|&key| model.remove(key).is_some()).count();
    assert_eq!(engine.mdelete(keys.iter().map(|key| &key[..])), Ok(there));
}

fn check(engine: &Engine, model: &Model) {
    assert_eq!(engine.len(), model.len());
    let mut expected: Vec<_> = model.iter().collect();
    expected.sort_by_key(|(_, &(number, _))| number);
    // Behind each key one that is not there.
    let absent: Vec<_> = expected.iter().map(|(key, _)| [key, &b"!"[..]].concat()).collect();
    let asked: Vec<_> = expected.iter().zip(&absent).flat_map(|((key, _), absent)| [&key[..], absent]).collect();
    let (mut values, before) = (Plain::default(), engine.counters());
    engine.mget(asked.into_iter(), &mut values).unwrap();
    let counted = engine.counters();
    let answers = expected.iter().flat_map(|(_, (_, value))| [Some(value.clone()), None]);
    assert!(values.0.into_iter().eq(answers), "values differ");
    let count = expected.len() as u64;
    assert_eq!((counted.hits - before.hits, counted.misses - before.misses), (count, count));
    assert!(keys_of(engine).iter().eq(expected.iter().map(|(key, _)| *key)), "order differs");
    check_shards(engine);
}

/// Asks for prefixes, in pages of all sizes.
fn check_prefixes(engine: &Engine, model: &Model) {
    for prefix in ["key:1", "key:19", "key:199", "key:7777", "key", "nothing"].map(str::as_bytes) {
        let mut expected: Vec<_> = model.iter().filter(|(key, _)| key.starts_with(prefix)).collect();
        expected.sort_by_key(|(_, &(number, _))| number);
        assert_eq!(engine.count(prefix), expected.len());
        for page in [1 + expected.len() / 3, usize::MAX] {
            let found = keys_from(engine, prefix, page, 0, engine.now());
            assert!(found.iter().eq(expected.iter().map(|(key, _)| *key)), "{prefix:?} in pages of {page}");
        }
    }
    check_shards(engine);
}

/// Keys, a page at a time.
struct Page {
    keys: Vec<Vec<u8>>,
    room: usize,
}

impl KeySink for Page {
    fn wanted(&self) -> usize {
        self.room
    }

    fn key(&mut self, key: &[u8]) -> Result<bool, Error> {
        self.keys.push(key.to_vec());
        self.room -= 1;
        Ok(self.room > 0)
    }
}

fn keys_from(engine: &Engine, prefix: &[u8], page: usize, from: u64, until: u64) -> Vec<Vec<u8>> {
    let (mut all, mut at) = (Vec::new(), from);
    while at < until {
        let mut sink = Page { keys: Vec::new(), room: page };
        at = engine.scan(prefix, at, until, &mut sink).unwrap();
        all.append(&mut sink.keys);
    }
    all
}

fn keys_of(engine: &Engine) -> Vec<Vec<u8>> {
    let (mut keys, mut at, until) = (Plain::default(), 0, engine.now());
    while at < until {
        at = engine.scan(b"", at, until, &mut keys).unwrap();
    }
    keys.0.into_iter().flatten().collect()
}

#[test]
fn behaves_like_a_map_through_growth_churn_and_decline() {
    const KEYS: u64 = if cfg!(miri) { 60 } else { 20_000 };
    const ROUNDS: u64 = if cfg!(miri) { 4 } else { 600 };
    const CHECKED: u64 = if cfg!(miri) { 2 } else { ROUNDS / 4 };
    for asked in [false, true] {
        let settings = Settings { erase: asked, ..Settings::default() };
        let (engine, mut model, mut clock) = (Engine::new(settings).unwrap(), Model::new(), 0);
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let key = |number: u64| format!("key:{number}").into_bytes();
        for round in 0..ROUNDS * 3 {
            let size = [1, 7, 64, 300][random.below(4) as usize].min(KEYS / 4);
            // First mostly sets, then both, then mostly deletes.
            if random.below(6) < [5, 3, 1][(round / ROUNDS) as usize] {
                let pairs = (0..size).map(|_| (key(random.below(KEYS)), random.value())).collect();
                mset(&engine, &mut model, &mut clock, pairs);
            } else {
                mdelete(&engine, &mut model, (0..size).map(|_| key(random.below(KEYS))).collect());
            }
            if asked && random.below(8) == 0 {
                delete_prefix(&engine, &mut model, &key(random.below(KEYS / 10)));
            }
            if round % CHECKED == 0 {
                check(&engine, &model);
                if asked {
                    check_prefixes(&engine, &model);
                }
            }
        }
        check(&engine, &model);
        assert_eq!(engine.uses(PREFIXES), asked);
        match asked {
            true => delete_prefix(&engine, &mut model, b"key"),
            false => mdelete(&engine, &mut model, (0..KEYS).map(key).collect()),
        }
        check(&engine, &model);
        assert!(model.is_empty() && !engine.uses(PREFIXES) && engine.watches() == settings.erase);
    }
}

fn delete_prefix(engine: &Engine, model: &mut Model, prefix: &[u8]) {
    let before = model.len();
    model.retain(|key, _| !key.starts_with(prefix));
    assert_eq!(engine.delete_prefix(prefix), Ok(before - model.len()));
}

/// One batch with the same key again and again, in every combination of what a
/// shard does differently: the same size, another size, large.
#[test]
fn the_last_of_equal_keys_wins_whatever_their_sizes() {
    let sizes = [10, 12, 100, 5000];
    for before in [None, Some(10), Some(100), Some(5000)] {
        for combination in 0..sizes.len().pow(3) {
            if cfg!(miri) && combination % 13 != 0 {
                continue; // too long
            }
            let [a, b, c] = [1, 4, 16].map(|power| &sizes[combination / power % sizes.len()]);
            let (engine, mut model, mut clock) = (Engine::new(Settings::default()).unwrap(), Model::new(), 0);
            let pair = |key: &str, size: &usize, fill: u8| (key.as_bytes().to_vec(), vec![fill; *size]);
            if let Some(size) = before {
                mset(&engine, &mut model, &mut clock, vec![pair("first", &1, 0), pair("k", &size, 9)]);
            }
            let batch = vec![pair("k", a, 1), pair("other", &3, 7), pair("k", b, 2), pair("k", c, 3)];
            mset(&engine, &mut model, &mut clock, batch);
            check(&engine, &model);
            mset(&engine, &mut model, &mut clock, vec![pair("k", a, 4)]);
            check(&engine, &model);
        }
    }
}

/// Wants three keys, and takes whatever comes.
struct Three(Vec<Vec<u8>>);

impl KeySink for Three {
    fn wanted(&self) -> usize {
        3
    }

    fn key(&mut self, key: &[u8]) -> Result<bool, Error> {
        self.0.push(key.to_vec());
        Ok(true)
    }
}

#[test]
fn a_page_goes_on_behind_the_last_key_of_the_one_before() {
    let engine = Engine::new(Settings::default()).unwrap();
    let keys: Vec<Vec<u8>> = (0..160).map(|number| format!("{}:{number}", number % 16).into_bytes()).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &b"value"[..])), None).unwrap();
    assert_eq!(engine.count(b"1:"), 10); // makes the set, which is of use for so few of so many
    let (mut found, mut at) = (Three(Vec::new()), 0);
    while at < engine.now() {
        at = engine.scan(b"1:", at, engine.now(), &mut found).unwrap();
    }
    assert!(found.0.iter().eq(keys.iter().filter(|key| key.starts_with(b"1:"))), "each once, in order");
}

/// A store emptied to a tenth, in no order, gives its pages back but for those
/// that each shard has begun: a tenth as large again here, little in a store of
/// millions. Emptied altogether, it keeps none.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn memory_goes_back() {
    const KEYS: u64 = 200_000;
    let pool = Shared::try_new(Pool::new()).unwrap();
    let engine = Engine::with_pool(&pool, Settings::default()).unwrap();
    let key = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let value = [7; 120];
    for start in (0..KEYS).step_by(64) {
        let keys: Vec<_> = (start..(start + 64).min(KEYS)).map(key).collect();
        engine.mset(keys.iter().map(|key| (&key[..], &value[..])), None).unwrap();
    }
    let (peak, _) = pool.used_and_kept();
    // The pages of a store this large hold little but its entries.
    assert!(peak * 64 * 1024 < KEYS as usize * (8 + 120 + 40), "{peak} pages");
    let numbers: Vec<_> = (0..KEYS).map(|number| number * 7919 % KEYS).collect();
    let (most, last) = numbers.split_at(KEYS as usize * 9 / 10);
    for (numbers, share) in [(most, 0.3), (last, 0.0)] {
        for numbers in numbers.chunks(64) {
            let keys: Vec<_> = numbers.iter().map(|&number| key(number)).collect();
            assert_eq!(engine.mdelete(keys.iter().map(|key| &key[..])), Ok(keys.len()));
        }
        let (used, kept) = pool.used_and_kept();
        assert!((used + kept) as f64 <= peak as f64 * share, "{used} + {kept} of {peak} pages");
    }
}

/// A third of it holes: too few for a batch that is not made to look for them, enough for one that may empty pages.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_batch_empties_as_many_pages_as_it_may() {
    let engine = Engine::new(Settings::default()).unwrap();
    let keys: Vec<_> = (0..60_000_u32).map(u32::to_le_bytes).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &[7; 400][..])), None).unwrap();
    for keys in keys[..20_000].chunks(64) {
        assert_eq!(engine.mdelete(keys.iter().map(|key| &key[..])), Ok(keys.len()));
    }
    let shards = engine.gate.read(ALL);
    for shard in (0..SHARDS).map(|number| shards.shard(number)) {
        assert_eq!(
            [(0, 0), (0, 1), (1, 2), (2, 2)].map(|(emptied, pages)| shard.has_holes(emptied, pages)),
            [false, true, true, false]
        );
    }
}
