//! In the copy of the library in which every change stands beside what it changes: which one is made. The number of one
//! comes from the environment (`MUTANT`); or none is, and where changes could be is noted in a file (`MUTANTS_REACHED`)
//! of a byte for each, which whoever tries them makes. Knows no change.
#![allow(missing_docs, clippy::disallowed_methods)]

use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering::Relaxed};

const UNKNOWN: usize = usize::MAX;
const NOTED: usize = usize::MAX - 1;
const NONE: usize = usize::MAX - 2;

static MADE: AtomicUsize = AtomicUsize::new(UNKNOWN);
static REACHED: AtomicPtr<AtomicU8> = AtomicPtr::new(std::ptr::null_mut());

#[inline(always)]
pub fn made(number: usize) -> bool {
    let made = MADE.load(Relaxed);
    made == number || (made >= NOTED && look(number))
}

#[cold]
fn look(number: usize) -> bool {
    if MADE.load(Relaxed) == UNKNOWN {
        MADE.store(choose(), Relaxed);
    }
    if MADE.load(Relaxed) == NOTED {
        // SAFETY: The file has a byte for each number, and stays mapped.
        unsafe { &*REACHED.load(Relaxed).add(number) }.store(1, Relaxed);
    }
    MADE.load(Relaxed) == number
}

/// Without memory of its own: tests count what the library asks for.
fn choose() -> usize {
    // SAFETY: Both names end, nobody writes the environment beside it, and what is mapped is never unmapped.
    unsafe {
        let number = libc::getenv(c"MUTANT".as_ptr());
        if !number.is_null() {
            return libc::strtoul(number, std::ptr::null_mut(), 10) as usize;
        }
        let file = libc::getenv(c"MUTANTS_REACHED".as_ptr());
        if file.is_null() {
            return NONE;
        }
        let file = libc::open(file, libc::O_RDWR);
        let bytes = libc::lseek(file, 0, libc::SEEK_END);
        let (access, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        let mapped = libc::mmap(std::ptr::null_mut(), bytes as usize, access, shared, file, 0);
        libc::close(file);
        assert!(mapped != libc::MAP_FAILED, "no file for what is reached");
        REACHED.store(mapped.cast(), Relaxed);
        NOTED
    }
}
