//! `papaya`: pinned once a batch. It lends no value for writing, so an overwrite makes a new pair.

use crate::peer::{read_key, Kind, Output, Peer, Slice};
use foldhash::fast::RandomState;
use papaya::HashMap;

pub fn kind() -> Kind {
    Kind::new("papaya", env!("VERSION_PAPAYA"), || Box::new(Map::default()))
}

type Map = HashMap<Box<[u8]>, Box<[u8]>, RandomState>;

impl Peer for Map {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        let map = self.pin();
        for (key, value) in keys.iter().zip(values) {
            map.insert(key.bytes().into(), value.bytes().into());
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        let map = self.pin();
        for key in keys {
            out.push(map.get(key.bytes()).map(|value| &**value));
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        let map = self.pin();
        keys.iter().filter(|key| map.remove(key.bytes()).is_some()).count()
    }

    fn scan(&self) -> usize {
        self.pin().keys().map(|key| read_key(key)).sum()
    }
}
