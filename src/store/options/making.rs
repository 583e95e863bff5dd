//! Options made in code, one method each. Knows no URL.

use std::time::Duration;

use super::Options;
use crate::engine::NEVER;

impl<'n> Options<'n> {
    /// With a [`name`](Self::name).
    #[must_use]
    pub const fn with_name(self, name: &'n str) -> Self {
        Options { name: Some(name), ..self }
    }

    /// With a bound of [`max_bytes`](Self::max_bytes).
    #[must_use]
    pub const fn with_max_bytes(self, bytes: u64) -> Self {
        Options { max_bytes: Some(bytes), ..self }
    }

    /// With a bound of [`max_entries`](Self::max_entries).
    #[must_use]
    pub const fn with_max_entries(self, entries: u64) -> Self {
        Options { max_entries: Some(entries), ..self }
    }

    /// With a bound of [`max_item_bytes`](Self::max_item_bytes).
    #[must_use]
    pub const fn with_max_item_bytes(self, bytes: u64) -> Self {
        Options { max_item_bytes: Some(bytes), ..self }
    }

    /// Entries live so long, rounded up to milliseconds, when they are set without saying: [`ttl_ms`](Self::ttl_ms).
    #[must_use]
    pub fn with_ttl(self, ttl: Duration) -> Self {
        let ttl = u64::try_from(ttl.as_nanos().div_ceil(1_000_000)).unwrap_or(NEVER);
        Options { ttl_ms: Some(ttl), ..self }
    }

    /// With a [clock](Self::manual_clock) that stands still, for tests.
    #[must_use]
    pub const fn with_manual_clock(self) -> Self {
        Options { manual_clock: true, ..self }
    }

    /// [Erases](Self::erase) what is gone.
    #[must_use]
    pub const fn with_erase(self) -> Self {
        Options { erase: true, ..self }
    }

    /// On a server, with copies here: [`over`](Self::over).
    #[must_use]
    pub const fn with_over(self, server: &'n str) -> Self {
        Options { over: Some(server), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_says_what_the_url_says() {
        let made = Options::default()
            .with_name("n")
            .with_max_bytes(1)
            .with_max_entries(2)
            .with_max_item_bytes(3)
            .with_ttl(Duration::from_nanos(3_000_001))
            .with_manual_clock()
            .with_erase();
        let url = "memory:n?max_bytes=1&max_entries=2&max_item_bytes=3&ttl=4ms&clock=manual&erase=true";
        assert_eq!(Ok(made), Options::parse(url));
        assert_eq!(Ok(Options::default().with_over("redis://a")), Options::parse("memory:?over=redis://a"));
        assert_eq!(Options::default().with_ttl(Duration::MAX).ttl_ms, Some(NEVER));
    }
}
