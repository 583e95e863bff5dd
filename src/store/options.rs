//! Options of a store, and the one URL form that every language shares. Knows nothing of what they cause.

/// How a store is made. All options are off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {}

/// The part of a URL that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPart<'u>(pub &'u str);

impl Options {
    /// Reads `scheme:?option=value&…`. The scheme is `memory`, and there are no
    /// options yet: `memory:`.
    ///
    /// ```
    /// use bytestore::Options;
    /// assert_eq!(Options::parse("memory:"), Ok(Options::default()));
    /// assert_eq!(Options::parse("memory:?size=3").unwrap_err().0, "size=3");
    /// ```
    pub fn parse(url: &str) -> Result<Self, BadPart<'_>> {
        let Some(rest) = url.strip_prefix("memory:") else {
            let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
            return Err(BadPart(scheme));
        };
        let query = match rest.strip_prefix('?') {
            Some(query) => query,
            None if rest.is_empty() => rest,
            None => return Err(BadPart(rest)),
        };
        match query.split('&').find(|option| !option.is_empty()) {
            Some(unknown) => Err(BadPart(unknown)),
            None => Ok(Options {}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_part_at_fault() {
        for (url, part) in [
            ("", ""),
            ("memory", "memory"),
            ("redis://localhost", "redis"),
            ("MEMORY:", "MEMORY"),
            ("memory://host", "//host"),
            ("memory:?a=1&b", "a=1"),
            ("memory:?&&b", "b"),
        ] {
            assert_eq!(Options::parse(url), Err(BadPart(part)), "{url}");
        }
        for url in ["memory:", "memory:?", "memory:?&"] {
            assert_eq!(Options::parse(url), Ok(Options::default()), "{url}");
        }
    }
}
