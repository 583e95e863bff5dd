// Command demo stores the files of a manifest, reads them back and says what that took: demo MANIFEST OUTDIR.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: demo MANIFEST OUTDIR")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(manifest, outDir string) error {
	store, err := bytestore.New()
	if err != nil {
		return err
	}
	defer store.Close()

	if err := guide(store); err != nil {
		return err
	}
	text, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	c := &corpus{store: store, root: lines[0], paths: lines[1:]}
	if err := c.fill(); err != nil {
		return err
	}
	if err := c.readBack(filepath.Join(outDir, "sha256")); err != nil {
		return err
	}
	if err := c.count("json/"); err != nil {
		return err
	}
	result, err := json.Marshal(c.result)
	fmt.Printf("result %s\n", result)
	return err
}

// guide is the first example of LangChain's guide to byte stores.
func guide(store *bytestore.Store) error {
	key1, key2 := []byte("key1"), []byte("key2")
	err := store.MSet(bytestore.Pair{Key: key1, Value: []byte("value1")}, bytestore.Pair{Key: key2, Value: []byte("value2")})
	if err != nil {
		return err
	}
	both, err := store.MGet(key1, key2)
	if err != nil {
		return err
	}
	if _, err := store.MDelete(key1); err != nil {
		return err
	}
	after, err := store.MGet(key1, key2)
	if err != nil {
		return err
	}
	fmt.Printf("guide: key1 = %s, key2 = %s; after deleting key1: key1 %s, key2 = %s\n", both[0], both[1], present(after[0]), after[1])
	if !bytes.Equal(both[0], []byte("value1")) || after[0] != nil {
		return fmt.Errorf("the guide's example failed: %q, then %q", both, after)
	}
	_, err = store.MDelete(key2)
	return err
}

func present(value []byte) string {
	if value == nil {
		return "missing"
	}
	return fmt.Sprintf("= %s", value)
}
