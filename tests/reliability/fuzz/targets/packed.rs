//! The forms in which batches and answers cross the boundary: items as slices and side by side, areas of every size; and
//! descriptions of memory that cannot be, which are refused before anything is read.

#![no_main]

use std::ffi::c_void;
use std::ptr::{null, null_mut, without_provenance, without_provenance_mut};

use bytestore::ffi::*;
use bytestore_fuzz::abi::{self, Items, Store};
use bytestore_fuzz::choices::Choices;
use bytestore_fuzz::dict::{Bytes, Dict};
use bytestore_fuzz::entropy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    entropy::restart();
    let mut choices = Choices::new(bytes);
    let store = bytestore_new();
    let mut dict = Dict::default();
    while !choices.are_over() {
        let (keys, values): (Vec<_>, Vec<_>) = choices.pairs().into_iter().unzip();
        let packed = (choices.flag(), choices.flag());
        assert_eq!(abi::mset(store, &keys, &values, packed, None), BYTESTORE_OK);
        dict.mset(&keys.iter().cloned().zip(values).collect::<Vec<_>>());
        let asked: Vec<_> = [keys, choices.keys()].concat();
        let expected: Vec<_> = asked.iter().map(|key| dict.get(key).map(Vec::as_slice)).collect();
        check_answers(store, &dict, &asked, &expected);
        check_areas(store, &asked, &expected, &mut choices);
        refuse_items(store, &asked, &mut choices);
        assert_eq!(abi::len(store), Ok(dict.len()));
    }
    // SAFETY: a handle.
    assert_eq!(unsafe { bytestore_close(store) }, BYTESTORE_OK);
});

/// In both shapes the same.
fn check_answers(store: Store, dict: &Dict, keys: &[Bytes], expected: &[Option<&[u8]>]) {
    for packed in [false, true] {
        let (items, mut bad_index) = (Items::new(keys, packed), 7);
        // SAFETY: items that live until the end of the call.
        let status = unsafe { bytestore_check_items(keys.len(), items.items(), items.lens(), &mut bad_index) };
        assert_eq!((status, bad_index), (BYTESTORE_OK, 0));
        let answers = abi::mget(store, keys, packed).expect("answers");
        assert!(answers.are(expected.iter().copied()), "answers differ");
        let computation = abi::compute(store, keys, packed, 0).expect("a computation");
        let missing = abi::computation_next(computation).expect("keys").keys();
        assert!(missing.iter().all(|key| dict.get(key).is_none()));
        if missing.is_empty() {
            let values = abi::computation_values(computation).expect("values");
            assert!(values.are(expected.iter().copied()), "computed values differ");
        }
        // SAFETY: a handle.
        assert_eq!(unsafe { bytestore_computation_close(computation) }, BYTESTORE_OK);
    }
}

/// What fits is there, and nothing behind it is touched.
fn check_areas(store: Store, keys: &[Bytes], expected: &[Option<&[u8]>], choices: &mut Choices) {
    let present = || expected.iter().copied().flatten();
    let need = present().map(<[u8]>::len).sum::<usize>();
    let some = choices.below(256);
    for capacity in [0, some, need.saturating_sub(1), need, need + 1 + some] {
        let (len, lens, bytes) = abi::mget_into(store, keys, choices.flag(), capacity).expect("answers");
        assert_eq!(len, need);
        assert!(lens.into_iter().eq(expected.iter().map(|value| value.map_or(usize::MAX, <[u8]>::len))));
        if capacity >= need {
            assert!(abi::are_side_by_side(&bytes[..need], present()), "bytes differ");
            assert!(bytes[need..].iter().all(|&byte| byte == 0), "written too far");
        }
    }
}

/// What all functions that take items say to them.
fn statuses(store: Store, n: usize, items: *const c_void, lens: *const u32, good: &Items) -> [i32; 7] {
    let (mut bytes, mut own_lens) = ([0; 8], vec![0; n.min(1000)]);
    let mut area = bytestore_area { bytes: bytes.as_mut_ptr(), capacity: 8, lens: own_lens.as_mut_ptr(), len: 0 };
    let mut buffer = bytestore_buffer { slices: null(), count: 0, data: null(), data_len: 0, owner: null_mut() };
    let mut computation = null_mut();
    let (own, own_key_lens) = (good.items(), good.lens());
    // SAFETY: what cannot be is refused before it is looked at; the rest is ours.
    unsafe {
        [
            bytestore_mset(store, n, items, lens, own, own_key_lens),
            bytestore_mset(store, n, own, own_key_lens, items, lens),
            bytestore_mset_ttl(store, n, items, lens, own, own_key_lens, 5),
            bytestore_mget(store, n, items, lens, &mut buffer),
            bytestore_mget_into(store, n, items, lens, &mut area),
            bytestore_mdelete(store, n, items, lens, null_mut()),
            bytestore_compute(store, n, items, lens, 0, &mut computation),
        ]
    }
}

/// One item, or all of them, or the area is described wrongly.
fn refuse_items(store: Store, keys: &[Bytes], choices: &mut Choices) {
    let n = keys.len();
    if n == 0 {
        return;
    }
    let good = Items::new(keys, choices.flag());
    let mut slices: Vec<_> = keys.iter().map(|key| bytestore_slice { ptr: key.as_ptr(), len: key.len() }).collect();
    let lens: Vec<u32> = keys.iter().map(|key| key.len() as u32).collect();
    let total: usize = keys.iter().map(Vec::len).sum();
    let at = choices.below(n);
    let (mut items, mut item_lens, mut count, mut bad) = (slices.as_ptr().cast::<c_void>(), null(), n, at);
    match choices.below(9) {
        0 => slices[at] = bytestore_slice { ptr: null(), len: 1 + choices.below(255) },
        1 => slices[at].len = BYTESTORE_MAX_ITEM_LEN as usize + 1 + choices.below(255),
        2 => slices[at] = bytestore_slice { ptr: without_provenance(usize::MAX - 3), len: 4 + choices.below(255) },
        3 => slices[at].len = usize::MAX - choices.below(255),
        4 => (items, bad) = (null(), n),
        5 => (items, bad) = (without_provenance(items.addr() + 1 + choices.below(7)), n),
        6 => count = usize::MAX / 4 + 1 + choices.below(255), // the other items are refused as well
        7 if total > 0 => (items, item_lens, bad) = (null(), lens.as_ptr(), n),
        7 => return,
        _ => {
            let skewed = without_provenance::<u32>(lens.as_ptr().addr() + 1 + choices.below(3));
            (item_lens, bad) = (skewed, n);
        }
    }
    let mut bad_index = 0;
    // SAFETY: refused before it is looked at.
    let status = unsafe { bytestore_check_items(count, items, item_lens, &mut bad_index) };
    assert_eq!(status, BYTESTORE_ERR_INVALID_ARGUMENT);
    assert_eq!(bad_index, if count == n { bad } else { count });
    assert_eq!(statuses(store, count, items, item_lens, &good), [BYTESTORE_ERR_INVALID_ARGUMENT; 7]);
    refuse_area(store, &good, n, choices);
}

fn refuse_area(store: Store, keys: &Items, n: usize, choices: &mut Choices) {
    let (mut bytes, mut lens) = ([0; 8], vec![0; n]);
    let mut area = bytestore_area { bytes: bytes.as_mut_ptr(), capacity: 8, lens: lens.as_mut_ptr(), len: 7 };
    match choices.below(5) {
        0 => area.bytes = null_mut(),
        1 => area.lens = null_mut(),
        2 => area.lens = without_provenance_mut(lens.as_mut_ptr().addr() + 1 + choices.below(7)),
        3 => area.capacity = isize::MAX as usize + 1 + choices.below(255),
        _ => {
            let skewed = without_provenance_mut((&raw mut area).addr() + 1 + choices.below(7));
            // SAFETY: refused before it is looked at.
            let status = unsafe { bytestore_mget_into(store, n, keys.items(), keys.lens(), skewed) };
            return assert_eq!((status, area.len), (BYTESTORE_ERR_INVALID_ARGUMENT, 7));
        }
    }
    // SAFETY: as above.
    let status = unsafe { bytestore_mget_into(store, n, keys.items(), keys.lens(), &mut area) };
    assert_eq!((status, area.len), (BYTESTORE_ERR_INVALID_ARGUMENT, 0));
}
