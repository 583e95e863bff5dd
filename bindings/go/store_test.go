package bytestore_test

// What the conformance cases cannot say: the one-key methods, Go's own types, and whose memory is whose.

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

func TestOneKey(t *testing.T) {
	store := open(t)
	long := strings.Repeat("long", 5000)
	for _, key := range []string{"a", "", "a\x00b", "\xff\xfe", long} {
		for _, value := range []string{"1", "", "\x00", long} {
			ok(t, store.Set([]byte(key), []byte(value)))
			got, there, err := store.Get([]byte(key))
			if string(got) != value || got == nil || !there || err != nil {
				t.Errorf("%.9q: got %.9q, %t, %v instead of %.9q", key, got, there, err, value)
			}
		}
	}
	if n, err := store.Len(); n != 5 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
	for _, want := range []bool{true, false} {
		if was, err := store.Delete([]byte("a")); was != want || err != nil {
			t.Errorf("deleted: %t, %v", was, err)
		}
		if got, there, err := store.Get([]byte("a")); got != nil || there || err != nil {
			t.Errorf("after the delete: %q, %t, %v", got, there, err)
		}
	}
}

func TestKV(t *testing.T) {
	type name string
	for _, pair := range []bytestore.Pair{
		bytestore.KV("k", "v"), bytestore.KV([]byte("k"), "v"), bytestore.KV(name("k"), []byte("v")),
	} {
		if string(pair.Key) != "k" || string(pair.Value) != "v" {
			t.Errorf("%q", pair)
		}
	}
}

func TestNilAndEmptyAreOneKey(t *testing.T) {
	store := open(t)
	ok(t, store.MSet(bytestore.Pair{}, bytestore.KV("a", "1"), bytestore.KV([]byte{}, []byte{})))
	values, err := store.MGet(nil, []byte{}, []byte("none"))
	ok(t, err)
	ok(t, same(values, [][]byte{{}, {}, nil}))
	if n, _ := store.Len(); n != 2 {
		t.Errorf("%d entries", n)
	}
}

func TestResultsBelongToTheCaller(t *testing.T) {
	for _, last := range []string{"two", strings.Repeat("L", 10000), strings.Repeat("H", 2<<20)} { // small, large, huge
		store := open(t)
		keys := [][]byte{[]byte("a"), []byte("empty"), []byte("b")}
		want := [][]byte{[]byte("one"), {}, []byte(last)}
		for i, key := range keys {
			ok(t, store.Set(key, want[i]))
		}
		read := func() [][]byte {
			values, err := store.MGet(keys...)
			ok(t, err)
			return values
		}
		scan := func() [][]byte {
			scanned, err := collect(store.Keys(nil))
			ok(t, err)
			return scanned
		}
		for what, results := range map[string]func() [][]byte{"values": read, "keys": scan} {
			expected := results()
			got := results()
			for _, item := range got {
				_ = append(item, "overrun"...)
			}
			if err := same(got, expected); err != nil {
				t.Errorf("%s: appending to one changed another: %.999v", what, err)
			}
			overwrite(got...)
			if same(got, expected) == nil {
				t.Errorf("%s: two answers share memory", what)
			}
		}
		value, _, err := store.Get(keys[2])
		ok(t, err)
		overwrite(value)
		ok(t, same(read(), want))
		ok(t, same(scan(), keys))
	}
}

func TestArgumentsBelongToTheCaller(t *testing.T) {
	store := open(t)
	key, value := []byte("key"), []byte("value")
	ok(t, store.Set(key, value))
	overwrite(key, value)
	if got, _, err := store.Get([]byte("key")); string(got) != "value" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	prefix := []byte("k")
	keys := store.Keys(prefix)
	overwrite(prefix)
	scanned, err := collect(keys)
	ok(t, err)
	ok(t, same(scanned, [][]byte{[]byte("key")}))
}

// cgo refuses Go memory that holds pointers. A key that lies beside some must pass.
func TestKeysBesidePointers(t *testing.T) {
	store := open(t)
	type record struct {
		neighbour *int
		key       [4]byte
	}
	r := &record{new(int), [4]byte([]byte("key1"))}
	ok(t, store.Set(r.key[:], r.key[:]))
	ok(t, store.MSet(bytestore.Pair{Key: r.key[:3], Value: r.key[1:]}))
	values, err := store.MGet(r.key[:], r.key[:3])
	ok(t, err)
	ok(t, same(values, [][]byte{[]byte("key1"), []byte("ey1")}))
	if value, _, err := store.Get(r.key[:3]); string(value) != "ey1" || err != nil {
		t.Errorf("%q, %v", value, err)
	}
	for _, err := range store.Keys(r.key[:2]) {
		ok(t, err)
	}
	if was, err := store.Delete(r.key[:]); !was || err != nil {
		t.Errorf("%t, %v", was, err)
	}
}

func TestBatchesOfAllSizes(t *testing.T) {
	store := open(t)
	for _, n := range []int{0, 1, 2, 63, 64, 65, 1000, 20000} {
		batch := make([]bytestore.Pair, n)
		keys, want := make([][]byte, n), make([][]byte, n)
		for i := range batch {
			// Of every size around the one from which values cross by reference.
			batch[i] = bytestore.KV(fmt.Sprint("batch ", n, " key ", i), strings.Repeat("v", i%2*(4095+i%3)+i%50))
			keys[i], want[i] = batch[i].Key, batch[i].Value
		}
		ok(t, store.MSet(batch...))
		values, err := store.MGet(keys...)
		ok(t, err)
		ok(t, same(values, want))
		prefix := fmt.Appendf(nil, "batch %d ", n)
		scanned, err := collect(store.Keys(prefix))
		ok(t, err)
		ok(t, same(scanned, keys))
		removed, err := store.MDelete(keys...)
		ok(t, compared(removed, n, err))
	}
}

func TestKeysTwiceAndEarlyBreak(t *testing.T) {
	store := open(t)
	const n = 3000 // more than a page
	for i := range n {
		ok(t, store.Set(fmt.Appendf(nil, "k%04d", i), nil))
	}
	keys := store.Keys([]byte("k"))
	for _, stop := range []int{1, 1024, 1025, n} {
		seen := 0
		for key, err := range keys {
			ok(t, err)
			if want := fmt.Sprintf("k%04d", seen); string(key) != want {
				t.Fatalf("%q instead of %q", key, want)
			}
			if seen++; seen == stop {
				break
			}
		}
		if seen != stop {
			t.Errorf("%d keys instead of %d", seen, stop)
		}
	}
}

// The body of the loop may do anything with the store: nothing is locked.
func TestKeysWhileChanging(t *testing.T) {
	store := open(t)
	for i := range 2000 {
		ok(t, store.Set(fmt.Appendf(nil, "k%04d", i), nil))
	}
	seen := 0
	for key, err := range store.Keys(nil) {
		ok(t, err)
		was, err := store.Delete(key)
		ok(t, err)
		if !was {
			t.Fatalf("%q came twice", key)
		}
		ok(t, store.Set(append(key, '+'), nil))
		seen++
	}
	if n, err := store.Len(); seen != 2000 || n != 2000 || err != nil {
		t.Errorf("%d seen, %d left, %v", seen, n, err)
	}
}
