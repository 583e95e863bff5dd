//! A store as its handles show it: what the engine's tests cannot see.

use super::*;

#[test]
fn no_keys_and_no_time_are_asked_for_in_vain() {
    let store = Store::new().unwrap();
    assert_eq!(store.keys_from("", 0, 0), Err(Error::InvalidArgument));
    assert_eq!(Store::with_options(&Options::default().with_max_bytes(0)).err(), Some(Error::InvalidArgument));
    assert_eq!(store.mset_with_ttl(&[("a", "b")], Some(Duration::ZERO)), Err(Error::InvalidArgument));
    store.mset_with_ttl(&[("a", "b")], Some(Duration::from_nanos(1))).unwrap(); // a millisecond, rounded up
    store.mset_with_ttl(&[("c", "d")], Some(Duration::MAX)).unwrap(); // for ever
    assert_eq!(store.keys_from("c", 0, 1).unwrap().0, [b"c"]);
}

#[test]
fn a_namespace_has_its_own_keys_alone() {
    let store = Store::new().unwrap();
    store.mset(&[("ns/a", "1"), ("b", "2"), ("ns/a long key", "3")]).unwrap();
    let view = store.namespace("ns/").unwrap();
    assert_eq!((store.len(), view.len()), (Ok(3), Ok(2)));
    assert_eq!(view.mget(&["a", "b", "a long key"]).unwrap(), [Some(b"1".to_vec()), None, Some(b"3".to_vec())]);
    view.mset(&[("c", "4"), ("a long key", "5")]).unwrap();
    assert_eq!(store.mget(&["ns/c", "c", "ns/a long key"]).unwrap(), [Some(b"4".to_vec()), None, Some(b"5".to_vec())]);
    assert_eq!(view.mdelete(&["a", "b", "a long key"]), Ok(2));
    assert_eq!((view.is_empty(), store.len()), (Ok(false), Ok(2)));
    assert_eq!(view.mdelete(&["none"]), Ok(0));
    assert_eq!(view.mdelete(&["c"]), Ok(1));
    assert_eq!((view.is_empty(), store.is_empty()), (Ok(true), Ok(false)));
}

#[test]
fn values_of_all_lengths_are_given_back() {
    let store = Store::new().unwrap();
    let values = [0, 1, 4095, 4096, 100_000].map(|len| vec![len as u8; len]);
    let pairs: Vec<_> = values.iter().map(|value| (value.len().to_le_bytes(), value)).collect();
    store.mset(&pairs).unwrap();
    let keys: Vec<_> = pairs.iter().map(|(key, _)| key).collect();
    assert_eq!(store.mget(&keys).unwrap(), values.map(Some));
}

#[test]
fn a_name_is_free_when_its_last_handle_is_dropped_or_closed() {
    let open = || Store::open("memory:store-tests-a-name").unwrap();
    let store = open();
    store.mset(&[("a", "1")]).unwrap();
    drop(store.namespace("").unwrap());
    let second = open();
    assert_eq!(store.close(), Ok(()));
    assert_eq!(store.close(), Err(Error::ClosedHandle));
    assert_eq!(store.len(), Err(Error::ClosedHandle));
    assert_eq!(second.len(), Ok(1));
    drop(store); // it has left already
    assert_eq!(open().len(), Ok(1));
    drop(second);
    assert_eq!(open().len(), Ok(0));
}

#[test]
fn only_a_clock_that_is_turned_by_hand_is_turned() {
    let store = Store::new().unwrap();
    assert_eq!(store.advance_clock(1), Err(Error::InvalidArgument));
    let store = Store::open("memory:?clock=manual&ttl=5ms").unwrap();
    store.mset(&[("a", "1")]).unwrap();
    assert_eq!((store.advance_clock(4), store.len()), (Ok(()), Ok(1)));
    assert_eq!((store.advance_clock(1), store.len()), (Ok(()), Ok(0)));
    assert_eq!(store.counters().unwrap().sets, 1);
}

#[cfg(feature = "redis")]
#[test]
#[cfg_attr(miri, ignore)] // which has no sockets
fn why_a_server_failed_is_told() {
    assert_eq!(Store::new().unwrap().remote_message(), Ok(Vec::new()));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}?retries=0", listener.local_addr().unwrap());
    drop(listener);
    let store = Store::open(&url).unwrap();
    assert_eq!(store.remote_message(), Ok(Vec::new()));
    assert_eq!(store.mget(&["key"]), Err(Error::RemoteFailure));
    let message = String::from_utf8(store.remote_message().unwrap()).unwrap();
    assert!(message.contains("refused"), "{message}");
}
