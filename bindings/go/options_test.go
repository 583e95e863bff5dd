package bytestore_test

// Options in Go's types: what URL they are, and what the store makes of them.

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

func TestOptionsAreAURL(t *testing.T) {
	for want, options := range map[string]bytestore.Options{
		"memory:":                               {},
		"memory:?max_bytes=536870912":           {MaxBytes: 512 << 20},
		"memory:?max_bytes=9223372036854775807": {MaxBytes: math.MaxInt64},
		"memory:?ttl=1ms":                       {TTL: time.Nanosecond},
		"memory:?ttl=2ms":                       {TTL: time.Millisecond + 1},
		"memory:?ttl=9223372036855ms":           {TTL: bytestore.NoTTL - 1},
		"memory:A-z_0.9":                        {Name: "A-z_0.9"},
		"memory:go?ttl=1000ms":                  {Name: "go", TTL: time.Second},
		"memory:?clock=manual":                  {TTL: bytestore.NoTTL, ManualClock: true},
		"memory:?erase=true":                    {Erase: true},
		"memory:?max_bytes=1048576&max_entries=1000&max_item_bytes=4096&ttl=3600000ms&clock=manual&erase=true": {
			MaxBytes: 1 << 20, MaxEntries: 1000, MaxItemBytes: 4 << 10, TTL: time.Hour, ManualClock: true,
			Erase: true,
		},
	} {
		if got := options.URL(); got != want {
			t.Errorf("%+v is %s instead of %s", options, got, want)
		}
		store, err := bytestore.NewWithOptions(options)
		ok(t, err)
		stats, err := store.Stats()
		ok(t, errors.Join(err, store.Close()))
		if stats.MaxBytes != uint64(options.MaxBytes) || stats.MaxEntries != uint64(options.MaxEntries) {
			t.Errorf("%s: bounds of %d bytes and %d entries", want, stats.MaxBytes, stats.MaxEntries)
		}
	}
}

// What Go's types can hold and no store can be.
func TestBadOptions(t *testing.T) {
	for part, options := range map[string]bytestore.Options{
		"max_bytes=-1":      {MaxBytes: -1, TTL: time.Second},
		"max_entries=-2":    {MaxBytes: 1, MaxEntries: -2},
		"max_item_bytes=-3": {MaxItemBytes: -3},
		"ttl=-4000ms":       {TTL: -4 * time.Second},
		"ttl=0ms":           {TTL: -time.Nanosecond},
	} {
		store, err := bytestore.NewWithOptions(options)
		if store != nil || !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), `"`+part+`"`) {
			t.Errorf("%+v: %v instead of one about %s", options, err, part)
		}
	}
}

// Too much for a store is an error that changes nothing, whichever method it is.
func TestOverLimit(t *testing.T) {
	long := make([]byte, 9000)
	two := []bytestore.Pair{bytestore.KV("b", "1"), bytestore.KV("c", "2")}
	twoTexts := []bytestore.StringPair{{Key: "b"}, {Key: "c"}}
	for _, limited := range []struct {
		options bytestore.Options
		one     bool // whether one long pair is too much; otherwise two short ones are
	}{
		{bytestore.Options{MaxItemBytes: 9000}, true}, // with its key it has one more
		{bytestore.Options{MaxBytes: 4 << 10}, true},
		{bytestore.Options{MaxEntries: 1}, false},
	} {
		store := openWith(t, limited.options)
		texts := store.Strings()
		ok(t, store.Set([]byte("a"), []byte("1")))
		failures := map[string]error{}
		if limited.one {
			failures["Set"] = store.Set([]byte("b"), long)
			failures["SetTTL"] = store.SetTTL([]byte("b"), long, time.Hour)
			failures["Strings.Set"] = texts.Set("b", long)
			failures["Strings.SetTTL"] = texts.SetTTL("b", long, time.Hour)
			two[1].Value, twoTexts[1].Value = long, long
		} else {
			two[1].Value, twoTexts[1].Value = nil, nil
		}
		failures["MSet"] = store.MSet(two...)
		failures["MSetTTL"] = store.MSetTTL(time.Hour, two...)
		failures["Strings.MSet"] = texts.MSet(twoTexts...)
		failures["Strings.MSetTTL"] = texts.MSetTTL(bytestore.NoTTL, twoTexts...)
		for name, err := range failures {
			var failure *bytestore.Error
			op := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "Strings."), "TTL"))
			if !errors.Is(err, bytestore.ErrOverLimit) || !errors.As(err, &failure) || failure.Op != op {
				t.Errorf("%+v: %s: %v", limited.options, name, err)
			}
		}
		keys, err := collect(store.Keys(nil))
		ok(t, err)
		ok(t, same(keys, list{[]byte("a")}))
		ok(t, store.Set([]byte("b"), nil)) // less is fine
	}
}
