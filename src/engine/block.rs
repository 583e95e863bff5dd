//! Layout of a block in the arena: what the first 8 bytes of an entry or a hole say. Knows no chunks.

/// Bytes that references count in.
pub(crate) const GRANULE: usize = 8;
/// Longest key, longest value in a block.
pub(crate) const MAX_LEN: usize = (1 << 12) - 1;

/// First 8 bytes of a block.
///
/// An entry: place in the order (32 bits) | key length (12) | value length (12)
/// | flags. A hole: granules (32) | flags; then the next and previous hole of
/// the same size (32 bits each), unless it is one granule long.
#[derive(Clone, Copy)]
pub struct Header(pub u64);

const ENTRY: u64 = 1 << 63;
const CLAIMED: u64 = 1 << 62;
/// Bits left for eviction and expiry: 56 to 61.
const LEN_MASK: u64 = MAX_LEN as u64;

impl Header {
    pub fn of_entry(key_len: usize, value_len: usize) -> Self {
        Header(ENTRY | ((value_len as u64) << 44) | ((key_len as u64) << 32))
    }

    pub fn of_hole(granules: u32) -> Self {
        Header(u64::from(granules))
    }

    pub fn place(self) -> u32 {
        self.0 as u32
    }

    pub fn with_place(self, place: u32) -> Self {
        Header((self.0 & !u64::from(u32::MAX)) | u64::from(place))
    }

    pub fn key_len(self) -> usize {
        ((self.0 >> 32) & LEN_MASK) as usize
    }

    pub fn value_len(self) -> usize {
        ((self.0 >> 44) & LEN_MASK) as usize
    }

    /// Marked by the batch that is being applied.
    pub fn is_claimed(self) -> bool {
        self.0 & CLAIMED != 0
    }

    pub fn with_claim(self, claimed: bool) -> Self {
        Header(if claimed { self.0 | CLAIMED } else { self.0 & !CLAIMED })
    }

    pub fn is_entry(self) -> bool {
        self.0 & ENTRY != 0
    }

    pub fn granules(self) -> u32 {
        match self.is_entry() {
            true => granules_of(self.key_len(), self.value_len()),
            false => self.0 as u32,
        }
    }
}

/// Granules of a block for an entry.
pub fn granules_of(key_len: usize, value_len: usize) -> u32 {
    ((GRANULE + key_len + value_len).div_ceil(GRANULE) as u32).max(2)
}

/// The first 8 bytes of some, as a number.
#[inline(always)]
pub fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => 0,
    }
}
