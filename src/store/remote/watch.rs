//! The thread that hears from a server which keys have changed. Knows not who reads copies of them.
//!
//! The server tells on this connection of every change of a key that begins
//! with the namespace, whoever made it (CLIENT TRACKING, BCAST). A PING's answer
//! comes behind what was told before, so it vouches for the time at which the
//! PING was sent, which it carries: copies are good for `TRUST` from then on.

use std::sync::mpsc;
use std::time::Duration;

use redis::{cmd, Client, Connection, ConnectionInfo, ProtocolVersion, PushKind, RedisResult, Value};

use super::near::Near;
use crate::sys::{clock::monotonic_ms, spawn, Shared};

/// How long at most this thread waits before it looks whether the store is closed, and how often it asks the server.
const BEAT: u64 = 1000;
/// How long copies are used after the last time that is vouched for.
const TRUST: u64 = 2 * BEAT;
/// A server that is silent so long is gone.
const PATIENCE: u64 = 5 * BEAT;
/// The wait before a new connection, in milliseconds; it doubles while they do not last.
const FIRST_WAIT: u64 = BEAT / 16;
const LONGEST_WAIT: u64 = BEAT / 2;
/// TLS needs the most of it.
const STACK: usize = 512 << 10;

/// Starts the thread, if there is none. Without one, all is read from the server.
pub fn start(near: &Shared<Near>, server: &ConnectionInfo, namespace: &[u8]) {
    let Some(watching) = Near::watch(near) else { return };
    let (server, namespace) = (server.clone(), namespace.to_vec());
    if spawn("bytestore-watch", STACK, move || watch(&watching, &server, &namespace)).is_err() {
        near.leave();
    }
}

/// However the thread ends, nothing that it has vouched for is used, and another one may start.
struct Leaving<'n>(&'n Near);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.trust_until(0);
        self.0.leave();
    }
}

fn watch(near: &Near, server: &ConnectionInfo, namespace: &[u8]) {
    let _leaving = Leaving(near);
    let mut wait = FIRST_WAIT;
    while !near.is_closed() {
        let begin = monotonic_ms();
        if let Ok(mut connection) = connect(server) {
            _ = listen(near, &mut connection, namespace);
            near.trust_until(0);
            near.forget_all();
            // The child of a fork may have the socket, too: closing it is not enough.
            _ = connection.send_packed_command(&cmd("QUIT").get_packed_command());
        }
        let has_lasted = monotonic_ms() > begin + PATIENCE;
        wait = if has_lasted { FIRST_WAIT } else { LONGEST_WAIT.min(wait * 2) };
        std::thread::sleep(Duration::from_millis(wait));
    }
}

fn connect(server: &ConnectionInfo) -> RedisResult<Connection> {
    let beat = Duration::from_millis(BEAT);
    let settings = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let connection = Client::open(server.clone().set_redis_settings(settings))?.get_connection_with_timeout(beat)?;
    connection.set_read_timeout(Some(beat))?;
    connection.set_write_timeout(Some(beat))?;
    Ok(connection)
}

/// Until the store is closed or the connection is lost.
fn listen(near: &Near, connection: &mut Connection, namespace: &[u8]) -> RedisResult<()> {
    let (sender, pushes) = mpsc::channel();
    connection.set_push_sender(sender);
    let (mut heard, mut asked) = (monotonic_ms(), monotonic_ms());
    cmd("CLIENT").arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg(namespace).exec(connection)?;
    if !near.forget_all() {
        return Ok(());
    }
    near.trust_until(heard + TRUST);
    while !near.is_closed() && !near.is_broken() && monotonic_ms() < heard + PATIENCE {
        if monotonic_ms() >= asked + BEAT {
            asked = ask(connection)?;
        }
        let answer = connection.recv_response();
        for push in pushes.try_iter().filter(|push| push.kind == PushKind::Invalidate) {
            match push.data.first() {
                Some(Value::Array(keys)) => {
                    let keys = keys.iter().filter_map(super::bytes_of);
                    near.forget(&keys.collect::<Vec<_>>());
                }
                // All of them: the server was emptied.
                _ if !near.forget_all() => return Ok(()),
                _ => {}
            }
        }
        match answer {
            Ok(value) => {
                if let Some(time) = time_of(&value) {
                    (heard, _) = (monotonic_ms(), near.trust_until(time + TRUST));
                }
            }
            // The crate leaves out one answer for each that did not come in time: this question's.
            Err(error) if error.is_timeout() => {
                ask(connection)?;
                asked = 0;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sends a PING that carries the time, which it says.
fn ask(connection: &mut Connection) -> RedisResult<u64> {
    let now = monotonic_ms();
    connection.send_packed_command(&cmd("PING").arg(now).get_packed_command())?;
    Ok(now)
}

/// When a PING was sent that has been answered.
fn time_of(answer: &Value) -> Option<u64> {
    std::str::from_utf8(super::bytes_of(answer)?).ok()?.parse().ok()
}
