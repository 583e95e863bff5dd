//! Snapshots read as docs/snapshot-format.md says, and mended where a fuzzer has been. Knows no store.

use bytestore::ffi::{BYTESTORE_ERR_BAD_SNAPSHOT, BYTESTORE_ERR_UNSUPPORTED};
use crc32fast::{hash, Hasher};

use crate::dict::Bytes;

const MAGIC: &[u8] = b"\x89BST\r\n\x1a\n";
const HEADER: usize = 16;
const LONGEST_OPTIONS: usize = 4096;
const BLOCK_HEADER: usize = 32;
const ENTRY_HEADER: usize = 16;
const LONGEST_BLOCK: u64 = 512 << 10;
const ZSTD: u64 = 1;

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Bytes,
    pub value: Bytes,
    /// Milliseconds; 2^64 - 1: for ever.
    pub remaining: u64,
}

/// The entries, or why there are none.
pub fn read(snapshot: &[u8]) -> Result<Vec<Entry>, i32> {
    read_repeats(snapshot).and_then(|all| if repeats(&all) { Err(BYTESTORE_ERR_BAD_SNAPSHOT) } else { Ok(all) })
}

/// Whether a key comes twice.
pub fn repeats(entries: &[Entry]) -> bool {
    let mut keys: Vec<_> = entries.iter().map(|entry| &entry.key).collect();
    keys.sort();
    keys.windows(2).any(|two| two[0] == two[1])
}

/// As `read`, but a key may come twice.
pub fn read_repeats(snapshot: &[u8]) -> Result<Vec<Entry>, i32> {
    let version = snapshot.get(8..12).filter(|_| snapshot.len() >= HEADER && snapshot.starts_with(MAGIC));
    match version {
        Some([1, 0, 0, 0]) => entries(snapshot).ok_or(BYTESTORE_ERR_BAD_SNAPSHOT),
        Some(_) => Err(BYTESTORE_ERR_UNSUPPORTED),
        None => Err(BYTESTORE_ERR_BAD_SNAPSHOT),
    }
}

/// Of one whose version is ours.
fn entries(snapshot: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = snapshot;
    let options_len = number(take(&mut rest, HEADER)?, 12, 4) as usize;
    let options = take(&mut rest, options_len)?;
    let mut checksums = take(&mut rest, 4)?.to_vec();
    let is_good = options_len <= LONGEST_OPTIONS && std::str::from_utf8(options).is_ok();
    if !is_good || number(&checksums, 0, 4) != u64::from(hash(&snapshot[..HEADER + options_len])) {
        return None;
    }
    let (mut all, mut total) = (Vec::new(), 0);
    loop {
        let header = take(&mut rest, BLOCK_HEADER)?;
        let (count, flags) = (number(header, 0, 4), number(header, 4, 4));
        let (stored, raw, checksum) = (number(header, 8, 8), number(header, 16, 8), number(header, 24, 4));
        if number(header, 28, 4) != u64::from(hash(&header[..28])) {
            return None;
        }
        if count == 0 {
            let right = (0, all.len() as u64, total, u64::from(hash(&checksums)));
            return ((flags, stored, raw, checksum) == right && rest.is_empty()).then_some(all);
        }
        let data = take(&mut rest, usize::try_from(stored).ok()?)?;
        if flags > ZSTD || checksum != u64::from(hash(data)) || (raw > LONGEST_BLOCK && (count > 1 || flags == ZSTD)) {
            return None;
        }
        let data = if flags == ZSTD { decompressed(data, raw)? } else { data.to_vec() };
        let mut block = &data[..];
        for _ in 0..count {
            let fields = take(&mut block, ENTRY_HEADER)?;
            let key = take(&mut block, number(fields, 0, 4) as usize)?.to_vec();
            let value = take(&mut block, number(fields, 4, 4) as usize)?.to_vec();
            let remaining = Some(number(fields, 8, 8)).filter(|&remaining| remaining > 0)?;
            all.push(Entry { key, value, remaining });
        }
        if !block.is_empty() || raw != data.len() as u64 || (flags == ZSTD && stored >= raw) {
            return None;
        }
        checksums.extend(&header[28..]);
        total += raw;
    }
}

/// The same bytes, but for the checksums, which fit.
pub fn with_checksums(snapshot: &[u8]) -> Bytes {
    let mut bytes = snapshot.to_vec();
    let mut chain = Hasher::new();
    let mut at = HEADER + bytes.get(12..HEADER).map_or(0, |len| number(len, 0, 4) as usize);
    if bytes.len() < at + 4 {
        return bytes;
    }
    seal(&mut bytes, 0, at);
    chain.update(&bytes[at..at + 4]);
    at += 4;
    while let Some(header) = bytes.get(at..at + BLOCK_HEADER) {
        let (count, stored, data) = (number(header, 0, 4), number(header, 8, 8) as usize, at + BLOCK_HEADER);
        let checksum = match bytes[data..].get(..stored) {
            _ if count == 0 => chain.clone().finalize(),
            Some(data) => hash(data),
            None => 0, // it ends too early
        };
        bytes[at + 24..at + 28].copy_from_slice(&checksum.to_le_bytes());
        seal(&mut bytes, at, at + 28);
        chain.update(&bytes[at + 28..data]);
        if count == 0 || stored > bytes.len() {
            break;
        }
        at = data + stored;
    }
    bytes
}

/// One that is whole, of as much of the bytes as can be taken for entries.
pub fn whole(snapshot: &[u8]) -> Bytes {
    let mut rest = snapshot;
    let fields = most(&mut rest, HEADER);
    let options_len = if fields.len() == HEADER { number(fields, 12, 4) as usize } else { 0 };
    let options = most(&mut rest, options_len.min(LONGEST_OPTIONS));
    most(&mut rest, 4);
    let mut bytes = [MAGIC, &[1, 0, 0, 0], &(options.len() as u32).to_le_bytes(), options].concat();
    let mut checksums = hash(&bytes).to_le_bytes().to_vec();
    bytes.extend(&checksums);
    let (mut entries, mut total) = (0, 0);
    while let Some(header) = take(&mut rest, BLOCK_HEADER) {
        let (count, stored, raw) = (number(header, 0, 4), number(header, 8, 8), number(header, 16, 8));
        let frame = rest.get(..stored as usize).filter(|_| header[4] == 1 && raw <= LONGEST_BLOCK);
        let (count, data, raw) = match frame {
            Some(frame) => (count, most(&mut rest, frame.len()).to_vec(), raw),
            None => {
                let (count, data) = whole_entries(&mut rest, count);
                let raw = data.len() as u64;
                (count, data, raw)
            }
        };
        if count == 0 {
            break;
        }
        put_block(&mut bytes, [count, frame.is_some().into(), data.len() as u64, raw], hash(&data));
        checksums.extend(&bytes[bytes.len() - 4..]);
        bytes.extend(data);
        (entries, total) = (entries + count, total + raw);
    }
    put_block(&mut bytes, [0, 0, entries, total], hash(&checksums));
    bytes
}

/// At most so many, each as long as it says or as bytes are left.
fn whole_entries(rest: &mut &[u8], wanted: u64) -> (u64, Bytes) {
    let (mut count, mut bytes) = (0, Bytes::new());
    while count < wanted {
        let Some(fields) = take(rest, ENTRY_HEADER) else { break };
        let key = most(rest, number(fields, 0, 4) as usize);
        let value = most(rest, number(fields, 4, 4) as usize);
        bytes.extend((key.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(number(fields, 8, 8).max(1).to_le_bytes());
        bytes.extend([key, value].concat());
        count += 1;
    }
    (count, bytes)
}

fn put_block(bytes: &mut Bytes, [count, flags, stored, raw]: [u64; 4], checksum: u32) {
    let start = bytes.len();
    bytes.extend((count as u32).to_le_bytes());
    bytes.extend((flags as u32).to_le_bytes());
    bytes.extend(stored.to_le_bytes());
    bytes.extend(raw.to_le_bytes());
    bytes.extend(checksum.to_le_bytes());
    bytes.extend(hash(&bytes[start..]).to_le_bytes());
}

/// Puts the checksum of what is before `end` behind it.
fn seal(bytes: &mut [u8], start: usize, end: usize) {
    let checksum = hash(&bytes[start..end]);
    bytes[end..end + 4].copy_from_slice(&checksum.to_le_bytes());
}

/// A number of at most 8 bytes.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    bytes[at..at + len].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn take<'b>(rest: &mut &'b [u8], len: usize) -> Option<&'b [u8]> {
    let (first, others) = rest.split_at_checked(len)?;
    *rest = others;
    Some(first)
}

/// All that is left, and at most `len` bytes.
fn most<'b>(rest: &mut &'b [u8], len: usize) -> &'b [u8] {
    take(rest, len.min(rest.len())).unwrap_or_default()
}

/// None: it is no frame, or has another length.
fn decompressed(frame: &[u8], len: u64) -> Option<Bytes> {
    let mut bytes = vec![0; len as usize];
    // SAFETY: as many bytes as there are, borrowed for the call.
    let outcome = unsafe {
        zstd_sys::ZSTD_decompress(bytes.as_mut_ptr().cast(), bytes.len(), frame.as_ptr().cast(), frame.len())
    };
    (outcome == bytes.len()).then_some(bytes)
}
