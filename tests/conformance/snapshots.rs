//! The steps about snapshots, through a file and through memory.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use bytestore::{Error, Store};

use crate::notation::{number, Bytes};
use crate::steps::{Fields, Outcome};

/// A file that is there while this lives.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        File(env::temp_dir().join(format!("bytestore-conformance-{}-{number}", process::id())))
    }

    fn of(bytes: &[u8]) -> Self {
        let file = File::new();
        fs::write(&file.0, bytes).expect("room for a file");
        file
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0); // where it was never written
    }
}

pub fn save(store: &Store, outcome: &Outcome) -> Result<Option<Bytes>, String> {
    let file = File::new();
    let in_memory = outcome.of(store.save_to_vec(0))?;
    let in_file = outcome.of(store.save(&file.0, 0))?.map(|()| fs::read(&file.0).map_err(|error| error.to_string()));
    match (in_memory, in_file.transpose()?) {
        (Some(in_memory), Some(in_file)) if in_memory != in_file => {
            Err("the file is not what is in memory".to_string())
        }
        (in_memory, _) => Ok(in_memory),
    }
}

pub fn load(store: &Store, mut bytes: Bytes, mut fields: Fields, outcome: &Outcome) -> Result<(), String> {
    let [cut, flip] = ["cut", "flip"].map(|name| fields.optional(name).map(|field| number(&field)).transpose());
    fields.end()?;
    if let Some(cut) = cut? {
        bytes.truncate(bytes.len().saturating_sub(cut));
    }
    if let Some(flip) = flip? {
        *bytes.get_mut(flip).ok_or("nothing to flip there")? ^= 1;
    }
    outcome.of(store.load_from_slice(&bytes))?;
    outcome.of(store.load(&File::of(&bytes).0)).map(|_| ())
}

pub fn open(bytes: &[u8]) -> Result<Store, Error> {
    let file = File::of(bytes);
    Store::open(&format!("snapshot:{}", file.0.to_str().expect("a plain name")))
}
