//! The atomics of all that threads share: the processor's, or those of who tries every schedule. Knows no protocol.

#[cfg(not(modelled))]
pub use std::sync::atomic::*;

#[cfg(modelled)]
mod modelled;
#[cfg(modelled)]
pub use modelled::*;
