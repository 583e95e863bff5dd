//! The C ABI as a C program uses it, from Rust, so that Miri can watch (`tests/reliability/miri`).

use std::ffi::c_void;
use std::ptr::{null, null_mut, without_provenance_mut};

use bytestore::ffi::*;

fn empty_buffer() -> bytestore_buffer {
    bytestore_buffer { slices: null(), count: 0, data: null(), data_len: 0, owner: null_mut() }
}

fn slices(items: &[&[u8]]) -> Vec<bytestore_slice> {
    items.iter().map(|item| bytestore_slice { ptr: item.as_ptr(), len: item.len() }).collect()
}

fn packed(items: &[&[u8]]) -> (Vec<u8>, Vec<u32>) {
    (items.concat(), items.iter().map(|item| item.len() as u32).collect())
}

/// The answers of a buffer, copied.
fn answers(buffer: &bytestore_buffer) -> Vec<Option<Vec<u8>>> {
    if buffer.count == 0 {
        return Vec::new();
    }
    // SAFETY: the library filled the buffer, and it was not freed yet.
    let slices = unsafe { std::slice::from_raw_parts(buffer.slices, buffer.count) };
    let bytes = |slice: &bytestore_slice| {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) }.to_vec()
    };
    slices.iter().map(|slice| (!slice.ptr.is_null()).then(|| bytes(slice))).collect()
}

#[test]
fn both_shapes_are_the_same_and_results_outlive_their_store() {
    let large = vec![7u8; 5_000];
    let keys: [&[u8]; 4] = [b"", b"\0\xff", b"large", b"small"];
    let values: [&[u8]; 4] = [b"of the empty key", b"", &large, b"s"];
    let store = bytestore_new();
    let (key_blob, key_lens) = packed(&keys);
    let value_slices = slices(&values);
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        let (blob, lens) = (key_blob.as_ptr().cast::<c_void>(), key_lens.as_ptr());
        assert_eq!(bytestore_mset(store, 4, blob, lens, value_slices.as_ptr().cast(), null()), BYTESTORE_OK);

        let mut first = empty_buffer();
        assert_eq!(bytestore_mget(store, 4, blob, lens, &mut first), BYTESTORE_OK);
        let asked: [&[u8]; 3] = [b"small", b"none", b"small"];
        let mut second = empty_buffer();
        assert_eq!(bytestore_mget(store, 3, slices(&asked).as_ptr().cast(), null(), &mut second), BYTESTORE_OK);
        let mut removed = 9;
        assert_eq!(bytestore_mdelete(store, 4, blob, lens, &mut removed), BYTESTORE_OK);
        assert_eq!(removed, 4);
        assert_eq!(bytestore_close(store), BYTESTORE_OK);

        assert_eq!(answers(&first), values.map(|value| Some(value.to_vec())));
        assert!(first.data.is_null(), "a large value is not copied");
        assert_eq!(answers(&second), [Some(b"s".to_vec()), None, Some(b"s".to_vec())]);
        assert_eq!(std::slice::from_raw_parts(second.data, second.data_len), b"ss");

        let mut copy = first;
        assert_eq!(bytestore_free_buffer(&mut first), BYTESTORE_OK);
        assert_eq!(bytestore_free_buffer(&mut first), BYTESTORE_OK);
        assert_eq!(bytestore_free_buffer(&mut copy), BYTESTORE_ERR_CLOSED_HANDLE);
        assert_eq!(bytestore_free_buffer(&mut second), BYTESTORE_OK);
        assert_eq!(bytestore_mget(store, 4, blob, lens, &mut first), BYTESTORE_ERR_CLOSED_HANDLE);
        assert_eq!((first.count, first.slices.is_null()), (0, true));
    }
}

#[test]
fn a_cursor_pages_through_the_keys_and_outlives_its_store() {
    let store = bytestore_new();
    let keys: Vec<_> =
        (0..50).map(|number| format!("{}{number:02}", if number % 2 == 0 { "a" } else { "b" })).collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| key.as_bytes()).collect();
    let (blob, lens) = packed(&keys);
    let no_values = vec![0u32; keys.len()];
    let mut found = Vec::new();
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        let status = bytestore_mset(store, keys.len(), blob.as_ptr().cast(), lens.as_ptr(), null(), no_values.as_ptr());
        assert_eq!(status, BYTESTORE_OK);
        let mut cursor = null_mut();
        assert_eq!(bytestore_keys(store, b"a".as_ptr(), 1, &mut cursor), BYTESTORE_OK);
        let mut page = empty_buffer();
        loop {
            assert_eq!(bytestore_cursor_next(cursor, 7, &mut page), BYTESTORE_OK);
            bytestore_close(store);
            if page.count == 0 {
                break;
            }
            assert!(page.count <= 7);
            found.extend(answers(&page).into_iter().flatten());
            assert_eq!(bytestore_free_buffer(&mut page), BYTESTORE_OK);
        }
        assert_eq!(bytestore_cursor_close(cursor), BYTESTORE_OK);
        assert_eq!(bytestore_cursor_close(cursor), BYTESTORE_ERR_CLOSED_HANDLE);
    }
    let expected: Vec<_> = keys.into_iter().filter(|key| key.starts_with(b"a")).collect();
    assert_eq!(found, expected);
}

#[test]
fn wrong_items_are_named() {
    let items = [
        bytestore_slice { ptr: null(), len: 0 },
        bytestore_slice { ptr: null(), len: 1 },
        bytestore_slice { ptr: b"x".as_ptr(), len: 1 },
    ];
    let mut index = 9;
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        let items = items.as_ptr().cast::<c_void>();
        assert_eq!(bytestore_check_items(3, items, null(), &mut index), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(index, 1);
        assert_eq!(bytestore_check_items(1, items, null(), &mut index), BYTESTORE_OK);
        assert_eq!(index, 0);
        assert_eq!(bytestore_check_items(2, null(), null(), &mut index), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(index, 2);
        assert_eq!(bytestore_check_items(usize::MAX, items, null(), &mut index), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(index, usize::MAX);
    }
}

#[test]
fn an_area_takes_what_fits_and_says_what_would() {
    let names: Vec<_> = (0..20).map(|number| format!("key{number}")).collect();
    let keys: Vec<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
    let large = vec![7u8; 5_000];
    let values: Vec<&[u8]> = (0..20).map(|number| &large[..if number == 9 { 5_000 } else { number }]).collect();
    let store = bytestore_new();
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        // The last key stays missing.
        let (key_slices, value_slices) = (slices(&keys), slices(&values));
        let (keys, values) = (key_slices.as_ptr().cast(), value_slices.as_ptr().cast());
        assert_eq!(bytestore_mset(store, 19, keys, null(), values, null()), BYTESTORE_OK);
        for n in [1, 7, 20] {
            let need: usize = value_slices[..n.min(19)].iter().map(|value| value.len).sum();
            for capacity in [need, need.saturating_sub(1)] {
                let (mut bytes, mut lens) = (vec![1u8; capacity], vec![1usize; n]);
                let mut area = bytestore_area { bytes: bytes.as_mut_ptr(), capacity, lens: lens.as_mut_ptr(), len: 1 };
                assert_eq!(bytestore_mget_into(store, n, keys, null(), &mut area), BYTESTORE_OK);
                assert_eq!(area.len, need);
                let missing = (n == 20).then_some(usize::MAX);
                assert!(lens.into_iter().eq(value_slices[..n.min(19)].iter().map(|value| value.len).chain(missing)));
                if capacity == need {
                    assert!(bytes.iter().all(|&byte| byte == 7));
                }
            }
        }
        // Of each n the call that fitted, and of the first, whose only value is empty, both.
        let mut counted = bytestore_counters { size: size_of::<bytestore_counters>(), ..Default::default() };
        assert_eq!(bytestore_read_counters(store, &mut counted), BYTESTORE_OK);
        assert_eq!((counted.hits, counted.misses), (1 + 1 + 7 + 19, 1));
        assert_eq!(bytestore_close(store), BYTESTORE_OK);
    }
}

#[test]
fn prefixes_are_counted_paged_and_deleted() {
    const COUNT: usize = if cfg!(miri) { 200 } else { 6_000 };
    let store = bytestore_new();
    let names: Vec<_> = (0..COUNT).map(|number| format!("{}/{number}", number % (COUNT / 10))).collect();
    let keys: Vec<_> = names.iter().map(String::as_bytes).collect();
    let (all, from) = (slices(&keys), |prefix: &[u8]| (prefix.as_ptr(), prefix.len()));
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        assert_eq!(bytestore_mset(store, keys.len(), all.as_ptr().cast(), null(), all.as_ptr().cast(), null()), 0);
        let (prefix, prefix_len) = from(b"17/");
        let mut count = 9;
        assert_eq!(bytestore_count(store, prefix, prefix_len, &mut count), BYTESTORE_OK);
        assert_eq!(count, 10);
        assert_eq!(bytestore_count(store, null(), 0, &mut count), BYTESTORE_OK);
        assert_eq!(count, COUNT);
        assert_eq!(bytestore_count(store, null(), 1, &mut count), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(count, 0);
        assert_eq!(bytestore_count(store, prefix, prefix_len, null_mut()), BYTESTORE_ERR_INVALID_ARGUMENT);

        let (mut position, mut found) = (0, Vec::new());
        for expected in [4, 4, 2, 0] {
            let (mut cursor, mut page) = (null_mut(), empty_buffer());
            assert_eq!(bytestore_keys_from(store, prefix, prefix_len, position, &mut cursor), BYTESTORE_OK);
            assert_eq!(bytestore_cursor_next(cursor, 4, &mut page), BYTESTORE_OK);
            assert_eq!(page.count, expected);
            found.extend(answers(&page).into_iter().flatten());
            bytestore_free_buffer(&mut page);
            assert_eq!(bytestore_cursor_position(cursor, null_mut()), BYTESTORE_ERR_INVALID_ARGUMENT);
            assert_eq!(bytestore_cursor_position(cursor, &mut position), BYTESTORE_OK);
            assert_eq!(bytestore_cursor_close(cursor), BYTESTORE_OK);
            assert_eq!(bytestore_cursor_position(cursor, &mut 7), BYTESTORE_ERR_CLOSED_HANDLE);
        }
        assert!(found.iter().eq(keys.iter().filter(|key| key.starts_with(b"17/"))));

        let mut removed = 9;
        assert_eq!(bytestore_delete_prefix(store, prefix, prefix_len, &mut removed), BYTESTORE_OK);
        assert_eq!(removed, 10);
        assert_eq!(bytestore_delete_prefix(store, prefix, prefix_len, null_mut()), BYTESTORE_OK);
        assert_eq!(bytestore_delete_prefix(store, null(), 2, &mut removed), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(bytestore_delete_prefix(store, null(), 0, &mut removed), BYTESTORE_OK);
        assert_eq!(removed, COUNT - 10);
        assert_eq!(bytestore_close(store), BYTESTORE_OK);
        assert_eq!(bytestore_count(store, prefix, prefix_len, &mut count), BYTESTORE_ERR_CLOSED_HANDLE);
        assert_eq!(bytestore_delete_prefix(store, prefix, prefix_len, &mut removed), BYTESTORE_ERR_CLOSED_HANDLE);
        let mut cursor = null_mut();
        assert_eq!(bytestore_keys_from(store, prefix, prefix_len, 0, &mut cursor), BYTESTORE_ERR_CLOSED_HANDLE);
    }
}

/// What one that asks for the same key meanwhile comes to, when the first one ends its computation.
fn computed_beside(end: impl FnOnce(*mut bytestore_computation)) -> (bytestore_status, Vec<Option<Vec<u8>>>) {
    let store = bytestore_new();
    let (store_number, keys) = (store.addr(), slices(&[b"there", b"missing", b"missing"]));
    let keys_of = |keys: &[bytestore_slice]| keys.as_ptr().cast::<c_void>();
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        assert_eq!(bytestore_mset(store, 1, keys_of(&keys), null(), keys_of(&keys), null()), BYTESTORE_OK);
        let (mut first, mut missing) = (null_mut(), empty_buffer());
        assert_eq!(bytestore_compute(store, 3, keys_of(&keys), null(), 0, &mut first), BYTESTORE_OK);
        assert_eq!(bytestore_computation_next(first, &mut missing), BYTESTORE_OK);
        assert_eq!(answers(&missing), [Some(b"missing".to_vec())]);
        assert_eq!(bytestore_free_buffer(&mut missing), BYTESTORE_OK);
        let second = std::thread::spawn(move || {
            let (store, keys) = (without_provenance_mut(store_number), slices(&[b"missing", b"there"]));
            let (mut second, mut missing) = (null_mut(), empty_buffer());
            assert_eq!(bytestore_compute(store, 2, keys_of(&keys), null(), 0, &mut second), BYTESTORE_OK);
            let status = bytestore_computation_next(second, &mut missing); // waits
            let mut values = empty_buffer();
            if missing.count == 0 && status == BYTESTORE_OK {
                assert_eq!(bytestore_computation_values(second, &mut values), BYTESTORE_OK);
            } else if status == BYTESTORE_OK {
                values = missing;
            }
            let found = answers(&values);
            assert_eq!(bytestore_free_buffer(&mut values), BYTESTORE_OK);
            assert_eq!(bytestore_computation_close(second), BYTESTORE_OK);
            (status, found)
        });
        (0..20).for_each(|_| std::thread::yield_now());
        end(first);
        assert_eq!(bytestore_computation_close(first), BYTESTORE_OK);
        let found = second.join().expect("no panic");
        assert_eq!(bytestore_close(store), BYTESTORE_OK);
        found
    }
}

#[test]
fn what_one_computes_another_is_given() {
    let value = slices(&[b"value"]);
    let set = |first| {
        // SAFETY: one value.
        assert_eq!(unsafe { bytestore_computation_set(first, 1, value.as_ptr().cast(), null()) }, BYTESTORE_OK);
        let mut values = empty_buffer();
        // SAFETY: as above.
        assert_eq!(unsafe { bytestore_computation_values(first, &mut values) }, BYTESTORE_OK);
        assert_eq!(answers(&values), [&b"there"[..], b"value", b"value"].map(|value| Some(value.to_vec())));
        // SAFETY: as above.
        assert_eq!(unsafe { bytestore_free_buffer(&mut values) }, BYTESTORE_OK);
    };
    let found = computed_beside(set);
    assert_eq!(found, (BYTESTORE_OK, [&b"value"[..], b"there"].map(|value| Some(value.to_vec())).to_vec()));
    // Given up: the other one is to compute it.
    assert_eq!(computed_beside(|_| ()), (BYTESTORE_OK, vec![Some(b"missing".to_vec())]));
    // SAFETY: a handle.
    let (status, found) = computed_beside(|first| assert_eq!(unsafe { bytestore_computation_fail(first, 77) }, 0));
    // Who comes later than that computes anew.
    assert!((status, found.len()) == (77, 0) || (status, found.len()) == (BYTESTORE_OK, 1));
}

#[test]
fn a_name_is_one_store_until_its_last_handle_is_closed() {
    let (url, other) = (c"memory:of-ffi?max_entries=9&clock=manual", c"memory:of-ffi?max_entries=8");
    let pair = slices(&[b"a/key"]);
    for round in 0..2 {
        let (mut store, mut same, mut view, mut refused) = (null_mut(), null_mut(), null_mut(), null_mut());
        let (mut bad_part, mut len) = (bytestore_slice { ptr: null(), len: 7 }, 9);
        // SAFETY: every pointer is to a live local, with its length.
        unsafe {
            assert_eq!(bytestore_open(url.as_ptr(), &mut store, &mut bad_part), BYTESTORE_OK);
            assert_eq!(bytestore_len(store, &mut len), BYTESTORE_OK);
            assert_eq!((len, bad_part.len), (0, 0), "round {round}");
            let status = bytestore_mset_ttl(store, 1, pair.as_ptr().cast(), null(), pair.as_ptr().cast(), null(), 5);
            assert_eq!(status, BYTESTORE_OK);
            assert_eq!(bytestore_open(url.as_ptr(), &mut same, null_mut()), BYTESTORE_OK);
            let status = bytestore_open(other.as_ptr(), &mut refused, &mut bad_part);
            assert_eq!((status, bad_part.len), (BYTESTORE_ERR_INVALID_ARGUMENT, "max_entries=8".len()));
            assert_eq!(bytestore_namespace(same, b"a/".as_ptr(), 2, &mut view), BYTESTORE_OK);
            assert_eq!(bytestore_close(store), BYTESTORE_OK);
            assert_eq!(bytestore_close(same), BYTESTORE_OK);
            let (key, mut found) = (slices(&[b"key"]), empty_buffer());
            assert_eq!(bytestore_mget(view, 1, key.as_ptr().cast(), null(), &mut found), BYTESTORE_OK);
            assert_eq!(answers(&found), [Some(b"a/key".to_vec())]);
            assert_eq!(bytestore_free_buffer(&mut found), BYTESTORE_OK);
            assert_eq!(bytestore_advance_clock(view, 5), BYTESTORE_OK);
            assert_eq!(bytestore_len(view, &mut len), BYTESTORE_OK);
            assert_eq!(len, 0);
            assert_eq!(bytestore_close(view), BYTESTORE_OK);
        }
    }
}

/// And a path is looked at before any file is.
#[test]
fn a_snapshot_in_memory_is_loaded_by_another_store() {
    let (store, other) = (bytestore_new(), bytestore_new());
    let (key, value) = (slices(&[b"key"]), slices(&[b"value"]));
    let (mut saved, mut found, mut done, mut total) = (empty_buffer(), empty_buffer(), 7, 7);
    // SAFETY: every pointer is to a live local, with its length.
    unsafe {
        assert_eq!(bytestore_mset(store, 1, key.as_ptr().cast(), null(), value.as_ptr().cast(), null()), BYTESTORE_OK);
        assert_eq!(bytestore_save_buffer(store, 0, &mut saved), BYTESTORE_OK);
        let bytes = &*saved.slices;
        assert_eq!(bytestore_load_buffer(other, bytes.ptr, bytes.len - 1), BYTESTORE_ERR_BAD_SNAPSHOT);
        assert_eq!(bytestore_load_buffer(other, bytes.ptr, bytes.len), BYTESTORE_OK);
        assert_eq!(bytestore_load_buffer(other, null(), 1), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(bytestore_progress(other, &mut done, &mut total), BYTESTORE_OK);
        assert_eq!((done, total), (0, 0));
        assert_eq!(bytestore_mget(other, 1, key.as_ptr().cast(), null(), &mut found), BYTESTORE_OK);
        assert_eq!(answers(&found), [Some(b"value".to_vec())]);
        assert_eq!(bytestore_save(store, null(), 0), BYTESTORE_ERR_INVALID_ARGUMENT);
        assert_eq!(bytestore_load(store, null()), BYTESTORE_ERR_INVALID_ARGUMENT);
        for buffer in [&mut saved, &mut found] {
            assert_eq!(bytestore_free_buffer(buffer), BYTESTORE_OK);
        }
        assert_eq!(bytestore_close(store), BYTESTORE_OK);
        assert_eq!(bytestore_close(other), BYTESTORE_OK);
    }
}

/// And a server's store as well, of which nothing is asked here.
#[test]
fn a_store_says_what_it_can_promise() {
    let mut stores = vec![(bytestore_new(), 63)];
    let mut server = null_mut();
    // SAFETY: every pointer is to a live local.
    unsafe {
        let status = bytestore_open(c"redis://127.0.0.1:1".as_ptr(), &mut server, null_mut());
        if cfg!(feature = "redis") {
            assert_eq!(status, BYTESTORE_OK);
            stores.push((server, BYTESTORE_CAN_BATCH_ATOMICALLY));
        } else {
            assert_eq!((status, server.is_null()), (BYTESTORE_ERR_UNSUPPORTED, true));
        }
        for (store, all) in stores {
            let (mut capabilities, mut message) = (0, empty_buffer());
            assert_eq!(bytestore_capabilities(store, &mut capabilities), BYTESTORE_OK);
            assert_eq!(capabilities, all);
            assert_eq!(bytestore_remote_message(store, &mut message), BYTESTORE_OK);
            assert_eq!(answers(&message), [Some(Vec::new())]);
            assert_eq!(bytestore_free_buffer(&mut message), BYTESTORE_OK);
            assert_eq!(bytestore_close(store), BYTESTORE_OK);
            assert_eq!(bytestore_capabilities(store, &mut capabilities), BYTESTORE_ERR_CLOSED_HANDLE);
            assert_eq!(bytestore_remote_message(store, &mut message), BYTESTORE_ERR_CLOSED_HANDLE);
        }
    }
}
