//! The bytes of a snapshot beside its entries: header, block headers, trailer. Knows no files and nobody's memory.
//!
//! docs/snapshot-format.md describes them for everybody. All numbers are little-endian.

use crate::Error;

/// What every snapshot begins with. As PNG's: no text, and what changes line ends or cuts a bit off destroys it.
pub(super) const MAGIC: [u8; 8] = *b"\x89BST\r\n\x1a\n";
pub(super) const VERSION: u16 = 1;

/// Bytes of the header before the options.
pub(super) const HEADER: usize = 16;
/// Bytes of a checksum.
pub(super) const CHECKSUM: usize = 4;
/// Bytes of the longest options.
pub(super) const LONGEST_OPTIONS: usize = 4096;
/// Bytes of a block's header, and of the trailer.
pub(super) const BLOCK_HEADER: usize = 32;
/// Bytes of an entry before its key.
pub(super) const ENTRY_HEADER: usize = 16;

/// Bytes of entries in the longest block. Only an entry that is longer has a longer one, for itself, not compressed: so
/// nobody needs more memory than this and what is left of the file.
pub(super) const LONGEST_BLOCK: usize = 512 << 10;

/// The remaining time of an entry that never ends.
const FOR_EVER: u64 = u64::MAX;
/// The flag of a block that zstd compressed.
const ZSTD: u32 = 1;

/// What a snapshot says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'h> {
    /// The store's, as the query of its URL: `max_bytes=536870912&ttl=3600000ms`.
    pub options: &'h str,
}

impl Header<'_> {
    /// The bytes before the options.
    pub fn encode(&self) -> Result<[u8; HEADER], Error> {
        if self.options.len() > LONGEST_OPTIONS {
            return Err(Error::InvalidArgument);
        }
        let mut bytes = [0; HEADER];
        let mut rest = &mut bytes[..];
        put(&mut rest, MAGIC);
        put(&mut rest, VERSION.to_le_bytes());
        put(&mut rest, 0_u16.to_le_bytes());
        put(&mut rest, (self.options.len() as u32).to_le_bytes());
        Ok(bytes)
    }

    /// How long the options are; not checked yet.
    pub fn decode(bytes: &[u8; HEADER]) -> Result<usize, Error> {
        let mut rest = &bytes[..];
        if take(&mut rest) != Some(MAGIC) {
            return Err(Error::BadSnapshot);
        }
        let (version, flags) = (number_16(&mut rest), number_16(&mut rest));
        if version != Some(VERSION) || flags != Some(0) {
            return Err(Error::Unsupported);
        }
        let len = number_32(&mut rest).map(|len| len as usize);
        len.filter(|&len| len <= LONGEST_OPTIONS).ok_or(Error::BadSnapshot)
    }
}

/// What stands before a block's entries. One without entries is the trailer: `Totals::trailer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    pub entries: u32,
    pub compressed: bool,
    /// Bytes that follow.
    pub stored: u64,
    /// Bytes of the entries.
    pub raw: u64,
    /// Of the bytes that follow.
    pub checksum: u32,
}

impl BlockHeader {
    pub fn encode(&self) -> [u8; BLOCK_HEADER] {
        let mut bytes = [0; BLOCK_HEADER];
        let (fields, checksum) = bytes.split_at_mut(BLOCK_HEADER - CHECKSUM);
        let mut rest = &mut *fields;
        put(&mut rest, self.entries.to_le_bytes());
        put(&mut rest, if self.compressed { ZSTD } else { 0 }.to_le_bytes());
        put(&mut rest, self.stored.to_le_bytes());
        put(&mut rest, self.raw.to_le_bytes());
        put(&mut rest, self.checksum.to_le_bytes());
        checksum.copy_from_slice(&crc32fast::hash(fields).to_le_bytes());
        bytes
    }

    /// As it was written.
    pub fn decode(bytes: &[u8; BLOCK_HEADER]) -> Result<Self, Error> {
        let (fields, mut checksum) = bytes.split_at(BLOCK_HEADER - CHECKSUM);
        if number_32(&mut checksum) != Some(crc32fast::hash(fields)) {
            return Err(Error::BadSnapshot);
        }
        Self::fields(fields).ok_or(Error::BadSnapshot)
    }

    fn fields(mut rest: &[u8]) -> Option<Self> {
        Some(BlockHeader {
            entries: number_32(&mut rest)?,
            compressed: match number_32(&mut rest)? {
                0 => false,
                ZSTD => true,
                _ => return None,
            },
            stored: number_64(&mut rest)?,
            raw: number_64(&mut rest)?,
            checksum: number_32(&mut rest)?,
        })
    }

    /// Whether its numbers may be so, with so many bytes of the file behind it.
    pub fn is_possible(&self, left: u64) -> bool {
        let fits = left.checked_sub(BLOCK_HEADER as u64).is_some_and(|left| self.stored <= left);
        let short = self.raw <= LONGEST_BLOCK as u64;
        let whole = self.raw >= u64::from(self.entries) * ENTRY_HEADER as u64;
        let alike = if self.compressed { self.stored < self.raw } else { self.stored == self.raw };
        fits && whole && alike && (short || (self.entries == 1 && !self.compressed))
    }
}

/// What is counted through a snapshot, for the trailer.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub entries: u64,
    /// Bytes of entries.
    pub raw: u64,
    /// Of the checksums alone: with a checksum behind what it is of, all bytes would say the same.
    chain: crc32fast::Hasher,
}

impl Totals {
    /// After the header, of this checksum.
    pub fn after_header(checksum: u32) -> Self {
        let mut totals = Totals::default();
        totals.chain.update(&checksum.to_le_bytes());
        totals
    }

    pub fn add(&mut self, header: &BlockHeader, encoded: &[u8; BLOCK_HEADER]) {
        // Neither can be passed by what fits into a file.
        self.entries += u64::from(header.entries);
        self.raw += header.raw;
        self.chain.update(&encoded[BLOCK_HEADER - CHECKSUM..]);
    }

    pub fn trailer(&self) -> BlockHeader {
        let checksum = self.chain.clone().finalize();
        BlockHeader { entries: 0, compressed: false, stored: self.entries, raw: self.raw, checksum }
    }
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'e> {
    pub key: &'e [u8],
    pub value: &'e [u8],
    /// Milliseconds it had yet to live; `None`: for ever.
    pub remaining: Option<u64>,
}

impl<'e> Entry<'e> {
    /// All of its bytes.
    pub fn size(&self) -> Result<usize, Error> {
        let fits = |len: usize| u32::try_from(len).is_ok();
        match fits(self.key.len()) && fits(self.value.len()) {
            true => Ok(ENTRY_HEADER + self.key.len() + self.value.len()),
            false => Err(Error::InvalidArgument),
        }
    }

    /// The bytes before the key.
    pub fn encode(&self) -> [u8; ENTRY_HEADER] {
        let mut bytes = [0; ENTRY_HEADER];
        let mut rest = &mut bytes[..];
        put(&mut rest, (self.key.len() as u32).to_le_bytes());
        put(&mut rest, (self.value.len() as u32).to_le_bytes());
        put(&mut rest, self.remaining.unwrap_or(FOR_EVER).to_le_bytes());
        bytes
    }

    /// The first of a block's bytes, which then begin behind it.
    pub fn decode(rest: &mut &'e [u8]) -> Option<Self> {
        let (key_len, value_len) = (number_32(rest)?, number_32(rest)?);
        let remaining = Some(number_64(rest)?).filter(|&remaining| remaining != FOR_EVER);
        let (key, value) = (take_slice(rest, key_len)?, take_slice(rest, value_len)?);
        Some(Entry { key, value, remaining })
    }
}

fn put<const N: usize>(rest: &mut &mut [u8], bytes: [u8; N]) {
    let (place, others) = std::mem::take(rest).split_at_mut(N);
    place.copy_from_slice(&bytes);
    *rest = others;
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*bytes)
}

fn take_slice<'b>(rest: &mut &'b [u8], len: u32) -> Option<&'b [u8]> {
    let (bytes, others) = rest.split_at_checked(len as usize)?;
    *rest = others;
    Some(bytes)
}

fn number_16(rest: &mut &[u8]) -> Option<u16> {
    take(rest).map(u16::from_le_bytes)
}

fn number_32(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn number_64(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(u64::from_le_bytes)
}
