//! All keys of a server or a cluster that begin with a prefix, each once, some at a time. Knows no handles.
//!
//! SCAN gives every key that was there throughout, in no order, some of them
//! twice. In a cluster each primary is asked in turn; when the primaries are
//! others at the end than at the beginning, all are asked once more.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use super::link::Node;
use super::Remote;
use crate::engine::KeySink;
use crate::store::cursor::KeyPage;
use crate::sys::Lock;
use crate::Error;

/// A cluster that has not come to rest after so many walks is a failure.
const MOST_WALKS: usize = 5;

/// A scan that threads may share.
pub struct Scan {
    state: Lock<State>,
    /// The process that made it.
    process: u32,
}

#[derive(Default)]
pub struct State {
    step: Step,
    /// What the keys begin with that are not given out yet.
    ready: VecDeque<Vec<u8>>,
    /// Two hashes of each key that was given out: with secrets of their own they are as good as the key.
    seen: HashSet<(u64, u64)>,
    hashing: (RandomState, RandomState),
    walks: usize,
}

#[derive(Default)]
enum Step {
    #[default]
    Begin,
    At {
        /// The primaries of a cluster; none of a server.
        nodes: Vec<Node>,
        /// The one that is asked.
        place: usize,
        cursor: u64,
    },
    End,
}

impl Scan {
    pub fn new() -> Self {
        Scan { state: Lock::new(State::default()), process: std::process::id() }
    }

    /// As [`Cursor::next_page`](crate::store::Cursor::next_page).
    pub fn next_page<T>(
        &self,
        remote: &Remote,
        prefix: &[u8],
        mut page: KeyPage,
        make: impl Fn(KeyPage) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.process != std::process::id() {
            return Err(Error::Unsupported); // a thread that is not here may have it
        }
        let mut state = self.state.lock();
        let mut count = 0;
        loop {
            while let Some(key) = state.ready.get(count) {
                count += 1;
                if !page.key(key)? {
                    break;
                }
            }
            if page.is_full() || count < state.ready.len() {
                break;
            }
            let keys = state.more(remote, prefix)?;
            if keys.is_empty() {
                break;
            }
            state.ready.try_reserve(keys.len())?;
            state.ready.extend(keys); // there is room
        }
        let made = make(page)?;
        state.ready.drain(..count);
        Ok(made)
    }
}

impl State {
    /// Some keys that were not given out yet; none: there are no more.
    pub fn more(&mut self, remote: &Remote, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let pattern = pattern_of(prefix);
        loop {
            let (nodes, place, cursor) = match &mut self.step {
                Step::End => return Ok(Vec::new()),
                Step::Begin => {
                    let nodes = remote.pool.call(|link| link.nodes())?;
                    self.walks += 1;
                    self.step = Step::At { nodes, place: 0, cursor: 0 };
                    continue;
                }
                Step::At { nodes, place, cursor } => (nodes, place, cursor),
            };
            let asked = remote.pool.call(|link| link.scan(nodes.get(*place), *cursor, &pattern));
            let (next, mut keys) = match asked {
                Ok(some) => some,
                // The server may be gone for good, and another one have its keys.
                Err(_) if !nodes.is_empty() && self.walks < MOST_WALKS => {
                    self.step = Step::Begin;
                    continue;
                }
                Err(error) => return Err(error),
            };
            *cursor = next;
            if next == 0 {
                *place += 1;
                if *place >= nodes.len() {
                    let is_same = nodes.is_empty() || remote.pool.call(|link| link.nodes())? == *nodes;
                    if !is_same && self.walks == MOST_WALKS {
                        return Err(Error::RemoteFailure);
                    }
                    self.step = if is_same { Step::End } else { Step::Begin };
                }
            }
            self.seen.try_reserve(keys.len())?;
            let (first, second) = &self.hashing;
            keys.retain(|key| key.starts_with(prefix) && self.seen.insert((first.hash_one(key), second.hash_one(key))));
            if !keys.is_empty() {
                return Ok(keys);
            }
        }
    }
}

/// The pattern of keys that begin with a prefix: what a pattern gives a meaning to is escaped.
fn pattern_of(prefix: &[u8]) -> Vec<u8> {
    let mut pattern = Vec::new();
    for &byte in prefix {
        if b"*?[]^-\\".contains(&byte) {
            pattern.push(b'\\');
        }
        pattern.push(byte);
    }
    pattern.push(b'*');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(pattern_of(b""), b"*");
        assert_eq!(pattern_of(b"a*b?[c]\\^-\0\xff"), b"a\\*b\\?\\[c\\]\\\\\\^\\-\0\xff*");
    }
}
