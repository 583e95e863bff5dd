// The Go of the guide's pages: each function is one page, the tests run them all.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

func open() error {
	// --8<-- [start:open]
	store, err := bytestore.New() // empty, in this process, without bounds
	if err != nil {
		return err
	}
	defer store.Close()

	cache, err := bytestore.NewWithOptions(bytestore.Options{MaxBytes: 512 << 20, TTL: time.Hour})
	if err != nil {
		return err
	}
	defer cache.Close()

	same, err := bytestore.Open("memory:?max_bytes=512MiB&ttl=1h") // as every language says it
	if err != nil {
		return err
	}
	defer same.Close()

	// One store for all who open this name in the process.
	ours, err := bytestore.NewWithOptions(bytestore.Options{Name: "answers"})
	if err != nil {
		return err
	}
	defer ours.Close()
	theirs, err := bytestore.Open("memory:answers")
	if err != nil {
		return err
	}
	defer theirs.Close()

	if err := ours.Set([]byte("question"), []byte("42")); err != nil {
		return err
	}
	value, _, err := theirs.Get([]byte("question"))
	fmt.Printf("by name: %s\n", value)
	// --8<-- [end:open]
	return err
}

func batches() error {
	// --8<-- [start:batches]
	store, err := bytestore.New()
	if err != nil {
		return err
	}
	defer store.Close()
	err = store.MSet(
		bytestore.KV("user/1", "Ada"), bytestore.KV("user/2", "Grace"), bytestore.KV("draft", ""),
	)
	if err != nil {
		return err
	}

	keys := [][]byte{[]byte("user/1"), []byte("draft"), []byte("user/9")}
	values, err := store.MGet(keys...)
	if err != nil {
		return err
	}
	for i, value := range values {
		if value == nil { // an empty value is not nil
			fmt.Printf("%s: missing\n", keys[i])
			continue
		}
		fmt.Printf("%s: %d bytes\n", keys[i], len(value))
	}

	for key, err := range store.Keys([]byte("user/")) {
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", key)
	}

	removed, err := store.MDelete([]byte("user/1"), []byte("user/9"))
	fmt.Println("deleted", removed)
	// --8<-- [end:batches]
	return err
}

func bounds() error {
	// --8<-- [start:bounds]
	store, err := bytestore.NewWithOptions(bytestore.Options{
		MaxBytes: 64 << 20, MaxItemBytes: 1 << 20, TTL: time.Hour, ManualClock: true,
	})
	if err != nil {
		return err
	}
	defer store.Close()

	cache := store.Strings() // the same store, for keys that are strings

	if err := cache.Set("page", []byte("<html>")); err != nil { // lives for an hour
		return err
	}
	if err := cache.SetTTL("token", []byte("s3cret"), 30*time.Second); err != nil {
		return err
	}

	// Only with ManualClock, for tests.
	if err := store.AdvanceClock(30 * time.Second); err != nil {
		return err
	}
	for _, key := range []string{"page", "token"} {
		_, ok, err := cache.Get(key)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", key, map[bool]string{true: "there", false: "missing"}[ok])
	}

	err = cache.Set("film", make([]byte, 2<<20))
	if !errors.Is(err, bytestore.ErrOverLimit) {
		return err
	}
	fmt.Println("film:", bytestore.ErrOverLimit.Name())
	// --8<-- [end:bounds]
	return nil
}

func prefixes() error {
	// --8<-- [start:prefixes]
	store, err := bytestore.New()
	if err != nil {
		return err
	}
	defer store.Close()
	err = store.MSet(
		bytestore.KV("user/1", "Ada"), bytestore.KV("user/2", "Grace"),
		bytestore.KV("draft", ""), bytestore.KV("user/3", "Alan"),
	)
	if err != nil {
		return err
	}
	count, err := store.Count([]byte("user/"))
	if err != nil {
		return err
	}
	fmt.Println(count, "users")

	keys, position, err := store.Strings().KeysPage("user/", 0, 2)
	if err != nil {
		return err
	}
	fmt.Println("first page:", strings.Join(keys, " "))
	// The position is a number: later, from a web handler.
	keys, _, err = store.Strings().KeysPage("user/", position, 2)
	if err != nil {
		return err
	}
	fmt.Println("next page:", strings.Join(keys, " "))

	users, err := store.Namespace([]byte("user/")) // a store of its own, of the keys that begin so
	if err != nil {
		return err
	}
	defer users.Close()
	name, _, err := users.Get([]byte("2"))
	if err != nil {
		return err
	}
	fmt.Printf("user 2 is %s\n", name)

	removed, err := store.DeletePrefix([]byte("user/"))
	fmt.Println("deleted", removed)
	// --8<-- [end:prefixes]
	return err
}

func compute() error {
	// --8<-- [start:compute]
	store, err := bytestore.NewWithOptions(bytestore.Options{MaxBytes: 64 << 20})
	if err != nil {
		return err
	}
	defer store.Close()
	pages := store.Strings()

	// Called once, however many goroutines miss these keys.
	fetch := func(_ context.Context, names []string) ([][]byte, error) {
		fmt.Println("fetching", strings.Join(names, " "))
		pages := make([][]byte, len(names))
		for i, name := range names {
			pages[i] = fmt.Appendf(nil, "<h1>%s</h1>", name)
		}
		return pages, nil
	}

	ctx := context.Background()
	_, err = pages.MGetOrComputeTTL(ctx, time.Hour, []string{"tea", "cake"}, fetch)
	if err != nil {
		return err
	}
	values, err := pages.MGetOrComputeTTL(ctx, time.Hour, []string{"tea", "milk"}, fetch)
	if err != nil {
		return err
	}
	for _, page := range values {
		fmt.Printf("%s\n", page)
	}
	// --8<-- [end:compute]
	return nil
}

func counters() error {
	// --8<-- [start:counters]
	store, err := bytestore.NewWithOptions(bytestore.Options{MaxEntries: 1000})
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Set([]byte("tea"), []byte("hot")); err != nil {
		return err
	}
	if _, err := store.Strings().MGet("tea", "tea", "tea", "cake"); err != nil {
		return err
	}

	stats, err := store.Stats()
	if err != nil {
		return err
	}
	fmt.Printf("%d entry, %d hits, %d miss, ratio %.2f\n",
		stats.Entries, stats.Hits, stats.Misses, stats.HitRatio())
	// --8<-- [end:counters]
	return nil
}

func snapshots() error {
	// --8<-- [start:snapshots]
	users, err := bytestore.NewWithOptions(bytestore.Options{MaxBytes: 64 << 20})
	if err != nil {
		return err
	}
	defer users.Close()
	if err := users.MSet(bytestore.KV("1", "Ada"), bytestore.KV("2", "Grace")); err != nil {
		return err
	}
	// As of one moment, while others write. Save does not compress.
	if err := users.SaveLevel("users.snapshot", 3); err != nil {
		return err
	}

	// A new store, with the options of the old one.
	again, err := bytestore.Open("snapshot:users.snapshot")
	if err != nil {
		return err
	}
	defer again.Close()
	count, err := again.Len()
	if err != nil {
		return err
	}
	fmt.Println(count, "entries")

	err = users.Load("no/such.snapshot")  // in place of what is there, in one step
	if !errors.Is(err, bytestore.ErrIO) { // and it is fs.ErrNotExist, too
		return err
	}
	fmt.Println(bytestore.ErrIO.Name())
	// --8<-- [end:snapshots]
	return nil
}

func servers() error {
	// --8<-- [start:servers]
	// Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h. Nothing is sent yet.
	store, err := bytestore.Open(cmp.Or(os.Getenv("STORE_URL"), "memory:"))
	if err != nil {
		return err
	}
	defer store.Close()

	answers := store.Strings()
	err = answers.Set("question", []byte("42"))
	if errors.Is(err, bytestore.ErrRemote) { // its text has the server's own words
		fmt.Println("no answers today:", err)
	} else if err != nil {
		return err
	}
	value, _, err := answers.Get("question")
	if err != nil {
		return err
	}
	fmt.Printf("question: %s\n", value)

	order := "no"
	if store.Capabilities().InsertionOrder {
		order = "yes"
	}
	fmt.Println("keys keep their order:", order)
	// --8<-- [end:servers]
	return nil
}

func failures() error {
	// --8<-- [start:errors]
	_, err := bytestore.Open("nosuch:")
	var failure *bytestore.Error
	if errors.As(err, &failure) { // every error of a store is one
		fmt.Println(failure.Code.Name())
	}

	store, err := bytestore.New()
	if err != nil {
		return err
	}
	store.Close()
	_, err = store.MGet([]byte("tea"))
	if errors.Is(err, bytestore.ErrClosed) {
		fmt.Println(bytestore.ErrClosed.Name())
	}
	// --8<-- [end:errors]
	return nil
}

func main() {
	for _, page := range []func() error{
		open, batches, bounds, prefixes, compute, counters, snapshots, servers, failures,
	} {
		if err := page(); err != nil {
			log.Fatal(err)
		}
	}
}
