//! Reads a snapshot, block by block, and believes nothing of it. Knows not where from.

use super::format::{BlockHeader, Entry, Header, Totals, BLOCK_HEADER, CHECKSUM, ENTRY_HEADER, HEADER};
use super::Source;
use crate::sys::zstd::Decompressor;
use crate::sys::{self, Bytes};
use crate::Error;

/// Holds a block at a time: no more than is left of the source, and half a MiB where it is compressed.
pub struct Reader<S: Source> {
    source: S,
    options: String,
    /// A block as it is stored, where the source has no memory of its own.
    stored: Bytes,
    decompressor: Option<Decompressor>,
    /// A block that was compressed.
    raw: Bytes,
    erase: bool,
    totals: Totals,
    at_end: bool,
}

impl<S: Source> Reader<S> {
    /// Reads the header. What is read is not left in memory if it is to be erased.
    pub fn open(mut source: S, erase: bool) -> Result<Self, Error> {
        let mut stored = Bytes::new(erase);
        let fields: [u8; HEADER] = source.next()?;
        let options_len = Header::decode(&fields)?;
        let options = source.take(options_len, &mut stored)?;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&fields);
        checksum.update(options);
        let checksum = checksum.finalize();
        let options = String::from_utf8(sys::try_to_vec(options)?).map_err(|_| Error::BadSnapshot)?;
        if u32::from_le_bytes(source.next::<CHECKSUM>()?) != checksum {
            return Err(Error::BadSnapshot);
        }
        Ok(Reader {
            source,
            options,
            stored,
            decompressor: None,
            raw: Bytes::new(erase),
            erase,
            totals: Totals::after_header(checksum),
            at_end: false,
        })
    }

    /// What is read from here on is not left in memory, if so wanted.
    pub fn erasing(self, erase: bool) -> Self {
        Reader { stored: Bytes::new(erase), raw: Bytes::new(erase), erase, ..self }
    }

    /// What the snapshot says of itself.
    pub fn header(&self) -> Header<'_> {
        Header { options: &self.options }
    }

    /// How many entries are to come: what the trailer says, as far as there is room for them. It may not be so.
    pub fn entries_to_come(&self) -> Result<usize, Error> {
        let trailer: [u8; BLOCK_HEADER] = self.source.last()?;
        let said = BlockHeader::decode(&trailer).map_or(0, |trailer| trailer.stored);
        Ok(said.min(self.left() / ENTRY_HEADER as u64) as usize)
    }

    /// The next entries, in the store's order; `None`: those of before were all, and the snapshot is whole. Only then
    /// may they be believed.
    pub fn next_block(&mut self) -> Result<Option<Entries<'_>>, Error> {
        if self.at_end {
            return Ok(None);
        }
        let encoded: [u8; BLOCK_HEADER] = self.source.next()?;
        let header = BlockHeader::decode(&encoded)?;
        if header.entries == 0 {
            self.at_end = header == self.totals.trailer() && self.source.left() == 0;
            return if self.at_end { Ok(None) } else { Err(Error::BadSnapshot) };
        }
        if !header.is_possible(self.source.left()) {
            return Err(Error::BadSnapshot);
        }
        let stored = self.source.take(header.stored as usize, &mut self.stored)?;
        if crc32fast::hash(stored) != header.checksum {
            return Err(Error::BadSnapshot);
        }
        let raw = match header.compressed {
            true => {
                let decompressor = match &mut self.decompressor {
                    Some(decompressor) => decompressor,
                    none => none.insert(Decompressor::new(self.erase)?),
                };
                let raw = self.raw.resize(header.raw as usize)?;
                decompressor.decompress(stored, raw)?;
                raw
            }
            false => stored,
        };
        let entries = Entries { rest: raw, left: header.entries as usize };
        if !entries.are_whole() {
            return Err(Error::BadSnapshot);
        }
        self.totals.add(&header, &encoded);
        Ok(Some(entries))
    }

    /// How many entries were read.
    #[cfg(test)]
    pub fn entries(&self) -> u64 {
        self.totals.entries
    }

    /// Bytes that are still to be read.
    pub fn left(&self) -> u64 {
        self.source.left()
    }
}

/// The entries of a block.
#[derive(Clone)]
pub struct Entries<'b> {
    rest: &'b [u8],
    left: usize,
}

impl Entries<'_> {
    /// Whether there are as many as there should be, and nothing else.
    fn are_whole(&self) -> bool {
        let mut entries = self.clone();
        while entries.left > 0 {
            if entries.next().is_none() {
                return false;
            }
        }
        entries.rest.is_empty()
    }
}

impl<'b> Iterator for Entries<'b> {
    type Item = Entry<'b>;

    fn next(&mut self) -> Option<Entry<'b>> {
        self.left = self.left.checked_sub(1)?;
        Entry::decode(&mut self.rest)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Entries<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::snapshot::Writer;

    #[test]
    fn what_is_read_is_erased_as_was_said_last() {
        let writer = Writer::begin(Bytes::new(false), &Header { options: "" }, 0, false).unwrap();
        let bytes = writer.finish().unwrap();
        let erasing = |reader: &Reader<&[u8]>| [reader.stored.is_erased(), reader.raw.is_erased(), reader.erase];
        for erase in [false, true] {
            let reader = Reader::open(&*bytes, erase).unwrap();
            assert_eq!(erasing(&reader), [erase; 3]);
            assert_eq!(erasing(&reader.erasing(!erase)), [!erase; 3]);
        }
    }
}
