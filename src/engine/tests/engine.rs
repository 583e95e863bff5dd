//! What an engine says of itself, and what it does when it goes or is held.

use super::super::batch::shard_of;
use super::*;

#[test]
fn writers_take_all_shards_where_somebody_is_told_or_all_that_ends_is_erased() {
    for uses in 0..2 * SAVING {
        let told = [BOUNDED, PREFIXES, SAVING].into_iter().any(|bit| uses & bit == bit);
        let erased_in_time = uses & ERASING == ERASING && uses & EXPIRING == EXPIRING;
        assert_eq!(takes_all(uses), told || erased_in_time, "{uses}");
    }
}

#[test]
fn an_engine_says_how_it_was_made() {
    for erase in [false, true] {
        let limits =
            Limits { max_bytes: 1 << 20, max_entries: if erase { 70 } else { u64::MAX }, max_item_bytes: 9000 };
        let settings = Settings { limits, ttl: 77, manual_clock: true, erase };
        let engine = Engine::new(settings).unwrap();
        assert_eq!((engine.settings(), engine.erases()), (settings, erase));
        let Counters { max_bytes, max_entries, .. } = engine.counters();
        assert_eq!((max_bytes, max_entries), (1 << 20, if erase { 70 } else { 0 }));
    }
    let Counters { max_bytes, max_entries, .. } = Engine::new(Settings::default()).unwrap().counters();
    assert_eq!((max_bytes, max_entries), (0, 0));
}

/// Of each entry its block and 32 bytes elsewhere, less its key and its value.
#[test]
fn what_entries_take_beside_their_keys_and_values_is_counted() {
    let engine = Engine::new(Settings::default()).unwrap();
    let count = || {
        let Counters { entries, key_bytes, value_bytes, overhead_bytes, .. } = engine.counters();
        (entries, key_bytes, value_bytes, overhead_bytes)
    };
    assert_eq!(count(), (0, 0, 0, 0));
    engine.mset([(&b"key"[..], &b"value"[..])].into_iter(), None).unwrap();
    assert_eq!(count(), (1, 3, 5, 8 + 32));
    engine.mset([(&b"other"[..], &[1; 100][..])].into_iter(), None).unwrap();
    let block = (8_u64 + 5 + 100).next_multiple_of(8);
    assert_eq!(count(), (2, 8, 105, 8 + 32 + block - 105 + 32));
    assert_eq!(engine.mdelete([&b"key"[..]].into_iter()), Ok(1));
    assert_eq!(count(), (1, 5, 100, block - 105 + 32));
}

/// Of large entries that outlive their engine, too: all but a megabyte of it.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn memory_of_large_entries_goes_back_when_the_engine_goes() {
    const KEPT: u64 = 1 << 20;
    let engine = Engine::new(Settings::default()).unwrap();
    let keys: Vec<_> = (0..1200_u32).map(u32::to_le_bytes).collect();
    engine.mset(keys.iter().map(|key| (&key[..], &[7; 5000][..])), None).unwrap();
    let heap = engine.heap.clone();
    let shards = engine.gate.read(ALL);
    let held: Vec<_> = keys[..600]
        .iter()
        .map(|key| {
            let hash = engine.seed.hash(key);
            let shard = shards.shard(shard_of(hash));
            match shard.value(shard.find(shard.line(hash), hash, key).unwrap()) {
                shard::Value::Large(entry) => entry.clone(),
                shard::Value::Small(_) => panic!("it is large"),
            }
        })
        .collect();
    drop(shards);
    drop(engine);
    assert!(heap.idle() <= KEPT + 600 * 4096, "{} bytes", heap.idle());
    assert!(held.iter().all(|entry| entry.value() == [7; 5000]));
    drop(held);
    assert!(heap.idle() <= KEPT, "{} bytes", heap.idle());
}

/// Nobody reads or writes while it is held; then everybody may.
#[test]
fn who_holds_an_engine_keeps_all_others_out() {
    let engine = Engine::new(Settings::default()).unwrap();
    engine.mset([(&b"key"[..], &b"value"[..])].into_iter(), None).unwrap();
    let (give, take) = std::sync::mpsc::channel();
    engine.hold();
    std::thread::scope(|scope| {
        for write in [false, true] {
            let (engine, give) = (&engine, give.clone());
            scope.spawn(move || {
                match write {
                    false => assert_eq!(engine.len(), 1),
                    true => engine.mset([(&b"key"[..], &b"other"[..])].into_iter(), None).unwrap(),
                }
                give.send(write).unwrap();
            });
        }
        let meanwhile = take.recv_timeout(std::time::Duration::from_millis(100));
        // SAFETY: held above, by this thread.
        unsafe { engine.release_held() };
        assert!(meanwhile.is_err(), "somebody was let in");
    });
    assert_eq!(take.try_iter().count(), 2);
}

/// Room for the places of so many entries, in small pieces here; but where there are bounds, none.
#[test]
#[cfg_attr(miri, ignore)] // too long
#[cfg(not(bytestore_faults))] // where allocations are counted otherwise
fn a_load_has_room_for_what_is_expected() {
    let limits = Limits { max_entries: 1_000_000, ..Limits::default() };
    for (settings, lines) in [(Settings::default(), 16), (Settings { limits, ..Settings::default() }, 0)] {
        let engine = Engine::new(settings).unwrap();
        let room = |entries| crate::sys::counted::most_of(|| drop(engine.staging(entries).unwrap())).1;
        let (none, some) = (room(0), room(100 * SHARDS));
        let least = SHARDS * lines * 64;
        assert!((least..=least + least / 2).contains(&(some - none)), "{none} and {some} bytes");
    }
}
