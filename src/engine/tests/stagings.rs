//! What is staged and what a load leaves behind, exactly counted.

use super::super::batch::shard_of;
use super::*;

fn staged<'s>(keys: &'s [[u8; 4]], remaining: Option<u64>) -> Vec<Staged<'s>> {
    keys.iter().map(|key| Staged { key, value: b"value", remaining }).collect()
}

/// Neither what went because it was too much nor what has ended counts as one that came twice.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_has_gone_meanwhile_did_not_come_twice() {
    let keys: Vec<_> = (0..200_u32).map(u32::to_le_bytes).collect();
    for limits in [Limits { max_entries: 30, ..Limits::default() }, Limits { max_bytes: 2000, ..Limits::default() }] {
        let engine = Engine::new(Settings { limits, manual_clock: true, ..Settings::default() }).unwrap();
        let staging = engine.staging(0).unwrap();
        for (key, duplicates) in keys.iter().zip([0; 200]) {
            staging.set(&staged(&[*key], None)).unwrap();
            assert_eq!(staging.duplicates(), duplicates);
        }
        staging.set(&staged(&keys[199..], None)).unwrap();
        assert_eq!(staging.duplicates(), 1);
    }
    let engine = Engine::new(Settings { manual_clock: true, ..Settings::default() }).unwrap();
    let staging = engine.staging(0).unwrap();
    // Nothing left to live.
    staging.set(&staged(&keys[..1], Some(0))).unwrap();
    staging.set(&staged(&keys[..1], Some(0))).unwrap();
    assert_eq!(staging.duplicates(), 0);
    staging.set(&staged(&keys[..2], Some(1))).unwrap();
    staging.set(&staged(&keys[..2], Some(1))).unwrap();
    assert_eq!(staging.duplicates(), 2);
}

/// What has ended until it is there goes as with any batch: of few in its shard's turn, of more at once.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_has_ended_before_it_is_loaded_goes_as_always() {
    for (count, gone) in [(3, false), (8, false), (9, true), (40, true)] {
        let engine = Engine::new(Settings { manual_clock: true, ..Settings::default() }).unwrap();
        // The turn is that of the number of entries.
        let is_in_turn = |key: &[u8; 4]| shard_of(engine.seed.hash(key)) == count % SHARDS;
        let keys: Vec<_> = (0_u32..).map(u32::to_le_bytes).filter(|key| !is_in_turn(key)).take(count).collect();
        let staging = engine.staging(0).unwrap();
        staging.set(&staged(&keys, Some(5))).unwrap();
        engine.advance_clock(10);
        staging.replace_prefix(b"").unwrap();
        let Counters { entries, expirations, .. } = engine.counters();
        let count = count as u64;
        assert_eq!(
            (engine.len(), entries, expirations),
            (0, if gone { 0 } else { count }, if gone { count } else { 0 })
        );
        check_shards(&engine);
    }
}

/// An engine is as it was when what was staged for it is dropped: large entries get their memory one by one again.
#[test]
#[cfg_attr(miri, ignore)] // too long
fn what_was_staged_and_dropped_leaves_nothing_behind() {
    let idle = |is_staged: bool| {
        let engine = Engine::new(Settings::default()).unwrap();
        if is_staged {
            drop(engine.staging(100).unwrap());
        }
        engine.mset([(&b"large"[..], &[1; 5000][..])].into_iter(), None).unwrap();
        engine.heap.idle()
    };
    assert_eq!(idle(true), idle(false));
}
