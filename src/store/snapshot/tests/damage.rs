//! Snapshots that are damaged, cut off, or written by an enemy: rejected, and without much memory.

use super::plan::{block_header, Plan, Random};
use super::{plain, small, Content};
use crate::store::snapshot::{Reader, Source};
use crate::sys::counted::most_of;
use crate::Error;

/// Whether it is one, read to its end; what it says goes nowhere.
fn check(source: impl Source) -> Result<(), Error> {
    let mut reader = Reader::open(source, false)?;
    while let Some(entries) = reader.next_block()? {
        entries.for_each(drop);
    }
    Ok(())
}

/// As much memory as a reader may take.
fn allowed(file: &[u8]) -> usize {
    2 * file.len() + (1 << 20)
}

#[test]
fn no_bit_may_flip() {
    let mut flips = 0;
    for (_, bytes) in small() {
        for bit in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let outcome = check(&*bytes);
            let expected = matches!(outcome, Err(Error::BadSnapshot | Error::Unsupported));
            assert!(expected, "bit {bit} of {}: {outcome:?}", bytes.len());
            flips += 1;
        }
    }
    println!("{flips} bits flipped, all noticed");
}

#[test]
fn nothing_may_be_missing_and_nothing_follow() {
    for (_, bytes) in small() {
        for len in 0..bytes.len() {
            assert_eq!(check(&bytes[..len]), Err(Error::BadSnapshot), "{len} of {}", bytes.len());
            assert_eq!(check(&bytes[bytes.len() - len..]), Err(Error::BadSnapshot), "the last {len}");
        }
        for more in [&b"\0"[..], &bytes, &[0; 4096], &bytes[bytes.len() - 32..]] {
            assert_eq!(check(&*[&bytes, more].concat()), Err(Error::BadSnapshot));
        }
    }
}

/// The parts of one snapshot with those of another, or in another order: all checksums fit but the last.
#[test]
fn blocks_stay_in_their_place() {
    let entry = |name: u8| (vec![name], vec![name; 300 << 10], None);
    let content = Content { entries: "abc".bytes().map(entry).collect(), ..Content::default() };
    let (bytes, block) = (content.write(0).unwrap(), 32 + 16 + 1 + (300 << 10));
    let (header, rest) = bytes.split_at(20);
    let (blocks, trailer) = rest.split_at(3 * block);
    let part = |number: usize| &blocks[number * block..][..block];
    let whole = |order: &[usize]| -> Vec<u8> {
        let blocks = order.iter().flat_map(|&number| part(number).iter().copied());
        header.iter().copied().chain(blocks).chain(trailer.iter().copied()).collect()
    };
    assert!(whole(&[0, 1, 2]) == bytes);
    assert_eq!(check(&*bytes), Ok(()));
    for order in [&[0, 2, 1][..], &[1, 0, 2], &[0, 1], &[0, 1, 1], &[0, 0, 1, 2], &[]] {
        assert_eq!(check(&*whole(order)), Err(Error::BadSnapshot), "{order:?}");
    }
    let other = Content { options: "ttl=1ms".to_owned(), ..content }.write(0).unwrap();
    assert_eq!(check(&*[&other[..27], rest].concat()), Err(Error::BadSnapshot));
}

/// Every length there is, with checksums that fit, says more than there is.
#[test]
fn lengths_are_not_believed() {
    let header = Content::default().write(0).unwrap()[..20].to_vec();
    let mut payload = vec![0; 16];
    for len in [17_u64, 1 << 20, (1 << 32) - 1, 1 << 32, 1 << 40, i64::MAX as u64, u64::MAX - 31, u64::MAX] {
        payload[..8].copy_from_slice(&len.to_le_bytes());
        for (count, flags) in [(1, 0), (1, 1), (0xffff_ffff, 0), (0xffff_ffff, 1)] {
            for (stored, raw) in [(len, len), (16, len), (len, 16), (16, 16), (15, len)] {
                let block = block_header(count, flags, stored, raw, plain::crc(&payload));
                let bytes = [&header[..], &block, &payload, &block_header(0, 0, 1, 16, 0)].concat();
                let (outcome, most) = most_of(|| check(&*bytes));
                let compressed = flags == 1 && outcome == Err(Error::Unsupported); // without zstd
                assert!(compressed || outcome == Err(Error::BadSnapshot), "{len}: {outcome:?}");
                assert!(most <= allowed(&bytes), "{most} bytes of memory for a file of {}", bytes.len());
            }
        }
    }
    let mut long_options = header.clone();
    for len in [1_u32, 4096, 4097, u32::MAX] {
        long_options[12..16].copy_from_slice(&len.to_le_bytes());
        let checksum = plain::crc(&long_options[..16]).to_le_bytes();
        long_options[16..].copy_from_slice(&checksum);
        let (outcome, most) = most_of(|| check(&*long_options));
        assert!(outcome == Err(Error::BadSnapshot) && most <= allowed(&long_options), "{len}");
    }
}

/// Only an entry that is longer itself may have a block that is longer than the longest.
#[test]
fn long_blocks_have_one_entry() {
    let entry = |len: u32| [&0_u32.to_le_bytes()[..], &len.to_le_bytes(), &[255; 8], &vec![7; len as usize]].concat();
    let (half, all) = (entry((256 << 10) - 16), entry(512 << 10));
    for (count, payload, expected) in [
        (2, [half.clone(), half.clone()].concat(), Ok(())),
        (2, [half.clone(), entry((256 << 10) - 15)].concat(), Err(Error::BadSnapshot)),
        (1, all.clone(), Ok(())),
        (2, [all.clone(), entry(0)].concat(), Err(Error::BadSnapshot)),
    ] {
        let bytes = Plan::of(&[(count, payload)]).bytes();
        assert_eq!(check(&*bytes), expected);
        assert_eq!(plain::read(&bytes).is_some(), expected.is_ok());
    }
}

/// What zstd makes of little is bounded.
#[test]
fn a_compressed_block_is_no_bomb() {
    let zeroes = Content { entries: vec![(vec![0; 8], vec![0; (512 << 10) - 24], None)], ..Content::default() };
    let bytes = zeroes.write(*super::levels().last().unwrap()).unwrap();
    let (outcome, most) = most_of(|| check(&*bytes));
    assert!(outcome.is_ok() && most <= allowed(&bytes), "{most} bytes of memory for a file of {}", bytes.len());
}

/// Files of an enemy's, with checksums that fit: what the simple reader takes is taken, and means the same; the rest is
/// rejected.
#[test]
fn hostile_files_are_rejected_or_right() {
    const FILES: usize = if cfg!(miri) { 100 } else { 120_000 };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, mut most_memory) = (0, 0);
    for number in 0..FILES {
        let mut plan = Plan::new(&mut random);
        (0..random.below(4)).for_each(|_| plan.change(&mut random));
        let mut bytes = plan.bytes();
        if random.one_in(8) {
            bytes.truncate(random.below(bytes.len()));
        }
        if random.one_in(16) {
            let at = random.below(bytes.len());
            bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8));
        }
        let (outcome, most) = most_of(|| check(&*bytes));
        assert!(most <= allowed(&bytes), "file {number}: {most} bytes of memory for {}", bytes.len());
        most_memory = most.max(most_memory);
        let expected = plain::read(&bytes);
        assert_eq!(outcome.is_ok(), expected.is_some(), "file {number}: {outcome:?}");
        if let Some(expected) = expected {
            assert_eq!(Content::read(&*bytes), Ok(expected), "file {number}");
            accepted += 1;
        }
    }
    println!(
        "{FILES} hostile files: {accepted} of them right, the others rejected, at most {most_memory} bytes of memory"
    );
    assert!(accepted > FILES / 10 && accepted < FILES / 2, "{accepted} of {FILES} files are right");
}
