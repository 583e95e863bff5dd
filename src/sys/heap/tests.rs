//! Blocks of a heap under several threads, in closed spans and around a fork.

use super::*;

/// One byte of so many is looked at: Miri sees by itself whose a block is.
const LOOKED_AT: usize = if cfg!(miri) { 97 } else { 1 };

/// A block and what it is filled with.
struct Filled<'h> {
    heap: &'h Heap,
    block: NonNull<u8>,
    len: usize,
    span: SpanNumber,
    byte: u8,
}

// SAFETY: a block is its holder's alone.
unsafe impl Send for Filled<'_> {}

impl<'h> Filled<'h> {
    fn new(heap: &'h Heap, len: usize, byte: u8) -> Self {
        let (block, span) = heap.take(len).unwrap();
        // SAFETY: as long, and nobody else's.
        unsafe { block.write_bytes(byte, len) };
        Filled { heap, block, len, span, byte }
    }
}

impl Drop for Filled<'_> {
    fn drop(&mut self) {
        // SAFETY: written above; put back once.
        unsafe {
            let bytes = std::slice::from_raw_parts(self.block.as_ptr(), self.len);
            assert!(bytes.iter().step_by(LOOKED_AT).all(|&byte| byte == self.byte), "another has the block, too");
            self.heap.put(self.block, self.len, self.span);
        }
    }
}

fn counts(heap: &Heap) -> Counts {
    let mut spans = heap.spans.lock();
    heap.collect(&mut spans);
    let sum = spans.spans.iter().flatten().fold(Counts::default(), |mut sum, span| {
        sum.replace(Counts::default(), span.counts());
        sum
    });
    let Counts { live, resident, kept } = spans.counts;
    assert_eq!((live, resident, kept), (sum.live, sum.resident, sum.kept));
    sum
}

/// Blocks of all lengths come and go, on several threads, and are freed by others than those who made them.
#[test]
fn blocks_are_their_holders_alone_and_memory_goes_back() {
    const ROUNDS: usize = if cfg!(miri) { 60 } else { 400 };
    let heap = Heap::new();
    let (give, take) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..2_usize {
            let (heap, give) = (&heap, give.clone());
            scope.spawn(move || {
                let mut held = Vec::new();
                for round in 0..ROUNDS {
                    let len = PAGE + 1 + (round * 7919 + thread * 613) % [300, 9000, LONGEST + 5][round % 3];
                    held.push(Filled::new(heap, len, round as u8));
                    match round % 4 {
                        0 => {}
                        1 => give.send(held.swap_remove(round * 31 % held.len())).unwrap(),
                        _ => drop(held.swap_remove(round * 17 % held.len())),
                    }
                    if held.len() > 40 {
                        held.truncate(10);
                    }
                }
            });
        }
        drop(give);
        take.into_iter().for_each(drop);
    });
    let Counts { live, resident, kept } = counts(&heap);
    assert_eq!((live, resident), (0, kept));
    assert!(kept <= RESERVE, "{kept} pages kept");
}

/// While spans are closed, what is taken anew lies elsewhere, and what is left of them can be given back.
#[test]
fn a_sparse_heap_says_so_and_becomes_dense() {
    let count = 3 * UNITS / 40;
    let heap = Heap::new();
    let mut blocks: Vec<_> = (0..count).map(|number| Filled::new(&heap, 40 * UNIT, number as u8)).collect();
    assert!(!heap.is_sparse());
    blocks = blocks.into_iter().enumerate().filter(|(number, _)| number % 3 == 0).map(|(_, block)| block).collect();
    let before = counts(&heap);
    assert!(before.wasted() > 0 && (heap.is_sparse() || cfg!(miri)));
    let mut closed = Vec::new();
    for _ in 0..4 {
        heap.close(&mut closed).unwrap();
        for block in &mut blocks {
            if (closed[block.span as usize / 64] >> (block.span % 64)) & 1 == 1 {
                let moved = Filled::new(&heap, block.len, block.byte);
                assert!((closed.get(moved.span as usize / 64).map_or(0, |word| word >> (moved.span % 64))) & 1 == 0);
                *block = moved;
            }
        }
        heap.open();
    }
    let after = counts(&heap);
    assert_eq!(after.live, before.live);
    assert!(after.wasted() * 2 < before.wasted(), "{} of {} units are wasted", after.wasted(), before.wasted());
    assert!(!heap.is_sparse());
}

#[test]
fn a_heap_held_for_a_fork_takes_blocks_back() {
    let heap = Heap::new();
    let block = Filled::new(&heap, 5000, 1);
    heap.hold();
    drop(block); // does not wait
                 // SAFETY: held above.
    unsafe { heap.release_held() };
    assert_eq!(counts(&heap).live, 0);
}

/// While somebody empties it no memory goes back, though blocks are freed; at the end, or in the child of a fork, it does.
#[test]
fn memory_goes_back_when_the_emptying_ends() {
    let heap = Heap::new();
    let fill = || -> Vec<_> { (0..4 * RESERVE).map(|byte| Filled::new(&heap, PAGE + 1, byte as u8)).collect() };
    let end = |forked| match forked {
        false => heap.end_emptying(),
        true => {
            heap.hold();
            // SAFETY: held above; no other thread uses this heap.
            unsafe { heap.reset_held() };
        }
    };
    for forked in [false, true] {
        let blocks = fill();
        heap.begin_emptying();
        drop(blocks);
        let Counts { live, kept, .. } = counts(&heap);
        assert!(live == 0 && kept > 4 * RESERVE);
        end(forked);
        assert!(counts(&heap).kept <= RESERVE);
    }
}
