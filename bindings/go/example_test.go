package bytestore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
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

func ExampleStore_DeletePrefix() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	err = store.MSet(bytestore.KV("doc/1", "a"), bytestore.KV("doc/2", "b"), bytestore.KV("img/1", "c"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Count([]byte("doc/")))
	fmt.Println(store.DeletePrefix([]byte("doc/")))
	fmt.Println(store.Len())
	// Output:
	// 2 <nil>
	// 2 <nil>
	// 1 <nil>
}

// A handler whose answer has the next page's position in it, as a link or a field.
func ExampleStore_KeysPage() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	documents := store.Strings()
	for _, key := range []string{"doc/a", "doc/b", "img/a", "doc/c"} {
		if err := documents.Set(key, nil); err != nil {
			log.Fatal(err)
		}
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.ParseUint(r.FormValue("from"), 10, 64) // 0, the beginning, if there is none
		keys, next, err := documents.KeysPage("doc/", bytestore.Position(from), 2)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "%v ?from=%d", keys, next)
	}
	link := "/"
	for range 2 {
		answer := httptest.NewRecorder()
		handler(answer, httptest.NewRequest(http.MethodGet, link, nil))
		keys, next, _ := strings.Cut(answer.Body.String(), " ?")
		fmt.Println(keys)
		link = "/?" + next
	}
	// Output:
	// [doc/a doc/b]
	// [doc/c]
}

func ExampleStore_Namespace() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	users, err := store.Namespace([]byte("user/"))
	if err != nil {
		log.Fatal(err)
	}
	defer users.Close()
	if err := users.MSet(bytestore.KV("1", "Ada"), bytestore.KV("2", "Grace")); err != nil {
		log.Fatal(err)
	}
	value, _, err := store.Get([]byte("user/2"))
	fmt.Printf("%s %v\n", value, err)
	fmt.Println(users.Len())
	// Output:
	// Grace <nil>
	// 2 <nil>
}

func ExampleStore_MGetOrCompute() {
	store, err := bytestore.New()
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	embed := func(_ context.Context, texts []string) ([][]byte, error) {
		fmt.Println("computing", texts)
		vectors := make([][]byte, len(texts))
		for i, text := range texts {
			vectors[i] = []byte(strings.ToUpper(text))
		}
		return vectors, nil
	}
	for _, batch := range [][]string{{"one", "two"}, {"two", "three", "three"}} {
		vectors, err := store.Strings().MGetOrCompute(context.Background(), batch, embed)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", vectors)
	}
	// Output:
	// computing [one two]
	// [ONE TWO]
	// computing [three]
	// [TWO THREE THREE]
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

func ExampleOptions_name() {
	first, err := bytestore.NewWithOptions(bytestore.Options{Name: "users", MaxEntries: 1000})
	if err != nil {
		log.Fatal(err)
	}
	defer first.Close()

	second, err := bytestore.Open("memory:users") // perhaps in another package, or another language
	if err != nil {
		log.Fatal(err)
	}
	defer second.Close()

	if err := first.Set([]byte("1"), []byte("Ada")); err != nil {
		log.Fatal(err)
	}
	value, _, err := second.Get([]byte("1"))
	fmt.Printf("%s %v\n", value, err)
	// Output: Ada <nil>
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
