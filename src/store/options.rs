//! Options of a store, and the one URL form that every language shares. Knows nothing of what they cause.

mod making;

use std::fmt::{self, Write};

use crate::engine::{Limits, Settings, NEVER};
use crate::Error;

/// How a store is made. By default it is unbounded, and entries stay until they are deleted.
///
/// Later versions may have more of them, so it is made of the [default](Self::default) with the methods `with_…`, or
/// [of a URL](Self::parse).
///
/// ```
/// use bytestore::{Options, Store};
///
/// let options = Options::default().with_name("answers").with_max_bytes(512 << 20);
/// assert_eq!(Options::parse("memory:answers?max_bytes=512MiB"), Ok(options));
/// let store = Store::with_options(&options)?;
/// # Ok::<(), bytestore::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options<'n> {
    /// The store that everybody in this process gets who opens this name: 1 to
    /// 255 letters, digits, `.`, `_` and `-` of ASCII. Without a name: one that nobody else gets.
    pub name: Option<&'n str>,
    /// Bytes that all entries may take: keys, values and what they take beside. Values of which a caller still
    /// holds views are outside of it once their entries are gone.
    pub max_bytes: Option<u64>,
    /// How many entries there may be.
    pub max_entries: Option<u64>,
    /// Bytes that a single key and its value may have together.
    pub max_item_bytes: Option<u64>,
    /// Milliseconds that an entry lives when it is set without saying.
    pub ttl_ms: Option<u64>,
    /// Time stands still but for [`Store::advance_clock`](super::Store::advance_clock): for tests.
    pub manual_clock: bool,
    /// Overwrites keys and values with zeroes where they were, as soon as they are deleted, overwritten or evicted, or
    /// moved, or their last handle and view is gone; of those that have ended, with the next write. What the caller
    /// is given is his own.
    pub erase: bool,
    /// The URL of a server, `redis://…`, that has the entries: the store is that one, and the other options are those of
    /// copies of what is read there, kept in this process. `max_bytes` bounds them, `ttl` is how long one is kept at most.
    ///
    /// Writes go to the server, and drop the copies here before they return. What others write there drops them, too: the
    /// server tells of it (Redis 6.0 and later, RESP3, `CLIENT TRACKING`) on a connection of its own, to which a thread of
    /// the library listens, from the first `mget` until the store is freed, and a second longer. So a copy is older than
    /// the server's entry for about as long as the word takes, and for some 2 s at most where the connection has gone
    /// silent; without it everything is read from the server. An entry that ends there ends here no later. A batch that is
    /// read is partly of copies, so it is not of one moment. Hits and misses are the store's, sizes and evictions the copies'.
    ///
    /// Not together with `name`, `manual_clock`, `erase` or a cluster.
    pub over: Option<&'n str>,
}

/// The part of a URL that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPart<'u>(pub &'u str);

impl fmt::Display for BadPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in the URL is unknown, given twice, has a wrong value, or is no name of a store", self.0)
    }
}

impl std::error::Error for BadPart<'_> {}

impl From<BadPart<'_>> for Error {
    fn from(_: BadPart<'_>) -> Self {
        Error::InvalidArgument
    }
}

impl<'u> BadPart<'u> {
    /// Without what follows a scheme: in a server's URL that is not where it belongs, a password may.
    fn of(part: &'u str) -> Self {
        BadPart(part.split_once("://").map_or(part, |(before, _)| before))
    }
}

/// The longest name of a store.
const LONGEST_NAME: usize = 255;

/// Units of bytes and their sizes.
const BYTES: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];
pub(super) const COUNT: &[(&str, u64)] = &[("", 1)];
/// Units of time in milliseconds. A number alone would leave open which.
pub(super) const TIME: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl<'n> Options<'n> {
    /// Reads `memory:?option=value&…` and `memory:NAME?option=value&…`:
    ///
    /// | option | value |
    /// |---|---|
    /// | `max_bytes`, `max_item_bytes` | a whole number above 0, with `KiB`, `MiB`, `GiB`, `TiB` or `KB`, `MB`, `GB`, `TB` behind it, or nothing |
    /// | `max_entries` | a whole number above 0 |
    /// | `ttl` | a whole number above 0 with `ms`, `s`, `m`, `h` or `d` behind it |
    /// | `clock` | `manual` |
    /// | `erase` | `true` |
    /// | `over` | the URL of a server; the last option: it goes to the end |
    ///
    /// ```
    /// use bytestore::Options;
    /// assert_eq!(Options::parse("memory:"), Ok(Options::default()));
    /// assert_eq!(Options::parse("memory:?max_bytes=512MiB&ttl=1h")?.max_bytes, Some(512 << 20));
    /// assert_eq!(Options::parse("memory:answers?ttl=1h")?.name, Some("answers"));
    /// assert_eq!(Options::parse("memory:?size=3").unwrap_err().0, "size=3");
    /// # Ok::<(), bytestore::BadPart>(())
    /// ```
    pub fn parse(url: &'n str) -> Result<Self, BadPart<'n>> {
        let Some(rest) = url.strip_prefix("memory:") else {
            let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
            return Err(BadPart(scheme));
        };
        let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (query, over) = match query.strip_prefix("over=") {
            Some(over) => ("", Some(over)),
            None => query.split_once("&over=").map_or((query, None), |(query, over)| (query, Some(over))),
        };
        let mut options = Options { over, ..Options::default() };
        if !name.is_empty() {
            options.name = Some(name);
            if !options.has_good_name() {
                return Err(BadPart::of(name));
            }
        }
        options.set_all(query)?;
        if !options.fit_over() {
            let is_unfit = |part: &&str| part.starts_with("clock=") || part.starts_with("erase=");
            return Err(BadPart(options.name.or_else(|| query.split('&').find(is_unfit)).unwrap_or(query)));
        }
        Ok(options)
    }

    /// Whether there is nothing that a store over a server cannot have.
    pub(super) fn fit_over(&self) -> bool {
        self.over.is_none() || (self.name.is_none() && !self.manual_clock && !self.erase)
    }

    /// Whether all numbers are above 0, as a URL wants them.
    pub(super) fn has_good_numbers(&self) -> bool {
        ![self.max_bytes, self.max_entries, self.max_item_bytes, self.ttl_ms].contains(&Some(0))
    }

    /// Of a snapshot: the options alone, of a store without a name.
    pub(super) fn parse_query(query: &'n str) -> Result<Self, BadPart<'n>> {
        let mut options = Options::default();
        options.set_all(query)?;
        Ok(options)
    }

    fn set_all(&mut self, query: &'n str) -> Result<(), BadPart<'n>> {
        let mut parts = query.split('&').filter(|part| !part.is_empty());
        parts.try_for_each(|part| self.set(part).ok_or(BadPart::of(part)))
    }

    /// All but the name, as the engine takes them.
    pub(super) fn settings(&self) -> Settings {
        let limit = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        let limits = Limits {
            max_bytes: limit(self.max_bytes),
            max_entries: limit(self.max_entries),
            max_item_bytes: limit(self.max_item_bytes),
        };
        let ttl = self.ttl_ms.unwrap_or(NEVER);
        Settings { limits, ttl, manual_clock: self.manual_clock, erase: self.erase }
    }

    /// Whether a store may have this name; none is fine.
    pub(super) fn has_good_name(&self) -> bool {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        self.name.is_none_or(|name| (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_good))
    }

    /// Takes one `option=value`; `None`: it is unknown, wrong, or there already.
    fn set(&mut self, part: &str) -> Option<()> {
        let (name, value) = part.split_once('=')?;
        let (place, units) = match name {
            "max_bytes" => (&mut self.max_bytes, BYTES),
            "max_entries" => (&mut self.max_entries, COUNT),
            "max_item_bytes" => (&mut self.max_item_bytes, BYTES),
            "ttl" => (&mut self.ttl_ms, TIME),
            "clock" if value == "manual" && !self.manual_clock => {
                self.manual_clock = true;
                return Some(());
            }
            "erase" if value == "true" && !self.erase => {
                self.erase = true;
                return Some(());
            }
            _ => return None,
        };
        match place.replace(quantity(value, units)?) {
            None => Some(()),
            Some(_) => None,
        }
    }
}

/// The options that make such settings, as a URL has them behind its `?`.
pub(super) struct Query {
    bytes: [u8; LONGEST_QUERY],
    len: usize,
}

/// All options at once, with the longest numbers.
const LONGEST_QUERY: usize = 160;

impl Query {
    pub fn of(settings: &Settings) -> Self {
        let mut query = Query { bytes: [0; LONGEST_QUERY], len: 0 };
        // There is room for all of them.
        let _ = query.write_all(settings);
        query
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }

    fn write_all(&mut self, settings: &Settings) -> fmt::Result {
        let Settings { limits: Limits { max_bytes, max_entries, max_item_bytes }, ttl, manual_clock, erase } =
            *settings;
        let numbers = [
            ("max_bytes", max_bytes, ""),
            ("max_entries", max_entries, ""),
            ("max_item_bytes", max_item_bytes, ""),
            ("ttl", ttl, "ms"),
        ];
        for (name, number, unit) in numbers.into_iter().filter(|&(_, number, _)| number != u64::MAX) {
            write!(self, "{}{name}={number}{unit}", self.separator())?;
        }
        for (option, is_set) in [("clock=manual", manual_clock), ("erase=true", erase)] {
            if is_set {
                write!(self, "{}{option}", self.separator())?;
            }
        }
        Ok(())
    }

    fn separator(&self) -> &'static str {
        if self.len == 0 {
            ""
        } else {
            "&"
        }
    }
}

impl Write for Query {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let place = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

/// A whole number above 0 and a unit; less than 2^64 - 1 altogether.
pub(super) fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let &(_, size) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(size).filter(|&amount| (1..u64::MAX).contains(&amount))
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
            ("memory:a b?ttl=1s", "a b"),
            ("memory:é", "é"),
            ("memory:a/b", "a/b"),
            ("memory:name?b", "b"),
            ("memory:?a=1&b", "a=1"),
            ("memory:?&&b", "b"),
            ("memory:?ttl=1s&max_bytes=1&ttl=1s", "ttl=1s"),
            ("memory:?clock=manual&clock=manual", "clock=manual"),
            ("memory:?clock=system", "clock=system"),
            ("memory:?erase=true&erase=true", "erase=true"),
            ("memory:?erase=yes", "erase=yes"),
            ("memory:?max_bytes", "max_bytes"),
            ("memory:n?over=redis://a", "n"),
            ("memory:?clock=manual&over=redis://a", "clock=manual"),
            ("memory:?erase=true&over=redis://a", "erase=true"),
            ("memory:?ttl=1s&erase=true&over=redis://a", "erase=true"),
            ("memory:?ttl=1s&clock=manual&over=redis://a", "clock=manual"),
            ("memory:?overt=redis://me:secret@a", "overt=redis"),
            ("memory:redis://me:secret@a", "redis"),
        ] {
            assert_eq!(Options::parse(url), Err(BadPart(part)), "{url}");
        }
        for url in ["memory:", "memory:?", "memory:?&"] {
            assert_eq!(Options::parse(url), Ok(Options::default()), "{url}");
        }
        let over = Options { over: Some("redis://a?ttl=1s&over=b"), max_entries: Some(1), ..Options::default() };
        assert_eq!(Options::parse("memory:?max_entries=1&over=redis://a?ttl=1s&over=b"), Ok(over));
        assert_eq!(Options::parse("memory:?over=a"), Ok(Options { over: Some("a"), ..Options::default() }));
        assert_eq!(Options::parse_query("over=a"), Err(BadPart("over=a")));
        let longest = format!("memory:{}", "n".repeat(LONGEST_NAME));
        assert_eq!(Options::parse(&longest).unwrap().name, longest.get(7..));
        assert!(Options::parse(&format!("{longest}n")).is_err());
        assert!(!Options { name: Some(""), ..Options::default() }.has_good_name());
        assert!(!Options { ttl_ms: Some(0), ..Options::default() }.has_good_numbers());
    }

    #[test]
    fn reads_numbers_with_units() {
        for (value, expected) in [("1", 1), ("7B", 7), ("2KiB", 2048), ("3MB", 3_000_000), ("1TiB", 1 << 40)] {
            assert_eq!(quantity(value, BYTES), Some(expected), "{value}");
        }
        for (value, expected) in [("5ms", 5), ("1s", 1000), ("2m", 120_000), ("1h", 3_600_000), ("30d", 2_592_000_000)]
        {
            assert_eq!(quantity(value, TIME), Some(expected), "{value}");
        }
        let most = u64::MAX.to_string();
        for value in ["", "0", "-1", "+1", "1.5", "1 ", " 1", "KiB", "1kib", "1K", "99999999999TB", "1_000", &most, "٣"]
        {
            assert_eq!(quantity(value, BYTES), None, "{value}");
        }
        for value in ["1", "0s", "1S", "1min"] {
            assert_eq!(quantity(value, TIME), None, "{value}");
        }
        let url = "memory:A-z_0.9?max_entries=9&max_item_bytes=1KB&clock=manual&erase=true&ttl=1d&max_bytes=1GiB";
        let expected = Options {
            name: Some("A-z_0.9"),
            max_bytes: Some(1 << 30),
            max_entries: Some(9),
            max_item_bytes: Some(1000),
            ttl_ms: Some(86_400_000),
            manual_clock: true,
            erase: true,
            over: None,
        };
        assert_eq!(Options::parse(url), Ok(expected));
        let query = Query::of(&expected.settings());
        let unnamed = Options { name: None, ..expected };
        assert_eq!(Options::parse_query(query.as_str()), Ok(unnamed), "{}", query.as_str());
        assert_eq!(Query::of(&Settings::default()).as_str(), "");
        let most = Some(u64::MAX - 1);
        let longest = Options { max_bytes: most, max_entries: most, max_item_bytes: most, ttl_ms: most, ..unnamed };
        assert_eq!(Options::parse_query(Query::of(&longest.settings()).as_str()), Ok(longest));
    }
}
