package bytestore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/bytestore/bytestore/bindings/go"
)

func ExampleStore_Save() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "users.bytestore")

	users, err := bytestore.NewWithOptions(bytestore.Options{MaxEntries: 1000})
	if err != nil {
		log.Fatal(err)
	}
	defer users.Close()
	if err := users.MSet(bytestore.KV("1", "Ada"), bytestore.KV("2", "Bob")); err != nil {
		log.Fatal(err)
	}
	if err := users.Save(path); err != nil {
		log.Fatal(err)
	}

	again, err := bytestore.Open("snapshot:" + path) // perhaps by the next run, or in another language
	if err != nil {
		log.Fatal(err)
	}
	defer again.Close()
	value, _, err := again.Strings().Get("1")
	fmt.Printf("%s %v\n", value, err)
	// Output: Ada <nil>
}

func ExampleStore_Load() {
	users, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer users.Close()

	switch err := users.Load("users.bytestore"); {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Println("the first run")
	case errors.Is(err, bytestore.ErrBadSnapshot):
		fmt.Println("damaged")
	case err != nil:
		log.Fatal(err)
	}
	// Output: the first run
}

// A part of one store becomes a part of another, compressed on its way.
func ExampleStore_WriteToLevel() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	drafts, err := store.Namespace([]byte("drafts/"))
	if err != nil {
		log.Fatal(err)
	}
	defer drafts.Close()
	published, err := store.Namespace([]byte("published/"))
	if err != nil {
		log.Fatal(err)
	}
	defer published.Close()

	if err := drafts.Set([]byte("1"), []byte("text")); err != nil {
		log.Fatal(err)
	}
	var connection bytes.Buffer
	if _, err := drafts.WriteToLevel(&connection, 3); err != nil {
		log.Fatal(err)
	}
	if _, err := published.ReadFrom(&connection); err != nil {
		log.Fatal(err)
	}
	value, _, err := store.Strings().Get("published/1")
	fmt.Printf("%s %v\n", value, err)
	// Output: text <nil>
}
