//! For tests alone: how much memory a thread takes from the allocator. Knows nothing of what for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes a thread has, less those that others took; and the most there were.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

/// What something gives, and how many bytes more than before it had at most meanwhile.
pub fn most_of<T>(something: impl FnOnce() -> T) -> (T, usize) {
    let (before, _) = HELD.get();
    HELD.set((before, before));
    let outcome = something();
    let (_, most) = HELD.get();
    (outcome, (most - before) as usize)
}

fn count(taken: usize, given: usize) {
    // Not in a thread that ends.
    let _ = HELD.try_with(|held| {
        let (now, most) = held.get();
        let now = now + taken as isize;
        held.set((now - given as isize, most.max(now)));
    });
}

struct Counted;

#[cfg_attr(not(bytestore_faults), global_allocator)] // which has its own
static ALLOCATOR: Counted = Counted;

// SAFETY: the system's allocator.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    /// Both are there for a moment.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[test]
fn the_most_is_what_is_there_at_once() {
    let (_, most) = most_of(|| {
        drop(vec![1_u8; 3000]);
        vec![1_u8; 2000]
    });
    #[cfg(not(bytestore_faults))]
    assert_eq!(most, 3000);
}
