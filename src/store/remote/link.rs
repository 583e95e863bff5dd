//! One connection to a server, or to all servers of a cluster, and the commands that are sent over it. Knows no retries.

use std::collections::HashSet;
use std::time::Duration;

use redis::cluster::{cluster_pipe, ClusterClient, ClusterConnection};
use redis::cluster_routing::{
    MultipleNodeRoutingInfo, ResponsePolicy, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr,
};
use redis::{cmd, pipe, Client, Cmd, Connection, ConnectionInfo, ConnectionLike, RedisResult, Value};

use super::unexpected;

/// How often the cluster's client follows a redirection.
const REDIRECTIONS: u32 = 3;

/// Where to connect to, and what a connection does by itself.
pub struct Servers {
    pub servers: Vec<ConnectionInfo>,
    pub is_cluster: bool,
    pub replicas: u32,
    pub timeout: Duration,
}

pub struct Link {
    to: To,
    replicas: u32,
    timeout: Duration,
    /// The process that made it.
    process: u32,
}

enum To {
    Server(Connection),
    Cluster(Box<ClusterConnection>),
}

/// A server of a cluster, and the slots that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub host: String,
    pub port: u16,
}

impl Servers {
    pub fn connect(&self) -> RedisResult<Link> {
        let to = match (self.is_cluster, self.servers.first()) {
            (false, Some(server)) => {
                let connection = Client::open(server.clone())?.get_connection_with_timeout(self.timeout)?;
                connection.set_read_timeout(Some(self.timeout))?;
                connection.set_write_timeout(Some(self.timeout))?;
                To::Server(connection)
            }
            _ => {
                let client = ClusterClient::builder(self.servers.iter().cloned())
                    .connection_timeout(self.timeout)
                    .response_timeout(self.timeout)
                    .retries(REDIRECTIONS)
                    .build()?;
                To::Cluster(Box::new(client.get_connection()?))
            }
        };
        Ok(Link { to, replicas: self.replicas, timeout: self.timeout, process: std::process::id() })
    }
}

impl Link {
    /// Whether this process made it, not one that it was forked from.
    pub fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    /// Sets pairs: on one server in one step.
    pub fn set(&mut self, pairs: &[(&[u8], &[u8])], ttl: Option<u64>) -> RedisResult<()> {
        let set = |key: &[u8], value: &[u8]| {
            let mut command = cmd("SET");
            command.arg(key).arg(value);
            if let Some(ttl) = ttl {
                command.arg("PX").arg(ttl);
            }
            command
        };
        match &mut self.to {
            To::Server(server) if ttl.is_none() => {
                let mut command = cmd("MSET");
                pairs.iter().for_each(|&(key, value)| {
                    command.arg(key).arg(value);
                });
                command.exec(server)?;
            }
            To::Server(server) => {
                let mut commands = pipe();
                commands.atomic();
                pairs.iter().for_each(|&(key, value)| {
                    commands.add_command(set(key, value));
                });
                commands.exec(server)?;
            }
            To::Cluster(cluster) => {
                let mut commands = cluster_pipe();
                pairs.iter().for_each(|&(key, value)| {
                    commands.add_command(set(key, value));
                });
                commands.exec(cluster)?;
            }
        }
        self.wait_for_replicas(pairs.iter().map(|&(key, _)| key))
    }

    /// One answer for each key, bytes or nothing; of one server as of one moment.
    pub fn get(&mut self, keys: &[&[u8]]) -> RedisResult<Vec<Value>> {
        match &mut self.to {
            To::Server(server) => {
                let mut command = cmd("MGET");
                keys.iter().for_each(|&key| {
                    command.arg(key);
                });
                answers(server.req_command(&command)?, keys.len())
            }
            To::Cluster(cluster) => per_key(cluster, "GET", keys),
        }
    }

    /// As `get`, of one server alone, and beside each answer the milliseconds after which the entry ends, if it does. They
    /// may be of a later moment: what has changed in between is told to whoever hears of changes.
    pub fn get_with_ttls(&mut self, keys: &[&[u8]]) -> RedisResult<Vec<(Value, Option<u64>)>> {
        let To::Server(server) = &mut self.to else { return unexpected() };
        let mut commands = pipe();
        commands.cmd("MGET");
        keys.iter().for_each(|&key| _ = commands.arg(key));
        keys.iter().for_each(|&key| _ = commands.cmd("PTTL").arg(key));
        let mut all = server.req_packed_commands(&commands.get_packed_pipeline(), 0, keys.len() + 1)?.into_iter();
        let values = answers(all.next().unwrap_or(Value::Nil), keys.len())?;
        let ttls = all.map(|ttl| match ttl.extract_error()? {
            Value::Int(-1) => Ok(None),
            // -2: it has gone meanwhile.
            Value::Int(ttl) => Ok(Some(u64::try_from(ttl).unwrap_or(0))),
            _ => unexpected(),
        });
        values.into_iter().zip(ttls).map(|(value, ttl)| Ok((value, ttl?))).collect()
    }

    /// Deletes keys; says how many there were.
    pub fn delete(&mut self, keys: &[&[u8]]) -> RedisResult<usize> {
        let removed = match &mut self.to {
            To::Server(server) => {
                let mut command = cmd("UNLINK");
                keys.iter().for_each(|&key| {
                    command.arg(key);
                });
                command.query(server)?
            }
            To::Cluster(cluster) => per_key::<Vec<usize>>(cluster, "UNLINK", keys)?.into_iter().sum(),
        };
        self.wait_for_replicas(keys.iter().copied())?;
        Ok(removed)
    }

    /// The primaries of a cluster; of a server none.
    pub fn nodes(&mut self) -> RedisResult<Vec<Node>> {
        let To::Cluster(cluster) = &mut self.to else { return Ok(Vec::new()) };
        let mut command = cmd("CLUSTER");
        command.arg("SLOTS");
        let slots: Vec<Vec<Value>> = command.query(cluster)?;
        let mut nodes = Vec::new();
        for range in slots {
            let Some(Value::Array(primary)) = range.get(2) else { return unexpected() };
            let (Some(host), Some(port)) = (primary.first(), primary.get(1)) else { return unexpected() };
            let node = Node { host: redis::from_redis_value_ref(host)?, port: redis::from_redis_value_ref(port)? };
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        Ok(nodes)
    }

    /// Some keys that a pattern describes, and the cursor that follows them.
    pub fn scan(&mut self, node: Option<&Node>, cursor: u64, pattern: &[u8]) -> RedisResult<(u64, Vec<Vec<u8>>)> {
        let mut command = cmd("SCAN");
        command.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(1000).arg("TYPE").arg("string");
        match (&mut self.to, node) {
            (To::Cluster(cluster), Some(Node { host, port })) => {
                let to = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                redis::from_redis_value(cluster.route_command(&command, RoutingInfo::SingleNode(to))?)
                    .map_err(Into::into)
            }
            (To::Server(server), None) => command.query(server),
            _ => unexpected(),
        }
    }

    /// Waits until as many replicas have what was written as are asked for.
    fn wait_for_replicas<'k>(&mut self, keys: impl Iterator<Item = &'k [u8]>) -> RedisResult<()> {
        if self.replicas == 0 {
            return Ok(());
        }
        let mut wait = cmd("WAIT");
        wait.arg(self.replicas).arg(self.timeout.as_millis() as u64);
        match &mut self.to {
            To::Server(server) => enough(server.req_command(&wait)?, self.replicas),
            To::Cluster(cluster) => {
                // On another connection than the writes' it would wait for nothing.
                cluster.set_auto_reconnect(false);
                let waited = wait_in_cluster(cluster, &wait, self.replicas, keys);
                cluster.set_auto_reconnect(true);
                waited
            }
        }
    }
}

fn wait_in_cluster<'k>(
    cluster: &mut ClusterConnection,
    wait: &Cmd,
    replicas: u32,
    keys: impl Iterator<Item = &'k [u8]>,
) -> RedisResult<()> {
    let least = ResponsePolicy::Aggregate(redis::cluster_routing::AggregateOp::Min);
    let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, Some(least)));
    if cluster.route_command(wait, everywhere).and_then(|count| enough(count, replicas)).is_ok() {
        return Ok(());
    }
    // A server that has none of these keys may have lost its replicas.
    let slots: HashSet<u16> = keys.map(slot_of).collect();
    slots.into_iter().try_for_each(|slot| {
        let to = SingleNodeRoutingInfo::SpecificNode(Route::new(slot, SlotAddr::Master));
        enough(cluster.route_command(wait, RoutingInfo::SingleNode(to))?, replicas)
    })
}

/// The part of a cluster that has a key: of what stands in its first braces, or of the whole key
/// (Redis cluster specification, "Hash tags").
fn slot_of(key: &[u8]) -> u16 {
    let tagged = key.iter().position(|&byte| byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|&byte| byte == b'}').map(|close| &rest[..close])
    });
    let hashed = tagged.filter(|tag| !tag.is_empty()).unwrap_or(key);
    crc16::State::<crc16::XMODEM>::calculate(hashed) % 16384
}

fn enough(count: Value, replicas: u32) -> RedisResult<()> {
    match count {
        Value::Int(count) if count >= i64::from(replicas) => Ok(()),
        Value::Int(_) => {
            Err((redis::ErrorKind::Server(redis::ServerErrorKind::TryAgain), "too few replicas have what was written")
                .into())
        }
        _ => unexpected(),
    }
}

/// As they came: what is copied to the caller anyway is not taken apart first.
fn answers(value: Value, count: usize) -> RedisResult<Vec<Value>> {
    let is_answer = |value: &Value| matches!(value, Value::BulkString(_) | Value::Nil);
    match value.extract_error()? {
        Value::Array(values) if values.len() == count && values.iter().all(is_answer) => Ok(values),
        _ => unexpected(),
    }
}

/// One command for each key: each goes to its own server, all of them at once.
fn per_key<T: redis::FromRedisValue>(cluster: &mut ClusterConnection, name: &str, keys: &[&[u8]]) -> RedisResult<T> {
    let mut commands = cluster_pipe();
    keys.iter().for_each(|&key| {
        commands.cmd(name).arg(key);
    });
    commands.query(cluster)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specification's example, and its rules for braces.
    #[test]
    fn finds_slots() {
        assert_eq!(slot_of(b"123456789"), 0x31c3);
        assert_eq!(slot_of(b"{user1000}.following"), slot_of(b"user1000"));
        assert_eq!(slot_of(b"foo{{bar}}zap"), slot_of(b"{bar"));
        assert_eq!(slot_of(b"foo{bar}{zap}"), slot_of(b"bar"));
        for whole in [&b"foo{}{bar}"[..], b"foo{bar", b""] {
            assert_eq!(slot_of(whole), crc16::State::<crc16::XMODEM>::calculate(whole) % 16384);
        }
    }
}
