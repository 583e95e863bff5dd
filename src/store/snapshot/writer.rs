//! Writes a snapshot, entry by entry. Knows not where to.

use super::format::{BlockHeader, Entry, Header, Totals, BLOCK_HEADER, LONGEST_BLOCK};
use super::Sink;
use crate::sys::zstd::Compressor;
use crate::sys::Bytes;
use crate::Error;

/// Bytes of entries at which a block is written: few enough to stay in a cache.
const FULL_BLOCK: usize = 256 << 10;
const _: () = assert!(FULL_BLOCK <= LONGEST_BLOCK);

/// Holds a block at a time. What was written before it failed, or was dropped, is no snapshot.
pub struct Writer<S: Sink> {
    sink: S,
    /// Room for a header, and entries that were not written yet.
    block: Bytes,
    entries: u32,
    compressor: Option<Compressor>,
    /// Room for a header, and a block as it was compressed.
    packed: Bytes,
    totals: Totals,
}

impl<S: Sink> Writer<S> {
    /// Blocks are compressed by zstd at a level up to 22; at 0 they are not. What is written is not left in memory if it
    /// is to be erased.
    pub fn begin(mut sink: S, header: &Header, level: u32, erase: bool) -> Result<Self, Error> {
        let compressor = match level {
            0 => None,
            level => Some(Compressor::new(level, erase)?),
        };
        let fields = header.encode()?;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&fields);
        checksum.update(header.options.as_bytes());
        let checksum = checksum.finalize();
        sink.write(&fields)?;
        sink.write(header.options.as_bytes())?;
        sink.write(&checksum.to_le_bytes())?;
        let mut block = Bytes::new(erase);
        block.resize(BLOCK_HEADER)?;
        let totals = Totals::after_header(checksum);
        Ok(Writer { sink, block, entries: 0, compressor, packed: Bytes::new(erase), totals })
    }

    /// The next one in the store's order.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Error> {
        let size = entry.size()?;
        if self.block.len() - BLOCK_HEADER + size > FULL_BLOCK {
            self.end_block()?;
            if size > LONGEST_BLOCK {
                return self.alone(entry, size);
            }
        }
        self.block.append(&entry.encode())?;
        self.block.append(entry.key)?;
        self.block.append(entry.value)?;
        self.entries += 1; // no more than fit into a block
        Ok(())
    }

    /// The end; gives back where it was written to.
    pub fn finish(mut self) -> Result<S, Error> {
        self.end_block()?;
        self.sink.write(&self.totals.trailer().encode())?;
        Ok(self.sink)
    }

    /// A block of one entry, which is not copied.
    fn alone(&mut self, entry: &Entry, size: usize) -> Result<(), Error> {
        let fields = entry.encode();
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&fields);
        checksum.update(entry.key);
        checksum.update(entry.value);
        let size = size as u64;
        let header =
            BlockHeader { entries: 1, compressed: false, stored: size, raw: size, checksum: checksum.finalize() };
        let encoded = header.encode();
        self.sink.write(&encoded)?;
        self.sink.write(&fields)?;
        self.sink.write(entry.key)?;
        self.sink.write(entry.value)?;
        self.totals.add(&header, &encoded);
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), Error> {
        if self.entries == 0 {
            return Ok(());
        }
        let raw = self.block.len() - BLOCK_HEADER;
        let packed = match &mut self.compressor {
            Some(compressor) => {
                let packed = self.packed.resize(BLOCK_HEADER + raw - 1)?;
                compressor.compress(&self.block[BLOCK_HEADER..], &mut packed[BLOCK_HEADER..])?
            }
            None => None,
        };
        let (bytes, stored) = match packed {
            Some(len) => (self.packed.resize(BLOCK_HEADER + len)?, len),
            None => (self.block.resize(BLOCK_HEADER + raw)?, raw),
        };
        let header = BlockHeader {
            entries: self.entries,
            compressed: packed.is_some(),
            stored: stored as u64,
            raw: raw as u64,
            checksum: crc32fast::hash(&bytes[BLOCK_HEADER..]),
        };
        let encoded = header.encode();
        bytes[..BLOCK_HEADER].copy_from_slice(&encoded);
        self.sink.write(bytes)?;
        self.totals.add(&header, &encoded);
        self.block.resize(BLOCK_HEADER)?;
        self.entries = 0;
        Ok(())
    }
}
