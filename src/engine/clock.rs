//! What time it is for a store's entries, in milliseconds. Knows no entries.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::clock::monotonic_ms;

/// The deadline of an entry without one.
pub(crate) const NEVER: u64 = u64::MAX;

pub enum Clock {
    /// The system's.
    System,
    /// Goes on when it is told to: for tests of programs that wait.
    Manual(AtomicU64),
}

impl Clock {
    /// One that stands until it is turned.
    pub fn manual() -> Self {
        Clock::Manual(AtomicU64::new(1))
    }

    /// One that stands where another one is.
    pub fn stopped(other: &Clock) -> Self {
        Clock::Manual(AtomicU64::new(other.now()))
    }

    /// Never 0.
    pub fn now(&self) -> u64 {
        match self {
            Clock::System => monotonic_ms().max(1),
            Clock::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Turns a manual clock; whether it is one.
    pub fn advance(&self, milliseconds: u64) -> bool {
        let Clock::Manual(now) = self else { return false };
        let later = |now: u64| Some(now.saturating_add(milliseconds).min(NEVER - 1));
        let _ = now.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
        true
    }
}

/// When an entry ends that is set now, with so much time to live.
pub fn deadline_after(now: u64, ttl: u64) -> u64 {
    match ttl {
        NEVER => NEVER,
        _ => now.saturating_add(ttl).min(NEVER - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_never_ends_has_never_as_its_end() {
        assert_eq!([0, 7, NEVER].map(|ttl| deadline_after(5, ttl)), [5, 12, NEVER]);
        assert_eq!([NEVER - 6, NEVER - 5, NEVER - 1].map(|ttl| deadline_after(5, ttl)), [NEVER - 1; 3]);
    }

    #[test]
    fn a_clock_that_is_turned_never_comes_to_never() {
        let clock = Clock::manual();
        for (milliseconds, now) in [(0, 1), (41, 42), (NEVER - 44, NEVER - 2), (1, NEVER - 1), (NEVER, NEVER - 1)] {
            assert!(clock.advance(milliseconds));
            assert_eq!(clock.now(), now);
        }
        assert!(!Clock::System.advance(1));
    }
}
