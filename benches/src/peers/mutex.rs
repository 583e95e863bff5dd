//! One `hashbrown` behind one `parking_lot` mutex, taken once a batch: the simplest store that keeps batches atomic.

use crate::{
    peer::{Kind, Output, Peer, Slice},
    peers::table::Table,
};
use parking_lot::Mutex;

pub fn kind() -> Kind {
    Kind::new("mutex_hashbrown", env!("VERSION_HASHBROWN"), || Box::new(Locked(Mutex::default())))
}

struct Locked(Mutex<Table>);

impl Peer for Locked {
    fn mset(&self, keys: &[Slice], values: &[Slice]) {
        let mut table = self.0.lock();
        for (key, value) in keys.iter().zip(values) {
            let hash = table.hash(key.bytes());
            table.set(hash, key.bytes(), value.bytes());
        }
    }

    fn mget(&self, keys: &[Slice], out: &mut Output) {
        out.clear();
        let table = self.0.lock();
        for key in keys {
            out.push(table.get(table.hash(key.bytes()), key.bytes()));
        }
    }

    fn mdelete(&self, keys: &[Slice]) -> usize {
        let mut table = self.0.lock();
        let mut remove = |key: &[u8]| {
            let hash = table.hash(key);
            table.remove(hash, key)
        };
        keys.iter().filter(|key| remove(key.bytes())).count()
    }

    fn scan(&self) -> usize {
        self.0.lock().scan()
    }
}
