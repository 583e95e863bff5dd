package bytestore

// The store: the operations of the contract in Go's idiom. Knows no C (see native.go).

import (
	"runtime"
	"sync"
)

// Store is one byte store, in the process or on a server, made by [New], [NewWithOptions] or [Open],
// or a part of one, made by [Store.Namespace]. All methods may be called from any
// goroutine at any time.
type Store struct {
	handle       storeHandle
	prefix       string       // of a namespace
	flights      *flights     // shared by what was opened once, and its namespaces
	capabilities Capabilities // as well
	_            sync.Mutex   // never locked: it makes go vet report copies
}

// newStore makes a Store of a handle, which is closed at the latest when the Store is garbage.
func newStore(handle storeHandle, prefix string, flights *flights, capabilities Capabilities) *Store {
	s := &Store{handle: handle, prefix: prefix, flights: flights, capabilities: capabilities}
	runtime.SetFinalizer(s, (*Store).Close)
	return s
}

// PairOf is a key and its value, which are read and not kept.
type PairOf[K string | []byte] struct {
	Key   K
	Value []byte
}

// Pair is what [Store.MSet] takes.
type Pair = PairOf[[]byte]

// KV makes a [Pair] of strings or byte slices. The bytes of slices are not copied.
func KV[K, V ~string | ~[]byte](key K, value V) Pair {
	return Pair{[]byte(key), []byte(value)}
}

// New makes a store with no options. It is Open("memory:").
func New() (*Store, error) {
	return Open("memory:")
}

// NewWithOptions makes a store with options. It is Open(options.URL()), whose
// error names the option that is at fault.
func NewWithOptions(options Options) (*Store, error) {
	return Open(options.URL())
}

// Open makes a store as the URL describes it: "memory:", which may be followed
// by options, as in
//
//	memory:?max_bytes=512MiB&max_entries=1000&max_item_bytes=1MiB&ttl=1h&clock=manual&erase=true
//
// They are those of [Options]. Bytes are a whole number, with KiB, MiB, GiB, TiB
// or KB, MB, GB, TB behind it, or nothing; a time has ms, s, m, h or d. For an
// unknown scheme or option, or a value that is wrong, the error is
// [ErrInvalidArgument], and its Detail names the part of the URL that is at fault.
//
// "memory:NAME", which may be followed by options as well, is the store of that
// name, one for all languages in the process: see [Options].Name.
//
// "snapshot:PATH" is a new store with the options and the entries of a file that
// [Store.Save] has written. PATH is the rest of the URL as it stands, in UTF-8: a
// name of any other bytes is for [Store.Load], whose errors are Open's, too.
//
// "redis://HOST:PORT" and its kin are stores on a server: see the section Servers
// of the package.
//
// The caller closes the store. One that is forgotten is closed after the
// garbage collector has found it, whenever that is.
func Open(url string) (*Store, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	handle, err := openStore(url)
	if err != nil {
		return nil, err
	}
	capabilities, code := readCapabilities(handle)
	if code != statusOK {
		closeStore(handle)
		return nil, failure("open", code)
	}
	return newStore(handle, "", new(flights), capabilities), nil
}

// Close closes the store for this opening or namespace; the last one to be closed
// gives the memory back. Calls that are running finish or get [ErrClosed]; an
// iteration over keys that has begun goes on. Later calls get ErrClosed, except
// for Close itself: closing again does nothing.
func (s *Store) Close() error {
	code := closeStore(s.handle)
	if code == ErrClosed { // it was closed before: a handle never comes back to life
		return nil
	}
	return failure("close", code)
}

// Set sets one key. The entry keeps its place in the order of keys if it was there already.
// The errors are those of [Store.MSet].
func (s *Store) Set(key, value []byte) error {
	if !fits(key) {
		return tooLong("set", "key")
	}
	if !fits(value) {
		return tooLong("set", "value")
	}
	code := setOne(s.handle, key, value)
	return s.failure("set", code)
}

// Get returns the value of one key, and whether it is there. A value that is
// there is never nil.
func (s *Store) Get(key []byte) (value []byte, ok bool, err error) {
	if !fits(key) {
		return nil, false, tooLong("get", "key")
	}
	scratch := takeScratch()
	defer scratch.release()
	there, code := s.readOne(key, scratch)
	if err := s.failure("get", code); err != nil || !there {
		return nil, false, err
	}
	return scratch.answers.giveBytes(), true, nil
}

// readOne answers in the scratch's memory, and whether there is a value. See read.
func (s *Store) readOne(key []byte, scratch *scratch) (bool, Code) {
	if s.capabilities.inMemory() {
		return getOne(s.handle, key, &scratch.answers)
	}
	scratch.keys.reserve(1, len(key))
	add(&scratch.keys, key)
	code := s.read(&scratch.keys, &scratch.answers)
	return code == statusOK && scratch.answers.lens[0] != missing, code
}

// Delete deletes one key, and says whether it was there.
func (s *Store) Delete(key []byte) (bool, error) {
	if !fits(key) {
		return false, tooLong("delete", "key")
	}
	removed, code := deleteOne(s.handle, key)
	return removed, s.failure("delete", code)
}

// MSet sets all pairs, in one step. If a key is there twice, its last value
// wins and its first place in the order stands. An entry that was there already
// keeps its place.
//
// More than the store may hold, at once or in one pair, is [ErrOverLimit]. The
// entries live as long as [Options].TTL says: [Store.MSetTTL] is told how long.
func (s *Store) MSet(pairs ...Pair) error {
	scratch, err := packPairs(pairs)
	if err != nil {
		return err
	}
	defer scratch.release()
	return s.mset(scratch)
}

func (s *Store) mset(scratch *scratch) error {
	code := setAll(s.handle, &scratch.keys, &scratch.values)
	return s.failure("mset", code)
}

// MDelete deletes the keys that are there, in one step, and says how many
// entries that were.
func (s *Store) MDelete(keys ...[]byte) (int, error) {
	scratch, err := packKeys("mdelete", keys)
	if err != nil {
		return 0, err
	}
	defer scratch.release()
	return s.mdelete(scratch)
}

func (s *Store) mdelete(scratch *scratch) (int, error) {
	removed, code := deleteAll(s.handle, &scratch.keys)
	return removed, s.failure("mdelete", code)
}

// Len says how many entries there are that have not ended. On a server all keys
// are walked.
func (s *Store) Len() (int, error) {
	n, code := storeLen(s.handle)
	return n, s.failure("len", code)
}
