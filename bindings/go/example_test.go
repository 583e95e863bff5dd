package bytestore_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/bytestore/bytestore/bindings/go"
)

func Example() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	err = store.MSet(bytestore.KV("key1", "value1"), bytestore.KV("key2", "value2"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := store.MDelete([]byte("key1")); err != nil {
		log.Fatal(err)
	}
	values, err := store.MGet([]byte("key1"), []byte("key2"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("missing: %t, present: %s\n", values[0] == nil, values[1])
	// Output: missing: true, present: value2
}

func ExampleOpen() {
	_, err := bytestore.Open("memory:?colour=blue")
	fmt.Println(errors.Is(err, bytestore.ErrInvalidArgument))

	var failure *bytestore.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Op, failure.Detail)
	}
	// Output:
	// true
	// open URL part "colour=blue"
}

func ExampleStore_Get() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.Set([]byte("empty"), nil); err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"empty", "missing"} {
		value, ok, err := store.Get([]byte(key))
		fmt.Println(key, len(value), ok, err)
	}
	// Output:
	// empty 0 true <nil>
	// missing 0 false <nil>
}

func ExampleStore_Keys() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	err = store.MSet(bytestore.KV("doc/b", "1"), bytestore.KV("img/c", "2"), bytestore.KV("doc/a", "3"))
	if err != nil {
		log.Fatal(err)
	}
	for key, err := range store.Keys([]byte("doc/")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", key)
	}
	// Output:
	// doc/b
	// doc/a
}

func ExampleStore_Close() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Close(), store.Close())

	_, err = store.Len()
	fmt.Println(errors.Is(err, bytestore.ErrClosed))
	// Output:
	// <nil> <nil>
	// true
}
