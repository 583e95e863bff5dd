//! Asking for memory before it is needed: hints, which read nothing.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks for a value's first cache line.
#[inline(always)]
pub fn prefetch<T: ?Sized>(value: &T) {
    prefetch_at((&raw const *value).cast());
}

/// Asks for the lines of the first `len` of some bytes, or of as many behind them.
#[inline(always)]
pub fn prefetch_first(bytes: &[u8], len: usize) {
    let start = bytes.as_ptr();
    let end = start.wrapping_add(len);
    let mut address = start;
    while address < end {
        prefetch_at(address);
        address = address.wrapping_add(LINE);
    }
    prefetch_at(end.wrapping_sub(1)); // which may lie in a line of its own
}

/// Asks for the cache line at an address, whatever is there.
#[inline(always)]
pub fn prefetch_at(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: any address will do, and SSE is part of x86-64.
    unsafe {
        use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = address;
}
