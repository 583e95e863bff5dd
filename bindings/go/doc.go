// Package bytestore is an in-process byte store: keys and values are any bytes,
// and the operations are those of LangChain's InMemoryByteStore: set many, get
// many, delete many, and iterate over the keys with a prefix.
//
//	store, err := bytestore.New()
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	err = store.MSet(bytestore.KV("key1", "value1"), bytestore.KV("key2", "value2"))
//	values, err := store.MGet([]byte("key1"), []byte("other"))
//	// values[0] is "value1"; values[1] is nil: missing
//
// The entries live in memory that the garbage collector does not scan, so a
// store of millions of entries does not lengthen a collection.
//
// # Batches
//
// A batch is one atomic step, whatever other goroutines do: a [Store.MGet]
// sees all of an [Store.MSet] or [Store.MDelete], or nothing of it. It is also
// all or nothing: a batch that fails has changed nothing. One batch crosses
// into the library once, so one call with a hundred keys is much cheaper than
// a hundred calls.
//
// # Bytes
//
// Keys and values may be empty and may hold any byte. A value that is present
// is never nil, even when it is empty; nil means missing. Arguments are copied
// in. [Store.Strings] takes keys that are strings.
//
// A batch is read in one of three forms:
//
//	          the values are       valid                 allocations
//	MGet      copies               for good              2
//	MGetInto  copies in a Buffer   until its next use    0
//	MGetView  seen through a View  until it is released  0
//
// Those of MGet may be changed. They share an allocation: clone a value that is
// kept for long while the rest of its batch is dropped. A view copies nothing
// into Go's memory, which pays most when values are large.
//
// # Bounds and time
//
// [Options] bound a store, which then lets the entries go that it will probably
// miss least, and give entries a time to live; [Store.MSetTTL] gives it to those
// of a batch. [Store.Stats] says how well that goes, also to Prometheus.
//
// # Prefixes and namespaces
//
// [Store.Keys] iterates over the keys that begin with a prefix, [Store.KeysPage]
// takes them page by page from a [Position] that can be given to a client,
// [Store.Count] counts them and [Store.DeletePrefix] deletes them in one step.
// [Store.Namespace] makes a store of those keys, in which they stand without the
// prefix; it shares everything with the store that it is a part of.
//
// # Computing once
//
// [Store.MGetOrCompute] gets a batch and has what is missing computed, each key by
// one goroutine at a time: the others that miss it wait for its value. What fails
// is not kept.
//
// # Stores by name
//
// A store with a name, as in Open("memory:users"), is one for all who open it in
// the process, in Go or in another language: see [Options].
//
// # Snapshots
//
// [Store.Save] saves a store to a file, as it is at one moment, while others go on
// writing; [Store.Load] puts a file's entries in the place of a store's, and
// Open("snapshot:PATH") makes a store of them. [Store.WriteTo] and
// [Store.ReadFrom] do it with any writer and reader, [Store.MarshalBinary] and
// [Store.UnmarshalBinary] in memory, and [Store.Progress] says how far it has come.
// All languages read and write the same form.
//
// # Goroutines
//
// All methods of [Store] may be called from any goroutine at any time, Close
// among them.
//
// # Building
//
// The package uses cgo and finds the library libbytestore and its header with
// pkg-config, under the name bytestore. Go's build cache does not notice that
// another version of them was installed: then build once with go build -a.
package bytestore
