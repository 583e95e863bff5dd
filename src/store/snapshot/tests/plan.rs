//! Hostile snapshots: right ones that are changed where it hurts, with checksums that fit. Knows no reader.

use super::plain::crc;
use crate::sys::zstd::Compressor;

/// A xorshift generator (Marsaglia 2003): the same numbers in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound.max(1)
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }

    /// Another number where this one is right.
    fn instead_of(&mut self, right: u64) -> u64 {
        let near = [right.wrapping_add(1), right.wrapping_sub(1), right.wrapping_mul(2), 0, 1, 32, 524_288, 524_289];
        let far = [0xffff, 1 << 31, u64::from(u32::MAX), 1 << 32, i64::MAX as u64, u64::MAX - 31, u64::MAX];
        match self.below(4) {
            0 => far[self.below(far.len())],
            1 => self.next() >> self.below(64),
            _ => near[self.below(near.len())],
        }
    }
}

/// The parts of a snapshot, as they are to be written. What is `None` is what it has to be.
#[derive(Clone)]
pub struct Plan {
    magic: Vec<u8>,
    version: u64,
    flags: u64,
    options: Vec<u8>,
    options_len: Option<u64>,
    blocks: Vec<Block>,
    total_entries: Option<u64>,
    total_raw: Option<u64>,
    trailer_flags: u64,
    chain: Option<u32>,
    behind: Vec<u8>,
}

#[derive(Clone)]
struct Block {
    count: u64,
    flags: u64,
    stored: Option<u64>,
    raw: Option<u64>,
    payload: Vec<u8>,
}

fn put(bytes: &mut Vec<u8>, number: u64, size: usize) {
    bytes.extend(&number.to_le_bytes()[..size]);
}

impl Plan {
    /// A right one.
    pub fn new(random: &mut Random) -> Self {
        let options = ["", "ttl=1h", "max_bytes=1GiB&erase=true"][random.below(3)].as_bytes().to_vec();
        let blocks = (0..random.below(4)).map(|_| Block::new(random)).collect();
        Plan {
            magic: b"\x89BST\r\n\x1a\n".to_vec(),
            version: 1,
            flags: 0,
            options,
            options_len: None,
            blocks,
            total_entries: None,
            total_raw: None,
            trailer_flags: 0,
            chain: None,
            behind: Vec::new(),
        }
    }

    /// One of these blocks: counts, and bytes of entries.
    pub fn of(blocks: &[(u64, Vec<u8>)]) -> Self {
        let block = |(count, payload): &(u64, Vec<u8>)| Block {
            count: *count,
            flags: 0,
            stored: None,
            raw: None,
            payload: payload.clone(),
        };
        Plan { blocks: blocks.iter().map(block).collect(), ..Plan::new(&mut Random(1)) }
    }

    /// Changes something, which may be of no consequence.
    pub fn change(&mut self, random: &mut Random) {
        let place = random.below(self.blocks.len());
        match (random.below(14), self.blocks.get_mut(place)) {
            (0, _) => match random.below(6) {
                0 => self.magic[random.below(8)] ^= 1 << random.below(8),
                1 => self.version = random.instead_of(1),
                2 => self.flags = random.instead_of(0),
                3 => self.options_len = Some(random.instead_of(self.options.len() as u64)),
                4 => self.options = vec![b'o'; random.below(5000)],
                _ => self.behind = random.bytes(80),
            },
            (1, _) => match random.below(4) {
                0 => self.total_entries = Some(random.instead_of(self.entries())),
                1 => self.total_raw = Some(random.instead_of(self.raw())),
                2 => self.trailer_flags = random.instead_of(0),
                _ => self.chain = Some(random.next() as u32),
            },
            (2, Some(_)) => {
                self.blocks.remove(place);
            }
            (3, Some(block)) => {
                let again = block.clone();
                self.blocks.push(again);
            }
            (4, Some(block)) => block.count = random.instead_of(block.count),
            (5, Some(block)) => block.flags = random.instead_of(block.flags),
            (6, Some(block)) => block.stored = Some(random.instead_of(block.payload.len() as u64)),
            (7, Some(block)) => block.raw = Some(random.instead_of(block.payload.len() as u64)),
            (8, Some(block)) => {
                let len = random.instead_of(block.payload.len() as u64);
                block.stored = Some(len);
                block.raw = Some(len);
            }
            (9, Some(block)) => {
                // A length in an entry's header, if it is the first one's.
                let (at, size) = if random.one_in(2) { (4 * random.below(2), 4) } else { (0, 8) };
                if let Some(field) = block.payload.get_mut(at..at + size) {
                    field.copy_from_slice(&random.instead_of(1).to_le_bytes()[..size]);
                }
            }
            (10, Some(block)) => {
                let at = random.below(block.payload.len());
                if let Some(byte) = block.payload.get_mut(at) {
                    *byte = random.next() as u8;
                }
            }
            (11, Some(block)) => block.payload.truncate(random.below(block.payload.len())),
            (12, Some(block)) => {
                let more = random.bytes(40);
                block.payload.extend(more);
            }
            _ => self.blocks.push(Block::new(random)),
        }
    }

    fn entries(&self) -> u64 {
        self.blocks.iter().fold(0, |all, block| all.wrapping_add(block.count))
    }

    fn raw(&self) -> u64 {
        self.blocks.iter().fold(0, |all, block| all.wrapping_add(block.raw.unwrap_or(block.payload.len() as u64)))
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.magic.clone();
        put(&mut bytes, self.version, 2);
        put(&mut bytes, self.flags, 2);
        put(&mut bytes, self.options_len.unwrap_or(self.options.len() as u64), 4);
        bytes.extend(&self.options);
        let mut checksums = crc(&bytes).to_le_bytes().to_vec();
        bytes.extend(&checksums);
        let len = |block: &Block| block.payload.len() as u64;
        for block in &self.blocks {
            let (stored, raw) = (block.stored.unwrap_or(len(block)), block.raw.unwrap_or(len(block)));
            let header = block_header(block.count, block.flags, stored, raw, crc(&block.payload));
            checksums.extend(&header[28..]);
            bytes.extend(header);
            bytes.extend(&block.payload);
        }
        let (entries, raw) = (self.total_entries.unwrap_or(self.entries()), self.total_raw.unwrap_or(self.raw()));
        let chain = self.chain.unwrap_or(crc(&checksums));
        bytes.extend(block_header(0, self.trailer_flags, entries, raw, chain));
        bytes.extend(&self.behind);
        bytes
    }
}

impl Block {
    fn new(random: &mut Random) -> Self {
        let mut payload = Vec::new();
        let count = 1 + random.below(3);
        for _ in 0..count {
            // Half of them of many equal bytes, which zstd makes shorter.
            let (key, mut value) = (random.bytes(12), random.bytes(40));
            value.extend(vec![7; if random.one_in(2) { 200 } else { 0 }]);
            put(&mut payload, key.len() as u64, 4);
            put(&mut payload, value.len() as u64, 4);
            put(&mut payload, if random.one_in(2) { u64::MAX } else { random.next() }, 8);
            payload.extend(key);
            payload.extend(value);
        }
        let block = Block { count: count as u64, flags: 0, stored: None, raw: None, payload };
        if random.one_in(4) {
            block.compressed()
        } else {
            block
        }
    }

    /// As it is where that is no shorter, or there is no zstd.
    fn compressed(self) -> Self {
        let raw = self.payload.len();
        let mut room = vec![0; raw - 1];
        match Compressor::new(1, false).and_then(|mut zstd| zstd.compress(&self.payload, &mut room)) {
            Ok(Some(len)) => {
                room.truncate(len);
                Block { flags: 1, raw: Some(raw as u64), payload: room, ..self }
            }
            _ => self,
        }
    }
}

pub fn block_header(count: u64, flags: u64, stored: u64, raw: u64, checksum: u32) -> Vec<u8> {
    let mut header = Vec::new();
    put(&mut header, count, 4);
    put(&mut header, flags, 4);
    put(&mut header, stored, 8);
    put(&mut header, raw, 8);
    put(&mut header, u64::from(checksum), 4);
    let checksum = crc(&header);
    put(&mut header, u64::from(checksum), 4);
    header
}
