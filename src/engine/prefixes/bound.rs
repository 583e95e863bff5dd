//! What a search looks for among sorted keys: where a key belongs, or where those with a prefix end. Knows no nodes.

use std::cmp::Ordering;

use super::node::HEAD_BITS;

/// A place between keys.
#[derive(Clone, Copy)]
pub struct Bound<'k> {
    pub key: &'k [u8],
    /// Behind all keys that begin with it, too.
    behind: bool,
}

impl<'k> Bound<'k> {
    pub fn at(key: &'k [u8]) -> Self {
        Bound { key, behind: false }
    }

    /// Needs no successor of the prefix, which for bytes of 255 would be hard to name.
    pub fn behind(prefix: &'k [u8]) -> Self {
        Bound { key: prefix, behind: true }
    }

    /// On which side of it another key is; their first `skip` bytes are equal.
    #[inline(always)]
    pub fn compare(self, other: &[u8], skip: usize) -> Ordering {
        let (other, key) = (tail(other, skip), tail(self.key, skip));
        match self.behind && other.starts_with(key) {
            true => Ordering::Less,
            false => other.cmp(key),
        }
    }

    /// A key with a lower head is before it, one with a higher head behind it.
    #[inline(always)]
    pub fn head(self, skip: usize) -> u32 {
        padded_head(self.key, skip, if self.behind { u8::MAX } else { 0 })
    }
}

/// Bits of a key behind its first `skip` bytes, as if zeroes followed it: of
/// keys that begin alike, the lower one has the lower head or the same.
#[inline(always)]
pub fn head(key: &[u8], skip: usize) -> u32 {
    padded_head(key, skip, 0)
}

#[inline(always)]
fn padded_head(key: &[u8], skip: usize, pad: u8) -> u32 {
    let tail = tail(key, skip);
    let bytes = tail.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [pad; 4];
        bytes.iter_mut().zip(tail).for_each(|(byte, &own)| *byte = own);
        bytes
    });
    u32::from_be_bytes(bytes) >> (u32::BITS - HEAD_BITS)
}

/// Bytes with which two heads begin alike.
#[inline(always)]
pub fn common_of_heads(a: u32, b: u32) -> usize {
    let differing = (a ^ b) << (u32::BITS - HEAD_BITS);
    (differing.leading_zeros().min(HEAD_BITS) / 8) as usize
}

/// Bytes with which two keys begin alike.
pub fn common(a: &[u8], b: &[u8]) -> usize {
    const WIDE: usize = 32;
    let wide = a.chunks_exact(WIDE).zip(b.chunks_exact(WIDE)).take_while(|(a, b)| a == b).count() * WIDE;
    wide + tail(a, wide).iter().zip(tail(b, wide)).take_while(|(a, b)| a == b).count()
}

#[inline(always)]
pub fn tail(key: &[u8], skip: usize) -> &[u8] {
    key.get(skip..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_in_common_what_both_begin_with() {
        for len in [0, 1, 31, 32, 33, 63, 64, 65, 100] {
            let start = vec![b'p'; len];
            let with = |end: &[u8]| [&start[..], end].concat();
            for (a, b) in [(&b""[..], &b""[..]), (b"", b"a"), (b"ab", b"bb"), (b"a", &[b'b'; 40])] {
                assert_eq!([common(&with(a), &with(b)), common(&with(b), &with(a))], [len; 2], "{a:?} and {b:?}");
            }
        }
    }
}
