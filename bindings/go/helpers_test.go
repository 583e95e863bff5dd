package bytestore_test

// What several tests share.

import (
	"iter"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// open makes a store that is closed when the test ends.
func open(t testing.TB) *bytestore.Store {
	t.Helper()
	return openWith(t, bytestore.Options{})
}

// openWith is open with options.
func openWith(t testing.TB, options bytestore.Options) *bytestore.Store {
	t.Helper()
	store, err := bytestore.NewWithOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// ok stops the test at an error that nobody expected.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// collect runs an iteration to its end.
func collect[K string | []byte](keys iter.Seq2[K, error]) ([]K, error) {
	collected := []K{}
	for key, err := range keys {
		if err != nil {
			return collected, err
		}
		collected = append(collected, key)
	}
	return collected, nil
}

// residentBytes is the memory of this process that is really there.
func residentBytes(t testing.TB) int {
	t.Helper()
	runtime.GC()
	status, err := os.ReadFile("/proc/self/statm")
	ok(t, err)
	pages, err := strconv.Atoi(strings.Fields(string(status))[1])
	ok(t, err)
	return pages * os.Getpagesize()
}
