//! The live stores of this process, so that `fork` finds them all in one piece, and those with a name by it. Knows
//! nothing of what they hold.
//!
//! Before a fork every store's batches are waited for and new ones kept out.
//! The parent goes on; in the child, where only the forking thread lives, the
//! locks are made anew: unlocking them there would wake threads that do not exist.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::flights::{Flights, WAITING};
use super::saving::Counts;
use super::Remote;
use crate::engine::{Engine, Settings};
use crate::sys::lock::Guard;
use crate::sys::{self, fork, this_thread, Lock, Shared};
use crate::Error;

/// What the handles and cursors of one store share.
pub struct Core {
    pub engine: Engine,
    /// The server that has the entries; the engine is empty then.
    pub remote: Option<Box<Remote>>,
    pub flights: Flights,
    /// Of who saves or loads it.
    pub progress: Counts,
    /// Empty: it has none.
    name: Vec<u8>,
    /// Where its address stands among the live ones; only changed with them locked.
    place: AtomicUsize,
}

/// A store with a name, which it has until its last handle is closed.
struct Named {
    core: Shared<Core>,
    handles: usize,
}

struct Registry {
    /// In the order of their names. Locked before `live`, where both are.
    names: Lock<Vec<Named>>,
    live: Lock<Cores>,
}

/// Addresses of the live cores: each removes its own before it goes.
struct Cores(Vec<NonNull<Core>>);

// SAFETY: a core may be used from any thread (Engine is Sync).
unsafe impl Send for Cores {}
// SAFETY: as above.
unsafe impl Sync for Cores {}

/// A core that is not in the list (yet).
const NOT_LISTED: usize = usize::MAX;

/// There without anybody's doing: a thread that made it could be missing in the child of a fork, half-way.
static REGISTRY: Registry = Registry { names: Lock::new(Vec::new()), live: Lock::new(Cores(Vec::new())) };

/// Whether `fork` knows of it. It may know twice: two threads have told it, or a child whose parent was about to note it.
static IS_KNOWN: AtomicBool = AtomicBool::new(false);
/// The thread that forks and holds all; otherwise 0.
static FORKING: AtomicUsize = AtomicUsize::new(0);
/// How many more handlers of its fork have come, and have not gone.
static MORE: AtomicUsize = AtomicUsize::new(0);

/// A store on a server.
pub fn open_remote(remote: Remote) -> Result<Shared<Core>, Error> {
    know_forks()?;
    REGISTRY.add(b"", Settings::default(), Some(sys::try_box(remote)?))
}

fn know_forks() -> Result<(), Error> {
    if !IS_KNOWN.load(Ordering::Acquire) {
        fork::at_fork(hold_all, release_all, reset_all)?;
        IS_KNOWN.store(true, Ordering::Release);
    }
    Ok(())
}

/// The store of a name, new if there is none; an empty name: a new one anyway.
/// One that is there was made with the same settings, or none are asked for.
pub fn open(name: &[u8], settings: Settings) -> Result<Shared<Core>, Error> {
    know_forks()?;
    if name.is_empty() {
        return REGISTRY.add(name, settings, None);
    }
    let mut names = REGISTRY.names.lock();
    match find(&names, name) {
        Ok(place) => {
            let Named { core, handles } = &mut names[place];
            if settings != Settings::default() && settings != core.engine.settings() {
                return Err(Error::InvalidArgument);
            }
            *handles += 1;
            Ok(core.clone())
        }
        Err(place) => {
            names.try_reserve(1)?;
            let core = REGISTRY.add(name, settings, None)?;
            names.insert(place, Named { core: core.clone(), handles: 1 });
            Ok(core)
        }
    }
}

fn find(names: &[Named], name: &[u8]) -> Result<usize, usize> {
    names.binary_search_by(|named| named.core.name.as_slice().cmp(name))
}

impl Registry {
    /// Makes a core and enters it.
    fn add(&self, name: &[u8], settings: Settings, remote: Option<Box<Remote>>) -> Result<Shared<Core>, Error> {
        let (engine, name, place) = (Engine::new(settings)?, sys::try_to_vec(name)?, AtomicUsize::new(NOT_LISTED));
        let (flights, progress) = (Flights::new(), Counts::default());
        let core = Shared::try_new(Core { engine, remote, flights, progress, name, place })?;
        let mut live = self.live.lock();
        if let Err(error) = live.0.try_reserve(1) {
            drop(live); // dropping the core asks for the lock
            return Err(error.into());
        }
        core.place.store(live.0.len(), Ordering::Relaxed);
        live.0.push(NonNull::from(&*core));
        drop(live);
        Ok(core)
    }
}

impl Core {
    /// One more handle; whether there was one.
    pub fn join(&self) -> bool {
        let Some(mut names) = self.names() else { return true };
        match self.place_in(&names) {
            Some(place) => {
                names[place].handles += 1;
                true
            }
            None => false,
        }
    }

    /// One handle less.
    pub fn leave(&self) {
        let Some(mut names) = self.names() else { return };
        if let Some(place) = self.place_in(&names) {
            names[place].handles -= 1;
            if names[place].handles == 0 {
                let last = names.remove(place);
                drop(names); // what is freed may be much
                drop(last);
            }
        }
    }

    /// All stores with a name, if this one has any.
    fn names(&self) -> Option<Guard<'static, Vec<Named>>> {
        (!self.name.is_empty()).then(|| REGISTRY.names.lock())
    }

    /// Another store may have the name by now.
    fn place_in(&self, names: &[Named]) -> Option<usize> {
        find(names, &self.name).ok().filter(|&place| std::ptr::eq(&*names[place].core, self))
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let mut live = REGISTRY.live.lock();
        // Others change it until they are locked out, though this is the last who has the store: a plain read might come
        // before the lock.
        let place = self.place.load(Ordering::Relaxed);
        if place != NOT_LISTED {
            live.0.swap_remove(place);
            if let Some(moved) = live.0.get(place) {
                // SAFETY: what is listed is alive, and cannot go while this is locked.
                unsafe { moved.as_ref() }.place.store(place, Ordering::Relaxed);
            }
        }
    }
}

extern "C" fn hold_all() {
    if FORKING.load(Ordering::Relaxed) == this_thread() {
        MORE.fetch_add(1, Ordering::Relaxed);
        return;
    }
    REGISTRY.names.hold();
    REGISTRY.live.hold();
    WAITING.hold();
    REGISTRY.for_each_held(|core| {
        core.flights.running.hold();
        core.remote.iter().for_each(|remote| {
            remote.connections().hold();
            if let Some((turn, engine)) = remote.copies() {
                turn.hold();
                engine.hold();
            }
        });
        core.engine.hold();
    });
    FORKING.store(this_thread(), Ordering::Relaxed);
}

/// Whether no other handler of this fork is to come.
fn is_last() -> bool {
    if MORE.load(Ordering::Relaxed) > 0 {
        MORE.fetch_sub(1, Ordering::Relaxed);
        return false;
    }
    FORKING.store(0, Ordering::Relaxed);
    true
}

extern "C" fn release_all() {
    if !is_last() {
        return;
    }
    // SAFETY: this thread ran hold_all just before the fork.
    REGISTRY.for_each_held(|core| unsafe {
        core.engine.release_held();
        core.remote.iter().for_each(|remote| {
            if let Some((turn, engine)) = remote.copies() {
                engine.release_held();
                turn.release_held();
            }
            remote.connections().release_held();
        });
        core.flights.running.release_held();
    });
    // SAFETY: as above.
    unsafe {
        WAITING.release_held();
        REGISTRY.live.release_held();
        REGISTRY.names.release_held();
    }
}

extern "C" fn reset_all() {
    if !is_last() {
        return;
    }
    // SAFETY: the thread that forked ran hold_all, and is alone here.
    REGISTRY.for_each_held(|core| unsafe {
        core.engine.reset_held();
        core.remote.iter().for_each(|remote| {
            remote.has_forked();
            if let Some((turn, engine)) = remote.copies() {
                engine.reset_held();
                turn.reset();
            }
            remote.connections().reset();
        });
        core.flights.leave_others_behind();
        core.flights.running.reset();
    });
    // SAFETY: as above.
    unsafe {
        WAITING.reset();
        REGISTRY.live.reset();
        REGISTRY.names.reset();
    }
}

impl Registry {
    /// Visits every core; the caller holds `live`.
    fn for_each_held(&self, visit: impl Fn(&Core)) {
        // SAFETY: this thread holds it, so nobody changes the list.
        let live = unsafe { self.live.held() };
        // SAFETY: a core leaves the list before it is dropped.
        live.0.iter().for_each(|core| visit(unsafe { core.as_ref() }));
    }
}

#[cfg(all(test, modelled))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
