package bytestore_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

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

func ExampleStore_MGetInto() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.MSet(bytestore.KV("a", "1"), bytestore.KV("b", "2")); err != nil {
		log.Fatal(err)
	}
	var buffer bytestore.Buffer
	for _, batch := range [][][]byte{{[]byte("a"), []byte("b")}, {[]byte("c"), []byte("a")}} {
		values, err := store.MGetInto(&buffer, batch...)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", values) // read before the buffer is used again
	}
	// Output:
	// [1 2]
	// [ 1]
}

func ExampleStore_MGetView() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.Set([]byte("picture"), make([]byte, 1<<20)); err != nil {
		log.Fatal(err)
	}
	var view bytestore.View
	defer view.Release()
	if err := store.MGetView(&view, []byte("picture"), []byte("other")); err != nil {
		log.Fatal(err)
	}
	for i, value := range view.All() {
		fmt.Println(i, len(value), value == nil)
	}
	// Output:
	// 0 1048576 false
	// 1 0 true
}

func ExampleStore_Strings() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	users := store.Strings()
	err = users.MSet(bytestore.StringPair{Key: "user/1", Value: []byte("Ada")}, bytestore.StringPair{Key: "user/2", Value: []byte("Bob")})
	if err != nil {
		log.Fatal(err)
	}
	for key, err := range users.Keys("user/") {
		if err != nil {
			log.Fatal(err)
		}
		value, _, err := users.Get(key)
		fmt.Printf("%s %s %v\n", key, value, err)
	}
	// Output:
	// user/1 Ada <nil>
	// user/2 Bob <nil>
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

func ExampleNewWithOptions() {
	store, err := bytestore.NewWithOptions(bytestore.Options{MaxBytes: 512 << 20, MaxItemBytes: 1 << 20, TTL: time.Hour})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	err = store.Set([]byte("picture"), make([]byte, 2<<20))
	fmt.Println(errors.Is(err, bytestore.ErrOverLimit))
	// Output: true
}

func ExampleStore_MSetTTL() {
	store, err := bytestore.NewWithOptions(bytestore.Options{TTL: time.Hour, ManualClock: true})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	users := store.Strings()
	err = errors.Join(
		users.MSetTTL(time.Minute, bytestore.StringPair{Key: "session"}, bytestore.StringPair{Key: "token"}),
		users.MSetTTL(bytestore.NoTTL, bytestore.StringPair{Key: "name"}),
		users.Set("draft", nil), // an hour: the store's default
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, pause := range []time.Duration{0, time.Minute, time.Hour} {
		if err := store.AdvanceClock(pause); err != nil {
			log.Fatal(err)
		}
		n, err := store.Len()
		fmt.Println(n, err)
	}
	// Output:
	// 4 <nil>
	// 2 <nil>
	// 1 <nil>
}

func ExampleStore_Stats() {
	store, err := bytestore.NewWithOptions(bytestore.Options{MaxEntries: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	users := store.Strings()
	for _, key := range []string{"a", "b", "c"} {
		if err := users.Set(key, nil); err != nil {
			log.Fatal(err)
		}
	}
	if _, err := users.MGet("c", "c", "c", "other"); err != nil {
		log.Fatal(err)
	}
	stats, err := store.Stats()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Entries, stats.EvictionsByEntries)
	// Output: 2 1
}

func ExampleStats_HitRatio() {
	fmt.Println(bytestore.Stats{Hits: 3, Misses: 1}.HitRatio())
	// Output: 0.75
}

// A program's handler of /metrics, without any other package.
func ExampleWritePrometheus() {
	users, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer users.Close()

	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		stats, err := users.Stats()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		bytestore.WritePrometheus(w, map[string]bytestore.Stats{"users": stats})
	})
}
