//! Asks the processor for memory that is read soon. Knows nothing of what is in it.

use crate::abi::Slice;

const PAGE: usize = 4096;
const LINE: usize = 64;

/// How much of a page is asked for; by then the processor has seen where reading goes.
const BEGINNING: usize = 8 * LINE;

/// Asks for the beginning of each page of a value.
#[cfg(target_arch = "x86_64")]
pub fn ask_for(value: &Slice) {
    use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
    for page in (0..value.len).step_by(PAGE) {
        for line in (page..value.len.min(page + BEGINNING)).step_by(LINE) {
            // SAFETY: a hint, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(value.ptr.wrapping_add(line).cast()) };
        }
    }
}

/// Nothing is lost without it but time.
#[cfg(not(target_arch = "x86_64"))]
pub fn ask_for(_value: &Slice) {}
