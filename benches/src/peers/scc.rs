//! `scc`: its synchronous calls, a key at a time, as it has no batches. Values are overwritten through `update_sync`.

use crate::{
    peer::{read_key, Kind, Output, Peer, Slice},
    peers::table::overwrite,
};
use foldhash::fast::RandomState;
use scc::HashMap;

pub fn kind() -> Kind {
    Kind::new("scc", env!("VERSION_SCC"), || Box::new(Map::default()))
}

type Map = HashMap<Box<[u8]>, Box<[u8]>, RandomState>;

impl Peer for Map {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        for (key, value) in keys.iter().zip(values) {
            if self.update_sync(key.bytes(), |_, old| overwrite(old, value.bytes())).is_none() {
                self.upsert_sync(key.bytes().into(), value.bytes().into());
            }
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        for key in keys {
            if self.read_sync(key.bytes(), |_, value| out.push(Some(value))).is_none() {
                out.push(None);
            }
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        keys.iter().filter(|key| self.remove_sync(key.bytes()).is_some()).count()
    }

    fn scan(&self) -> usize {
        let mut bytes = 0;
        self.iter_sync(|key, _| {
            bytes += read_key(key);
            true
        });
        bytes
    }
}
