//! Flights: nobody computes a key that another one is computing, what becomes of it reaches all who wait, and those who
//! would wait for each other are told.

use super::*;
use crate::engine::Settings;
use crate::store::registry;
use crate::sys::schedules::{model, often, spawn, Watched};

/// A store without values: who comes too late to wait computes again.
struct Flying {
    core: Shared<Core>,
    /// What each of three keys is computed with.
    keys: [Watched<u32>; 3],
}

// SAFETY: what threads do with the keys is watched.
unsafe impl Sync for Flying {}

/// The places of three keys.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

fn model_of(preemptions: usize, run: impl Fn(&Arc<Flying>) + Sync + Send + 'static) {
    model(Some(preemptions), move || {
        let core = registry::open(b"", Settings::default()).unwrap();
        let flying = Arc::new(Flying { core, keys: [0; 3].map(Watched::new) });
        flying.claim(&[A]).land(|_| Some(Outcome::Abandoned)); // uses all that threads will share
        std::mem::take(&mut WAITING.lock().0).into_iter().for_each(std::mem::forget); // a failed schedule left them
        run(&flying);
        assert!(flying.core.flights.running.lock().is_none());
        assert!(WAITING.lock().0.is_empty());
    });
}

impl Flying {
    fn claim(&self, keys: &[usize]) -> Claims {
        let keys = keys.iter().map(|&key| (key, Bytes::copy_of(&[key as u8], false)));
        Claims::of(&self.core, keys, self.core.flights.landings()).unwrap()
    }

    fn wait(&self, claims: &Claims) -> Result<Vec<Outcome>, Error> {
        claims.others.iter().map(|(_, flight)| self.core.flights.wait(flight)).collect()
    }

    /// Computes what this thread has claimed.
    fn compute(&self, claims: &mut Claims) {
        for (key, _) in &claims.mine {
            // SAFETY: who has the flight is alone here, which is watched.
            self.keys[*key].with_mut(|value| unsafe { *value += 1 });
        }
        claims.land(|key| Some(Outcome::Value(value_of(key))));
    }

    /// As a batch does: computes its own, waits for the others, and claims what was abandoned.
    fn get(&self, keys: &[usize]) {
        let mut keys = keys.to_vec();
        while !keys.is_empty() {
            let mut claims = self.claim(&keys);
            self.compute(&mut claims);
            let outcomes = self.wait(&claims).unwrap();
            let others = claims.others.iter().map(|(key, _)| *key).zip(outcomes);
            keys = others.filter_map(|(key, outcome)| is_abandoned(key, outcome).then_some(key)).collect();
        }
    }

    fn beside(self: &Arc<Self>, run: impl FnOnce(&Flying) + Send + 'static) -> impl FnOnce() {
        let flying = self.clone();
        let other = spawn(move || run(&flying));
        move || other.join().unwrap()
    }
}

fn value_of(key: usize) -> Shared<Bytes> {
    Shared::try_new(Bytes::copy_of(&[key as u8; 2], false).unwrap()).unwrap()
}

/// Whether nobody computed it; if somebody did, it is this key's value.
fn is_abandoned(key: usize, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Value(value) => assert_eq!(**value, [key as u8; 2]),
        Outcome::Failed(failure) => panic!("{failure:?}"),
        Outcome::Abandoned => return true,
    }
    false
}

#[test]
fn batches_that_overlap_in_both_orders_all_end() {
    model_of(2, |flying| {
        let get_often = |keys: &'static [usize]| move |flying: &Flying| often(|| flying.get(keys));
        let others = [flying.beside(get_often(&[B, A])), flying.beside(get_often(&[B]))];
        get_often(&[A, B])(flying);
        others.into_iter().for_each(|join| join());
    });
}

#[test]
fn a_failure_reaches_all_who_wait() {
    model_of(2, |flying| {
        let mut first = flying.claim(&[A, B]);
        let others = [A, B].map(|key| {
            flying.beside(move |flying| {
                let mut claims = flying.claim(&[key]);
                for outcome in flying.wait(&claims).unwrap() {
                    assert!(matches!(outcome, Outcome::Failed(Failure::Status(7))));
                }
                flying.compute(&mut claims); // came too late to wait
            })
        });
        first.land(|_| Some(Outcome::Failed(Failure::Status(7))));
        others.into_iter().for_each(|join| join());
    });
}

#[test]
fn what_is_abandoned_is_computed_by_one_who_waits() {
    model_of(2, |flying| {
        let first = flying.claim(&[A]);
        let others = [(); 2].map(|()| flying.beside(|flying| flying.get(&[A])));
        drop(first);
        others.into_iter().for_each(|join| join());
        // SAFETY: the others have gone.
        assert!(flying.keys[A].with(|value| unsafe { *value }) > 0);
    });
}

/// Each computes a key and asks for the next one's meanwhile, in a circle; says how many were refused.
fn circle(flying: &Arc<Flying>, keys: &'static [usize]) -> usize {
    let refused = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let ask = |place: usize| {
        let refused = refused.clone();
        move |flying: &Flying| {
            let mut own = flying.claim(&[keys[place]]);
            let own_others = flying.wait(&own); // waits for nobody who waits for this thread
            assert!(own_others.is_ok());
            if own.mine.is_empty() {
                return;
            }
            let mut next = flying.claim(&[keys[(place + 1) % keys.len()]]);
            flying.compute(&mut next);
            match flying.wait(&next) {
                Ok(_) => flying.compute(&mut own),
                Err(error) => {
                    assert_eq!(error, Error::InvalidArgument);
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    let others: Vec<_> = (1..keys.len()).map(|place| flying.beside(ask(place))).collect();
    ask(0)(flying);
    others.into_iter().for_each(|join| join());
    refused.load(Ordering::Relaxed)
}

#[test]
fn of_two_who_would_wait_for_each_other_one_is_refused() {
    model_of(3, |flying| assert!(circle(flying, &[A, B]) <= 1));
}

#[test]
fn of_three_in_a_circle_one_is_refused() {
    model_of(1, |flying| assert!(circle(flying, &[A, B, C]) <= 1));
}
