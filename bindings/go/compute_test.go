package bytestore_test

// Computing what is missing, one call at a time: what the conformance cases leave out.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// Both kinds of keys.
var kinds = map[string]calls{"bytes": withBytes, "strings": withStrings}

var background = context.Background()

// names are keys.
func names(keys ...string) [][]byte { return toBytes(keys) }

// upper is a computation: a key's value is the key in capitals.
func upper(_ context.Context, missing [][]byte) ([][]byte, error) {
	values := make([][]byte, len(missing))
	for i, key := range missing {
		values[i] = bytes.ToUpper(key)
	}
	return values, nil
}

// never is a computation that must not run.
func never(t *testing.T) compute {
	return func(_ context.Context, missing [][]byte) ([][]byte, error) {
		t.Errorf("asked for %q", missing)
		return missing, nil
	}
}

// gives is a computation that gives the same whatever it is asked for.
func gives(values ...[]byte) compute {
	return func(context.Context, [][]byte) ([][]byte, error) { return values, nil }
}

func TestComputedValuesBelongToTheCaller(t *testing.T) {
	for kind, calls := range kinds {
		store := open(t)
		computed := [][]byte{[]byte("A"), nil, []byte("C")}
		keys := names("a", "b", "a", "c", "a")
		want := list{[]byte("A"), {}, []byte("A"), []byte("C"), []byte("A")}
		values, err := calls.compute(background, store, 0, keys, gives(computed...))
		ok(t, err)
		overwrite(computed...)
		if err := same(values, want); err != nil {
			t.Errorf("%s: the computation's memory: %v", kind, err)
		}
		for i, value := range values {
			overwrite(value)
			if err := same(values[i+1:], want[i+1:]); err != nil {
				t.Errorf("%s: two answers share memory: %v", kind, err)
			}
		}
		overwrite(keys...)
		values, err = calls.compute(background, store, 0, names("c", "b", "a"), never(t))
		ok(t, err)
		ok(t, same(values, list{[]byte("C"), {}, []byte("A")}))
	}
}

// A computation may do to the keys that it is given what it likes.
func TestComputationChangesItsKeys(t *testing.T) {
	store := open(t)
	values, err := store.MGetOrCompute(background, names("a", "b"), func(_ context.Context, missing [][]byte) ([][]byte, error) {
		values, err := upper(background, missing)
		overwrite(missing...)
		return values, err
	})
	ok(t, err)
	ok(t, same(values, names("A", "B")))
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, names("a", "b")))
}

func TestErrorsOfComputing(t *testing.T) {
	own := errors.New("no luck")
	small := bytestore.Options{MaxItemBytes: 3}
	for name, c := range map[string]struct {
		compute compute
		check   func(error) bool
	}{
		"its own":      {func(context.Context, [][]byte) ([][]byte, error) { return names("1", "2"), own }, func(err error) bool { return err == own }},
		"too few":      {gives([]byte("1")), isBad("1 values for 2 missing keys")},
		"none":         {gives(), isBad("0 values for 2 missing keys")},
		"too many":     {gives(names("1", "2", "3")...), isBad("3 values for 2 missing keys")},
		"over a limit": {gives(names("1", "333")...), func(err error) bool { return errors.Is(err, bytestore.ErrOverLimit) }},
	} {
		store := openWith(t, small)
		ok(t, store.Set([]byte("b"), []byte("B")))
		for kind, calls := range kinds {
			for range 2 { // the second one computes again
				asked := 0
				values, err := calls.compute(background, store, 0, names("a", "b", "c"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
					asked++
					return c.compute(ctx, missing)
				})
				if values != nil || asked != 1 || !c.check(err) {
					t.Errorf("%s, %s: %q, asked %d times, %v", name, kind, values, asked, err)
				}
			}
		}
		keys, err := collect(store.Keys(nil))
		ok(t, err)
		ok(t, same(keys, names("b")))
		values, err := store.MGetOrCompute(background, names("a", "b", "c"), upper)
		ok(t, err)
		ok(t, same(values, names("A", "B", "C")))
	}
}

// isBad says whether an error is about an argument, and says so.
func isBad(detail string) func(error) bool {
	return func(err error) bool {
		return errors.Is(err, bytestore.ErrInvalidArgument) && strings.Contains(err.Error(), "mget or compute: "+detail)
	}
}

func TestComputedEntriesEnd(t *testing.T) {
	for kind, calls := range kinds {
		store := openWith(t, bytestore.Options{ManualClock: true, TTL: 10 * time.Millisecond})
		for i, ttl := range []time.Duration{0, time.Nanosecond, 20 * time.Millisecond, bytestore.NoTTL} {
			_, err := calls.compute(background, store, ttl, names(fmt.Sprint(i)), upper)
			ok(t, err)
		}
		for i, left := range []int{4, 3, 3, 2, 1} {
			n, err := store.Len()
			if err := compared(n, left, err); err != nil {
				t.Errorf("%s, after step %d: %v", kind, i, err)
			}
			ok(t, store.AdvanceClock([]time.Duration{1, 8, 1, 10, 0}[i]*time.Millisecond))
		}
		for _, ttl := range []time.Duration{-1, -time.Hour} {
			if _, err := calls.compute(background, store, ttl, names("a"), never(t)); !isBad("time to live")(err) {
				t.Errorf("%s, %v: %v", kind, ttl, err)
			}
		}
		if _, err := store.MGetOrComputeTTL(background, 0, nil, never(t)); !isBad("time to live")(err) {
			t.Errorf("0: %v", err)
		}
	}
}

// Nothing is locked: a computation may do all that others may.
func TestComputationUsesTheStore(t *testing.T) {
	store := open(t)
	space, err := store.Namespace([]byte("n/"))
	ok(t, err)
	defer space.Close()
	values, err := space.MGetOrCompute(background, names("a", "b"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
		ok(t, store.MSet(bytestore.KV("c", "1"), bytestore.KV("n/b", "overwritten")))
		_, err := store.MGet(names("c", "n/b")...)
		ok(t, err)
		_, err = collect(space.Keys(nil))
		ok(t, err)
		_, err = store.DeletePrefix([]byte("c"))
		ok(t, err)
		inner, err := store.MGetOrCompute(ctx, names("n/c", "a"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
			innermost, err := space.MGetOrCompute(ctx, names("d", "c/"), upper)
			ok(t, err)
			ok(t, same(innermost, names("D", "C/")))
			return upper(ctx, missing)
		})
		ok(t, err)
		ok(t, same(inner, names("N/C", "A")))
		return upper(ctx, missing)
	})
	ok(t, err)
	ok(t, same(values, names("A", "B")))
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, names("n/b", "n/d", "n/c/", "n/c", "a", "n/a")))
}

// Between the look into the store and the claim of a key another computation may bring it.
func TestComputedMeanwhile(t *testing.T) {
	store := open(t)
	meanwhile := func(key string) context.Context {
		done := false
		return hooked{background, func() {
			if !done { // the first time is after the look and before the claim
				done = true
				_, err := store.MGetOrCompute(background, names(key), gives([]byte("meanwhile")))
				ok(t, err)
			}
		}, nil}
	}
	values, err := store.MGetOrCompute(meanwhile("a"), names("a"), never(t))
	ok(t, err)
	ok(t, same(values, names("meanwhile")))

	values, err = store.MGetOrCompute(meanwhile("c"), names("b", "c", "d"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
		ok(t, same(missing, names("b", "d")))
		return upper(ctx, missing)
	})
	ok(t, err)
	ok(t, same(values, names("B", "meanwhile", "D")))
	// a, a again: 2 misses and a hit; b, c, d, and c, b, c, d again: 6 misses and a hit.
	if stats := statsOf(t, store); stats.Hits != 2 || stats.Misses != 2+6 || stats.Sets != 4 {
		t.Errorf("%+v", stats)
	}
	// Nothing was computed meanwhile, only set: nobody looks again.
	set := hooked{background, func() { ok(t, store.Set([]byte("e"), []byte("set"))) }, nil}
	values, err = store.MGetOrCompute(set, names("e"), upper)
	ok(t, err)
	ok(t, same(values, names("E")))
	if stats := statsOf(t, store); stats.Hits != 2 || stats.Misses != 2+6+1 {
		t.Errorf("%+v", stats)
	}
}

// hooked is a context that tells when somebody asks whether it is over, or is about to wait for that.
type hooked struct {
	context.Context
	err, done func()
}

func (h hooked) Err() error {
	if h.err != nil {
		h.err()
	}
	return h.Context.Err()
}

func (h hooked) Done() <-chan struct{} {
	if h.done != nil {
		h.done()
	}
	return h.Context.Done()
}
