//! A store and its dict through the C functions, whatever is done in whatever order: handles, views of keys, bounds,
//! time to live, scans, computations, buffers that are kept.

#![no_main]

#[path = "operations/computing.rs"]
mod computing;
#[path = "operations/scans.rs"]
mod scans;
#[path = "operations/world.rs"]
mod world;

use bytestore_fuzz::choices::Choices;
use bytestore_fuzz::entropy;
use libfuzzer_sys::fuzz_target;
use world::World;

fuzz_target!(|bytes: &[u8]| {
    entropy::restart();
    let mut choices = Choices::new(bytes);
    let mut world = World::open(&mut choices);
    while !choices.are_over() {
        world.step(&mut choices);
    }
    world.close();
});
