//! Memory of blocks longer than a page: cut from spans, and given back by the page. Knows nothing of what is in them.
//!
//! The allocator's memory would be of no use here: between large blocks of unlike
//! lengths it keeps what fits none of them, for each thread anew. A span knows
//! which of its pages are empty; beyond a reserve for the next blocks their
//! memory goes back to the system. Blocks go into the first span with room, and
//! memory goes back from the last one on, so that the first ones stay full.

use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

use super::erase_at;
use super::lock::Guard;
use super::mapping::{self, PAGE};
use super::memory::try_box;
use super::span::{Counts, Span, UNIT, UNITS};
use super::Lock;
use crate::Error;

/// Longer blocks are mapped one by one.
const LONGEST: usize = UNITS * UNIT / 3;
/// Pages that are kept in any case.
const RESERVE: usize = 256;
/// What a store with a bound can spare of its large entries' bytes, one in so many.
const SPARE: usize = 32;
/// Runs are known by the logarithm of their length.
const CLASSES: usize = UNITS.ilog2() as usize + 1;

/// Bytes of the block for so many.
pub const fn rounded(len: usize) -> usize {
    len.next_multiple_of(if len > LONGEST { PAGE } else { UNIT })
}

/// Where the large blocks of one engine come from.
pub struct Heap {
    spans: Lock<Spans>,
    /// Blocks that were put back while others had the lock: who frees never waits, or the child of a fork could for ever.
    freed: AtomicPtr<Freed>,
    /// Whether much memory is wasted between blocks.
    sparse: AtomicBool,
    /// Bytes that have memory and are in no block.
    idle: AtomicUsize,
    /// How many are about to put very many blocks back: `begin_emptying`.
    emptying: AtomicUsize,
    /// How many are about to take very many blocks: `begin_filling`.
    filling: AtomicUsize,
    /// Whether memory is to go back though nothing was freed since.
    due: AtomicBool,
    /// Whether what was in a block is erased.
    erase: bool,
}

/// What a block begins with when it is free.
struct Freed {
    next: *mut Freed,
    len: usize,
    span: SpanNumber,
}

/// Names a block's span.
pub type SpanNumber = u32;

impl Heap {
    pub fn new() -> Self {
        Heap {
            spans: Lock::new(Spans::new()),
            freed: AtomicPtr::new(null_mut()),
            sparse: AtomicBool::new(false),
            idle: AtomicUsize::new(0),
            emptying: AtomicUsize::new(0),
            filling: AtomicUsize::new(0),
            due: AtomicBool::new(false),
            erase: false,
        }
    }

    /// One that erases what was in its blocks, or not.
    pub fn erasing(self, erase: bool) -> Self {
        Heap { erase, ..self }
    }

    /// A block of more bytes than a page has, as many as `rounded` says, and its
    /// span: the caller's alone until it is put back.
    pub fn take(&self, len: usize) -> Result<(NonNull<u8>, SpanNumber), Error> {
        assert!(len > PAGE);
        if len > LONGEST {
            return Ok((mapping::map(rounded(len))?, SpanNumber::MAX));
        }
        let mut spans = self.spans.lock();
        self.collect(&mut spans);
        let block = spans.take(len.div_ceil(UNIT), self.filling.load(Ordering::Relaxed) > 0);
        self.idle.store(spans.counts.idle(), Ordering::Relaxed);
        block
    }

    /// Takes a block back. From any thread, at any time.
    ///
    /// # Safety
    /// It came from `take` of this heap, with this length and this span, and is
    /// not used again.
    pub unsafe fn put(&self, block: NonNull<u8>, len: usize, span: SpanNumber) {
        if self.erase {
            // SAFETY: all of the block.
            unsafe { erase_at(block, len) };
        }
        if len > LONGEST {
            // SAFETY: mapped with this length.
            return unsafe { mapping::unmap(block, rounded(len)) };
        }
        let freed = block.cast::<Freed>().as_ptr();
        let mut next = self.freed.load(Ordering::Relaxed);
        loop {
            // SAFETY: the block is longer, and aligned for it.
            unsafe { freed.write(Freed { next, len, span }) };
            match self.freed.compare_exchange_weak(next, freed, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break,
                Err(newer) => next = newer,
            }
        }
        if let Some(mut spans) = self.spans.try_lock() {
            self.collect(&mut spans);
        }
    }

    /// Very many blocks are about to be put back, in an order that is not theirs: until `end_emptying` no memory goes
    /// back to the system. It would go by the block; afterwards it goes by the span.
    pub fn begin_emptying(&self) {
        self.emptying.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends one `begin_emptying`. Does not wait: while another has the lock, memory goes back with the next block.
    pub fn end_emptying(&self) {
        if self.emptying.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.due.store(true, Ordering::Release);
            if let Some(mut spans) = self.spans.try_lock() {
                self.collect(&mut spans);
            }
        }
    }

    /// Very many blocks are about to be taken: until `end_filling` their pages get memory some at a time. Each alone would
    /// stop the thread.
    pub fn begin_filling(&self) {
        self.filling.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends one `begin_filling`.
    pub fn end_filling(&self) {
        self.filling.fetch_sub(1, Ordering::Relaxed);
    }

    fn collect(&self, spans: &mut Guard<Spans>) {
        let due = self.due.load(Ordering::Relaxed) && self.due.swap(false, Ordering::Acquire);
        if !due && self.freed.load(Ordering::Relaxed).is_null() {
            return;
        }
        let mut next = self.freed.swap(null_mut(), Ordering::AcqRel);
        while let Some(block) = NonNull::new(next) {
            // SAFETY: whoever put the block there has written it, and it is nobody's since.
            let freed = unsafe { block.read() };
            spans.put(block.cast(), freed.len.div_ceil(UNIT), freed.span as usize);
            next = freed.next;
        }
        if self.emptying.load(Ordering::Relaxed) == 0 {
            spans.shrink();
        }
        self.sparse.store(spans.are_sparse(), Ordering::Relaxed);
        self.idle.store(spans.counts.idle(), Ordering::Relaxed);
    }

    /// Whether so much memory is wasted between blocks that some should move.
    pub fn is_sparse(&self) -> bool {
        self.sparse.load(Ordering::Relaxed)
    }

    /// Bytes that have memory and are in no block.
    pub fn idle(&self) -> u64 {
        self.idle.load(Ordering::Relaxed) as u64
    }

    /// Closes the spans that waste clearly more than others, until `open`: new blocks go elsewhere.
    /// Sets the bits of their numbers.
    pub fn close(&self, closed: &mut Vec<u64>) -> Result<(), Error> {
        self.spans.lock().close(closed)
    }

    /// Ends `close`.
    pub fn open(&self) {
        self.spans.lock().open();
    }

    /// Keeps others from taking blocks, until one of the next two.
    pub fn hold(&self) {
        self.spans.hold();
    }

    /// Ends `hold`.
    ///
    /// # Safety
    /// As for [`Lock::release_held`].
    pub unsafe fn release_held(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.spans.release_held() }
    }

    /// Ends `hold` in the child of a fork, where nobody is emptying or filling it.
    ///
    /// # Safety
    /// As for [`Lock::reset`].
    pub unsafe fn reset_held(&self) {
        self.emptying.store(0, Ordering::Relaxed);
        self.filling.store(0, Ordering::Relaxed);
        self.due.store(true, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { self.spans.reset() }
    }
}

struct Spans {
    /// `None`: given back.
    spans: Vec<Option<Box<Span>>>,
    /// No span has a longer run. Closed ones have none.
    runs: Vec<u32>,
    /// For each class of runs: no span before this one has any.
    first: [usize; CLASSES],
    /// Of all spans.
    counts: Counts,
}

impl Spans {
    const fn new() -> Self {
        Spans {
            spans: Vec::new(),
            runs: Vec::new(),
            first: [0; CLASSES],
            counts: Counts { live: 0, resident: 0, kept: 0 },
        }
    }

    fn take(&mut self, units: usize, filling: bool) -> Result<(NonNull<u8>, SpanNumber), Error> {
        let class = units.ilog2();
        let mut number = self.first[class as usize];
        let mut first = None;
        loop {
            let Some(&run) = self.runs.get(number) else {
                number = self.add()?;
                continue;
            };
            if run.checked_ilog2().is_some_and(|run| run >= class) {
                first = first.or(Some(number));
            }
            if run as usize >= units {
                if let Some(block) =
                    self.change(number, |span| span.find(units).map(|at| span.take(at, units, filling))).flatten()
                {
                    self.first[class as usize] = first.unwrap_or(number);
                    return Ok((block, number as SpanNumber));
                }
                self.runs[number] = units as u32 - 1;
            }
            number += 1;
        }
    }

    /// Changes a span and what is counted.
    fn change<T>(&mut self, number: usize, change: impl FnOnce(&mut Span) -> T) -> Option<T> {
        let span = self.spans.get_mut(number)?.as_mut()?;
        let before = span.counts();
        let result = change(span);
        self.counts.replace(before, span.counts());
        Some(result)
    }

    /// Maps a span and gives its number.
    #[cold]
    fn add(&mut self) -> Result<usize, Error> {
        self.spans.try_reserve(1)?;
        self.runs.try_reserve(1)?;
        let number = self.spans.iter().position(Option::is_none).unwrap_or(self.spans.len());
        let span = try_box(Span::try_new()?)?;
        if number == self.spans.len() {
            self.spans.push(None);
            self.runs.push(0);
        }
        self.spans[number] = Some(span);
        self.has_run(number, UNITS);
        Ok(number)
    }

    /// A span has a run of so many units now.
    fn has_run(&mut self, number: usize, units: usize) {
        self.runs[number] = self.runs[number].max(units as u32);
        for first in self.first.iter_mut().take(units.ilog2() as usize + 1) {
            *first = number.min(*first);
        }
    }

    fn put(&mut self, block: NonNull<u8>, units: usize, number: usize) {
        let run = self.change(number, |span| (span.put(block, units), span.closed));
        if let Some((run, false)) = run {
            self.has_run(number, run);
        }
    }

    /// Gives memory back, if there is more than a reserve of it, but for half of that.
    fn shrink(&mut self) {
        let reserve = RESERVE + self.counts.live * UNIT / PAGE / 64;
        if self.counts.kept <= reserve {
            return;
        }
        for number in (0..self.spans.len()).rev() {
            if self.change(number, Span::discard).is_some_and(|is_empty| is_empty) {
                (self.spans[number], self.runs[number]) = (None, 0);
            }
            if self.counts.kept <= reserve / 2 {
                return;
            }
        }
    }

    /// Whether more is wasted than a store can spare that has a bound.
    fn are_sparse(&self) -> bool {
        self.counts.wasted() > RESERVE * PAGE / UNIT + self.counts.live / SPARE
    }

    /// Closes the spans that waste clearly more than others. Sets their bits.
    fn close(&mut self, closed: &mut Vec<u64>) -> Result<(), Error> {
        let words = self.spans.len().div_ceil(64);
        closed.clear();
        closed.try_reserve(words)?;
        closed.resize(words, 0);
        let share = |counts: Counts| counts.wasted() as f64 / counts.live as f64;
        let used = self.spans.iter().flatten().map(|span| span.counts()).filter(|counts| counts.live > 0);
        let (mean, most) = (share(self.counts), used.map(share).fold(0.0, f64::max));
        let limit = (1.5 * mean).min((mean + most) / 2.0);
        for (number, span) in self.spans.iter_mut().enumerate() {
            let Some(span) = span.as_mut().filter(|span| share(span.counts()) >= limit) else { continue };
            span.closed = true;
            self.runs[number] = 0;
            closed[number / 64] |= 1 << (number % 64);
        }
        Ok(())
    }

    fn open(&mut self) {
        for number in 0..self.spans.len() {
            if self.change(number, |span| std::mem::take(&mut span.closed)) == Some(true) {
                self.has_run(number, UNITS); // at most
            }
        }
    }
}

#[cfg(test)]
mod tests;
