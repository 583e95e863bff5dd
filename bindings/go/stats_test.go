package bytestore_test

// Stats: each field counts what it says, whichever method it was.

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

func statsOf(t *testing.T, store *bytestore.Store) bytestore.Stats {
	t.Helper()
	stats, err := store.Stats()
	ok(t, err)
	return stats
}

func TestStats(t *testing.T) {
	store := openWith(t, bytestore.Options{MaxBytes: 1 << 20, MaxEntries: 3, ManualClock: true})
	ok(t, store.MSet(bytestore.KV("a", "1"), bytestore.KV("bb", "22"), bytestore.KV("a", "333")))
	_, err := store.MGet([]byte("a"), []byte("none"), []byte("a"))
	ok(t, err)
	_, err = store.MDelete([]byte("a"), []byte("none"))
	ok(t, err)
	got := statsOf(t, store)
	if got.OverheadBytes < 40 || got.OverheadBytes > 72 {
		t.Errorf("an entry takes %d bytes beside", got.OverheadBytes)
	}
	got.OverheadBytes = 0
	want := bytestore.Stats{
		Hits: 2, Misses: 1, Sets: 3, Deletes: 1, Entries: 1, KeyBytes: 2, ValueBytes: 2, MaxBytes: 1 << 20, MaxEntries: 3,
	}
	if got != want {
		t.Errorf("%+v instead of %+v", got, want)
	}

	ok(t, store.SetTTL([]byte("bb"), nil, time.Second))
	ok(t, store.AdvanceClock(time.Second))
	ok(t, store.Set([]byte("bb"), nil)) // what has ended makes room for it
	for i := range 4 {                  // the last two put others out
		ok(t, store.Set(fmt.Append(nil, i), nil))
	}
	if got = statsOf(t, store); got.Expirations != 1 || got.EvictionsByEntries != 2 || got.EvictionsByBytes != 0 || got.Entries != 3 {
		t.Errorf("%+v", got)
	}

	small := openWith(t, bytestore.Options{MaxBytes: 10000})
	for i := range 100 {
		ok(t, small.Set(fmt.Append(nil, i), make([]byte, 1000)))
	}
	got = statsOf(t, small)
	taken := got.KeyBytes + got.ValueBytes + got.OverheadBytes
	if got.EvictionsByBytes+got.Entries != 100 || got.EvictionsByEntries != 0 || taken > got.MaxBytes || taken < 5000 {
		t.Errorf("%+v", got)
	}
}

// A lookup counts once, also when the library has to be asked again because the answers need more room.
func TestLookupsCountOnce(t *testing.T) {
	for _, size := range []int{0, 1, 5000, 3 << 20} { // the last one never fits at first
		store := open(t)
		keys := list{[]byte("a"), []byte("none"), []byte("b"), []byte("a")}
		ok(t, store.MSet(bytestore.KV("a", bytes.Repeat([]byte("a"), size)), bytestore.KV("b", "1")))
		get := func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
			values := make([][]byte, len(keys))
			for i, key := range keys {
				value, _, err := store.Get(key)
				ok(t, err)
				values[i] = value
			}
			return values, nil
		}
		check := func(name string, read form) {
			before := statsOf(t, store)
			_, err := read(store, keys)
			ok(t, err)
			after := statsOf(t, store)
			if hits, misses := after.Hits-before.Hits, after.Misses-before.Misses; hits != 3 || misses != 1 {
				t.Errorf("%s, %d bytes: %d hits and %d misses", name, size, hits, misses)
			}
		}
		check("Get", get)
		for name, read := range forms {
			check(name, read)
		}
	}
}

// Neither hits nor misses go back, or are more than there were lookups, whoever reads beside.
func TestStatsBesideReaders(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), []byte("1")))
	const readers, rounds = 4, 20000
	var begun atomic.Uint64
	var working atomic.Int32
	working.Store(readers)
	inParallel(readers+1, func(worker int) {
		if worker < readers {
			defer working.Add(-1)
			for range rounds {
				begun.Add(1)
				var buffer bytestore.Buffer // too small for the first answer
				if _, err := store.MGetInto(&buffer, []byte("a"), []byte("none")); err != nil {
					t.Error(err)
				}
			}
			return
		}
		for last := (bytestore.Stats{}); working.Load() > 0; {
			stats, err := store.Stats()
			most := begun.Load()
			if err != nil || stats.Hits < last.Hits || stats.Misses < last.Misses || max(stats.Hits, stats.Misses) > most {
				t.Errorf("%+v after %+v and %d lookups, %v", stats, last, most, err)
				return
			}
			last = stats
		}
	})
	if stats := statsOf(t, store); stats.Hits != readers*rounds || stats.Misses != readers*rounds {
		t.Errorf("%d hits, %d misses", stats.Hits, stats.Misses)
	}
}

func TestHitRatio(t *testing.T) {
	for stats, want := range map[bytestore.Stats]float64{
		{}:                               0,
		{Misses: 5}:                      0,
		{Hits: 5}:                        1,
		{Hits: 3, Misses: 1}:             0.75,
		{Hits: 1 << 63, Misses: 1 << 63}: 0.5, // their sum does not fit
	} {
		if got := stats.HitRatio(); got != want {
			t.Errorf("%+v: %g instead of %g", stats, got, want)
		}
	}
}

func TestStatsOfAClosedStore(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), nil))
	ok(t, store.Close())
	if stats, err := store.Stats(); stats != (bytestore.Stats{}) || !errors.Is(err, bytestore.ErrClosed) {
		t.Errorf("%+v, %v", stats, err)
	}
}
