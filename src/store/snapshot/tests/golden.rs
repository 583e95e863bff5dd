//! Snapshots that were written once and are kept: every version reads them for ever.

use std::path::PathBuf;

use super::{levels, Content};
use crate::sys::file::Input;
use crate::Error;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name)
}

/// Name, level and content of each.
fn kept() -> [(&'static str, u32, Content); 4] {
    let bytes: Vec<u8> = (0..=255).collect();
    let text = "Alice was beginning to get very tired of sitting by her sister on the bank. ".repeat(20);
    let entries: [(&[u8], &[u8], Option<u64>); 6] = [
        (b"key", b"value", None),
        (b"", b"", None),
        (&bytes, b"every byte", Some(1)),
        ("schlüssel".as_bytes(), &bytes, Some(86_400_000)),
        (b"text", text.as_bytes(), Some(u64::MAX - 1)),
        (b"\0", b"\0", Some(2)),
    ];
    // Two blocks, and one for what is long.
    let mut long = Content::new("", &[(b"before", &[b'.'; 1000], None)]);
    long.entries.push((b"long".to_vec(), (0..540_000_u32).map(|at| (at >> 6) as u8).collect(), Some(7)));
    long.entries.push((b"behind".to_vec(), vec![b'.'; 1000], None));
    let small = Content::new("max_bytes=1048576&ttl=3600000ms&erase=true", &entries);
    [
        ("v1-empty.bytestore", 0, Content::new("", &[])),
        ("v1-small.bytestore", 0, small.clone()),
        ("v1-long.bytestore", 0, long),
        ("v1-zstd.bytestore", 3, small),
    ]
}

#[test]
#[cfg_attr(miri, ignore)] // which opens no files
fn kept_files_are_read() {
    for (name, level, content) in kept() {
        let path = path(name);
        if !path.exists() && std::env::var_os("BYTESTORE_WRITE_SNAPSHOTS").is_some() {
            std::fs::write(&path, content.write(level).unwrap()).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = match levels().len() > 1 || level == 0 {
            true => Ok(content.clone()),
            false => Err(Error::Unsupported),
        };
        assert!(Content::read(&*bytes) == expected, "{name} from memory");
        assert!(Content::read(Input::open(path.as_os_str().as_encoded_bytes()).unwrap()) == expected, "{name}");
        if level == 0 {
            assert!(content.write(0).unwrap() == bytes, "{name} is written otherwise than it was");
        }
    }
}
