//! What a store can promise: all of it in memory, less of it on a server. Knows no backends.

/// What a store can promise beside the four operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Keys come in the order in which they were inserted; otherwise in any order, each once.
    pub insertion_order: bool,
    /// Others see all of a batch or nothing, and a failed batch has changed nothing.
    pub atomic_batches: bool,
    /// Counting, deleting and reading by prefix is one step, in time that grows with what is found.
    pub prefix_steps: bool,
    /// Keys can be read from a position that was kept.
    pub positions: bool,
    /// It can be saved and loaded.
    pub snapshots: bool,
    /// The counters know how many entries and bytes there are.
    pub sizes: bool,
}

impl Capabilities {
    /// All of them.
    pub(super) const MEMORY: Self = Capabilities {
        insertion_order: true,
        atomic_batches: true,
        prefix_steps: true,
        positions: true,
        snapshots: true,
        sizes: true,
    };
}
