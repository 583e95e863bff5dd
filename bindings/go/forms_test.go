package bytestore_test

// The forms of reading many keys, alike for the tests that hold for each. Knows no test.

import (
	"bytes"
	"errors"

	"github.com/bytestore/bytestore/bindings/go"
)

type form func(store *bytestore.Store, keys [][]byte) ([][]byte, error)

var forms = map[string]form{
	"MGet": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		return store.MGet(keys...)
	},
	"MGetInto": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		var buffer bytestore.Buffer
		return store.MGetInto(&buffer, keys...)
	},
	"MGetView": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		var view bytestore.View
		err := store.MGetView(&view, keys...)
		return released(&view, err)
	},
	"Strings.MGet": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		return store.Strings().MGet(toStrings(keys)...)
	},
	"Strings.MGetInto": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		var buffer bytestore.Buffer
		return store.Strings().MGetInto(&buffer, toStrings(keys)...)
	},
	"Strings.MGetView": func(store *bytestore.Store, keys [][]byte) ([][]byte, error) {
		var view bytestore.View
		err := store.Strings().MGetView(&view, toStrings(keys)...)
		return released(&view, err)
	},
}

// released copies what a view shows, and releases it.
func released(view *bytestore.View, err error) ([][]byte, error) {
	defer view.Release()
	if err != nil {
		if view.Len() > 0 {
			err = errors.New("a view that could not be filled is not empty")
		}
		return nil, err
	}
	values := make([][]byte, view.Len())
	for i, value := range view.All() {
		values[i] = bytes.Clone(value)
	}
	return values, nil
}

func toStrings(keys [][]byte) []string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = string(key)
	}
	return texts
}

func toBytes(texts []string) [][]byte {
	keys := make([][]byte, len(texts))
	for i, text := range texts {
		keys[i] = []byte(text)
	}
	return keys
}
