//! Time that only goes forward, and the date. Knows nothing of what they are for.

/// Milliseconds since some moment before this process began; never less than before, whoever sets the system's date.
/// The time that the machine slept does not count.
pub fn monotonic_ms() -> u64 {
    milliseconds(libc::CLOCK_MONOTONIC)
}

/// Milliseconds since 1970 (UTC, without leap seconds), as the system's date has it.
#[allow(dead_code)] // nobody saves yet
pub fn unix_ms() -> u64 {
    milliseconds(libc::CLOCK_REALTIME)
}

fn milliseconds(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: clock_gettime writes one timespec.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec.max(0) as u64 * 1000 + now.tv_nsec as u64 / 1_000_000
}
