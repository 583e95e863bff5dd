package bytestore_test

// Stores on a server: what they can and cannot do, and what is said when one fails.

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// Nobody listens there.
const nowhere = "redis://127.0.0.1:1?retries=0"

// openURL opens a store that is closed when the test ends.
func openURL(t testing.TB, url string) *bytestore.Store {
	t.Helper()
	store, err := bytestore.Open(url)
	ok(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

// startServer starts one that ends with the test, and returns the URL of a store on it.
func startServer(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	ok(t, err)
	folder, err := os.MkdirTemp("", "bytestore") // a socket's path must be short
	ok(t, err)
	socket := filepath.Join(folder, "socket")
	server := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder)
	ok(t, server.Start())
	t.Cleanup(func() {
		ok(t, errors.Join(server.Process.Kill(), os.RemoveAll(folder)))
		server.Wait() // it was killed
	})
	for wait := time.Millisecond; ; wait *= 2 {
		if connection, err := net.Dial("unix", socket); err == nil {
			ok(t, connection.Close())
			return "redis+unix://" + socket + "?timeout=60s"
		} else if wait > time.Minute {
			t.Fatal(err)
		}
		time.Sleep(wait)
	}
}

func TestCapabilities(t *testing.T) {
	all := bytestore.Capabilities{InsertionOrder: true, AtomicBatches: true, PrefixSteps: true,
		Positions: true, Snapshots: true, Sizes: true}
	for url, want := range map[string]bytestore.Capabilities{
		"memory:":                              all,
		"memory:capabilities?max_entries=10":   all,
		nowhere:                                {AtomicBatches: true},
		nowhere + "&batch=10":                  {},
		"redis+unix:///nowhere":                {AtomicBatches: true},
		"valkey+cluster://127.0.0.1:1,[::1]:2": {},
	} {
		store := openURL(t, url)
		space := namespace(t, namespace(t, store, "a/"), "b/")
		ok(t, store.Close())
		if store.Capabilities() != want || space.Capabilities() != want {
			t.Errorf("%s: %+v, %+v", url, store.Capabilities(), space.Capabilities())
		}
	}
	var none bytestore.Store
	if none.Capabilities() != (bytestore.Capabilities{}) {
		t.Errorf("no store: %+v", none.Capabilities())
	}
}

// Each operation says in the system's words why it failed.
func TestServerThatIsNotThere(t *testing.T) {
	store := openURL(t, nowhere)
	key := []byte("a")
	_, _, get := store.Get(key)
	failures := map[string]error{"get": get, "set": store.Set(key, key), "mset": store.MSet(bytestore.Pair{Key: key})}
	_, failures["delete"] = store.Delete(key)
	_, failures["mdelete"] = store.MDelete(key)
	_, failures["len"] = store.Len()
	_, failures["keys"] = collect(store.Keys(nil))
	_, failures["count"] = store.Count(key)
	_, failures["delete prefix"] = store.DeletePrefix(key)
	for name, form := range forms {
		values, err := form(store, list{key})
		if failures["mget"] = err; len(values) != 0 {
			t.Errorf("%s: %q", name, values)
		}
		checkRemote(t, "mget", err)
	}
	_, err := store.MGetOrCompute(background, list{key}, never(t))
	checkRemote(t, "mget", err)
	space := namespace(t, store, "a/")
	ok(t, store.Close())
	failures["set"] = space.Set(key, key)
	for op, err := range failures {
		checkRemote(t, op, err)
	}
}

// As TestFinalizerWaitsForTheCall, of the question why a call failed.
func TestFinalizerWaitsForTheMessage(t *testing.T) {
	for range 20 {
		store, err := bytestore.Open(nowhere)
		ok(t, err)
		checkRemote(t, "set", store.Set(nil, nil))
	}
}

func checkRemote(t *testing.T, op string, err error) {
	t.Helper()
	var failure *bytestore.Error
	if !errors.Is(err, bytestore.ErrRemote) || !errors.As(err, &failure) || failure.Op != op || failure.Err == nil {
		t.Errorf("%s: %v", op, err)
		return
	}
	want := fmt.Sprintf("bytestore: %s: %v: %v", op, failure.Err, bytestore.ErrRemote)
	if err.Error() != want || !strings.Contains(want, "onnection refused") || !errors.Is(err, failure.Err) {
		t.Errorf("%v", err)
	}
}

// Nothing of this is even asked of the server.
func TestWhatServersCannotDo(t *testing.T) {
	store := openURL(t, nowhere)
	failures := map[string]error{
		"save":      store.Save(filepath.Join(t.TempDir(), "snapshot")),
		"load":      store.Load("none"),
		"unmarshal": store.UnmarshalBinary(nil),
	}
	_, failures["marshal"] = store.MarshalBinary()
	_, failures["write to"] = store.WriteTo(io.Discard)
	_, failures["read from"] = store.ReadFrom(strings.NewReader(""))
	for _, from := range []bytestore.Position{0, 1} {
		_, next, err := store.KeysPage(nil, from, 10)
		if failures[fmt.Sprint("keys page", from)] = err; next != from {
			t.Errorf("from %d it goes on from %d", from, next)
		}
	}
	for op, err := range failures {
		if !errors.Is(err, bytestore.ErrUnsupported) {
			t.Errorf("%s: %v", op, err)
		}
	}
	if err := store.AdvanceClock(time.Second); !errors.Is(err, bytestore.ErrInvalidArgument) {
		t.Errorf("a server's clock: %v", err)
	}
}

func TestServer(t *testing.T) {
	url := startServer(t)
	store := openURL(t, url+"&namespace=app/")
	large := make([]byte, 3<<20) // more than a buffer has room for at first
	ok(t, store.MSet(bytestore.KV("a", "1"), bytestore.KV("", ""), bytestore.KV("large", large)))
	ok(t, store.SetTTL([]byte("gone"), nil, time.Millisecond))
	for {
		_, there, err := store.Strings().Get("gone")
		ok(t, err)
		if !there {
			break
		}
	}
	before := statsOf(t, store)
	for name, form := range forms {
		values, err := form(store, names("a", "none", "", "large", "a"))
		if err := errors.Join(err, same(values, [][]byte{[]byte("1"), nil, {}, large, []byte("1")})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for key, want := range map[string][]byte{"a": []byte("1"), "": {}, "large": large, "none": nil} {
		value, there, err := store.Strings().Get(key)
		if there != (want != nil) || (value == nil) != (want == nil) || !slices.Equal(value, want) || err != nil {
			t.Errorf("%q: %d bytes, %t, %v", key, len(value), there, err)
		}
	}
	// Whatever the room for answers: each key was looked up once.
	after := statsOf(t, store)
	n := uint64(len(forms))
	if after.Hits-before.Hits != 4*n+3 || after.Misses-before.Misses != n+1 || after.Sets != 4 || after.Entries != 0 {
		t.Errorf("%+v after %+v", after, before)
	}

	values, err := store.MGetOrCompute(background, names("a", "b"), upper)
	ok(t, errors.Join(err, same(values, names("1", "B"))))
	space := namespace(t, openURL(t, url), "app/")
	keys, err := collect(space.Keys(nil))
	slices.SortFunc(keys, slices.Compare)
	ok(t, errors.Join(err, same(keys, names("", "a", "b", "large"))))
	count, err := space.Count([]byte("la"))
	ok(t, compared(count, 1, err))
	was, err := space.Delete([]byte("a"))
	ok(t, err)
	removed, err := store.MDelete(names("a", "b")...)
	ok(t, compared(removed, 1, err))
	removed, err = store.DeletePrefix(nil)
	ok(t, compared(removed, 2, err))
	left, err := space.Len()
	ok(t, compared(left, 0, err))
	if !was {
		t.Error("it was there")
	}
}

// Copies of what a server has, which others change.
func TestTwoTiers(t *testing.T) {
	url := startServer(t)
	copies := openURL(t, "memory:?max_bytes=1MiB&over="+url)
	store, other := copies.Strings(), openURL(t, url).Strings()
	for _, want := range []string{"1", "2"} {
		ok(t, other.Set("a", []byte(want)))
		for deadline := time.Now().Add(time.Minute); ; {
			value, _, err := store.Get("a")
			ok(t, err)
			if string(value) == want && statsOf(t, copies).Entries > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("still %q", value)
			}
		}
	}
	ok(t, store.Set("a", []byte("3")))
	for _, each := range []bytestore.Strings{store, other} {
		if value, _, err := each.Get("a"); string(value) != "3" || err != nil {
			t.Errorf("%q, %v", value, err)
		}
	}
}
