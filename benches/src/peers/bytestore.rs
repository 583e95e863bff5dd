//! bytestore through its public C ABI: slices in, one buffer out, freed inside the call that is timed.
//! Must know nothing but what include/bytestore.h says.

use crate::{
    abi::{Abi, Area, Buffer, Store},
    peer::{read_key, Kind, Output, Peer, Prefixed, Slice},
};
use std::{
    env,
    ffi::CString,
    path::{Path, PathBuf},
    ptr,
    sync::Arc,
};

/// The library under test: what BYTESTORE_LIB names, or else what `make lib` built.
pub fn shipped() -> PathBuf {
    env::var_os("BYTESTORE_LIB")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/lib/libbytestore.so.1"), PathBuf::from)
}

/// A store without options.
pub const PLAIN: &str = "memory:";

pub fn kind(name: &str, library: &Path, url: &str) -> Kind {
    let (abi, url) = (Arc::new(Abi::load(library)), url.to_owned());
    let version = abi.version();
    Kind::new(name, &version, move || Box::new(Bytestore::open(&abi, &url)))
}

/// The library under test with stores that are asked about prefixes.
pub fn prefixed() -> Bytestore {
    Bytestore::open(&Arc::new(Abi::load(&shipped())), PLAIN)
}

pub struct Bytestore {
    abi: Arc<Abi>,
    store: *mut Store,
}

// SAFETY: every function may be called from any thread with any handle.
unsafe impl Send for Bytestore {}
// SAFETY: as above.
unsafe impl Sync for Bytestore {}

fn check(status: i32) {
    assert!(status == 0, "bytestore: status {status}");
}

impl Bytestore {
    fn open(abi: &Arc<Abi>, url: &str) -> Bytestore {
        let mut store = ptr::null_mut();
        if url == PLAIN {
            // SAFETY: no arguments.
            store = unsafe { (abi.new)() };
        } else {
            let (open, text) = (abi.open.expect("this build has no options"), CString::new(url).expect("a URL"));
            // SAFETY: a string and a place of ours.
            let status = unsafe { open(text.as_ptr(), &mut store, ptr::null_mut()) };
            assert!(status == 0, "{url}: status {status}");
        }
        assert!(!store.is_null(), "bytestore_new: out of memory");
        Bytestore { abi: abi.clone(), store }
    }

    /// Hands the answers to `read`, then frees them.
    #[inline]
    fn look_up(&self, keys: &[Slice], read: impl FnOnce(&Buffer)) {
        let mut buffer = Buffer::EMPTY;
        // SAFETY: n slices that live until the call returns, and a buffer of ours.
        check(unsafe { (self.abi.mget)(self.store, keys.len(), keys.as_ptr().cast(), ptr::null(), &mut buffer) });
        read(&buffer);
        self.free(&mut buffer);
    }

    #[inline]
    fn free(&self, buffer: &mut Buffer) {
        // SAFETY: a buffer that the library filled, freed once.
        check(unsafe { (self.abi.free_buffer)(buffer) });
    }
}

impl Peer for Bytestore {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        assert_eq!(keys.len(), values.len());
        let (keys, values, n) = (keys.as_ptr().cast(), values.as_ptr().cast(), keys.len());
        // SAFETY: n slices each, which live until the call returns.
        check(unsafe { (self.abi.mset)(self.store, n, keys, ptr::null(), values, ptr::null()) });
    }

    /// The buffer's own memory is what the caller gets: copies, or views of values of 4096 bytes and more.
    fn mget_buffer(&self, keys: &[Slice], _: &mut Output) {
        self.look_up(keys, |_| ());
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        let Some(mget_into) = self.abi.mget_into else {
            return self.look_up(keys, |buffer| buffer.each(|value| out.push(value)));
        };
        let (bytes, capacity, lens) = (out.bytes.as_mut_ptr(), out.bytes.capacity(), out.wide_lens.as_mut_ptr());
        let mut area = Area { bytes, capacity, lens, len: 0 };
        // SAFETY: n slices that live until the call returns, and memory of the caller's, of which so much is written.
        unsafe {
            check(mget_into(self.store, keys.len(), keys.as_ptr().cast(), ptr::null(), &mut area));
            assert!(area.len <= capacity && keys.len() <= out.wide_lens.capacity(), "the caller's memory is too small");
            out.bytes.set_len(area.len);
            out.wide_lens.set_len(keys.len());
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        let mut removed = 0;
        let items = keys.as_ptr().cast();
        // SAFETY: n slices that live until the call returns, and a number of ours.
        check(unsafe { (self.abi.mdelete)(self.store, keys.len(), items, ptr::null(), &mut removed) });
        removed
    }

    fn scan(&self) -> usize {
        self.keys(b"")
    }
}

impl Prefixed for Bytestore {
    fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.mset(&[Slice::new(key)], &[Slice::new(value)]);
    }

    fn count(&self, prefix: &[u8]) -> usize {
        let (count, mut found) = (self.abi.count.expect("this build counts no prefixes"), 0);
        // SAFETY: bytes that live until the call returns, and a number of ours.
        check(unsafe { count(self.store, prefix.as_ptr(), prefix.len(), &mut found) });
        found
    }

    fn keys(&self, prefix: &[u8]) -> usize {
        let (mut cursor, mut bytes) = (ptr::null_mut(), 0);
        // SAFETY: bytes that live until the call returns, and a place of ours for the cursor.
        check(unsafe { (self.abi.keys)(self.store, prefix.as_ptr(), prefix.len(), &mut cursor) });
        loop {
            let mut page = Buffer::EMPTY;
            // SAFETY: an open cursor and a buffer of ours.
            check(unsafe { (self.abi.cursor_next)(cursor, 0, &mut page) });
            if page.count == 0 {
                break;
            }
            page.each(|key| bytes += read_key(key.unwrap_or_default()));
            self.free(&mut page);
        }
        // SAFETY: opened above, closed once.
        check(unsafe { (self.abi.cursor_close)(cursor) });
        bytes
    }

    fn delete(&mut self, prefix: &[u8]) -> usize {
        let (delete, mut removed) = (self.abi.delete_prefix.expect("this build deletes no prefixes"), 0);
        // SAFETY: bytes that live until the call returns, and a number of ours.
        check(unsafe { delete(self.store, prefix.as_ptr(), prefix.len(), &mut removed) });
        removed
    }
}

impl Drop for Bytestore {
    fn drop(&mut self) {
        // SAFETY: opened once, closed once.
        check(unsafe { (self.abi.close)(self.store) });
    }
}
