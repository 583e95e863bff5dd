package bytestore_test

// Counting and deleting by prefix, and paging: what the conformance cases leave out.

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// A client gets a page and a position, and comes back with it, perhaps after the keys have changed.
func TestPagesFromASerialisedPosition(t *testing.T) {
	for kind, calls := range kinds {
		store := open(t)
		for i := range 25 {
			ok(t, store.MSet(bytestore.KV(fmt.Sprintf("k%02d", i), ""), bytestore.KV(fmt.Sprintf("other%02d", i), "")))
		}
		type answer struct {
			Keys []string
			Next bytestore.Position
		}
		turn := func(token []byte, limit int) answer {
			var last answer
			ok(t, json.Unmarshal(token, &last))
			keys, next, err := calls.page(store, []byte("k"), last.Next, limit)
			ok(t, err)
			return answer{toStrings(keys), next}
		}
		var seen []string
		token := []byte("{}")
		for _, want := range []int{10, 10, 6, 0, 1} {
			page := turn(token, 10)
			if len(page.Keys) != want {
				t.Errorf("%s: %q instead of %d keys", kind, page.Keys, want)
			}
			again := turn(token, 10)
			if fmt.Sprint(page) != fmt.Sprint(again) {
				t.Errorf("%s: %v, and then %v", kind, page, again)
			}
			seen = append(seen, page.Keys...)
			token, _ = json.Marshal(page)
			if len(seen) == 10 { // some go, before and behind the position; one moves to the end, and one is new
				_, err := store.MDelete(names("k03", "k15", "k04")...)
				ok(t, err)
				ok(t, store.MSet(bytestore.KV("k04", ""), bytestore.KV("k98", ""), bytestore.KV("k12", "overwritten")))
				n, err := calls.count(store, []byte("k"))
				ok(t, compared(n, 24, err))
			}
			if want == 0 {
				ok(t, store.Set([]byte("k99"), nil))
			}
		}
		want := []string{}
		for i := range 25 {
			if i != 15 {
				want = append(want, fmt.Sprintf("k%02d", i))
			}
		}
		ok(t, same(toBytes(seen), toBytes(append(want, "k04", "k98", "k99"))))
	}
}

// The library ends a page after a mebibyte: that must not show.
func TestPagesOfLongKeys(t *testing.T) {
	store := open(t)
	long := make([]byte, 100<<10)
	want := list{{}}
	ok(t, store.Set(nil, nil))
	for i := range 30 {
		key := append([]byte{byte(i)}, long...)
		want = append(want, key)
		ok(t, store.Set(key, nil))
	}
	for kind, calls := range kinds {
		for _, limit := range []int{1, 25, 31, 32, 5000, math.MaxInt} {
			keys, next, err := calls.page(store, nil, 0, limit)
			ok(t, err)
			if err := same(keys, want[:min(limit, 31)]); err != nil {
				t.Errorf("%s, %d: %.99s", kind, limit, err)
			}
			rest, _, err := calls.page(store, nil, next, 31)
			ok(t, err)
			if err := same(rest, want[min(limit, 31):]); err != nil {
				t.Errorf("%s, after %d: %.99s", kind, limit, err)
			}
		}
		keys, _, err := calls.page(store, nil, 0, 31)
		ok(t, err)
		for _, key := range keys {
			_ = append(key, "overrun"...)
		}
		if err := same(keys, want); err != nil {
			t.Errorf("%s: appending to one changed another: %.99s", kind, err)
		}
	}
}

func TestBadPages(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), nil))
	for kind, calls := range kinds {
		for _, limit := range []int{0, -1, math.MinInt} {
			keys, at, err := calls.page(store, nil, 7, limit)
			var failure *bytestore.Error
			if len(keys) > 0 || at != 7 || !errors.Is(err, bytestore.ErrInvalidArgument) || !errors.As(err, &failure) ||
				failure.Op != "keys page" || failure.Detail != fmt.Sprint("limit ", limit) {
				t.Errorf("%s, %d: %q, %d, %v", kind, limit, keys, at, err)
			}
		}
		// A position that never was is behind all keys, and no key will come there.
		if keys, _, err := calls.page(store, nil, math.MaxUint64, 1); len(keys) > 0 || err != nil {
			t.Errorf("%s: %q, %v", kind, keys, err)
		}
	}
}

// Deleting by prefix is one step: who counts sees all or nothing.
func TestDeletePrefixIsAtomic(t *testing.T) {
	store := open(t)
	batch := make([]bytestore.Pair, 64)
	for i := range batch {
		batch[i] = bytestore.KV(fmt.Sprintf("k%02d", i), "")
	}
	ok(t, store.Set([]byte("other"), nil))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			ok(t, store.MSet(batch...))
			n, err := store.DeletePrefix([]byte("k"))
			ok(t, compared(n, len(batch), err))
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if n, err := store.Count([]byte("k")); n != 0 && n != len(batch) || err != nil {
			t.Errorf("%d keys, %v", n, err)
		}
	}
	n, err := store.Count(nil)
	ok(t, compared(n, 1, err))
}
