//! What the operating system and the allocator give: memory, waiting, randomness, fork. Knows nothing of stores.
//!
//! Everything that a test will want to turn (the n-th allocation, the seed) passes through here.

pub mod atomic;
#[cfg(test)]
#[path = "../../tests/child/mod.rs"]
pub mod child;
pub mod clock;
mod copy;
#[cfg(test)]
pub mod counted;
mod erase;
mod errno;
pub mod file;
pub mod fork;
pub mod futex;
pub mod heap;
pub mod lock;
mod mapping;
pub mod memory;
mod pages;
mod prefetch;
pub mod random;
mod region;
#[cfg(modelled)]
pub mod schedules;
mod shared;
mod span;
mod thread;
mod wide;
mod zeroed;
pub mod zstd;

pub use copy::copy;
pub use erase::{erase, erase_at, Bytes};
pub use errno::{errno, set_errno};
pub use heap::Heap;
pub use lock::Lock;
pub use memory::{try_box, try_collect, try_to_vec};
pub use pages::Pool;
pub use prefetch::{prefetch, prefetch_at, prefetch_first};
pub use shared::Shared;
#[cfg(feature = "redis")]
pub use thread::spawn;
pub use thread::this_thread;
pub use wide::widely;
pub use zeroed::{Plain, Zeroed};
