//! The C ABI. Checks arguments, resolves handles, contains panics; decides nothing.
//!
//! The doc comments of what is exported become the comments of
//! `include/bytestore.h`, so they speak C. Each exported function is one
//! `guard` (tests/abi.rs checks that mechanically).

#![allow(non_camel_case_types)] // the names of C
#![allow(clippy::missing_safety_doc)] // each comment states what C must promise

mod answers;
mod guard;
mod handle;
mod output;

// In the order of the header.
mod status;

mod input;

mod store;

mod buffer;

mod area;

mod cursor;

mod snapshot;

mod counters;

mod remote;

mod compute;

mod info;

pub use area::*;
pub use buffer::*;
pub use compute::*;
pub use counters::*;
pub use cursor::*;
pub use info::*;
pub use input::{bytestore_check_items, bytestore_slice, BYTESTORE_MAX_ITEM_LEN};
pub use remote::*;
pub use snapshot::*;
pub use status::*;
pub use store::*;
