//! What every store under test can do, and the memory its answers go to. Knows no store and no workload.

use std::{marker::PhantomData, slice};

/// Bytes of the caller: the layout of `bytestore_slice` and `bench_slice`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Slice<'a> {
    ptr: *const u8,
    len: usize,
    owner: PhantomData<&'a [u8]>,
}

// SAFETY: it is a shared reference to bytes.
unsafe impl Send for Slice<'_> {}
// SAFETY: as above.
unsafe impl Sync for Slice<'_> {}

impl<'a> Slice<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Slice { ptr: bytes.as_ptr(), len: bytes.len(), owner: PhantomData }
    }

    pub fn bytes(self) -> &'a [u8] {
        // SAFETY: made from a reference that lives as long.
        unsafe { slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// The length that says "no such key".
const MISSING: u32 = u32::MAX;

/// The caller's memory for the answers to one batch, reused from batch to batch.
pub struct Output {
    /// The values found, side by side. Its capacity suffices for a whole batch: nothing grows while time is taken.
    pub bytes: Vec<u8>,
    /// A length for each key, or `MISSING`.
    pub lens: Vec<u32>,
    /// The same as bytestore writes it: in full width, with `usize::MAX` for a missing key.
    pub wide_lens: Vec<usize>,
}

impl Output {
    /// Room for the answers to `keys` keys with values of at most `value` bytes.
    pub fn new(keys: usize, value: usize) -> Output {
        let mut bytes = vec![0xFF; keys * value]; // written, so that its pages are there
        bytes.clear();
        Output { bytes, lens: Vec::with_capacity(keys), wide_lens: Vec::with_capacity(keys) }
    }

    #[inline]
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.lens.clear();
        self.wide_lens.clear();
    }

    /// Delivers the next key's answer.
    #[inline]
    pub fn push(&mut self, value: Option<&[u8]>) {
        match value {
            Some(bytes) => {
                self.bytes.extend_from_slice(bytes);
                self.lens.push(bytes.len() as u32);
            }
            None => self.lens.push(MISSING),
        }
    }

    /// The answers in the order of the keys, whichever lengths were written.
    pub fn answers(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut rest = &self.bytes[..];
        let narrow = self.lens.iter().map(|&len| (len != MISSING).then_some(len as usize));
        let wide = self.wide_lens.iter().map(|&len| (len != usize::MAX).then_some(len));
        narrow.chain(wide).map(move |len| {
            let (value, after) = rest.split_at(len?);
            rest = after;
            Some(value)
        })
    }
}

/// An open store. Threads share it.
pub trait Peer: Send + Sync {
    fn mset(&self, keys: &[Slice], values: &[Slice]);

    /// Copies the values side by side into `out`, which is the caller's.
    fn mget(&self, keys: &[Slice], out: &mut Output);

    /// Delivers them in memory of the store's own, where it has such a form.
    fn mget_buffer(&self, keys: &[Slice], out: &mut Output) {
        self.mget(keys, out);
    }

    /// How many entries were removed.
    fn mdelete(&self, keys: &[Slice]) -> usize;

    /// Reads every key; how many bytes they have in all.
    fn scan(&self) -> usize;
}

/// A store that is asked about the keys that begin with some bytes.
pub trait Prefixed {
    fn insert(&mut self, key: &[u8], value: &[u8]);

    /// How many there are.
    fn count(&self, prefix: &[u8]) -> usize;

    /// Reads every one; how many bytes they have in all.
    fn keys(&self, prefix: &[u8]) -> usize;

    /// How many entries were removed.
    fn delete(&mut self, prefix: &[u8]) -> usize;
}

/// A kind of store: what it is called and how one is opened.
pub struct Kind {
    pub name: String,
    pub version: String,
    pub open: Box<dyn Fn() -> Box<dyn Peer>>,
}

impl Kind {
    pub fn new(name: &str, version: &str, open: impl Fn() -> Box<dyn Peer> + 'static) -> Kind {
        Kind { name: name.to_owned(), version: version.to_owned(), open: Box::new(open) }
    }
}

/// The sum of the keys' bytes, each of them read: what a scan does with a key.
#[inline]
pub fn read_key(key: &[u8]) -> usize {
    std::hint::black_box(key.iter().fold(0u8, |sum, byte| sum ^ byte));
    key.len()
}
