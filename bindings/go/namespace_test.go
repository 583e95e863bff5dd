package bytestore_test

// Parts of a store that are stores: what the conformance cases leave out.

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// namespace opens one that is closed when the test ends.
func namespace(t testing.TB, store *bytestore.Store, prefix string) *bytestore.Store {
	t.Helper()
	space, err := store.Namespace([]byte(prefix))
	ok(t, err)
	t.Cleanup(func() { space.Close() })
	return space
}

// The one-key methods, which no conformance case uses.
func TestOneKeyInANamespace(t *testing.T) {
	store := openWith(t, bytestore.Options{ManualClock: true})
	space := namespace(t, namespace(t, store, "a/"), "b/")
	ok(t, space.Set([]byte("k"), []byte("1")))
	ok(t, space.SetTTL(nil, []byte("2"), time.Second))
	ok(t, store.Set([]byte("k"), []byte("3")))
	for key, want := range map[string]string{"k": "1", "": "2"} {
		if value, there, err := space.Strings().Get(key); string(value) != want || !there || err != nil {
			t.Errorf("%q: %q, %t, %v", key, value, there, err)
		}
		if value, _, err := store.Strings().Get("a/b/" + key); string(value) != want || err != nil {
			t.Errorf("%q: %q, %v", key, value, err)
		}
	}
	ok(t, space.AdvanceClock(time.Second))
	for key, want := range map[string]bool{"k": true, "": false, "none": false} {
		if was, err := space.Delete([]byte(key)); was != want || err != nil {
			t.Errorf("%q deleted: %t, %v", key, was, err)
		}
	}
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, names("k")))
}

// Two namespaces, and one whose prefix the other's begins with, see nothing of each other's keys.
func TestNamespacesBesideEachOther(t *testing.T) {
	store := open(t)
	spaces := []*bytestore.Store{}
	for _, prefix := range []string{"a/", "b/", "a", "a\x00", strings.Repeat("long", 2000)} {
		spaces = append(spaces, namespace(t, store, prefix))
	}
	inParallel(len(spaces), func(i int) {
		space := spaces[i]
		for round := range 200 {
			value := []byte{byte(i), byte(round)}
			ok(t, space.MSet(bytestore.Pair{Key: []byte("!x"), Value: value}, bytestore.Pair{Key: []byte("!y"), Value: value}))
			values, err := space.MGet(names("!x", "!y", "z")...)
			ok(t, err)
			ok(t, same(values, [][]byte{value, value, nil}))
			n, err := space.Count([]byte("!"))
			ok(t, compared(n, 2, err))
			n, err = space.DeletePrefix([]byte("!"))
			ok(t, compared(n, 2, err))
		}
	})
	n, err := store.Len()
	ok(t, compared(n, 0, err))
}

func TestPrefixBelongsToTheCaller(t *testing.T) {
	store, prefix := open(t), []byte("a/")
	space, err := store.Namespace(prefix)
	ok(t, err)
	defer space.Close()
	overwrite(prefix)
	ok(t, space.Set([]byte("k"), nil))
	_, err = space.MGetOrCompute(background, names("c"), upper)
	ok(t, err)
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, names("a/k", "a/c")))
}

// Answers that there was no room for at first count once, whichever handle asks and whichever tells.
func TestNamespacesShareStats(t *testing.T) {
	store := open(t)
	space := namespace(t, store, "a/")
	ok(t, space.Set([]byte("k"), make([]byte, 3<<20)))
	for _, reader := range []*bytestore.Store{store, space} {
		for range 3 {
			_, err := reader.MGet(names("k", "a/k")...)
			ok(t, err)
		}
	}
	for _, handle := range []*bytestore.Store{store, space} {
		if stats := statsOf(t, handle); stats.Hits != 6 || stats.Misses != 6 || stats.Entries != 1 {
			t.Errorf("%+v", stats)
		}
	}
}

func TestNamespaceWithoutAStore(t *testing.T) {
	var none bytestore.Store
	closed := open(t)
	ok(t, closed.Close())
	for name, store := range map[string]*bytestore.Store{"zero": &none, "closed": closed} {
		space, err := store.Namespace([]byte("a"))
		var failure *bytestore.Error
		if space != nil || !errors.Is(err, bytestore.ErrClosed) || !errors.As(err, &failure) || failure.Op != "namespace" {
			t.Errorf("%s: %v, %v", name, space, err)
		}
	}
}

func TestClosedNamespaceIsClosed(t *testing.T) {
	store := open(t)
	space, beside := namespace(t, store, "a/"), namespace(t, store, "a/")
	ok(t, space.Close())
	ok(t, space.Close())
	checkClosed(t, space)
	ok(t, beside.Set([]byte("k"), nil))
	ok(t, store.Close())
	checkClosed(t, store)
	n, err := beside.Len()
	ok(t, compared(n, 1, err))
	ok(t, beside.Close())
	checkClosed(t, beside)
}
