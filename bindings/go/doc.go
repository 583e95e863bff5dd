// Package bytestore is a byte store in the process, or on a server: keys and values are any bytes,
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
// # Servers
//
// The same [Store] on a Valkey or Redis server, 6.0 and later, or on a cluster:
//
//	store, err := bytestore.Open("redis://cache.internal:6379/0?namespace=users/&ttl=1h")
//
//	redis://USER:PASSWORD@HOST:PORT/DATABASE   or valkey://
//	rediss://…                                 through TLS, or valkeys://
//	redis+unix:///PATH?db=…&user=…&pass=…      or valkey+unix://
//	redis+cluster://HOST:PORT,HOST:PORT        some of a cluster's servers
//
// Options are namespace, which stands before all keys there, percent-encoded; ttl, as
// in memory; timeout (5s), for each connection, command and answer; retries (3) of what
// may succeed later; batch, the most keys of one command; and replicas (0) that must
// have what is written. Open sends nothing: the first call does.
//
// "memory:?max_bytes=64MiB&over=redis://cache.internal" is that store with copies in this
// process of what is read there, which go when others write.
//
// [Store.Capabilities] says what such a store does not promise. Keys come in any order,
// questions about a prefix and [Store.Len] walk all keys, and in a cluster, or with the
// option batch, a batch is no one step. What servers cannot do at all, such as
// [Store.KeysPage] and [Store.Save], is [ErrUnsupported].
//
// A call that fails there is [ErrRemote], with the server's or the system's words in the
// error's text; whether it has written something is not known then. A call blocks its
// goroutine as reading a file does, up to timeout for each attempt, and knows no context.
//
// # Goroutines
//
// All methods of [Store] may be called from any goroutine at any time, Close
// among them.
//
// # Building
//
// The package uses cgo, so it takes a C compiler. The released module carries the
// library for Linux on x86-64, which becomes part of the program: nothing has to be
// installed, where it is built and where it runs.
//
// For other systems, and in a checkout of the sources, pkg-config has to know an
// installed library, under the name bytestore. Two tags choose one, too:
//
//	bytestore_system   the shared library, bytestore for pkg-config
//	bytestore_static   the static library, bytestore-static for pkg-config
//
// A program that has the library in itself has stores by name of its own: with what
// else is loaded into the process it has them in common through the shared library.
// Go's build cache does not notice that another version of an installed library is
// there: then build once with go build -a.
package bytestore
