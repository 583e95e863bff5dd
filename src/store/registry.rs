//! The live stores of this process, so that `fork` finds them all in one piece. Knows nothing of what they hold.
//!
//! Before a fork every store's batches are waited for and new ones kept out.
//! The parent goes on; in the child, where only the forking thread lives, the
//! locks are made anew: unlocking them there would wake threads that do not exist.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use once_cell::sync::OnceCell;

use crate::engine::Engine;
use crate::sys::{fork, Lock, Shared};
use crate::Error;

/// What the handles and cursors of one store share.
pub struct Core {
    pub engine: Engine,
    /// Where its address stands in `LIVE`; only changed with that locked.
    place: AtomicUsize,
}

/// Addresses of the live cores: each removes its own before it goes.
struct Cores(Vec<NonNull<Core>>);

// SAFETY: a core may be used from any thread (Engine is Sync).
unsafe impl Send for Cores {}
// SAFETY: as above.
unsafe impl Sync for Cores {}

/// A core that is not in the list (yet).
const NOT_LISTED: usize = usize::MAX;

static LIVE: Lock<Cores> = Lock::new(Cores(Vec::new()));
static FORK_HANDLERS: OnceCell<()> = OnceCell::new();

/// Makes a core and enters it.
pub fn register(engine: Engine) -> Result<Shared<Core>, Error> {
    FORK_HANDLERS.get_or_try_init(|| fork::at_fork(hold_all, release_all, reset_all))?;
    let core = Shared::try_new(Core { engine, place: AtomicUsize::new(NOT_LISTED) })?;
    let mut live = LIVE.lock();
    if let Err(error) = live.0.try_reserve(1) {
        drop(live); // dropping the core asks for the lock
        return Err(error.into());
    }
    core.place.store(live.0.len(), Ordering::Relaxed);
    live.0.push(NonNull::from(&*core));
    drop(live);
    Ok(core)
}

impl Drop for Core {
    fn drop(&mut self) {
        let mut live = LIVE.lock();
        let place = *self.place.get_mut();
        if place != NOT_LISTED {
            live.0.swap_remove(place);
            if let Some(moved) = live.0.get(place) {
                // SAFETY: what is listed is alive, and cannot go while `LIVE` is locked.
                unsafe { moved.as_ref() }.place.store(place, Ordering::Relaxed);
            }
        }
    }
}

extern "C" fn hold_all() {
    LIVE.hold();
    for_each_held(Engine::hold);
}

extern "C" fn release_all() {
    // SAFETY: this thread ran hold_all just before the fork.
    for_each_held(|engine| unsafe { engine.release_held() });
    // SAFETY: as above.
    unsafe { LIVE.release_held() };
}

extern "C" fn reset_all() {
    // SAFETY: the thread that forked ran hold_all, and is alone here.
    for_each_held(|engine| unsafe { engine.reset_held() });
    // SAFETY: as above.
    unsafe { LIVE.reset() };
}

/// Visits every engine; the caller holds `LIVE`.
fn for_each_held(visit: impl Fn(&Engine)) {
    // SAFETY: `LIVE` is held by this thread, so nobody changes the list.
    let live = unsafe { LIVE.held() };
    // SAFETY: a core leaves the list before it is dropped.
    live.0.iter().for_each(|core| visit(unsafe { &core.as_ref().engine }));
}
