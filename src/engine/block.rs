//! Layout of a block in the arena: what the first 8 bytes of an entry or a hole say. Knows no chunks.

use super::clock::NEVER;

/// Bytes that references count in.
pub(crate) const GRANULE: usize = 8;
/// Longest key, longest value in a block.
pub(crate) const MAX_LEN: usize = (1 << 12) - 1;

/// First 8 bytes of a block.
///
/// An entry: place in the order (32 bits) | key length (12) | value length (12)
/// | flags; then its deadline, if it has one. A hole: granules (32) | flags;
/// then the next and previous hole of the same size (32 bits each), unless it
/// is one granule long.
#[derive(Clone, Copy)]
pub struct Header(pub u64);

const ENTRY: u64 = 1 << 63;
const CLAIMED: u64 = 1 << 62;
/// A deadline follows.
const EXPIRES: u64 = 1 << 61;
const LEN_MASK: u64 = MAX_LEN as u64;

impl Header {
    pub fn of_entry(key_len: usize, value_len: usize, expires: bool) -> Self {
        let expires = if expires { EXPIRES } else { 0 };
        Header(ENTRY | expires | ((value_len as u64) << 44) | ((key_len as u64) << 32))
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

    pub fn expires(self) -> bool {
        self.0 & EXPIRES != 0
    }

    /// Bytes before the key.
    #[inline(always)]
    pub fn len(self) -> usize {
        GRANULE + (self.0 >> EXPIRES.trailing_zeros() & 1) as usize * GRANULE
    }

    pub fn is_entry(self) -> bool {
        self.0 & ENTRY != 0
    }

    pub fn granules(self) -> u32 {
        match self.is_entry() {
            true => granules_of(self.key_len(), self.value_len(), self.expires()),
            false => self.0 as u32,
        }
    }
}

/// Granules of a block for an entry.
#[inline(always)]
pub fn granules_of(key_len: usize, value_len: usize, expires: bool) -> u32 {
    let header_len = if expires { 2 * GRANULE } else { GRANULE };
    ((header_len + key_len + value_len).div_ceil(GRANULE) as u32).max(2)
}

/// A block's bytes, and whatever follows them.
#[derive(Clone, Copy)]
pub struct Block<'a>(pub &'a [u8]);

impl<'a> Block<'a> {
    #[inline(always)]
    pub fn header(self) -> Header {
        Header(self.0.first_chunk().map_or(0, |word| u64::from_le_bytes(*word)))
    }

    #[inline(always)]
    pub fn key(self) -> &'a [u8] {
        let header = self.header();
        self.0.get(header.len()..header.len() + header.key_len()).unwrap_or_default()
    }

    #[inline(always)]
    pub fn value(self) -> &'a [u8] {
        let header = self.header();
        let start = header.len() + header.key_len();
        self.0.get(start..start + header.value_len()).unwrap_or_default()
    }

    /// When the entry ends.
    #[inline(always)]
    pub fn deadline(self) -> u64 {
        match self.header().expires() {
            true => self.0.get(GRANULE..).and_then(<[u8]>::first_chunk).map_or(NEVER, |word| u64::from_le_bytes(*word)),
            false => NEVER,
        }
    }

    /// The value, if it is the entry of a key. Only where no entry has a deadline.
    #[inline(always)]
    pub fn value_of(self, key: &[u8]) -> Option<&'a [u8]> {
        let (header, body) = self.0.split_first_chunk()?;
        let header = Header(u64::from_le_bytes(*header));
        if header.key_len() != key.len() {
            return None;
        }
        let (own, rest) = body.split_at_checked(key.len())?;
        match same(own, key) {
            true => rest.get(..header.value_len()),
            false => None,
        }
    }

    /// Whether it is the entry of a key.
    #[inline(always)]
    pub fn has_key(self, key: &[u8]) -> bool {
        self.header().key_len() == key.len()
            && self.0.get(self.header().len()..self.header().len() + key.len()).is_some_and(|own| same(own, key))
    }
}

/// Whether two slices of one length are equal. Keys are short: calling memcmp
/// costs more than comparing them does. The last words may overlap the first.
#[inline(always)]
fn same(a: &[u8], b: &[u8]) -> bool {
    match a.len() {
        16..=32 => same_ends::<16>(a, b),
        8..=15 => same_ends::<8>(a, b),
        33..=64 => same_ends::<32>(a, b),
        _ => a == b,
    }
}

/// Whether two slices have the same first and the same last `N` bytes.
#[inline(always)]
fn same_ends<const N: usize>(a: &[u8], b: &[u8]) -> bool {
    (a.first_chunk::<N>() == b.first_chunk()) & (a.last_chunk::<N>() == b.last_chunk())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_keeps_its_parts_apart() {
        for (key_len, value_len, expires) in [(0, 0, false), (1, MAX_LEN, true), (MAX_LEN, 7, false)] {
            let plain = Header::of_entry(key_len, value_len, expires);
            let claimed = plain.with_place(u32::MAX - 1).with_claim(true);
            assert!(!plain.is_claimed() && claimed.is_claimed() && !claimed.with_claim(false).is_claimed());
            assert!(claimed.with_claim(true).is_claimed());
            for (header, place) in [(plain, 0), (claimed, u32::MAX - 1), (claimed.with_claim(false), u32::MAX - 1)] {
                assert_eq!((header.key_len(), header.value_len(), header.place()), (key_len, value_len, place));
                assert_eq!((header.expires(), header.is_entry()), (expires, true));
                assert_eq!(header.granules(), granules_of(key_len, value_len, expires));
            }
        }
        let hole = Header::of_hole(u32::MAX);
        assert!(!hole.is_entry() && !hole.is_claimed() && !hole.expires());
        assert_eq!(hole.granules(), u32::MAX);
    }

    #[test]
    fn a_block_has_two_granules_and_no_more_than_needed() {
        for (key_len, value_len, expires, granules) in
            [(0, 0, false, 2), (4, 4, false, 2), (4, 5, false, 3), (0, 0, true, 2), (0, 1, true, 3), (8, 8, true, 4)]
        {
            assert_eq!(granules_of(key_len, value_len, expires), granules, "{key_len} {value_len} {expires}");
        }
    }

    /// What a tag made likely may be an entry whose key only begins or ends alike.
    #[test]
    fn a_value_is_that_of_the_whole_key() {
        let bytes = [&Header::of_entry(3, 1, false).0.to_le_bytes()[..], b"abcv\0\0\0\0"].concat();
        let block = Block(&bytes);
        assert_eq!(block.value_of(b"abc"), Some(&b"v"[..]));
        for other in [&b""[..], b"ab", b"abcv", b"abd", b"abcv\0"] {
            assert_eq!(block.value_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn keys_are_equal_in_every_byte() {
        for len in (0..if cfg!(miri) { 20 } else { 70 }).chain([40, 200]) {
            let key: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
            assert!(same(&key, &key.clone()));
            for at in (0..len).step_by(if cfg!(miri) { 3 } else { 1 }) {
                let mut other = key.clone();
                other[at] ^= 0x80;
                assert!(!same(&key, &other), "byte {at} of {len}");
            }
        }
    }
}
