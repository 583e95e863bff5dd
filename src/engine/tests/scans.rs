//! Pages of keys one by one, and when there is a set of all keys.

use super::super::matches::matches;
use super::*;

/// Wants so many keys, and says after so many that it wants no more.
struct Stops {
    wanted: usize,
    after: usize,
    keys: Vec<Vec<u8>>,
}

impl KeySink for Stops {
    fn wanted(&self) -> usize {
        self.wanted
    }

    fn key(&mut self, key: &[u8]) -> Result<bool, Error> {
        self.keys.push(key.to_vec());
        Ok(self.keys.len() < self.after)
    }
}

/// One page: how many keys, and where to go on.
fn page(engine: &Engine, prefix: &[u8], from: u64, wanted: usize, after: usize) -> (usize, u64) {
    let mut sink = Stops { wanted, after, keys: Vec::new() };
    let next = engine.scan(prefix, from, engine.now(), &mut sink).unwrap();
    assert!(sink.keys.iter().all(|key| key.starts_with(prefix)));
    (sink.keys.len(), next)
}

fn set(engine: &Engine, keys: impl Iterator<Item = String>) {
    let keys: Vec<_> = keys.collect();
    engine.mset(keys.iter().map(|key| (key.as_bytes(), &b"value"[..])), None).unwrap();
}

/// Whether the few of a prefix are put in order or all entries are walked through.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_page_ends_where_no_more_is_wanted_and_the_next_begins_behind_it() {
    const MANY: usize = usize::MAX;
    let engine = Engine::new(Settings::default()).unwrap();
    set(&engine, (0..160).map(|number| format!("{}:{number}", number % 16)));
    // Those of the prefix have the numbers 1, 17, 33 and so on to 145.
    for asked in [false, true] {
        // Says itself when it wants no more.
        assert_eq!(page(&engine, b"1:", 0, MANY, 1), (1, 2));
        assert_eq!(page(&engine, b"1:", 0, MANY, 2), (2, 18));
        assert_eq!(page(&engine, b"1:", 18, 3, 3), (3, 66));
        assert_eq!(page(&engine, b"1:", 0, MANY, MANY), (10, 160));
        assert_eq!(page(&engine, b"1:", 146, MANY, MANY), (0, 160));
        // Takes what comes: no more than it wants, and the end is the end.
        assert_eq!(page(&engine, b"1:", 0, 3, MANY), (3, 34));
        assert_eq!(page(&engine, b"1:", 66, 3, MANY), (3, 114));
        assert_eq!(page(&engine, b"1:", 114, 2, MANY), (2, 160));
        assert_eq!(page(&engine, b"1:", 0, 10, MANY), (10, 160));
        // Short pages of so many are not worth it: all entries are walked through, and who says nothing gets all.
        assert_eq!(page(&engine, b"1", 0, 3, MANY), (70, 160));
        assert_eq!(page(&engine, b"1", 0, 3, 3), (3, 12));
        // Whatever their keys.
        assert_eq!(page(&engine, b"", 0, MANY, 1), (1, 1));
        assert_eq!(page(&engine, b"", 1, MANY, 7), (7, 8));
        assert_eq!(page(&engine, b"", 100, MANY, MANY), (60, 160));
        assert!(engine.uses(PREFIXES), "the first question has made the set");
        if asked {
            set(&engine, (0..160).map(|number| format!("{}:{number}", number % 16)));
            // places stand
        }
    }
}

#[test]
fn the_set_is_made_for_who_asks_a_store_of_some_size() {
    let engine = Engine::new(Settings::default()).unwrap();
    set(&engine, (0..31).map(|number| format!("key:{number}")));
    assert_eq!((engine.count(b"key"), engine.count(b"key:1"), engine.count(b"")), (31, 11, 31));
    assert!(!engine.uses(PREFIXES), "a walk is short");
    set(&engine, ["other".to_string()].into_iter());
    assert_eq!((engine.len(), engine.count(b"")), (32, 32));
    assert!(!engine.uses(PREFIXES), "all are counted without it");
    assert!(matches(&engine.read_for(b""), b"").is_none() && !engine.uses(PREFIXES));
    assert_eq!(engine.count(b"key:1"), 11);
    assert!(engine.uses(PREFIXES));
    let shards = engine.read_for(b"key:1");
    assert!(matches(&shards, b"").is_none());
    assert_eq!(matches(&shards, b"key:1").map(|found| found.count()), Some(11));
}

/// What comes, goes and changes its place is told to the set, until the store is empty.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn the_set_knows_what_is_done_until_the_store_is_empty() {
    let limits = Limits { max_entries: 1000, ..Limits::default() };
    for settings in [Settings::default(), Settings { limits, ..Settings::default() }] {
        let engine = Engine::new(settings).unwrap();
        set(&engine, (0..40).map(|number| format!("key:{number}")));
        assert_eq!(engine.count(b"key:1"), 11);
        set(&engine, (100..400).map(|number| format!("key:{number}")));
        assert_eq!(engine.count(b"key:1"), 111);
        check_shards(&engine);
        set(&engine, ["key:1000".to_string()].into_iter());
        engine.mset([(&b"key:1"[..], &[1; 300][..]), (b"key:10", &[1; 5000])].into_iter(), None).unwrap();
        check_shards(&engine);
        assert_eq!((engine.count(b"key:1"), engine.delete_prefix(b"key:12")), (112, Ok(11)));
        assert_eq!((engine.count(b"key:1"), engine.delete_prefix(b"nothing")), (101, Ok(0)));
        assert!(engine.uses(PREFIXES));
        check_shards(&engine);
        let left = keys_of(&engine);
        assert_eq!(left.len(), 330);
        let (last, others) = left.split_last().unwrap();
        assert_eq!(engine.mdelete(others.iter().map(|key| &key[..])), Ok(329));
        assert!(engine.uses(PREFIXES));
        check_shards(&engine);
        assert_eq!(engine.mdelete([&last[..]].into_iter()), Ok(1));
        assert!(!engine.uses(PREFIXES), "nobody has asked an empty store anything yet");
        check_shards(&engine);
    }
}

/// Whoever keeps count of the entries is told of each, with a set or without.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn all_of_a_prefix_go_and_are_counted() {
    let limits = Limits { max_entries: 1000, ..Limits::default() };
    for settings in [Settings::default(), Settings { limits, ..Settings::default() }] {
        for (entries, prefix, removed) in
            [(20, "key:1", 11), (20, "key", 20), (20, "", 20), (60, "", 60), (60, "key", 60)]
        {
            let engine = Engine::new(settings).unwrap();
            set(&engine, (0..entries).map(|number| format!("key:{number}")));
            assert_eq!(engine.delete_prefix(prefix.as_bytes()), Ok(removed));
            assert_eq!((engine.len(), engine.counters().deletes), (entries - removed, removed as u64));
            check_shards(&engine);
            set(&engine, (0..entries).map(|number| format!("key:{number}")));
            assert_eq!(engine.len(), entries);
            check_shards(&engine);
        }
    }
}

/// What a batch was promised is given back when it ends.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_set_takes_no_more_memory_for_keys_that_come_and_go() {
    let pool = Shared::try_new(Pool::new()).unwrap();
    let engine = Engine::with_pool(&pool, Settings::default()).unwrap();
    set(&engine, (0..40).map(|number| format!("key:{number}")));
    assert_eq!(engine.count(b"key:1"), 11);
    let before = pool.used_and_kept();
    for number in 0..2000 {
        set(&engine, [format!("new:{number}")].into_iter());
        assert_eq!(engine.mdelete([format!("new:{number}").as_bytes()].into_iter()), Ok(1));
    }
    assert_eq!(pool.used_and_kept(), before);
    check_shards(&engine);
}
