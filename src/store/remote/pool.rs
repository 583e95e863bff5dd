//! Idle connections to a server, and calls that are tried again when it fails. Knows no commands.

use std::time::{Duration, Instant};

use redis::{ConnectionInfo, RedisError, RedisResult, RetryMethod};

use super::link::{Link, Servers};
use crate::sys::{self, Lock};
use crate::Error;

/// Idle connections that are kept at most.
const MOST_IDLE: usize = 16;
/// The wait before the first new attempt; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// Bytes of a message that are kept.
const LONGEST_MESSAGE: usize = 500;

pub struct Pool {
    servers: Servers,
    retries: u32,
    /// Never held while a server is waited for.
    pub connections: Lock<Connections>,
}

#[derive(Default)]
pub struct Connections {
    idle: Vec<Link>,
    /// Why the last call failed that did.
    message: Vec<u8>,
}

impl Pool {
    pub fn new(servers: Vec<ConnectionInfo>, is_cluster: bool, replicas: u32, timeout: Duration, retries: u32) -> Self {
        let servers = Servers { servers, is_cluster, replicas, timeout };
        Pool { servers, retries, connections: Lock::new(Connections { idle: Vec::new(), message: Vec::new() }) }
    }

    /// Does some work with a connection that nobody else has meanwhile; again,
    /// with another one, when the server fails in a way that may pass. It may
    /// have been done in the attempt that failed, too.
    pub fn call<T>(&self, mut work: impl FnMut(&mut Link) -> RedisResult<T>) -> Result<T, Error> {
        let deadline = Instant::now() + self.servers.timeout;
        let (mut attempt, mut wait) = (0, FIRST_WAIT);
        let mut link = self.idle();
        loop {
            let was_idle = link.is_some();
            let connected = link.take().map_or_else(|| self.servers.connect(), Ok);
            let error = match connected.and_then(|mut link| work(&mut link).map(|answer| (link, answer))) {
                Ok((link, answer)) => {
                    self.keep(link);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            // What else is idle is as old, and has probably lost its server, too.
            let idle = std::mem::take(&mut self.connections.lock().idle);
            drop(idle);
            if was_idle && error.is_unrecoverable_error() && !error.is_timeout() {
                continue; // the server has hung up meanwhile, which says nothing of how it is now
            }
            let is_over = attempt == self.retries || Instant::now() + wait >= deadline;
            if is_over || !may_pass(&error) {
                return Err(self.fail(&error));
            }
            std::thread::sleep(wait);
            (attempt, wait) = (attempt + 1, LONGEST_WAIT.min(wait * 2));
        }
    }

    /// The server, or one of a cluster's.
    pub fn server(&self) -> &ConnectionInfo {
        &self.servers.servers[0] // a URL has one
    }

    /// What the server or the system said when a call failed last.
    pub fn message(&self) -> Result<Vec<u8>, Error> {
        sys::try_to_vec(&self.connections.lock().message)
    }

    fn idle(&self) -> Option<Link> {
        loop {
            let link = self.connections.lock().idle.pop()?;
            if link.is_own() {
                return Some(link);
            }
            // A parent's: both would read each other's answers.
        }
    }

    fn keep(&self, link: Link) {
        let mut connections = self.connections.lock();
        if connections.idle.len() < MOST_IDLE && connections.idle.try_reserve(1).is_ok() {
            connections.idle.push(link);
        }
    }

    fn fail(&self, error: &RedisError) -> Error {
        let text = error.to_string();
        let text = &text.as_bytes()[..text.len().min(LONGEST_MESSAGE)];
        if let Ok(message) = sys::try_to_vec(text) {
            self.connections.lock().message = message;
        }
        Error::RemoteFailure
    }
}

/// Whether the same call may succeed later.
fn may_pass(error: &RedisError) -> bool {
    match error.retry_method() {
        // A primary that has become a replica: the next connection looks for the new one.
        RetryMethod::NoRetry => error.code() == Some("READONLY") || error.is_timeout(),
        _ => error.kind() != redis::ErrorKind::AuthenticationFailed,
    }
}
