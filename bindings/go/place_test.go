package bytestore_test

// Where the conformance cases are, and where a case's own store is: in memory, or on the server that the environment
// names. Knows no case and no step.

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// server is a server's URL, "" for memory.
var server = os.Getenv("BYTESTORE_TEST_URL")

// folderOfCases is that of all cases, or another one.
func folderOfCases() string {
	if folder := os.Getenv("BYTESTORE_TEST_CASES"); folder != "" {
		return folder
	}
	return "../../tests/conformance"
}

// ownStore is an empty store with no options. On a server it has a part of the keys that no other process has, from
// which goes what the case before left: every scan would walk it.
func ownStore(t *testing.T) *bytestore.Store {
	t.Helper()
	if server == "" {
		return open(t)
	}
	separator := "?"
	if strings.Contains(server, separator) {
		separator = "&"
	}
	store, err := bytestore.Open(fmt.Sprintf("%s%snamespace=go-%d/", server, separator, os.Getpid()))
	ok(t, err)
	t.Cleanup(func() { store.Close() })
	_, err = store.DeletePrefix(nil)
	ok(t, err)
	return store
}

// sameKeys compares keys one by one; those of a server in any order.
func sameKeys(got, want [][]byte) error {
	if server != "" {
		got, want = slices.Clone(got), slices.Clone(want)
		slices.SortFunc(got, bytes.Compare)
		slices.SortFunc(want, bytes.Compare)
	}
	return same(got, want)
}
