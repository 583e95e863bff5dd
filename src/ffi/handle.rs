//! Handles that survive misuse: what C holds is a number that names a slot and its generation, never an address.
//!
//! A slot's state is one word: generation (28 bits) | kind (4) | closing (1) |
//! pins (31). A call pins the slot while it uses the object; closing marks it,
//! and whoever takes the last pin off a marked slot destroys the object. The
//! generation then moves on, so that old numbers mean nothing any more.
//! Atomics only, no lock: a fork cannot leave one behind. Slots are never
//! given back to the allocator, so any number can be looked up safely.

use std::alloc::Layout;
use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicBool;

use once_cell::race::OnceNonZeroUsize;

use crate::sys::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use crate::sys::{self, fork, memory, random};
use crate::Error;

/// What a handle can stand for.
pub trait Object: Send + Sync {
    /// 1 to 15, different for every type: handles of one kind are never taken
    /// for another.
    const KIND: u64;
}

/// A slot without an object.
const NO_KIND: u64 = 0;
const GENERATION_BITS: u32 = 28;
const LAST_GENERATION: u64 = (1 << GENERATION_BITS) - 1;
const CLOSING: u64 = 1 << 31;
const PINS: u64 = CLOSING - 1;

struct Slot {
    state: AtomicU64,
    object: AtomicPtr<c_void>,
    /// Link of the free list: index + 1, or 0.
    next_free: AtomicU32,
}

/// Chunk c holds `FIRST_CHUNK << c` slots; 26 of them hold 2^32.
const FIRST_CHUNK: usize = if cfg!(modelled) { 2 } else { 64 };
const CHUNKS: usize = 26;
static TABLE: [AtomicPtr<Slot>; CHUNKS] = [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS];

/// Slots ever used.
static USED: AtomicU32 = AtomicU32::new(0);
/// Head of the free list: a change counter (32 bits) | index + 1.
static FREE: AtomicU64 = AtomicU64::new(0);

/// Numbers are scrambled, so that a guessed or miscounted one is no handle.
fn scramble() -> u64 {
    static SECRET: OnceNonZeroUsize = OnceNonZeroUsize::new();
    SECRET.get_or_init(|| NonZeroUsize::new(random::number() as usize).unwrap_or(NonZeroUsize::MAX)).get() as u64
}

/// Kind (4 bits) | scrambled generation (28) and index (32). A kind is not
/// zero, so neither is a handle.
const NAME_BITS: u64 = (1 << 60) - 1;

fn handle_of(kind: u64, generation: u64, index: u32) -> *mut c_void {
    let name = ((generation << 32) | u64::from(index)) ^ (scramble() & NAME_BITS);
    ptr::without_provenance_mut(((kind << 60) | name) as usize)
}

/// Gives an object a handle.
pub fn insert<T: Object>(object: T) -> Result<*mut c_void, Error> {
    static IS_KNOWN: AtomicBool = AtomicBool::new(false); // to fork; that it may be told twice is no harm
    if !IS_KNOWN.load(Ordering::Relaxed) {
        fork::in_child(forget_pins)?;
        IS_KNOWN.store(true, Ordering::Relaxed);
    }
    let object = sys::try_box(object)?;
    let index = take_free().map_or_else(use_new, Ok)?;
    let slot = slot_at(index).ok_or(Error::Internal)?;
    let generation = slot.state.load(Ordering::Relaxed) >> 36;
    slot.object.store(Box::into_raw(object).cast(), Ordering::Relaxed);
    slot.state.store(idle(generation, T::KIND), Ordering::Release);
    Ok(handle_of(T::KIND, generation, index))
}

/// The slot that a handle names, its index, and the generation it means. Whether
/// that is the slot's generation now, its state says.
#[inline(always)]
fn find<T: Object>(handle: *const c_void) -> Result<(&'static Slot, u32, u64), Error> {
    let number = handle.addr() as u64;
    if number >> 60 != T::KIND {
        return Err(Error::ClosedHandle);
    }
    let name = (number ^ scramble()) & NAME_BITS;
    let (generation, index) = (name >> 32, name as u32);
    Ok((slot_at(index).ok_or(Error::ClosedHandle)?, index, generation))
}

/// Keeps the object of a handle from being destroyed while it is used.
#[inline(always)]
pub fn pin<T: Object>(handle: *const c_void) -> Result<Pin<T>, Error> {
    let (slot, index, generation) = find::<T>(handle)?;
    let mut state = slot.state.load(Ordering::Relaxed);
    loop {
        if state & !PINS != idle(generation, T::KIND) {
            return Err(Error::ClosedHandle);
        }
        if state & PINS == PINS {
            return Err(Error::Internal); // 2^31 calls at once
        }
        match slot.state.compare_exchange_weak(state, state.wrapping_add(1), Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => break,
            Err(now) => state = now,
        }
    }
    match NonNull::new(slot.object.load(Ordering::Relaxed).cast::<T>()) {
        Some(object) => Ok(Pin { slot, index, object }),
        None => Err(Error::Internal),
    }
}

/// The state of a slot whose object nobody uses.
fn idle(generation: u64, kind: u64) -> u64 {
    (generation << 36) | (kind << 32)
}

/// The state of a slot after its object is gone. After its last generation it
/// is never used again: 24 bytes for every 2^28 handles, so that no number ever
/// comes back.
fn after(generation: u64) -> u64 {
    idle((generation + 1) & LAST_GENERATION, NO_KIND)
}

/// Closes a handle: no call can begin with it any more, and when the last one
/// under way ends the object is destroyed.
pub fn close<T: Object>(handle: *const c_void) -> Result<(), Error> {
    let (slot, index, generation) = find::<T>(handle)?;
    // Nearly always nobody else is at it, and one step does all.
    let idle = idle(generation, T::KIND);
    if slot.state.compare_exchange(idle, after(generation), Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        // SAFETY: of this generation and kind, and nobody can pin it any more.
        drop(unsafe { take_object::<T>(slot) });
        if generation != LAST_GENERATION {
            give_free(slot, index);
        }
        return Ok(());
    }
    let pin = pin::<T>(handle)?;
    match pin.slot.state.fetch_or(CLOSING, Ordering::AcqRel) & CLOSING {
        0 => Ok(()),
        _ => Err(Error::ClosedHandle), // another thread was faster
    }
}

/// An object in use by one call.
pub struct Pin<T: Object> {
    slot: &'static Slot,
    index: u32,
    object: NonNull<T>,
}

impl<T: Object> Deref for Pin<T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the slot's kind says that it is a T, and while this pin
        // counts nobody destroys it.
        unsafe { self.object.as_ref() }
    }
}

impl<T: Object> Drop for Pin<T> {
    #[inline(always)]
    fn drop(&mut self) {
        let before = self.slot.state.fetch_sub(1, Ordering::AcqRel);
        if before & (CLOSING | PINS) == CLOSING | 1 {
            self.destroy(before);
        }
    }
}

impl<T: Object> Pin<T> {
    /// The last pin is off a slot that is marked.
    #[cold]
    fn destroy(&self, before: u64) {
        // SAFETY: the mark lets no new pin on, and this was the last one.
        drop(unsafe { take_object::<T>(self.slot) });
        let generation = before >> 36;
        self.slot.state.store(after(generation), Ordering::Release);
        if generation != LAST_GENERATION {
            give_free(self.slot, self.index);
        }
    }
}

/// In the child of a fork, where calls of other threads never end: a handle that
/// they used goes with its close, as any other. What was being closed is lost.
extern "C" fn forget_pins() {
    for slot in (0..USED.load(Ordering::Acquire)).filter_map(slot_at) {
        let state = slot.state.load(Ordering::Relaxed);
        if state & CLOSING == 0 && state & PINS != 0 {
            slot.state.store(state & !PINS, Ordering::Relaxed);
        }
    }
}

/// Takes the object out of a slot.
///
/// # Safety
/// It is a T that `insert` put there, and this thread alone has the slot.
unsafe fn take_object<T>(slot: &Slot) -> Option<Box<T>> {
    let object = slot.object.load(Ordering::Relaxed).cast::<T>();
    slot.object.store(ptr::null_mut(), Ordering::Relaxed);
    // SAFETY: insert() took it out of a box of that type.
    (!object.is_null()).then(|| unsafe { Box::from_raw(object) })
}

fn slot_at(index: u32) -> Option<&'static Slot> {
    if index >= USED.load(Ordering::Acquire) {
        return None;
    }
    let (chunk, offset) = place_of(index);
    let slots = NonNull::new(TABLE[chunk].load(Ordering::Acquire))?;
    // SAFETY: the chunk has FIRST_CHUNK << chunk slots, place_of() gives an
    // offset below that, and chunks live for ever.
    Some(unsafe { slots.add(offset).as_ref() })
}

fn place_of(index: u32) -> (usize, usize) {
    let place = index as usize + FIRST_CHUNK;
    let chunk = (place / FIRST_CHUNK).ilog2() as usize;
    (chunk, place - (FIRST_CHUNK << chunk))
}

fn use_new() -> Result<u32, Error> {
    let mut index = USED.load(Ordering::Relaxed);
    loop {
        let next = index.checked_add(1).ok_or(Error::OutOfMemory)?;
        make_chunk(place_of(index).0)?;
        match USED.compare_exchange_weak(index, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Ok(index),
            Err(now) => index = now,
        }
    }
}

fn make_chunk(chunk: usize) -> Result<(), Error> {
    if !TABLE[chunk].load(Ordering::Acquire).is_null() {
        return Ok(());
    }
    let slots = FIRST_CHUNK << chunk;
    let layout = Layout::array::<Slot>(slots).map_err(|_| Error::OutOfMemory)?;
    let block = memory::allocate(layout)?.cast::<Slot>();
    for offset in 0..slots {
        let empty =
            Slot { state: AtomicU64::new(0), object: AtomicPtr::new(ptr::null_mut()), next_free: AtomicU32::new(0) };
        // SAFETY: the fresh block has room for `slots` slots.
        unsafe { block.add(offset).write(empty) };
    }
    let taken = TABLE[chunk].compare_exchange(ptr::null_mut(), block.as_ptr(), Ordering::AcqRel, Ordering::Relaxed);
    if taken.is_err() {
        // SAFETY: another thread's chunk is in the table; nobody saw this one.
        unsafe { memory::release(block.cast(), layout) };
    }
    Ok(())
}

/// The list of free slots with another first one. The upper half counts, so that no later head with the same slot is this
/// one.
fn head_after(head: u64, first: u32) -> u64 {
    ((head >> 32).wrapping_add(1) << 32) | u64::from(first)
}

fn take_free() -> Option<u32> {
    let mut head = FREE.load(Ordering::Acquire);
    loop {
        let index = (head as u32).checked_sub(1)?;
        let next = slot_at(index)?.next_free.load(Ordering::Relaxed);
        let new_head = head_after(head, next);
        match FREE.compare_exchange_weak(head, new_head, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return Some(index),
            Err(now) => head = now,
        }
    }
}

fn give_free(slot: &Slot, index: u32) {
    let mut head = FREE.load(Ordering::Relaxed);
    loop {
        slot.next_free.store(head as u32, Ordering::Relaxed);
        let new_head = head_after(head, index + 1);
        match FREE.compare_exchange_weak(head, new_head, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => head = now,
        }
    }
}

#[cfg(all(test, modelled))]
mod model;
#[cfg(all(test, not(modelled)))]
mod tests;
