package bytestore_test

// Entries that end, under a clock that the tests turn.

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// The setters of one entry with a time to live.
var settersTTL = map[string]func(*bytestore.Store, string, time.Duration) error{
	"SetTTL": func(s *bytestore.Store, key string, ttl time.Duration) error {
		return s.SetTTL([]byte(key), []byte("1"), ttl)
	},
	"MSetTTL": func(s *bytestore.Store, key string, ttl time.Duration) error {
		return s.MSetTTL(ttl, bytestore.KV(key, "1"))
	},
	"Strings.SetTTL": func(s *bytestore.Store, key string, ttl time.Duration) error {
		return s.Strings().SetTTL(key, []byte("1"), ttl)
	},
	"Strings.MSetTTL": func(s *bytestore.Store, key string, ttl time.Duration) error {
		return s.Strings().MSetTTL(ttl, bytestore.StringPair{Key: key, Value: []byte("1")})
	},
}

// An entry is there until the clock reaches its end, and not a millisecond less or more.
func TestTimeToLive(t *testing.T) {
	for ttl, wantMS := range map[time.Duration]int{
		1:                         1,
		time.Millisecond:          1,
		time.Millisecond + 1:      2,
		1500 * time.Microsecond:   2,
		time.Hour:                 3600000,
		time.Hour - 1:             3600000,
		365 * 24 * time.Hour:      365 * 24 * 3600000,
		math.MaxInt64 - 1:         9223372036855,
		bytestore.NoTTL:           math.MaxInt,
		5*time.Second + time.Hour: 3605000,
	} {
		for name, set := range settersTTL {
			store := openWith(t, bytestore.Options{TTL: 3 * time.Millisecond, ManualClock: true})
			ok(t, set(store, "a", ttl))
			there := func() bool {
				t.Helper()
				_, there, err := store.Get([]byte("a"))
				ok(t, err)
				return there
			}
			last := time.Duration(math.MaxInt64)
			if wantMS < math.MaxInt {
				last = time.Duration(wantMS-1) * time.Millisecond
			}
			ok(t, store.AdvanceClock(last))
			if !there() {
				t.Errorf("%s, %v: has ended too early", name, ttl)
			}
			ok(t, store.AdvanceClock(time.Millisecond))
			if there() != (ttl == bytestore.NoTTL) {
				t.Errorf("%s, %v: has not ended, or ends for ever", name, ttl)
			}
			ok(t, store.Close())
		}
	}
}

func TestDefaultTimeToLive(t *testing.T) {
	store := openWith(t, bytestore.Options{TTL: time.Minute, ManualClock: true})
	ok(t, store.Set([]byte("a"), nil))
	ok(t, store.MSet(bytestore.KV("b", "")))
	ok(t, store.SetTTL([]byte("c"), nil, bytestore.NoTTL))
	ok(t, store.AdvanceClock(time.Minute-time.Millisecond))
	n, err := store.Len()
	ok(t, compared(n, 3, err))
	ok(t, store.AdvanceClock(1)) // rounded up
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, list{[]byte("c")}))
	ok(t, store.Set([]byte("c"), nil)) // from now on it has an end
	ok(t, store.AdvanceClock(time.Minute))
	n, err = store.Len()
	ok(t, compared(n, 0, err))
}

func TestBadTimeToLive(t *testing.T) {
	store := open(t)
	for _, ttl := range []time.Duration{0, -1, -time.Hour, math.MinInt64} {
		for name, set := range settersTTL {
			err := set(store, "a", ttl)
			if !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), "time to live "+ttl.String()) {
				t.Errorf("%s, %v: %v", name, ttl, err)
			}
		}
		if err := store.MSetTTL(ttl); !errors.Is(err, bytestore.ErrInvalidArgument) {
			t.Errorf("an empty batch, %v: %v", ttl, err)
		}
	}
	n, err := store.Len()
	ok(t, compared(n, 0, err))
}

func TestAdvanceClock(t *testing.T) {
	store := openWith(t, bytestore.Options{ManualClock: true})
	ok(t, store.SetTTL([]byte("a"), nil, time.Second))
	ok(t, store.AdvanceClock(0))
	for want, err := range map[string]error{
		"advance clock: duration -1ns:":                 store.AdvanceClock(-1),
		"advance clock: a store without a manual clock": open(t).AdvanceClock(time.Second),
	} {
		if !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v instead of %s", err, want)
		}
	}
	n, err := store.Len()
	ok(t, compared(n, 1, err))
}
