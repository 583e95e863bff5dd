//! Random bits from the operating system, for hash seeds and handle scrambling.

use std::hash::{BuildHasher, DefaultHasher, Hasher};

#[cfg(modelled)]
use super::schedules::getentropy;
#[cfg(bytestore_faults)]
use crate::faults::getentropy;
#[cfg(not(any(bytestore_faults, modelled)))]
use libc::getentropy;

/// The most numbers that the system gives at once: 256 bytes.
const AT_ONCE: usize = 32;

/// Hashes that nobody can predict. The standard library's begin with thread-local storage, which the dynamic linker makes
/// at the first use in a thread where the library was loaded late, and which ends the process when there is no memory.
#[derive(Clone, Copy)]
pub struct Keyed([u64; 2]);

impl Keyed {
    pub fn new() -> Self {
        Keyed(numbers())
    }
}

impl BuildHasher for Keyed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        self.0.into_iter().for_each(|number| hasher.write_u64(number));
        hasher
    }
}

/// A random 64-bit number that another process cannot predict.
pub fn number() -> u64 {
    let [number] = numbers();
    number
}

/// As many of them, for the fewest calls of the system.
pub fn numbers<const N: usize>() -> [u64; N] {
    let mut numbers = [0; N];
    for some in numbers.chunks_mut(AT_ONCE) {
        // SAFETY: getentropy writes exactly the bytes it is given, 256 at most.
        let status = unsafe { getentropy(some.as_mut_ptr().cast(), size_of_val(some)) };
        if status != 0 {
            some.fill_with(weak_number);
        }
    }
    numbers
}

/// Where a sandbox forbids getentropy: the clock and the address-space layout,
/// mixed. Guessable by a determined neighbour, but never the same twice.
fn weak_number() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: clock_gettime writes one timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    let clock = (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64);
    let layout = (&raw const now).addr() as u64;
    // The finaliser of splitmix64 (Steele, Lea, Flood: OOPSLA 2014).
    let mut mixed = clock ^ layout.rotate_left(32);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_numbers_are_equal() {
        for number in [number, weak_number] {
            let mut numbers: Vec<_> = (0..100).map(|_| number()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), 100);
        }
    }
}
