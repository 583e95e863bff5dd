//! Parts of a write by themselves: what a batch takes, keeps for later and undoes.

use super::super::check::check_shards;
use super::super::shard::Value;
use super::super::Settings;
use super::*;
use crate::engine::Entry;
use crate::sys::{Heap, Shared};

fn bounded() -> Settings {
    Settings { limits: Limits { max_entries: 1000, ..Limits::default() }, ..Settings::default() }
}

/// All that was prepared before is undone: also where the last one was to be large, and nobody has made it.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_batch_that_fails_leaves_all_as_it_was() {
    let (short, long, large) = (&[1; 20][..], &[2; 300][..], &[3; 5000][..]);
    for settings in [Settings::default(), bounded()] {
        let engine = Engine::new(settings).unwrap();
        let keys: Vec<_> = (0..20_u32).map(u32::to_le_bytes).collect();
        engine.mset(keys[..10].iter().map(|key| (&key[..], short)), None).unwrap();
        for (values, len) in [(short, 3), (long, 3), (short, 15), (long, 20)] {
            // In place, elsewhere, anew; and the first one twice.
            let pairs = keys[..len].iter().map(|key| (&key[..], values)).chain([(&keys[0][..], values)]);
            let all: Vec<_> = pairs.chain([(&b"large"[..], large)]).collect();
            let mut none = LargeEntries::NONE;
            let result = match engine.watches() {
                false => engine.mset_as::<false>(all.into_iter(), &mut none, NEVER),
                true => engine.mset_as::<true>(all.into_iter(), &mut none, NEVER),
            };
            assert_eq!(result, Err(Error::Internal));
            check_shards(&engine);
            assert_eq!((engine.len(), engine.counters().sets), (10, 10));
            assert_eq!(engine.counters().value_bytes, 200);
        }
        // Nothing is claimed any more: the same batch can be done.
        engine.mset(keys.iter().map(|key| (&key[..], long)), None).unwrap();
        assert_eq!((engine.len(), engine.counters().value_bytes), (20, 20 * 300));
        check_shards(&engine);
    }
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn only_what_nobody_watches_is_done_unwatched() {
    for (settings, unwatched) in [(Settings::default(), true), (bounded(), false)] {
        let engine = Engine::new(settings).unwrap();
        let mut large = LargeEntries::NONE;
        assert_eq!(engine.batch::<false>(1, &mut large).is_some(), unwatched);
        let batch = engine.batch::<true>(1, &mut large).unwrap();
        assert_eq!(batch.shards.has_all(), !unwatched);
    }
}

/// Where there is room; otherwise it goes at once, and no memory is taken for it. Both count as freed.
#[test]
fn old_large_entries_are_kept_where_there_is_room() {
    let heap = Shared::try_new(Heap::new()).unwrap();
    let entry = || Some(Entry::try_new(&heap, b"key", &[1; 5000], NEVER).unwrap());
    let len = Entry::block_len(3, 5000);
    let mut large = LargeEntries::NONE;
    large.keep_old(entry());
    assert_eq!((large.old.len(), large.old.capacity(), large.freed), (0, 0, len));
    large.old.reserve_exact(2);
    let room = large.old.capacity();
    for number in 1..=room + 2 {
        large.keep_old(entry());
        large.keep_old(None);
        assert_eq!((large.old.len(), large.freed), (number.min(room), (number + 1) * len));
    }
    assert_eq!(large.old.capacity(), room);
}

/// Of a batch, or of its shards.
#[test]
fn there_is_room_for_old_large_entries_where_any_can_be() {
    let engine = Engine::new(Settings::default()).unwrap();
    let room = |mut large: LargeEntries| {
        let mut batch = engine.batch::<false>(ALL, &mut large).unwrap();
        batch.reserve_old(5).unwrap();
        drop(batch);
        large.old.capacity()
    };
    engine.mset([(&b"small"[..], &b"value"[..])].into_iter(), None).unwrap();
    assert_eq!(room(LargeEntries::NONE), 0);
    let pairs = [(&b"large"[..], &[1; 5000][..])];
    let large = LargeEntries::of(&engine.heap, pairs.into_iter()).unwrap();
    assert_eq!(large.new.len(), 1);
    assert!(room(large) >= 5);
    engine.mset(pairs.into_iter(), None).unwrap();
    assert!(room(LargeEntries::NONE) >= 5);
}

#[test]
#[cfg_attr(miri, ignore)] // too long
fn a_batch_counts_what_it_takes_out() {
    for settings in [Settings::default(), bounded()] {
        let engine = Engine::new(settings).unwrap();
        let keys = [&b"one"[..], b"two", b"three"];
        engine.mset(keys.into_iter().zip([&b"1"[..], &[2; 5000], b"3"]), None).unwrap();
        let mut large = LargeEntries::NONE;
        let mut batch = engine.watched_batch::<true>(ALL, &mut large);
        for (count, key) in (0..).zip(keys) {
            let Probe { hash, .. } = Probe::new(&engine.seed, key).unwrap();
            let shard = batch.peek(shard_of(hash));
            let found = shard.find(shard.line(hash), hash, key).unwrap();
            assert!(matches!(shard.value(found), Value::Large(_)) == (key == b"two"));
            assert_eq!(batch.removed, count);
            assert!(batch.delete(shard_of(hash), hash, found) && !batch.delete(shard_of(hash), hash, found));
        }
        assert_eq!((batch.removed, batch.large.freed), (3, Entry::block_len(3, 5000)));
        engine.end(batch, 3);
        check_shards(&engine);
    }
}

/// Changes nothing, and comes to an end.
#[test]
fn a_batch_of_any_length_can_be_warmed_up_for() {
    let engine = Engine::new(Settings::default()).unwrap();
    engine.mset([(&b"key"[..], &b"value"[..])].into_iter(), None).unwrap();
    let hash = engine.seed.hash(b"key");
    for len in [0, 1, AHEAD - 1, AHEAD, AHEAD + 1, 100] {
        engine.warm_up(vec![hash; len].into_iter());
    }
    assert_eq!(engine.len(), 1);
    check_shards(&engine);
}
