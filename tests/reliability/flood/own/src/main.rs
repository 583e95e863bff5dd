//! The library's own hash function, taken from its sources: keys that collide under one seed that is known, and the
//! order of buckets under seeds that are not. Knows nothing of stores.
//!
//! `own-hash collide LENGTH COUNT`: so many keys, side by side, that one seed sends to one bucket of one shard, of 2^10 each.
//! `own-hash order COUNT`: for so many new seeds, one line each: in which order the buckets have a hundred keys.

#![allow(dead_code)] // the engine uses all of it

use std::io::{self, BufWriter, Write};

#[path = "../../../../../src/engine/batch.rs"]
mod batch;

mod gate {
    pub const SHARDS: usize = 16;
}

#[path = "../../../../../src/sys/random.rs"]
pub mod random;

mod sys {
    pub use crate::random;
}

enum Error {
    InvalidArgument,
}

/// What the engine takes of a hash: the shard, and the bucket of a store with some hundred thousand entries.
fn place(hash: u64) -> (u64, u64) {
    (hash >> 60, hash & 0x3ff)
}

fn collide(length: usize, count: usize) -> io::Result<()> {
    let (seed, mut out) = (batch::Seed::new(), BufWriter::new(io::stdout().lock()));
    let mut key = vec![b'k'; length];
    let wanted = place(seed.hash(&key));
    let mut found = 0;
    for number in 0_u64.. {
        key[length - 8..].copy_from_slice(&number.to_le_bytes());
        if place(seed.hash(&key)) == wanted {
            out.write_all(&key)?;
            found += 1;
        }
        if found == count {
            break;
        }
    }
    out.flush()
}

fn order(count: usize) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for _ in 0..count {
        let seed = batch::Seed::new();
        let mut keys: Vec<u32> = (0..100).collect();
        keys.sort_by_key(|key| place(seed.hash(key.to_string().as_bytes())));
        writeln!(out, "{keys:?}")?;
    }
    out.flush()
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
    match (arguments.get(1).map(String::as_str), number(2), number(3)) {
        (Some("collide"), Some(length), Some(count)) if length >= 8 => collide(length, count),
        (Some("order"), Some(count), None) => order(count),
        _ => Err(io::Error::other("usage: own-hash collide LENGTH COUNT | order COUNT")),
    }
}
