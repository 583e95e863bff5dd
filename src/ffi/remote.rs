//! What stores on a server say beside their answers. Knows no servers.

use super::answers::Answers;
use super::buffer::bytestore_buffer;
use super::guard::guard;
use super::handle;
use super::output::Out;
use super::status::bytestore_status;
use super::store::bytestore_store;
use crate::store::{Capabilities, Store};
use crate::sys::Bytes;

/// Of bytestore_capabilities: keys come in the order in which they were
/// inserted; without it in any order, each once.
pub const BYTESTORE_CAN_KEEP_ORDER: u64 = 1;
/// Others see all of a batch or nothing, and a batch that failed has changed
/// nothing.
pub const BYTESTORE_CAN_BATCH_ATOMICALLY: u64 = 2;
/// Counting, deleting and reading by prefix is one step, in time that grows
/// with what is found; without it all keys are walked.
pub const BYTESTORE_CAN_FIND_PREFIXES: u64 = 4;
/// bytestore_keys begins at any position.
pub const BYTESTORE_CAN_SEEK: u64 = 8;
/// The store can be saved and loaded.
pub const BYTESTORE_CAN_SAVE: u64 = 16;
/// bytestore_read_counters knows how many entries and bytes there are.
pub const BYTESTORE_CAN_MEASURE: u64 = 32;

/// What a store can promise beside the four operations: in memory all of it,
/// on a server less.
///
/// `capabilities`: required; the sum of the BYTESTORE_CAN_… that hold; 0 on
/// error. Later versions may add some.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
#[no_mangle]
pub unsafe extern "C" fn bytestore_capabilities(
    store: *mut bytestore_store,
    capabilities: *mut u64,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(capabilities) }?;
        out.set(bits_of(handle::pin::<Store>(store.cast())?.capabilities()?));
        Ok(())
    })
}

fn bits_of(capabilities: Capabilities) -> u64 {
    let Capabilities { insertion_order, atomic_batches, prefix_steps, positions, snapshots, sizes } = capabilities;
    [
        (insertion_order, BYTESTORE_CAN_KEEP_ORDER),
        (atomic_batches, BYTESTORE_CAN_BATCH_ATOMICALLY),
        (prefix_steps, BYTESTORE_CAN_FIND_PREFIXES),
        (positions, BYTESTORE_CAN_SEEK),
        (snapshots, BYTESTORE_CAN_SAVE),
        (sizes, BYTESTORE_CAN_MEASURE),
    ]
    .into_iter()
    .filter_map(|(holds, bit)| holds.then_some(bit))
    .sum()
}

/// Why a call on a server failed with BYTESTORE_ERR_REMOTE_FAILURE: what the
/// server or the system said, in English, for logs. It is the last such failure
/// of this store on any thread.
///
/// `out`: required; one slice, empty if no call failed so; yours to give to
/// bytestore_free_buffer. Zeroed on error.
///
/// BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
#[no_mangle]
pub unsafe extern "C" fn bytestore_remote_message(
    store: *mut bytestore_store,
    out: *mut bytestore_buffer,
) -> bytestore_status {
    guard(|| {
        // SAFETY: the C caller's promise.
        let out = unsafe { Out::required(out) }?;
        let message = handle::pin::<Store>(store.cast())?.remote_message()?;
        Answers::of_bytes(Bytes::copy_of(&message, false)?)?.into_buffer()?.give(out);
        Ok(())
    })
}
