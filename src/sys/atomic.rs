//! The atomics of all that threads share: the processor's, or those of who tries every schedule. Knows no protocol.

#[cfg(not(loom))]
pub use std::sync::atomic::*;

#[cfg(loom)]
mod modelled;
#[cfg(loom)]
pub use modelled::*;
