package bytestore_test

// Keys that are strings: the same entries as with keys that are bytes.

import (
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

func TestStrings(t *testing.T) {
	store := open(t)
	texts := store.Strings()
	for _, key := range []string{"a", "", "a\x00b", "\xff\xfe"} {
		ok(t, texts.Set(key, []byte("1")))
		for name, get := range map[string]func() ([]byte, bool, error){
			"strings": func() ([]byte, bool, error) { return texts.Get(key) },
			"bytes":   func() ([]byte, bool, error) { return store.Get([]byte(key)) },
		} {
			if value, there, err := get(); string(value) != "1" || !there || err != nil {
				t.Errorf("%s: %q: %q, %t, %v", name, key, value, there, err)
			}
		}
		for _, want := range []bool{true, false} {
			if was, err := texts.Delete(key); was != want || err != nil {
				t.Errorf("%q deleted: %t, %v", key, was, err)
			}
		}
	}

	pair := func(key, value string) bytestore.StringPair {
		return bytestore.StringPair{Key: key, Value: []byte(value)}
	}
	ok(t, texts.MSet(pair("b", "1"), pair("a", "2"), pair("b", "3"), pair("", "")))
	values, err := store.MGet([]byte("a"), []byte("b"), nil, []byte("c"))
	ok(t, err)
	ok(t, same(values, list{[]byte("2"), []byte("3"), {}, nil}))
	removed, err := texts.MDelete("a", "c", "a", "")
	ok(t, compared(removed, 2, err))
	keys, err := collect(store.Keys(nil))
	ok(t, err)
	ok(t, same(keys, list{[]byte("b")}))
}
