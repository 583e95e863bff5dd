package bytestore_test

// Stores with a name, opened more than once.

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

func TestOpeningsShareANamedStore(t *testing.T) {
	options := bytestore.Options{Name: "go.openings", MaxEntries: 3, ManualClock: true}
	first := openWith(t, options)
	second := openWith(t, bytestore.Options{Name: "go.openings"})
	third, err := bytestore.Open("memory:go.openings?clock=manual&max_entries=3")
	ok(t, err)
	defer third.Close()
	space := namespace(t, third, "a/")

	ok(t, first.SetTTL([]byte("a/k"), []byte("1"), time.Second))
	for _, store := range []*bytestore.Store{first, second, third} {
		if value, _, err := store.Strings().Get("a/k"); string(value) != "1" || err != nil {
			t.Errorf("%q, %v", value, err)
		}
	}
	ok(t, second.AdvanceClock(time.Second))
	ok(t, second.MSet(bytestore.KV("a/k", "2"), bytestore.KV("b", "3")))
	ok(t, errors.Join(first.Close(), second.Close(), first.Close(), third.Close()))
	checkClosed(t, first)
	values, err := space.MGet(names("k", "b")...)
	ok(t, err)
	ok(t, same(values, list{[]byte("2"), nil}))

	fourth := openWith(t, options)
	n, err := fourth.Len()
	ok(t, compared(n, 2, err))
	ok(t, errors.Join(fourth.Close(), space.Close()))
	fifth := openWith(t, bytestore.Options{Name: "go.openings", MaxEntries: 4}) // a new one
	if stats := statsOf(t, fifth); stats.MaxEntries != 4 || stats.Entries != 0 || stats.Sets != 0 || stats.Hits != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestNamedStoreWithOtherOptions(t *testing.T) {
	openWith(t, bytestore.Options{Name: "go.other", MaxEntries: 3})
	for part, options := range map[string]bytestore.Options{
		"max_entries=4":          {Name: "go.other", MaxEntries: 4},
		"max_entries=3&ttl=1ms":  {Name: "go.other", MaxEntries: 3, TTL: 1},
		"max_item_bytes=3":       {Name: "go.other", MaxItemBytes: 3},
		"go other":               {Name: "go other"},
		"go.other%3Fttl=1s":      {Name: "go.other?ttl=1s"}, // no way to smuggle an option in
		"go.other%3F":            {Name: "go.other?"},
		"/other":                 {Name: "/other", MaxEntries: 3},
		strings.Repeat("n", 256): {Name: strings.Repeat("n", 256)},
	} {
		store, err := bytestore.NewWithOptions(options)
		if store != nil || !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), part) {
			t.Errorf("%+v: %v instead of one about %s", options, err, part)
		}
	}
}

// Answers that there was no room for at first count once, whichever opening asks and whichever tells,
// and the next store of that name begins anew.
func TestOpeningsShareStats(t *testing.T) {
	for range 2 {
		stores := []*bytestore.Store{}
		for range 2 {
			stores = append(stores, openWith(t, bytestore.Options{Name: "go.stats"}))
		}
		stores = append(stores, namespace(t, stores[0], ""))
		ok(t, stores[0].Set([]byte("k"), make([]byte, 3<<20)))
		for _, store := range stores {
			_, err := store.MGet(names("k", "none")...)
			ok(t, err)
		}
		for _, store := range stores {
			if stats := statsOf(t, store); stats.Hits != 3 || stats.Misses != 3 {
				t.Errorf("%+v", stats)
			}
		}
		for _, store := range stores {
			ok(t, store.Close())
		}
	}
}

// Each opening computes for itself, and so waits for none of the others.
func TestOpeningsComputeForThemselves(t *testing.T) {
	first, second := openWith(t, bytestore.Options{Name: "go.compute"}), openWith(t, bytestore.Options{Name: "go.compute"})
	g := newGate(gives([]byte("first")))
	waiting := start(func() ([][]byte, error) { return first.MGetOrCompute(background, names("k"), g.compute) })
	<-g.begun
	values, err := second.MGetOrCompute(background, names("k"), gives([]byte("second")))
	ok(t, err)
	ok(t, same(values, names("second")))
	close(g.open)
	o := <-waiting
	ok(t, o.err)
	ok(t, same(o.values, names("first")))
}

// Many open, use and close the same name: what each has set is there until it closes.
func TestOpeningBesideClosing(t *testing.T) {
	inParallel(8, func(worker int) {
		key := []byte{byte(worker)}
		for range 300 {
			store, err := bytestore.NewWithOptions(bytestore.Options{Name: "go.beside"})
			ok(t, err)
			ok(t, store.Set(key, key))
			space, err := store.Namespace(nil)
			ok(t, errors.Join(err, store.Close()))
			values, err := space.MGet(key)
			ok(t, err)
			ok(t, same(values, list{key}))
			ok(t, space.Close())
		}
	})
	if stats := statsOf(t, openWith(t, bytestore.Options{Name: "go.beside"})); stats.Sets != 0 || stats.Hits != 0 {
		t.Errorf("somebody still has it: %+v", stats)
	}
}
