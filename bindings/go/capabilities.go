package bytestore

// What a store can promise, which depends on where it is. Knows no C.

// Capabilities are what a store can promise beside its operations: in memory all
// of them, on a server less. Those of later versions of the library are left out.
type Capabilities struct {
	InsertionOrder bool // keys come in the order in which they were inserted; otherwise in any order, each once
	AtomicBatches  bool // others see all of a batch or nothing, and a batch that failed has changed nothing
	PrefixSteps    bool // counting, deleting and reading by prefix is one step, in time that grows with what is found
	Positions      bool // [Store.KeysPage] works
	Snapshots      bool // [Store.Save], [Store.Load] and their like work
	Sizes          bool // [Stats] know how many entries and bytes there are
}

// Capabilities says what the store can promise: always the same, of a namespace what
// the whole store can, and after Close, too. Nothing is sent to a server.
func (s *Store) Capabilities() Capabilities { return s.capabilities }

// inMemory says whether calls are answered in this process.
func (c Capabilities) inMemory() bool { return c.Sizes }
