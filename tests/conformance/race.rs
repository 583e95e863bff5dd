//! Threads that write whole batches while one reads: nobody may see a torn one. Knows no notation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytestore::{Error, Store};

use crate::notation::Bytes;
use crate::readable::Readable;

pub fn race(store: &Store, keys: &[Bytes], writers: usize, rounds: usize, with: &str) -> Result<(), String> {
    let deletes = match with {
        "mset" => false,
        "mdelete" => true,
        unknown => return Err(format!("unknown kind of race {unknown}")),
    };
    let writing = AtomicUsize::new(writers);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let writing = &writing;
                scope.spawn(move || {
                    let outcome = write(store, keys, writer, rounds, deletes);
                    writing.fetch_sub(1, Ordering::Release);
                    outcome
                })
            })
            .collect();
        let read = read(store, keys, &writing);
        for thread in threads {
            match thread.join() {
                Ok(outcome) => outcome.map_err(|error| format!("a writer gets {}", error.name()))?,
                Err(_) => return Err("a writer panics".to_string()),
            }
        }
        read
    })
}

fn write(store: &Store, keys: &[Bytes], writer: usize, rounds: usize, deletes: bool) -> Result<(), Error> {
    for round in 0..rounds {
        if deletes && round % 2 == 1 {
            store.mdelete(keys)?;
        } else {
            let value = format!("{writer}-{round}");
            let pairs: Vec<_> = keys.iter().map(|key| (key, &value)).collect();
            store.mset(&pairs)?;
        }
    }
    Ok(())
}

/// Reads until nobody writes any more, and once after that.
fn read(store: &Store, keys: &[Bytes], writing: &AtomicUsize) -> Result<(), String> {
    loop {
        let last = writing.load(Ordering::Acquire) == 0;
        let answer = store.mget(keys).map_err(|error| format!("the reader gets {}", error.name()))?;
        if answer.len() != keys.len() {
            return Err(format!("{} answers to {} keys", answer.len(), keys.len()));
        }
        if let Some(other) = answer.iter().find(|value| **value != answer[0]) {
            return Err(format!("a torn batch: {} beside {}", other.shortened(), answer[0].shortened()));
        }
        if last {
            return Ok(());
        }
    }
}
