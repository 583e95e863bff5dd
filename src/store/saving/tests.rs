//! Saving and loading through a store: what the engine's tests and those of the format cannot see.

use std::cell::RefCell;

use super::*;

fn store(url: &str) -> Store {
    Store::open(url).unwrap()
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let one = Entry { key: b"k", value: b"1", remaining: None };
    let mut writer = Writer::begin(Bytes::new(false), &Header { options: "" }, 0, false).unwrap();
    [one, Entry { value: b"2", ..one }].iter().for_each(|entry| writer.entry(entry).unwrap());
    let bytes = writer.finish().unwrap().take();
    let live = store("memory:");
    live.mset(&[("old", "x")]).unwrap();
    assert_eq!(live.load_from_slice(&bytes), Err(Error::BadSnapshot));
    assert_eq!(live.len(), Ok(1));
}

#[test]
fn a_time_to_live_of_nothing_is_refused() {
    let mut writer = Writer::begin(Bytes::new(false), &Header { options: "" }, 0, false).unwrap();
    writer.entry(&Entry { key: b"k", value: b"1", remaining: Some(0) }).unwrap();
    assert_eq!(store("memory:").load_from_slice(&writer.finish().unwrap()), Err(Error::BadSnapshot));
}

#[test]
#[cfg_attr(miri, ignore)] // which has no openat
fn options_of_a_later_version_are_unsupported() {
    let path = std::env::temp_dir().join(format!("bytestore-later-{}", std::process::id()));
    let header = Header { options: "color=blue" };
    let writer = Writer::begin(Replacement::create(path.as_os_str().as_bytes()).unwrap(), &header, 0, false).unwrap();
    writer.finish().unwrap().commit().unwrap();
    let opened = Store::open(&format!("snapshot:{}", path.display())).err();
    // The entries are of use without them.
    let loaded = store("memory:").load(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((opened, loaded), (Some(Error::Unsupported), Ok(())));
}

#[test]
fn levels_compress_or_are_refused() {
    let store = store("memory:");
    let pairs: Vec<_> =
        (0..if cfg!(miri) { 40 } else { 1000 }).map(|number| (format!("key {number}"), "value ".repeat(20))).collect();
    store.mset(&pairs).unwrap();
    let plain = store.save_to_vec(0).unwrap();
    let (levels, refusal): (&[u32], _) = match cfg!(all(feature = "zstd", not(miri))) {
        true => (&[1, 3, 22], Error::InvalidArgument),
        false => (&[], Error::Unsupported),
    };
    assert_eq!(store.save_to_vec(23), Err(refusal));
    for &level in levels {
        let packed = store.save_to_vec(level).unwrap();
        assert!(packed.len() < plain.len() / 4, "{} of {}", packed.len(), plain.len());
        store.mdelete(&["key 7"]).unwrap();
        store.load_from_slice(&packed).unwrap();
        assert_eq!(store.save_to_vec(0).unwrap(), plain);
    }
}

#[test]
fn progress_is_told_while_it_lasts() {
    let store = store("memory:");
    let nothing = Progress { done: 0, total: 0 };
    assert_eq!(store.progress(), Ok(nothing));
    store.mset(&[("a", "1"), ("b", "2")]).unwrap();
    struct Watching<'s>(&'s Store, Vec<Progress>);
    impl Sink for Watching<'_> {
        fn write(&mut self, _: &[u8]) -> Result<(), Error> {
            self.1.push(self.0.progress()?);
            Ok(())
        }
    }
    let seen = store.save_into(Watching(&store, Vec::new()), 0).map(|watching| watching.1).unwrap();
    assert_eq!(seen.last(), Some(&Progress { done: 2, total: 2 }), "{seen:?}");
    assert_eq!(store.progress(), Ok(nothing));
}

#[test]
#[cfg_attr(miri, ignore)] // which has no openat
fn errors_of_the_system_come_with_their_number() {
    let store = store("memory:");
    let why = |outcome: Result<(), Error>| (outcome, sys::errno());
    assert_eq!(why(store.save("/nowhere/at/all", 0)), (Err(Error::Io), libc::ENOENT));
    assert_eq!(why(store.load("/")), (Err(Error::Io), libc::EISDIR));
    assert_eq!(why(store.load("/nowhere/at/all")), (Err(Error::Io), libc::ENOENT));
    assert_eq!(why(Store::open("snapshot:/dev/null").map(|_| ())), (Err(Error::Io), libc::EINVAL));
    assert_eq!(why(Store::open("snapshot:").map(|_| ())), (Err(Error::Io), libc::ENOENT));
}

/// Notes the progress of a store whenever the next block is asked for.
struct Watched<'w> {
    rest: &'w [u8],
    store: &'w Store,
    seen: &'w RefCell<Vec<Progress>>,
}

impl Source for Watched<'_> {
    fn left(&self) -> u64 {
        Source::left(&self.rest)
    }

    fn take<'b>(&'b mut self, len: usize, buffer: &'b mut Bytes) -> Result<&'b [u8], Error> {
        Source::take(&mut self.rest, len, buffer)
    }

    fn next<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.seen.borrow_mut().push(self.store.progress()?);
        Source::next(&mut self.rest)
    }

    fn last<const N: usize>(&self) -> Result<[u8; N], Error> {
        Source::last(&self.rest)
    }
}

#[test]
fn progress_of_loading_is_what_was_read() {
    let saved = store("memory:");
    let value = vec![7; 200 << 10]; // each has a block
    saved.mset(&[("a", &value), ("b", &value)]).unwrap();
    let bytes = saved.save_to_vec(0).unwrap();
    let loaded = store("memory:");
    let seen = RefCell::new(Vec::new());
    let reader = Reader::open(Watched { rest: &bytes, store: &loaded, seen: &seen }, false).unwrap();
    seen.borrow_mut().clear();
    loaded.load_from(reader).unwrap();
    let (block, total) = (32 + 16 + 1 + value.len() as u64, bytes.len() as u64 - 20);
    assert_eq!(*seen.borrow(), [0, block, 2 * block].map(|done| Progress { done, total }));
    assert_eq!(loaded.progress(), Ok(Progress { done: 0, total: 0 }));
}
