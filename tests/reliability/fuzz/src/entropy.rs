//! The system's random numbers, the same in each run: what failed once fails again.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

static STATE: AtomicU64 = AtomicU64::new(0);

/// From here on the numbers are those of the beginning.
pub fn restart() {
    STATE.store(0, Ordering::Relaxed);
}

/// In the place of libc's, as the library calls it.
#[no_mangle]
extern "C" fn getentropy(bytes: *mut c_void, len: usize) -> c_int {
    // SAFETY: the caller's memory, so many bytes of it.
    for bytes in unsafe { std::slice::from_raw_parts_mut(bytes.cast::<u8>(), len) }.chunks_mut(8) {
        // splitmix64 (Steele, Lea, Flood: OOPSLA 2014).
        let state = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.copy_from_slice(&(mixed ^ (mixed >> 31)).to_ne_bytes()[..bytes.len()]);
    }
    0
}
