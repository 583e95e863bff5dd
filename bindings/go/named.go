package bytestore

// Stores with a name: what their openings share in this program. Knows no C.

import (
	"strings"
	"sync"
)

// named are the stores with a name that this program has open.
var named = struct {
	sync.Mutex // held while one is opened or closed
	stores     map[string]*namedStore
}{stores: map[string]*namedStore{}}

// namedStore is one of them: the library counts its lookups for all openings together.
type namedStore struct {
	lookups *lookups
	handles int
}

// nameIn is the name in a URL that turns out to be right, "" if there is none.
func nameIn(url string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(url, "memory:"), "?")
	return name
}

// lockNamed keeps others from opening or closing stores with a name, until it is unlocked.
func lockNamed(name string) (unlock func()) {
	if name == "" {
		return func() {}
	}
	named.Lock()
	return named.Unlock
}

// joinNamed counts one more handle, and returns the lookups that they share: those given, if it is the first.
func joinNamed(name string, lookups *lookups) *lookups {
	if name == "" {
		return lookups
	}
	store := named.stores[name]
	if store == nil {
		store = &namedStore{lookups: lookups}
		named.stores[name] = store
	}
	store.handles++
	return store.lookups
}

// leaveNamed counts one less.
func leaveNamed(name string) {
	if name == "" {
		return
	}
	if store := named.stores[name]; store.handles > 1 {
		store.handles--
	} else {
		delete(named.stores, name)
	}
}
