//! Which URLs name servers: the schemes of Valkey and Redis. Knows nothing of what stands behind one.

/// Schemes, and what the crate that connects calls them.
const SCHEMES: [(&str, &str); 6] = [
    ("redis", "redis"),
    ("valkey", "redis"),
    ("rediss", "rediss"),
    ("valkeys", "rediss"),
    ("redis+unix", UNIX),
    ("valkey+unix", UNIX),
];
/// What it calls a socket in the file system.
pub const UNIX: &str = "redis+unix";
/// Behind a scheme: the servers are some of a cluster's.
const CLUSTER: &str = "+cluster";

/// The scheme that the crate knows, and whether it is a cluster; `None`: the URL names no server.
pub fn of_servers(url: &str) -> Option<(&'static str, bool)> {
    let (scheme, _) = url.split_once("://")?;
    let (scheme, is_cluster) = match scheme.strip_suffix(CLUSTER) {
        Some(scheme) => (scheme, true),
        None => (scheme, false),
    };
    let &(_, known) = SCHEMES.iter().find(|(name, _)| *name == scheme)?;
    (!is_cluster || known != UNIX).then_some((known, is_cluster))
}
