//! Snapshots that are written and read again, whatever the entries are.

mod damage;
mod golden;
mod plain;
mod plan;

use super::format::{BlockHeader, Header, BLOCK_HEADER, ENTRY_HEADER, LONGEST_BLOCK};
use super::{Entry, Reader, Source, Writer};
use crate::sys::file::Input;
use crate::sys::zstd::Compressor;
use crate::sys::Bytes;
use crate::Error;

/// What is in a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Content {
    options: String,
    entries: Vec<(Vec<u8>, Vec<u8>, Option<u64>)>,
}

impl Content {
    fn new(options: &str, entries: &[(&[u8], &[u8], Option<u64>)]) -> Self {
        let entries = entries.iter().map(|&(key, value, remaining)| (key.to_vec(), value.to_vec(), remaining));
        Content { options: options.to_owned(), entries: entries.collect() }
    }

    fn write(&self, level: u32) -> Result<Vec<u8>, Error> {
        let header = Header { options: &self.options };
        let mut writer = Writer::begin(Bytes::new(false), &header, level, false)?;
        for (key, value, remaining) in &self.entries {
            writer.entry(&Entry { key, value, remaining: *remaining })?;
        }
        Ok(writer.finish()?.take())
    }

    fn read(source: impl Source) -> Result<Self, Error> {
        let mut reader = Reader::open(source, false)?;
        let Header { options } = reader.header();
        let mut content = Content { options: options.to_owned(), entries: Vec::new() };
        while let Some(entries) = reader.next_block()? {
            let (before, expected) = (content.entries.len(), entries.len());
            for Entry { key, value, remaining } in entries {
                content.entries.push((key.to_vec(), value.to_vec(), remaining));
            }
            assert!(expected > 0 && content.entries.len() == before + expected);
        }
        assert_eq!((reader.entries(), reader.left()), (content.entries.len() as u64, 0));
        assert!(reader.next_block().unwrap().is_none(), "the end is the end");
        Ok(content)
    }
}

/// Levels that this library has.
fn levels() -> &'static [u32] {
    match Compressor::new(1, false) {
        Ok(_) => &[0, 1, 3, 19],
        Err(_) => &[0],
    }
}

/// A few small ones, with and without compression.
fn small() -> Vec<(Content, Vec<u8>)> {
    let alike = [b'a'; 100];
    let contents = [
        Content::new("", &[]),
        Content::new("ttl=1h", &[(b"", b"", None)]),
        Content::new("", &[(b"key", b"value", Some(0)), (b"\0\xff", &[], Some(u64::MAX - 1)), (&[], b"\0", None)]),
        Content::new("max_bytes=512MiB&erase=true", &[(b"1", &alike, Some(1)), (&alike, b"2", None)]),
    ];
    let pairs = contents.iter().flat_map(|content| {
        let levels = &levels()[..levels().len().min(2)];
        levels.iter().map(|&level| (content.clone(), content.write(level).unwrap()))
    });
    pairs.collect()
}

#[test]
fn whatever_is_written_is_read() {
    // Lengths at which a block ends, becomes one's own, and is never compressed.
    let edges = [0, 1, (256 << 10) - ENTRY_HEADER, LONGEST_BLOCK - ENTRY_HEADER];
    let mut entries = Vec::new();
    for (number, len) in edges.iter().flat_map(|edge| edge.saturating_sub(1)..=edge + 1).enumerate() {
        let noise = (0..len).map(|at| ((at * at * 31 + number) >> 3) as u8).collect::<Vec<_>>();
        let (key, value) = noise.split_at(if number % 2 == 0 { 0 } else { len });
        entries.push((key.to_vec(), value.to_vec(), Some(number as u64)));
        entries.extend((0..number).map(|small| (vec![small as u8; small], vec![number as u8; 9 * small], None)));
    }
    entries.push((b"long".to_vec(), vec![7; 3 << 20], None));
    let content = Content { options: "max_entries=9".repeat(300), entries };
    for &level in levels() {
        let bytes = content.write(level).unwrap();
        assert!(Content::read(&*bytes).unwrap() == content, "level {level}");
        assert!(plain::read(&bytes) == Some(content.clone()), "level {level}");
    }
}

/// Its memory is reserved, and never touched.
#[test]
#[cfg_attr(miri, ignore)]
fn what_is_longer_than_a_length_can_say_is_refused() {
    let long = vec![0; u32::MAX as usize + 1];
    for (key, value) in [(&long[..], &b""[..]), (b"", &long)] {
        assert_eq!(Entry { key, value, remaining: None }.size(), Err(Error::InvalidArgument));
    }
    let value = &long[1..];
    assert_eq!(Entry { key: b"", value, remaining: None }.size(), Ok(ENTRY_HEADER + value.len()));
}

#[test]
fn small_ones_are_read() {
    for (content, bytes) in small() {
        assert_eq!(Content::read(&*bytes), Ok(content.clone()));
        assert_eq!(plain::read(&bytes), Some(content));
    }
}

#[test]
fn what_the_trailer_says_is_expected_as_far_as_there_is_room() {
    let expected = |bytes: &[u8]| {
        let path = std::env::temp_dir().join(format!("bytestore-test-{:016x}", crate::sys::random::number()));
        let reader = Reader::open(bytes, false).unwrap();
        let (room, expected) = (reader.left() as usize / ENTRY_HEADER, reader.entries_to_come().unwrap());
        if cfg!(not(miri)) {
            std::fs::write(&path, bytes).unwrap();
            let file = Input::open(path.as_os_str().as_encoded_bytes()).unwrap();
            let said = Reader::open(file, false).unwrap().entries_to_come();
            std::fs::remove_file(&path).unwrap();
            assert_eq!(said, Ok(expected));
        }
        (room, expected)
    };
    let mut bytes = Content::new("", &[(b"1", b"", None), (b"2", b"", None), (b"3", b"", None)]).write(0).unwrap();
    assert_eq!(expected(&bytes).1, 3);
    let trailer = bytes.len() - BLOCK_HEADER;
    let lie = BlockHeader { entries: 0, compressed: false, stored: u64::MAX, raw: 0, checksum: 0 };
    bytes[trailer..].copy_from_slice(&lie.encode());
    let (room, said) = expected(&bytes);
    assert_eq!(said, room);
    bytes[trailer] ^= 1;
    assert_eq!(expected(&bytes).1, 0);
    assert_eq!(Content::read(&*bytes), Err(Error::BadSnapshot));
}

#[test]
fn many_small_entries_share_blocks() {
    let entries: Vec<_> = (0..30_000_u32).map(|number| (number.to_le_bytes().to_vec(), vec![3; 30], None)).collect();
    let content = Content { entries, ..Content::default() };
    let bytes = content.write(0).unwrap();
    let raw = 30_000 * (ENTRY_HEADER + 4 + 30);
    let blocks = raw.div_ceil(256 << 10);
    assert_eq!(bytes.len(), 20 + raw + 32 * (blocks + 1));
    assert!(Content::read(&*bytes).unwrap() == content);
}

#[test]
fn a_block_is_filled_before_the_next_one_begins() {
    let size = 256 << 10;
    for (both, blocks) in [(size - 32, 1), (size + 1, 2)] {
        let values = [1000, both - 2 * ENTRY_HEADER - 1000].map(|len| (Vec::new(), vec![3; len], None));
        let bytes = Content { entries: values.to_vec(), ..Content::default() }.write(0).unwrap();
        assert_eq!(bytes.len(), 20 + both + 32 * (blocks + 1));
    }
}

/// At the lengths around those where it begins to be of use, too.
#[test]
fn a_block_that_becomes_no_shorter_is_not_compressed() {
    let mut random = plan::Random(1);
    let noise: Vec<u8> = (0..200).map(|_| random.next() as u8).collect();
    for (again, &level) in (0..30).flat_map(|again| levels()[1..].iter().map(move |level| (again, level))) {
        let value = [&noise[..], &noise[..again]].concat();
        let content = Content::new("", &[(b"", &value, None)]);
        let bytes = content.write(level).unwrap();
        let plain = [&Entry { key: b"", value: &value, remaining: None }.encode()[..], &value].concat();
        let packed = Compressor::new(level, false).unwrap().compress(&plain, &mut vec![0; plain.len() - 1]).unwrap();
        assert_eq!(bytes.len(), 20 + 32 * 2 + packed.unwrap_or(plain.len()), "{again} bytes again at level {level}");
        assert!(Content::read(&*bytes) == Ok(content));
    }
}

#[test]
fn compression_is_of_use_and_never_of_harm() {
    let text = "a store's entries as bytes, ".repeat(100);
    let mut random = plan::Random(1);
    let noise: Vec<u8> = (0..10_000).map(|_| random.next() as u8).collect();
    let level = *levels().last().unwrap();
    for (value, small) in [(text.as_bytes(), true), (&noise[..], false)] {
        let content = Content::new("", &[(b"key", value, None)]);
        let (plain, packed) = (content.write(0).unwrap().len(), content.write(level).unwrap().len());
        let expected = if small && level > 0 { packed * 10 < plain } else { packed == plain };
        assert!(expected, "{packed} of {plain} bytes");
    }
    assert_eq!(
        Content::default().write(23).err(),
        Some(if level > 0 { Error::InvalidArgument } else { Error::Unsupported })
    );
}

#[test]
fn what_may_not_be_is_refused() {
    let longest = Content { options: "o".repeat(4096), ..Content::default() };
    assert_eq!(Content::read(&*longest.write(0).unwrap()), Ok(longest));
    assert_eq!(Content { options: "o".repeat(4097), ..Content::default() }.write(0), Err(Error::InvalidArgument));
}

#[test]
fn another_version_and_unknown_flags_are_unsupported() {
    let right = Header { options: "ttl=1h" }.encode().unwrap();
    assert_eq!(Header::decode(&right), Ok(6));
    for at in 0..12 {
        let mut bytes = right;
        bytes[at] ^= 2;
        let expected = if at < 8 { Error::BadSnapshot } else { Error::Unsupported };
        assert_eq!(Header::decode(&bytes), Err(expected), "byte {at}");
    }
}

#[test]
fn the_numbers_of_a_block_fit_each_other() {
    let block = |entries, compressed, stored, raw| BlockHeader { entries, compressed, stored, raw, checksum: 0 };
    let longest = LONGEST_BLOCK as u64;
    for (block, left, expected) in [
        (block(2, false, 32, 32), 64, true),
        (block(2, false, 32, 32), 63, false), // no room for the trailer
        (block(2, false, 31, 31), 64, false), // less than two entries
        (block(2, true, 30, 31), 64, false),
        (block(2, true, 31, 32), 64, true),
        (block(2, true, 32, 32), 64, false), // no shorter
        (block(2, false, 31, 32), 64, false),
        (block(1, false, longest + 1, longest + 1), longest + 33, true),
        (block(2, false, longest + 1, longest + 1), longest + 33, false),
        (block(1, true, 31, longest + 1), 64, false),
    ] {
        assert_eq!(block.is_possible(left), expected, "{block:?}");
    }
}

#[cfg(not(miri))]
#[test]
fn all_that_is_left_can_be_taken() {
    let path = std::env::temp_dir().join(format!("bytestore-test-{:016x}", crate::sys::random::number()));
    std::fs::write(&path, [7; 100]).unwrap();
    let mut file = Input::open(path.as_os_str().as_encoded_bytes()).unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut buffer = Bytes::new(false);
    assert_eq!(file.take(100, &mut buffer), Ok(&[7; 100][..]));
    assert_eq!(file.take(1, &mut buffer), Err(Error::BadSnapshot));
    assert_eq!(file.take(0, &mut buffer), Ok(&[][..]));
}

#[cfg(not(miri))]
#[test]
fn a_file_that_becomes_shorter_is_noticed() {
    let path = std::env::temp_dir().join(format!("bytestore-test-{:016x}", crate::sys::random::number()));
    std::fs::write(&path, [0; 100]).unwrap();
    let mut file = Input::open(path.as_os_str().as_encoded_bytes()).unwrap();
    std::fs::write(&path, [0; 90]).unwrap();
    let mut buffer = Bytes::new(false);
    let taken = [101, 80, 20].map(|len| file.take(len, &mut buffer).map(<[u8]>::len));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(taken, [Err(Error::BadSnapshot), Ok(80), Err(Error::BadSnapshot)]);
}

/// Somewhere it is refused to write.
struct Full(usize);

impl super::Sink for Full {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(Error::Io)?;
        Ok(())
    }
}

#[test]
fn wherever_writing_fails_it_says_so() {
    let long = vec![1; LONGEST_BLOCK];
    let write = |room| {
        let mut writer = Writer::begin(Full(room), &Header { options: "ttl=1h" }, 0, false)?;
        for value in [b"short", &long[..], b"short"] {
            writer.entry(&Entry { key: b"key", value, remaining: None })?;
        }
        writer.finish().map(|full| full.0)
    };
    let all = 20 + 6 + 32 * 4 + 3 * (ENTRY_HEADER + 3) + 10 + LONGEST_BLOCK;
    assert_eq!(write(all + 1), Ok(1));
    for room in (0..all).step_by(all / 100).chain(0..100).chain(all - 100..all) {
        assert_eq!(write(room), Err(Error::Io), "{room} bytes");
    }
}
