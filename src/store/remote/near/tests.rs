//! Copies that may be used, and those that may not any more, without a server.

use super::*;

fn has(near: &Near, key: &[u8]) -> bool {
    near.find(&[key]).unwrap().is_some_and(|found| !matches!(found.answers[0], Answer::Missing))
}

fn fill(near: &Near, keys: &[&[u8]], notes: &Notes) {
    let fresh = [Fresh { value: Some(b"value"), ttl: None }].repeat(keys.len());
    near.fill(keys, &fresh, notes).unwrap();
}

#[test]
fn copies_are_used_as_long_as_they_are_trusted() {
    let near = Near::new(Settings::default()).unwrap();
    let keys: [&[u8]; 2] = [b"a", b"b"];
    fill(&near, &keys, &near.note(&keys).unwrap());
    assert!(!has(&near, b"a"));
    near.trust_until(u64::MAX);
    assert!(has(&near, b"a") && has(&near, b"b") && !has(&near, b"c"));
    near.trust_until(clock::monotonic_ms());
    assert!(!has(&near, b"a"));
}

#[test]
fn what_has_changed_since_is_not_filled() {
    let near = Near::new(Settings::default()).unwrap();
    near.trust_until(u64::MAX);
    let keys: [&[u8]; 2] = [b"a", b"b"];
    let notes = near.note(&keys).unwrap();
    near.forget(&keys[..1]);
    fill(&near, &keys, &notes);
    assert!(!has(&near, b"a") && has(&near, b"b"));
    let notes = near.note(&keys).unwrap();
    assert!(near.forget_all());
    fill(&near, &keys, &notes);
    assert!(!has(&near, b"a") && !has(&near, b"b"));
}

#[test]
fn what_came_too_late_is_compared() {
    let near = Near::new(Settings::default()).unwrap();
    near.trust_until(u64::MAX);
    let keys: [&[u8]; 1] = [b"a"];
    let (first, second) = (near.note(&keys).unwrap(), near.note(&keys).unwrap());
    fill(&near, &keys, &first);
    fill(&near, &keys, &second);
    assert!(has(&near, b"a"));
    near.fill(&keys, &[Fresh { value: Some(b"other"), ttl: None }], &second).unwrap();
    assert!(!has(&near, b"a"));
    fill(&near, &keys, &near.note(&keys).unwrap());
    near.fill(&keys, &[Fresh { value: None, ttl: None }], &near.note(&keys).unwrap()).unwrap();
    assert!(!has(&near, b"a"));
}

#[test]
fn a_copy_ends_with_its_entry_however_long_it_took_to_put_in() {
    const TTL: u64 = 200;
    let near = Near::new(Settings::default()).unwrap();
    near.trust_until(u64::MAX);
    let keys: [&[u8]; 1] = [b"a"];
    let fresh = [Fresh { value: Some(b"value"), ttl: Some(TTL) }];
    let notes = near.note(&keys).unwrap();
    let until = |time: u64| {
        let left = (notes.time + time).saturating_sub(clock::monotonic_ms());
        std::thread::sleep(std::time::Duration::from_millis(left));
    };
    std::thread::scope(|scope| {
        let turn = near.turn.lock();
        let filling = scope.spawn(|| near.fill(&keys, &fresh, &notes));
        until(TTL / 2);
        drop(turn);
        filling.join().unwrap().unwrap();
    });
    until(TTL);
    assert!(!has(&near, b"a"));
    near.fill(&keys, &[Fresh { ttl: Some(60_000), ..fresh[0] }], &near.note(&keys).unwrap()).unwrap();
    assert!(has(&near, b"a"));
}

/// Between two parts of a batch somebody else may have set or deleted the key.
#[test]
fn of_a_key_that_is_asked_for_twice_the_last_answer_counts() {
    let near = Near::new(Settings::default()).unwrap();
    near.trust_until(u64::MAX);
    let keys: [&[u8]; 2] = [b"a", b"a"];
    let (old, new) = (Fresh { value: Some(b"old"), ttl: None }, Fresh { value: Some(b"new"), ttl: Some(60_000) });
    near.fill(&keys, &[old, new], &near.note(&keys).unwrap()).unwrap();
    let mut values = Values::new(false);
    near.find(&keys[..1]).unwrap().unwrap().give(std::iter::empty(), &mut values).unwrap();
    assert_eq!(values.take(), [Some(b"new".to_vec())]);
    near.forget(&keys);
    near.fill(&keys, &[old, Fresh { value: None, ttl: None }], &near.note(&keys).unwrap()).unwrap();
    assert!(!has(&near, b"a"));
}

#[test]
fn nothing_is_used_in_the_child_of_a_fork_before_another_thread_hears() {
    let near = Near::new(Settings::default()).unwrap();
    let keys: [&[u8]; 1] = [b"a"];
    near.trust_until(u64::MAX);
    fill(&near, &keys, &near.note(&keys).unwrap());
    assert!(Near::watch(&near).is_some() && Near::watch(&near).is_none());
    near.lose_watch();
    assert!(!has(&near, b"a") && Near::watch(&near).is_some());
}
