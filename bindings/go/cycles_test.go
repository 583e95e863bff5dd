package bytestore_test

// Opening, using and closing, over and over: memory and the count of openings come back to where they were.

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strconv"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

var cycleValue = bytes.Repeat([]byte("v"), 64<<10)

// cycle uses all there is. Its store has options that no other cycle's has: if anything of that name were still open,
// opening would be refused.
func cycle(t *testing.T, number int) {
	t.Helper()
	store := openOnce(t, bytestore.Options{Name: "cycles", MaxEntries: 1000 + number})
	space, err := store.Strings().Namespace("space/")
	ok(t, err)
	inner, err := space.Namespace([]byte("inner/"))
	ok(t, err)
	within := inner.Strings()
	for i := range 20 {
		ok(t, within.Set(strconv.Itoa(i), cycleValue[:i*i*100]))
	}
	_, err = within.MGet("19", "18", "none")
	ok(t, err)
	var view bytestore.View
	ok(t, store.Strings().MGetView(&view, "space/inner/19", "none"))
	for range within.Keys("1") {
		break
	}
	_, _, err = within.KeysPage("", 0, 5)
	ok(t, err)
	_, err = space.Strings().MGetOrCompute(context.Background(), []string{"inner/1", "computed"},
		func(context.Context, []string) ([][]byte, error) { return [][]byte{cycleValue}, nil })
	ok(t, err)
	failed := errors.New("of a computation")
	_, err = within.MGetOrCompute(context.Background(), []string{"failed"},
		func(context.Context, []string) ([][]byte, error) { return nil, failed })
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	snapshot, err := space.MarshalBinary()
	ok(t, errors.Join(err, space.UnmarshalBinary(snapshot)))
	if n, err := within.DeletePrefix("1"); n != 11 || err != nil {
		t.Fatal(n, err)
	}
	ok(t, space.Close())
	ok(t, store.Close())
	ok(t, inner.Close())
	ok(t, same([][]byte{view.At(0), view.At(1)}, [][]byte{cycleValue[:36100], nil}))
	view.Release()
}

func openOnce(t *testing.T, options bytestore.Options) *bytestore.Store {
	t.Helper()
	store, err := bytestore.NewWithOptions(options)
	if err != nil {
		t.Fatalf("something of the cycle before is still open: %v", err)
	}
	return store
}

func TestCyclesLeaveNothing(t *testing.T) {
	cycles := 1000
	if asked := os.Getenv("BYTESTORE_CYCLES"); asked != "" {
		var err error
		cycles, err = strconv.Atoi(asked)
		ok(t, err)
	}
	run := func(first, end int) int {
		for number := first; number < end; number++ {
			cycle(t, number)
		}
		debug.FreeOSMemory()
		return residentBytes(t)
	}
	before := run(0, 300) // what is made only once does not count
	grown := run(300, 300+cycles) - before
	t.Logf("cycles: %d, and %d KiB more resident", cycles, grown>>10)
	if grown > 8<<20 {
		t.Errorf("%d MiB stay behind", grown>>20)
	}
}
