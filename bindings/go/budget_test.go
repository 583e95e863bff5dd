//go:build go1.24 && !race

package bytestore_test

// What a call costs, in what can be counted: crossings into C and allocations in Go. No clock.
// The race detector makes sync.Pool forget things at random, and Go 1.23 moves keys to the heap.

import (
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// budget is what one call may cost when the memory that is reused is large enough.
type budget struct {
	name                   string
	allocations, crossings int
	call                   func() error
}

func (b budget) check(t *testing.T) {
	t.Helper()
	// A collection may empty the pool that batches take their memory from.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const calls = 50
	call := func() { ok(t, b.call()) }
	if got := testing.AllocsPerRun(calls, call); got != float64(b.allocations) {
		t.Errorf("%s: %g allocations instead of %d", b.name, got, b.allocations)
	}
	if got := crossingsPerRun(calls, call); got != b.crossings {
		t.Errorf("%s: %d crossings instead of %d", b.name, got, b.crossings)
	}
}

// crossingsPerRun is to crossings what testing.AllocsPerRun is to allocations. It rounds down
// like that: a pool may be cold, and a finalizer may close a store of another test.
func crossingsPerRun(runs int, call func()) int {
	before := runtime.NumCgoCall()
	for range runs {
		call()
	}
	return int(runtime.NumCgoCall()-before) / runs
}

func TestBudgetOfBatches(t *testing.T) {
	for _, n := range []int{1, 16, 64, 256, 1024} {
		for _, size := range []int{0, 100, 800, 12 << 10} {
			if n*size > 1<<20 {
				continue // see TestBudgetOfHugeBatches
			}
			for _, b := range batchBudgets(t, n, size) {
				b.name = fmt.Sprintf("%s, %d × %d bytes", b.name, n, size)
				b.check(t)
			}
		}
	}
}

func batchBudgets(t *testing.T, n, size int) []budget {
	store, keys := open(t), make([]string, n)
	pairs, stringPairs := make([]bytestore.Pair, n), make([]bytestore.StringPair, n)
	for i := range n {
		keys[i] = fmt.Sprintf("a key of some thirty-five bytes %03d", i)
		pairs[i] = bytestore.KV(keys[i], make([]byte, size))
		stringPairs[i] = bytestore.StringPair{Key: keys[i], Value: pairs[i].Value}
	}
	ok(t, store.MSet(pairs...))
	byteKeys, texts := toBytes(keys), store.Strings()
	none := make([][]byte, n)
	buffer, view := new(bytestore.Buffer), new(bytestore.View)
	t.Cleanup(view.Release)

	copied := 2 // the values and the slice of them
	if size == 0 {
		copied = 1
	}
	return []budget{
		{"MGet", copied, 1, func() error { _, err := store.MGet(byteKeys...); return err }},
		{"Strings.MGet", copied, 1, func() error { _, err := texts.MGet(keys...); return err }},
		{"MGetInto", 0, 1, func() error { _, err := store.MGetInto(buffer, byteKeys...); return err }},
		{"Strings.MGetInto", 0, 1, func() error { _, err := texts.MGetInto(buffer, keys...); return err }},
		{"MGetView", 0, 1, func() error { return store.MGetView(view, byteKeys...) }},
		{"Strings.MGetView", 0, 1, func() error { return texts.MGetView(view, keys...) }},
		{"a view of its own", 0, 2, func() error {
			var view bytestore.View
			defer view.Release()
			return store.MGetView(&view, byteKeys...)
		}},
		{"MSet", 0, 1, func() error { return store.MSet(pairs...) }},
		{"Strings.MSet", 0, 1, func() error { return texts.MSet(stringPairs...) }},
		{"MSetTTL", 0, 1, func() error { return store.MSetTTL(time.Hour, pairs...) }},
		{"Strings.MSetTTL", 0, 1, func() error { return texts.MSetTTL(time.Hour, stringPairs...) }},
		{"MGetOrCompute", copied, 1, func() error { _, err := store.MGetOrCompute(background, byteKeys, nil); return err }},
		{"Strings.MGetOrCompute", copied, 1, func() error { _, err := texts.MGetOrCompute(background, keys, nil); return err }},
		{"MDelete", 0, 1, func() error { _, err := store.MDelete(none...); return err }},
		{"Strings.MDelete", 0, 1, func() error { _, err := texts.MDelete("none", "of these", "is there"); return err }},
	}
}

// Memory for more than a mebibyte is not kept for the next batch: then a call asks twice, once for
// the size, and allocates more. How much more does not depend on how many keys there are.
func TestBudgetOfHugeBatches(t *testing.T) {
	for _, n := range []int{100, 1000} {
		for _, b := range batchBudgets(t, n, 12<<10) {
			call := func() { ok(t, b.call()) }
			if got := testing.AllocsPerRun(5, call); got > 8 {
				t.Errorf("%s, %d huge values: %g allocations", b.name, n, got)
			}
			if got := crossingsPerRun(20, call); got > 2 {
				t.Errorf("%s, %d huge values: %d crossings", b.name, n, got)
			}
		}
	}
}

func TestBudgetOfOneKey(t *testing.T) {
	store := open(t)
	texts, value := store.Strings(), make([]byte, 100)
	ok(t, store.Set([]byte("key"), value))
	for _, b := range []budget{
		{"Get", 1, 1, func() error { _, _, err := store.Get([]byte("key")); return err }},
		{"Strings.Get", 1, 1, func() error { _, _, err := texts.Get("key"); return err }},
		{"Get, missing", 0, 1, func() error { _, _, err := store.Get([]byte("none")); return err }},
		{"Set", 0, 1, func() error { return store.Set([]byte("key"), value) }},
		{"Strings.Set", 0, 1, func() error { return texts.Set("key", value) }},
		{"SetTTL", 0, 1, func() error { return store.SetTTL([]byte("key"), value, time.Hour) }},
		{"Strings.SetTTL", 0, 1, func() error { return texts.SetTTL("key", value, time.Hour) }},
		{"Delete", 0, 1, func() error { _, err := store.Delete([]byte("none")); return err }},
		{"Strings.Delete", 0, 1, func() error { _, err := texts.Delete("none"); return err }},
		{"Stats", 0, 1, func() error { _, err := store.Stats(); return err }},
		{"Count", 0, 1, func() error { _, err := store.Count([]byte("k")); return err }},
		{"Strings.Count", 0, 1, func() error { _, err := texts.Count("k"); return err }},
		{"DeletePrefix", 0, 1, func() error { _, err := store.DeletePrefix([]byte("none")); return err }},
		{"Strings.DeletePrefix", 0, 1, func() error { _, err := texts.DeletePrefix("none"); return err }},
		{"Len", 0, 1, func() error { _, err := store.Len(); return err }},
	} {
		b.check(t)
	}
}

// A page of 1,024 keys is one allocation and one crossing, however many keys are in it.
func TestBudgetOfKeys(t *testing.T) {
	store := open(t)
	for i := range 4 * 1024 {
		ok(t, store.Set(fmt.Appendf(nil, "key %d", i), nil))
	}
	const (
		allocations = 1 + 4         // the iteration, and four pages
		crossings   = 1 + 4 + 1 + 1 // opened, four pages, the end, closed
	)
	for _, b := range []budget{
		{"Keys", allocations, crossings, func() error { return drain(store.Keys(nil)) }},
		// The iteration, the answer and its bytes; opened, the page, the position, given back, closed.
		{"KeysPage", 3, 5, func() error { _, _, err := store.KeysPage(nil, 0, 1024); return err }},
		{"Strings.KeysPage", 3, 5, func() error { _, _, err := store.Strings().KeysPage("", 0, 1024); return err }},
		{"Strings.Keys", allocations, crossings, func() error { return drain(store.Strings().Keys("")) }},
	} {
		b.check(t)
	}
}

func drain[K string | []byte](keys iter.Seq2[K, error]) error {
	for _, err := range keys {
		if err != nil {
			return err
		}
	}
	return nil
}
