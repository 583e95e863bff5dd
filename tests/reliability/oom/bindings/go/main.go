// Every operation of the Go binding while the library runs out of memory: an error that is ErrOutOfMemory.
package main

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>

// Of the preloaded shim.
static int arm(unsigned long first, int all) {
    int (*f)(unsigned long, int) = (int (*)(unsigned long, int))dlsym(RTLD_DEFAULT, "failing_arm");
    return f == 0 ? 0 : f(first, all);
}
static unsigned long disarm(void) {
    unsigned long (*f)(void) = (unsigned long (*)(void))dlsym(RTLD_DEFAULT, "failing_disarm");
    return f == 0 ? 0 : f();
}
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

var (
	failures, faults int
	large            = bytes.Repeat([]byte("x"), 10000)
)

func check(holds bool, what ...any) {
	if !holds {
		faults++
		fmt.Println(append([]any{" "}, what...)...)
	}
}

// inOwnMemory names the operations whose answers Go's memory holds: the library asks for none.
var inOwnMemory = map[string]bool{"mget": true, "mget of large values": true, "mget into": true}

// torture makes each of an operation's requests for memory fail, once and for ever.
func torture(name string, operation func() error, fine func() bool) {
	before := failures
	for forEver := range 2 {
		for first, failed := 1, 1; failed > 0; first++ {
			check(C.arm(C.ulong(first), C.int(forEver)) == 1, "there is no library to fail")
			err := operation()
			failed = int(C.disarm())
			failures += failed
			check(err == nil || errors.Is(err, bytestore.ErrOutOfMemory), name, err)
			check(err == nil || failed > 0, name, "ran out of memory that was there")
			check(err == nil || fine(), name, "failed, and changed something")
		}
	}
	check((failures > before) != inOwnMemory[name], name, "asked for", failures-before)
}

func main() {
	store, err := bytestore.New()
	check(err == nil, err)
	a, b, c, d := []byte("a"), []byte("b"), []byte("c"), []byte("d")
	check(store.MSet(bytestore.Pair{Key: a, Value: []byte("1")}, bytestore.Pair{Key: b, Value: large}) == nil, "mset")
	fine := func() bool {
		// Where an operation has two steps, the first one may be done.
		_, deleted := store.MDelete(c, d)
		_, emptied := store.DeletePrefix([]byte("x/"))
		values, err := store.MGet(a, b, c)
		count, counted := store.Len()
		return errors.Join(deleted, emptied, err, counted) == nil && string(values[0]) == "1" &&
			bytes.Equal(values[1], large) && values[2] == nil && count == 2
	}
	pairs := []bytestore.Pair{{Key: c, Value: a}, {Key: d, Value: large}}
	nothing := make([][]byte, 300)
	for i := range nothing {
		nothing[i] = []byte("nothing")
	}
	var buffer bytestore.Buffer
	operations := []struct {
		name string
		run  func() error
	}{
		{"new", func() error {
			other, err := bytestore.New()
			if err == nil {
				err = other.Close()
			}
			return err
		}},
		{"open", func() error {
			other, err := bytestore.Open("memory:failing?max_bytes=1MiB")
			if err == nil {
				err = other.Close()
			}
			return err
		}},
		{"mset", func() error {
			if err := store.MSet(pairs...); err != nil {
				return err
			}
			_, err := store.MDelete(c, d)
			return err
		}},
		{"mset ttl", func() error {
			if err := store.MSetTTL(time.Minute, pairs...); err != nil {
				return err
			}
			_, err := store.MDelete(c, d)
			return err
		}},
		{"mget", func() error { _, err := store.MGet(nothing...); return err }},
		{"mget of large values", func() error { _, err := store.MGet(a, b); return err }},
		{"mget into", func() error { _, err := store.MGetInto(&buffer, a, b, c); return err }},
		{"mget view", func() error {
			var view bytestore.View
			defer view.Release()
			return store.MGetView(&view, a, b, c)
		}},
		{"mdelete", func() error { _, err := store.MDelete(nothing...); return err }},
		{"keys", func() error {
			for _, err := range store.Keys([]byte("a")) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"page", func() error { _, _, err := store.KeysPage(a, bytestore.Position(0), 10); return err }},
		{"namespace", func() error {
			view, err := store.Namespace([]byte("n/"))
			if err == nil {
				err = view.Close()
			}
			return err
		}},
		{"delete prefix", func() error {
			if err := store.Set([]byte("x/1"), a); err != nil {
				return err
			}
			_, err := store.DeletePrefix([]byte("x/"))
			return err
		}},
		{"mget or compute", func() error {
			_, err := store.MGetOrCompute(context.Background(), [][]byte{a, []byte("x/z")},
				func(_ context.Context, missing [][]byte) ([][]byte, error) { return make([][]byte, len(missing)), nil })
			if err == nil {
				_, err = store.DeletePrefix([]byte("x/"))
			}
			return err
		}},
	}
	for _, operation := range operations {
		torture(operation.name, operation.run, fine)
	}
	check(fine(), "it is not what it was")
	passed := len(operations)
	if faults > 0 {
		passed = 0
	}
	fmt.Printf("bindings: %d passed, %d failed\ntotals: %d failures\n", passed, faults, failures)
	if faults > 0 {
		os.Exit(1)
	}
}
