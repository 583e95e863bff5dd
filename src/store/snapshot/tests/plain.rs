//! The format once more, as its page has it, in as few and as simple steps as there are: what the reader is held against.

use super::Content;
use crate::sys::zstd::Decompressor;

/// Bytes that are read from the front.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn bytes(&mut self, len: u64) -> Option<&'b [u8]> {
        if len > self.0.len() as u64 {
            return None;
        }
        let (bytes, rest) = self.0.split_at(len as usize);
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self, size: u64) -> Option<u64> {
        Some(self.bytes(size)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}

/// CRC-32 as zlib, PNG and Ethernet have it, four bits at a time.
pub fn crc(bytes: &[u8]) -> u32 {
    let table: [u32; 16] = std::array::from_fn(|four| {
        (0..4).fold(four as u32, |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let step = |crc: u32, four: u8| crc >> 4 ^ table[(crc as u8 ^ four) as usize & 15];
    !bytes.iter().fold(u32::MAX, |crc, &byte| step(step(crc, byte), byte >> 4))
}

/// `None`: it is no snapshot.
pub fn read(all: &[u8]) -> Option<Content> {
    let mut rest = Rest(all);
    let magic = rest.bytes(8)? == b"\x89BST\r\n\x1a\n";
    let (version, flags) = (rest.number(2)?, rest.number(2)?);
    let options_len = rest.number(4)?;
    let options = rest.bytes(options_len)?;
    let mut checksums = crc(&all[..all.len() - rest.0.len()]).to_le_bytes().to_vec();
    if rest.bytes(4)? != checksums || !magic || version != 1 || flags != 0 || options_len > 4096 {
        return None;
    }
    let options = std::str::from_utf8(options).ok()?.to_owned();
    let mut content = Content { options, entries: Vec::new() };
    let mut total = 0;
    loop {
        let fields = rest.bytes(28)?;
        let checksum = rest.bytes(4)?;
        if checksum != crc(fields).to_le_bytes() {
            return None;
        }
        let mut fields = Rest(fields);
        let (count, flags) = (fields.number(4)?, fields.number(4)?);
        let (stored, raw, payload_checksum) = (fields.number(8)?, fields.number(8)?, fields.number(4)?);
        if count == 0 {
            let right = flags == 0 && stored == content.entries.len() as u64 && raw == total;
            let right = right && payload_checksum == u64::from(crc(&checksums)) && rest.0.is_empty();
            return right.then_some(content);
        }
        checksums.extend(checksum);
        let payload = rest.bytes(stored)?;
        if u64::from(crc(payload)) != payload_checksum || (raw > 512 << 10 && (count > 1 || flags > 0)) {
            return None;
        }
        match flags {
            0 if stored == raw => read_entries(payload, count, &mut content)?,
            1 if stored < raw => {
                let mut entries = vec![0; raw as usize];
                Decompressor::new(false).and_then(|mut zstd| zstd.decompress(payload, &mut entries)).ok()?;
                read_entries(&entries, count, &mut content)?;
            }
            _ => return None,
        }
        total += raw;
    }
}

fn read_entries(bytes: &[u8], count: u64, content: &mut Content) -> Option<()> {
    let mut rest = Rest(bytes);
    for _ in 0..count {
        let (key_len, value_len, remaining) = (rest.number(4)?, rest.number(4)?, rest.number(8)?);
        let (key, value) = (rest.bytes(key_len)?.to_vec(), rest.bytes(value_len)?.to_vec());
        content.entries.push((key, value, (remaining < u64::MAX).then_some(remaining)));
    }
    rest.0.is_empty().then_some(())
}

#[test]
fn the_checksum_is_the_usual_one() {
    assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    assert_eq!(crc(b""), 0);
}
