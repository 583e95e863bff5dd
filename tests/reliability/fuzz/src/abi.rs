//! The C functions as a careful C program calls them, and what they give looked at closely. Knows no model.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use bytestore::ffi::*;

use crate::dict::Bytes;

pub type Store = *mut bytestore_store;
pub type Cursor = *mut bytestore_cursor;
pub type Computation = *mut bytestore_computation;

/// Items of a batch in one of the two shapes. Each lies in a block of its own, so that a byte too far is seen.
pub struct Items {
    slices: Vec<bytestore_slice>,
    blob: Bytes,
    lens: Vec<u32>,
    packed: bool,
}

impl Items {
    pub fn new<T: AsRef<[u8]>>(items: &[T], packed: bool) -> Self {
        let items = items.iter().map(AsRef::as_ref);
        match packed {
            true => {
                let lens = items.clone().map(|item| item.len() as u32).collect();
                let mut blob = Vec::with_capacity(items.clone().map(<[u8]>::len).sum());
                items.for_each(|item| blob.extend_from_slice(item));
                Items { slices: Vec::new(), blob, lens, packed }
            }
            false => {
                let slice = |item: &[u8]| match item.is_empty() {
                    true => bytestore_slice { ptr: null(), len: 0 },
                    false => bytestore_slice { ptr: item.as_ptr(), len: item.len() },
                };
                Items { slices: items.map(slice).collect(), blob: Vec::new(), lens: Vec::new(), packed }
            }
        }
    }

    pub fn items(&self) -> *const c_void {
        if self.packed {
            self.blob.as_ptr().cast()
        } else {
            self.slices.as_ptr().cast()
        }
    }

    pub fn lens(&self) -> *const u32 {
        if self.packed {
            self.lens.as_ptr()
        } else {
            null()
        }
    }
}

/// A buffer that was looked at from all sides, and is freed at its end.
pub struct Answers(bytestore_buffer);

impl Answers {
    /// Of answers, or of keys.
    pub fn new(buffer: bytestore_buffer) -> Self {
        let answers = Answers(buffer);
        let values = answers.values();
        if values.is_empty() {
            assert!(buffer.slices.is_null() && buffer.data.is_null() && buffer.owner.is_null() && buffer.data_len == 0);
        } else if !buffer.data.is_null() {
            // SAFETY: as the library says.
            let data = unsafe { std::slice::from_raw_parts(buffer.data, buffer.data_len) };
            assert!(are_side_by_side(data, values.iter().copied().flatten()), "not side by side");
        } else {
            assert!(values.iter().flatten().any(|value| value.len() >= 4096), "not side by side, though all are short");
        }
        answers
    }

    pub fn values(&self) -> Vec<Option<&[u8]>> {
        let buffer = &self.0;
        if buffer.count == 0 {
            return Vec::new();
        }
        // SAFETY: the library filled the buffer, and it was not freed yet.
        let slices = unsafe { std::slice::from_raw_parts(buffer.slices, buffer.count) };
        // SAFETY: as above.
        let bytes = |slice: &bytestore_slice| unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) };
        slices.iter().map(|slice| (!slice.ptr.is_null()).then(|| bytes(slice))).collect()
    }

    /// Whether they are these.
    pub fn are<'v>(&'v self, expected: impl Iterator<Item = Option<&'v [u8]>>) -> bool {
        self.values().into_iter().eq(expected)
    }

    /// Copied.
    pub fn owned(&self) -> Vec<Option<Bytes>> {
        self.values().into_iter().map(|value| value.map(<[u8]>::to_vec)).collect()
    }

    /// Keys: none is missing.
    pub fn keys(&self) -> Vec<Bytes> {
        self.owned().into_iter().map(|key| key.expect("a key")).collect()
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let mut copy = self.0;
        let expected = if copy.owner.is_null() { BYTESTORE_OK } else { BYTESTORE_ERR_CLOSED_HANDLE };
        // SAFETY: ours.
        unsafe {
            assert_eq!(bytestore_free_buffer(&mut self.0), BYTESTORE_OK);
            assert_eq!(bytestore_free_buffer(&mut self.0), BYTESTORE_OK);
            assert_eq!(bytestore_free_buffer(&mut copy), expected);
        }
    }
}

/// Whether these bytes are the parts, one behind the other.
pub fn are_side_by_side<'p>(bytes: &[u8], mut parts: impl Iterator<Item = &'p [u8]>) -> bool {
    let mut rest = bytes;
    let mut is_next = |part| rest.strip_prefix(part).map(|left| rest = left).is_some();
    parts.all(&mut is_next) && rest.is_empty()
}

fn filled(fill: impl FnOnce(&mut bytestore_buffer) -> i32) -> Result<Answers, i32> {
    let rubbish = 0x5555_usize as *mut bytestore_result;
    let mut buffer = bytestore_buffer { slices: null(), count: 7, data: null(), data_len: 7, owner: rubbish };
    match fill(&mut buffer) {
        BYTESTORE_OK => Ok(Answers::new(buffer)),
        status => {
            assert!(buffer.slices.is_null() && buffer.count == 0 && buffer.owner.is_null(), "not zeroed on error");
            Err(status)
        }
    }
}

/// A number, or what went wrong.
fn counted(count: impl FnOnce(&mut usize) -> i32) -> Result<usize, i32> {
    let mut number = 7;
    match count(&mut number) {
        BYTESTORE_OK => Ok(number),
        status => {
            assert_eq!(number, 0, "not zeroed on error");
            Err(status)
        }
    }
}

pub fn mset(store: Store, keys: &[Bytes], values: &[Bytes], packed: (bool, bool), ttl: Option<u64>) -> i32 {
    let (n, keys, values) = (keys.len(), Items::new(keys, packed.0), Items::new(values, packed.1));
    let (keys, key_lens, values, value_lens) = (keys.items(), keys.lens(), values.items(), values.lens());
    // SAFETY: items that live until the end of the call.
    unsafe {
        match ttl {
            None => bytestore_mset(store, n, keys, key_lens, values, value_lens),
            Some(ttl) => bytestore_mset_ttl(store, n, keys, key_lens, values, value_lens, ttl),
        }
    }
}

pub fn mget<K: AsRef<[u8]>>(store: Store, keys: &[K], packed: bool) -> Result<Answers, i32> {
    let items = Items::new(keys, packed);
    // SAFETY: as above.
    filled(|buffer| unsafe { bytestore_mget(store, keys.len(), items.items(), items.lens(), buffer) })
}

/// The length of all values, each one's, and their bytes.
pub fn mget_into(
    store: Store,
    keys: &[Bytes],
    packed: bool,
    capacity: usize,
) -> Result<(usize, Vec<usize>, Bytes), i32> {
    let (items, mut bytes, mut lens) = (Items::new(keys, packed), vec![0; capacity], vec![7; keys.len()]);
    let mut area = bytestore_area { bytes: bytes.as_mut_ptr(), capacity, lens: lens.as_mut_ptr(), len: 7 };
    // SAFETY: as above, and an area of ours.
    match unsafe { bytestore_mget_into(store, keys.len(), items.items(), items.lens(), &mut area) } {
        BYTESTORE_OK => Ok((area.len, lens, bytes)),
        status => {
            assert_eq!(area.len, 0, "not zeroed on error");
            Err(status)
        }
    }
}

pub fn mdelete(store: Store, keys: &[Bytes], packed: bool) -> Result<usize, i32> {
    let items = Items::new(keys, packed);
    // SAFETY: as above.
    counted(|removed| unsafe { bytestore_mdelete(store, keys.len(), items.items(), items.lens(), removed) })
}

pub fn delete_prefix(store: Store, prefix: &[u8]) -> Result<usize, i32> {
    // SAFETY: as above.
    counted(|removed| unsafe { bytestore_delete_prefix(store, prefix.as_ptr(), prefix.len(), removed) })
}

pub fn count(store: Store, prefix: &[u8]) -> Result<usize, i32> {
    // SAFETY: as above.
    counted(|count| unsafe { bytestore_count(store, prefix.as_ptr(), prefix.len(), count) })
}

pub fn len(store: Store) -> Result<usize, i32> {
    // SAFETY: as above.
    counted(|len| unsafe { bytestore_len(store, len) })
}

/// A handle, or what went wrong.
fn opened<T>(open: impl FnOnce(&mut *mut T) -> i32) -> Result<*mut T, i32> {
    let mut handle = 7_usize as *mut T;
    match open(&mut handle) {
        BYTESTORE_OK => {
            assert!(!handle.is_null());
            Ok(handle)
        }
        status => {
            assert!(handle.is_null(), "not zeroed on error");
            Err(status)
        }
    }
}

/// The URL ends with its NUL.
pub fn open(url: &str, bad_part: &mut bytestore_slice) -> Result<Store, i32> {
    assert!(url.ends_with('\0'));
    // SAFETY: a string with a NUL.
    opened(|store| unsafe { bytestore_open(url.as_ptr().cast(), store, bad_part) })
}

pub fn namespace(store: Store, prefix: &[u8]) -> Result<Store, i32> {
    // SAFETY: as above.
    opened(|view| unsafe { bytestore_namespace(store, prefix.as_ptr(), prefix.len(), view) })
}

pub fn keys_from(store: Store, prefix: &[u8], position: u64) -> Result<Cursor, i32> {
    // SAFETY: as above.
    opened(|cursor| unsafe {
        match position {
            0 => bytestore_keys(store, prefix.as_ptr(), prefix.len(), cursor),
            _ => bytestore_keys_from(store, prefix.as_ptr(), prefix.len(), position, cursor),
        }
    })
}

pub fn cursor_next(cursor: Cursor, max_keys: usize) -> Result<Answers, i32> {
    // SAFETY: as above.
    filled(|page| unsafe { bytestore_cursor_next(cursor, max_keys, page) })
}

pub fn cursor_position(cursor: Cursor) -> u64 {
    let mut position = 7;
    // SAFETY: as above.
    assert_eq!(unsafe { bytestore_cursor_position(cursor, &mut position) }, BYTESTORE_OK);
    position
}

pub fn compute(store: Store, keys: &[Bytes], packed: bool, ttl: u64) -> Result<Computation, i32> {
    let items = Items::new(keys, packed);
    // SAFETY: as above.
    opened(|handle| unsafe { bytestore_compute(store, keys.len(), items.items(), items.lens(), ttl, handle) })
}

pub fn computation_next(computation: Computation) -> Result<Answers, i32> {
    // SAFETY: as above.
    filled(|missing| unsafe { bytestore_computation_next(computation, missing) })
}

pub fn computation_set(computation: Computation, values: &[Bytes], packed: bool) -> i32 {
    let items = Items::new(values, packed);
    // SAFETY: as above.
    unsafe { bytestore_computation_set(computation, values.len(), items.items(), items.lens()) }
}

pub fn computation_values(computation: Computation) -> Result<Answers, i32> {
    // SAFETY: as above.
    filled(|values| unsafe { bytestore_computation_values(computation, values) })
}

pub fn counters(store: Store) -> bytestore_counters {
    let mut counters = bytestore_counters { size: size_of::<bytestore_counters>(), ..Default::default() };
    // SAFETY: as above.
    assert_eq!(unsafe { bytestore_read_counters(store, &mut counters) }, BYTESTORE_OK);
    counters
}

pub fn save(store: Store, level: i32) -> Result<Answers, i32> {
    // SAFETY: as above.
    filled(|saved| unsafe { bytestore_save_buffer(store, level, saved) })
}

/// The bytes lie in a block of their own, as items do.
pub fn load(store: Store, snapshot: &[u8]) -> i32 {
    let bytes: Box<[u8]> = snapshot.into();
    // SAFETY: bytes that live until the end of the call.
    unsafe { bytestore_load_buffer(store, bytes.as_ptr(), bytes.len()) }
}

/// One that is not open.
pub fn is_closed(store: Store) -> bool {
    let (key, rubbish) = ([b"a".to_vec()], null_mut::<bytestore_counters>());
    let statuses = [
        mget(store, &key, false).err(),
        mget_into(store, &key, true, 3).err(),
        Some(mset(store, &key, &key, (true, false), None)),
        mdelete(store, &key, true).err(),
        count(store, b"").err(),
        len(store).err(),
        keys_from(store, b"", 0).err(),
        compute(store, &key, false, 0).err(),
        namespace(store, b"").err(),
    ];
    // SAFETY: NULL is refused.
    let refused = unsafe { bytestore_read_counters(store, rubbish) } == BYTESTORE_ERR_INVALID_ARGUMENT;
    refused && statuses == [Some(BYTESTORE_ERR_CLOSED_HANDLE); 9]
}
