//! For tests alone: memory that runs out and panics that happen when a test says so, and counts of both. No library
//! that is shipped has it (`--cfg bytestore_faults`); tests/reliability/faults.h is its header.
//!
//! Every way to memory passes here: the allocator, and in src/sys the calls of the system. Random numbers are the same
//! in every run, so that the n-th request for memory is, too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst};

use crate::ffi::{bytestore_status, bytestore_store};
use crate::sys::this_thread;

/// Which of the requests from a number on fail: see `fails`.
static MODE: AtomicU32 = AtomicU32::new(NONE);
static FIRST: AtomicU64 = AtomicU64::new(0);
static SEED: AtomicU64 = AtomicU64::new(0);
/// The thread whose requests are counted, and fail; 0: nobody's.
static THREAD: AtomicUsize = AtomicUsize::new(0);
static PANICS: AtomicBool = AtomicBool::new(false);

const NONE: u32 = 0;
const ONCE: u32 = 1;
const FOR_EVER: u32 = 2;
const EVERY_SECOND: u32 = 3;
const RANDOM: u32 = 4;

/// What a test may ask for, by its number.
static COUNTS: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];
const REQUESTS: usize = 0;
const FAILED: usize = 1;
const BLOCKS: usize = 2;
const BYTES: usize = 3;
const MAPPED: usize = 4;

fn add(count: usize, amount: usize) {
    COUNTS[count].fetch_add(amount as u64, SeqCst);
}

fn subtract(count: usize, amount: usize) {
    COUNTS[count].fetch_sub(amount as u64, SeqCst);
}

/// Counts a request for memory; whether it is to fail.
fn fails() -> bool {
    if THREAD.load(SeqCst) != this_thread() {
        return false;
    }
    let number = COUNTS[REQUESTS].fetch_add(1, SeqCst) + 1;
    let Some(after) = number.checked_sub(FIRST.load(SeqCst)) else { return false };
    let fails = match MODE.load(SeqCst) {
        ONCE => after == 0,
        FOR_EVER => true,
        EVERY_SECOND => after % 2 == 0,
        RANDOM => after == 0 || mixed(SEED.load(SeqCst) ^ number) % 4 == 0,
        _ => false,
    };
    add(FAILED, usize::from(fails));
    fails
}

/// The finaliser of splitmix64 (Steele, Lea, Flood: OOPSLA 2014).
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

struct Failing;

#[global_allocator]
static ALLOCATOR: Failing = Failing;

/// What `ask` gives, if it is asked.
fn allocated(size: usize, ask: impl FnOnce() -> *mut u8) -> *mut u8 {
    let block = if fails() { ptr::null_mut() } else { ask() };
    if !block.is_null() {
        add(BLOCKS, 1);
        add(BYTES, size);
    }
    block
}

// SAFETY: the system's allocator, or no memory.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        allocated(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        allocated(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        subtract(BLOCKS, 1);
        subtract(BYTES, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let moved = allocated(size, || unsafe { System.realloc(block, layout, size) });
        if !moved.is_null() {
            subtract(BLOCKS, 1);
            subtract(BYTES, layout.size());
        }
        moved
    }
}

/// # Safety
/// As for the system's.
pub unsafe fn mmap(
    address: *mut c_void,
    len: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: libc::off_t,
) -> *mut c_void {
    if fails() {
        return libc::MAP_FAILED;
    }
    // SAFETY: the caller's promise.
    let start = unsafe { libc::mmap(address, len, protection, flags, file, offset) };
    add(MAPPED, if start == libc::MAP_FAILED { 0 } else { len });
    start
}

/// # Safety
/// As for the system's.
pub unsafe fn munmap(address: *mut c_void, len: usize) -> c_int {
    subtract(MAPPED, len);
    // SAFETY: the caller's promise.
    unsafe { libc::munmap(address, len) }
}

/// # Safety
/// As for the system's.
pub unsafe fn pthread_atfork(
    prepare: Option<unsafe extern "C" fn()>,
    parent: Option<unsafe extern "C" fn()>,
    child: Option<unsafe extern "C" fn()>,
) -> c_int {
    match fails() {
        true => libc::ENOMEM,
        // SAFETY: the caller's promise.
        false => unsafe { libc::pthread_atfork(prepare, parent, child) },
    }
}

/// # Safety
/// As for the system's.
pub unsafe fn getentropy(bytes: *mut c_void, len: usize) -> c_int {
    for at in 0..len {
        // SAFETY: the caller's promise.
        unsafe { bytes.cast::<u8>().add(at).write(mixed(at as u64) as u8) };
    }
    0
}

/// Inside every guard.
pub fn panic_if_asked() {
    if PANICS.swap(false, SeqCst) {
        panic!("asked for by a test");
    }
}

/// From the `first` request for memory on, counted from now, those of a mode fail.
#[export_name = "bytestore_faults_arm"]
pub extern "C" fn arm(mode: u32, first: u64, seed: u64) {
    THREAD.store(0, SeqCst);
    MODE.store(mode, SeqCst);
    FIRST.store(first, SeqCst);
    SEED.store(seed, SeqCst);
    COUNTS[REQUESTS].store(0, SeqCst);
    COUNTS[FAILED].store(0, SeqCst);
}

/// For this thread.
#[export_name = "bytestore_faults_pause"]
pub extern "C" fn pause(paused: u32) {
    THREAD.store(if paused != 0 { 0 } else { this_thread() }, SeqCst);
}

#[export_name = "bytestore_faults_count"]
pub extern "C" fn count(what: u32) -> u64 {
    COUNTS.get(what as usize).map_or(u64::MAX, |count| count.load(SeqCst))
}

/// The next export that is called panics.
#[export_name = "bytestore_faults_panic"]
pub extern "C" fn panic_next() {
    PANICS.store(true, SeqCst);
}

/// Compares what a store counts with what is there; a panic says where they differ.
#[export_name = "bytestore_faults_check"]
pub extern "C" fn check(store: *mut bytestore_store) -> bytestore_status {
    crate::ffi::check_store(store)
}
