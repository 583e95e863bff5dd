//! Where a server is and how it is used: the URLs of Valkey and Redis. Connects to nothing.

use std::time::Duration;

use percent_encoding::percent_decode_str;
use redis::{ConnectionInfo, IntoConnectionInfo};

use crate::engine::NEVER;
use crate::store::options::{quantity, BadPart, COUNT, TIME};
use crate::store::scheme::{self, UNIX};

/// How long a connection, a command or an answer is waited for, if the URL does not say.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often a call is tried again, if the URL does not say.
const RETRIES: u32 = 3;

pub struct Location {
    /// One, or some of a cluster's.
    pub servers: Vec<ConnectionInfo>,
    /// What stands before all keys.
    pub namespace: Vec<u8>,
    /// Milliseconds that an entry lives when it is set without saying.
    pub ttl: u64,
    pub timeout: Duration,
    pub retries: u32,
    /// Keys of one command at most.
    pub batch: usize,
    /// Replicas that must have what was written before it counts as written.
    pub replicas: u32,
    pub is_cluster: bool,
}

impl Location {
    pub fn parse(url: &str) -> Result<Self, BadPart<'_>> {
        let (scheme, rest) = url.split_once("://").ok_or(BadPart(url))?;
        let (known, is_cluster) = scheme::of_servers(url).ok_or(BadPart(scheme))?;
        // What stands before an @ may be a password, however it is written.
        let secret = if known == UNIX { 0 } else { rest.rfind('@').unwrap_or(0) };
        Self::parse_rest(known, is_cluster, rest).map_err(|BadPart(part)| {
            let start = part.as_ptr().addr() - rest.as_ptr().addr();
            BadPart(if start < secret { scheme } else { part })
        })
    }

    /// All behind the scheme. On error the part of it at fault.
    fn parse_rest<'u>(known: &str, is_cluster: bool, rest: &'u str) -> Result<Self, BadPart<'u>> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut location = Location {
            servers: Vec::new(),
            namespace: Vec::new(),
            ttl: NEVER,
            timeout: TIMEOUT,
            retries: RETRIES,
            batch: usize::MAX,
            replicas: 0,
            is_cluster,
        };
        // A socket's path says nothing of users and databases.
        let mut others = String::new();
        for (index, part) in query.split('&').enumerate().filter(|(_, part)| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(BadPart(part))?;
            let is_repeated = query.split('&').skip(index + 1).any(|later| later.split('=').next() == Some(name));
            if is_repeated {
                return Err(BadPart(name)); // its value may be a password
            }
            match known == UNIX && matches!(name, "db" | "user" | "pass") {
                true => others = format!("{others}{}{part}", if others.is_empty() { '?' } else { '&' }),
                false => location.set(name, value).ok_or(BadPart(if name == "pass" { name } else { part }))?,
            }
        }
        // The part at fault is shown: never who logs in, and with which password.
        let (user, place) = match (known == UNIX, place.rsplit_once('@')) {
            (false, Some((user, place))) => (format!("{user}@"), place),
            _ => (String::new(), place),
        };
        let hosts = if is_cluster { place.strip_suffix('/').unwrap_or(place) } else { place };
        for host in hosts.split(if is_cluster { ',' } else { '\n' }) {
            let server = format!("{known}://{user}{host}{others}");
            let server = server.into_connection_info().map_err(|_| BadPart(place))?;
            if host.contains('#') || (is_cluster && server.redis_settings().db() != 0) {
                return Err(BadPart(place));
            }
            location.servers.push(server);
        }
        Ok(location)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "namespace" => self.namespace = percent_decode_str(value).map(Some).collect::<Option<_>>()?,
            "ttl" => self.ttl = quantity(value, TIME)?,
            "timeout" => self.timeout = Duration::from_millis(quantity(value, TIME).filter(|&time| time < 1 << 31)?),
            "retries" => self.retries = whole(value)?,
            "batch" => self.batch = usize::try_from(quantity(value, COUNT)?).ok()?,
            "replicas" => self.replicas = whole(value)?,
            _ => return None,
        }
        Some(())
    }
}

/// A number in digits, without a sign.
fn whole(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_part_at_fault() {
        for (url, part) in [
            ("redis:localhost", "redis:localhost"),
            ("http://localhost", "http"),
            ("redis+unix+cluster:///a", "redis+unix+cluster"),
            ("redis://", ""),
            ("redis://localhost:port", "localhost:port"),
            ("redis://localhost/one", "localhost/one"),
            ("redis+unix://", ""),
            ("redis+unix://?db=1", ""),
            ("redis://localhost/#insecure", "localhost/#insecure"),
            ("rediss://localhost/#insecure", "localhost/#insecure"),
            ("redis+cluster://a:1,,b:2", "a:1,,b:2"),
            ("redis+cluster://a:1/2", "a:1/2"),
            ("redis://a?ttl=1", "ttl=1"),
            ("redis://a?max_bytes=1GiB", "max_bytes=1GiB"),
            ("redis://a?db=1", "db=1"),
            ("redis://a?ttl=1s&retries=2&ttl=1s", "ttl"),
            ("redis+unix:///a?pass=b&pass=c", "pass"),
            ("redis://me:secret@host:port", "host:port"),
            ("redis://me:se?cret@host", "redis"),
            ("redis://me:se?a=1&cret@host?ttl=1", "redis"),
            ("redis://a?pass=secret", "pass"),
            ("redis://a?retries=+1", "retries=+1"),
            ("redis://a?retries=-1", "retries=-1"),
            ("redis://a?timeout=30d", "timeout=30d"),
            ("redis://a?batch=0", "batch=0"),
            ("redis://a?replicas", "replicas"),
        ] {
            assert_eq!(Location::parse(url).map(|_| ()), Err(BadPart(part)), "{url}");
        }
    }

    #[test]
    fn reads_every_form() {
        let url =
            "valkey+cluster://me:p%40ss@a:1,b:2/?namespace=x%2Fy%00&ttl=2m&timeout=100ms&retries=0&batch=9&replicas=1";
        let location = Location::parse(url).unwrap();
        assert!(location.is_cluster);
        let servers: Vec<_> = location.servers.iter().map(|server| server.addr().to_string()).collect();
        assert_eq!(servers, ["a:1", "b:2"]);
        assert_eq!(location.servers[1].redis_settings().password(), Some("p@ss"));
        assert_eq!(location.namespace, b"x/y\0");
        assert_eq!((location.ttl, location.timeout), (120_000, Duration::from_millis(100)));
        assert_eq!((location.retries, location.batch, location.replicas), (0, 9, 1));

        let location = Location::parse("redis+unix:///run/redis.sock?db=3&pass=secret&ttl=1s").unwrap();
        assert_eq!(location.servers[0].addr().to_string(), "/run/redis.sock");
        assert_eq!(location.servers[0].redis_settings().db(), 3);
        assert_eq!(location.ttl, 1000);

        let location = Location::parse("redis://[::1]:7000/4").unwrap();
        assert_eq!((location.servers[0].redis_settings().db(), location.is_cluster), (4, false));
        assert_eq!((location.ttl, location.timeout, location.retries), (NEVER, TIMEOUT, RETRIES));
        #[cfg(feature = "redis-tls")]
        assert!(Location::parse("valkeys://host").is_ok());
    }
}
