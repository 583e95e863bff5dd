//! `dashmap`: a key at a time, as it has no batches. Values are overwritten through `get_mut`.

use crate::{
    peer::{read_key, Kind, Output, Peer, Slice},
    peers::table::overwrite,
};
use dashmap::DashMap;
use foldhash::fast::RandomState;

pub fn kind() -> Kind {
    Kind::new("dashmap", env!("VERSION_DASHMAP"), || Box::new(Map::default()))
}

type Map = DashMap<Box<[u8]>, Box<[u8]>, RandomState>;

impl Peer for Map {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        for (key, value) in keys.iter().zip(values) {
            match self.get_mut(key.bytes()) {
                Some(mut old) => overwrite(&mut old, value.bytes()),
                None => drop(self.insert(key.bytes().into(), value.bytes().into())),
            }
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        for key in keys {
            out.push(self.get(key.bytes()).as_deref().map(|value| &**value));
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        keys.iter().filter(|key| self.remove(key.bytes()).is_some()).count()
    }

    fn scan(&self) -> usize {
        self.iter().map(|pair| read_key(pair.key())).sum()
    }
}
