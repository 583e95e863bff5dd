//! Copying values into memory that is known by its address only. Knows not whose that is.

use std::ptr::NonNull;

/// Writes bytes to a place; gives the place behind them. Values are short:
/// calling memcpy costs more than copying them does. The last bytes may be
/// copied twice.
///
/// # Safety
/// As many bytes may be written there, and are no part of `bytes`.
#[inline(always)]
pub unsafe fn copy(bytes: &[u8], place: NonNull<u8>) -> NonNull<u8> {
    // SAFETY: the caller's promise, and in each case N is at most the length.
    unsafe {
        match bytes.len() {
            65..=128 => copy_ends::<64>(bytes, place),
            33..=64 => copy_ends::<32>(bytes, place),
            16..=32 => copy_ends::<16>(bytes, place),
            _ => place.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()),
        }
        place.add(bytes.len())
    }
}

/// Copies the first and the last `N` bytes.
///
/// # Safety
/// As for [`copy`], and there are at least `N` bytes and at most twice as many.
#[inline(always)]
unsafe fn copy_ends<const N: usize>(bytes: &[u8], place: NonNull<u8>) {
    let (from, rest) = (NonNull::from(bytes).cast::<[u8; N]>(), bytes.len() - N);
    // SAFETY: the caller's promise.
    unsafe {
        place.cast::<[u8; N]>().copy_from_nonoverlapping(from, 1);
        place.byte_add(rest).cast::<[u8; N]>().copy_from_nonoverlapping(from.byte_add(rest), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_every_byte_and_no_other() {
        for len in 0..300_usize {
            let bytes: Vec<u8> = (0..len).map(|byte| byte as u8 | 1).collect();
            let mut place = vec![0; len + 2];
            let start = NonNull::from(&mut place[1..]).cast();
            // SAFETY: room for one byte more.
            let end = unsafe { copy(&bytes, start) };
            assert_eq!(end, start.map_addr(|address| address.checked_add(len).unwrap()));
            assert!(place[1..=len] == bytes && place[0] == 0 && place[len + 1] == 0);
        }
    }
}
