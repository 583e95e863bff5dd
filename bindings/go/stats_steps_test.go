package bytestore_test

// The conformance steps about time and counters. Knows nothing of the other steps.

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// ttl is the field of that name: milliseconds, or null for NoTTL. It stays 0 where there is none.
type ttl time.Duration

func (t *ttl) UnmarshalJSON(form []byte) error {
	*t = ttl(bytestore.NoTTL)
	if string(form) == "null" {
		return nil
	}
	var ms int64
	if err := json.Unmarshal(form, &ms); err != nil {
		return err
	}
	if ms < 1 || ms > math.MaxInt64/int64(time.Millisecond) {
		return fmt.Errorf("%d milliseconds do not fit into a time to live", ms)
	}
	*t = ttl(ms) * ttl(time.Millisecond)
	return nil
}

func (r *runner) advance(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var ms uint64
	return func() error {
		// The cases go further than a Duration.
		const longest = math.MaxInt64 / uint64(time.Millisecond)
		for ; ms > longest; ms -= longest {
			if err := store.AdvanceClock(time.Duration(longest) * time.Millisecond); err != nil {
				return err
			}
		}
		return store.AdvanceClock(time.Duration(ms) * time.Millisecond)
	}, s.must("ms", &ms)
}

func (r *runner) counters(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var expect map[string]uint64
	err := s.answer("expect", &expect, fails)
	if err == nil && !fails && expect == nil {
		err = errors.New("null is no counters")
	}
	return func() error {
		stats, err := store.Stats()
		if err != nil {
			return err
		}
		counted := map[string]uint64{
			"hits":                 stats.Hits,
			"misses":               stats.Misses,
			"sets":                 stats.Sets,
			"deletes":              stats.Deletes,
			"evictions_by_bytes":   stats.EvictionsByBytes,
			"evictions_by_entries": stats.EvictionsByEntries,
			"expirations":          stats.Expirations,
			"entries":              stats.Entries,
			"key_bytes":            stats.KeyBytes,
			"value_bytes":          stats.ValueBytes,
			"overhead_bytes":       stats.OverheadBytes,
			"max_bytes":            stats.MaxBytes,
			"max_entries":          stats.MaxEntries,
		}
		for name, want := range expect {
			if got, known := counted[name]; !known || got != want {
				return fmt.Errorf("%s is %d, expected %d (known: %t)", name, got, want, known)
			}
		}
		return nil
	}, err
}
