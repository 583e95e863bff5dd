// Command program is what a user of an installed copy writes in Go.
package main

import (
	"bytes"
	"fmt"
	"log"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

func main() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := store.MSet(bytestore.KV("user/1", "Ada"), bytestore.KV("user/2", "Grace")); err != nil {
		log.Fatal(err)
	}
	values, err := store.MGet([]byte("user/1"), []byte("user/9"))
	if err != nil || values[1] != nil {
		log.Fatal(values, err)
	}
	snapshot, err := store.MarshalBinary()
	if err != nil {
		log.Fatal(err)
	}
	loaded, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer loaded.Close()
	if _, err := loaded.ReadFrom(bytes.NewReader(snapshot)); err != nil {
		log.Fatal(err)
	}
	count, err := loaded.Len()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, missing, %d loaded\n", values[0], count)
}
