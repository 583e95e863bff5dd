package bytestore_test

// Errors: their kinds, their details, and that they leave the store as it was.

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/bytestore/bytestore/bindings/go"
)

func TestCodes(t *testing.T) {
	names := map[bytestore.Code]string{
		bytestore.ErrInvalidArgument: "invalid_argument",
		bytestore.ErrClosed:          "closed_handle",
		bytestore.ErrOutOfMemory:     "out_of_memory",
		bytestore.ErrOverLimit:       "over_limit",
		bytestore.ErrRemote:          "remote_failure",
		bytestore.ErrInternal:        "internal_error",
		bytestore.ErrIO:              "io_failure",
		bytestore.ErrBadSnapshot:     "bad_snapshot",
		bytestore.ErrUnsupported:     "unsupported",
		bytestore.Code(9999):         "unknown",
	}
	messages := map[string]bool{}
	for code, name := range names {
		if code.Name() != name {
			t.Errorf("%d is named %q instead of %q", code, code.Name(), name)
		}
		messages[code.Error()] = true

		wrapped := fmt.Errorf("while testing: %w", &bytestore.Error{Op: "mget", Code: code})
		if !errors.Is(wrapped, code) || errors.Is(wrapped, code+1) {
			t.Errorf("errors.Is does not tell %s from others", name)
		}
		if text := wrapped.Error(); text != "while testing: bytestore: mget: "+code.Error() {
			t.Errorf("%s", text)
		}
	}
	if len(messages) != len(names) || messages[""] {
		t.Errorf("each code needs a message of its own: %v", messages)
	}
}

func TestBadURLs(t *testing.T) {
	for url, part := range map[string]string{
		"redis:":              "redis",
		"memory:?a=1&b=2":     "a=1",
		"memory:\x00?a=1":     "\x00?a=1",
		"memory:?\x00":        "\x00",
		"memory://host/store": "//host/store",
	} {
		store, err := bytestore.Open(url)
		var failure *bytestore.Error
		if store != nil || !errors.Is(err, bytestore.ErrInvalidArgument) || !errors.As(err, &failure) {
			t.Errorf("%q: %v, %v", url, store, err)
			continue
		}
		want := fmt.Sprintf("URL part %q", part)
		if failure.Op != "open" || failure.Detail != want || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v instead of %s", url, err, want)
		}
	}
}

func TestAfterClose(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), []byte("1")))
	keys := store.Keys(nil)
	ok(t, store.Close())
	ok(t, store.Close())
	checkClosed(t, store)
	if _, err := collect(keys); !errors.Is(err, bytestore.ErrClosed) {
		t.Errorf("keys made before the close: %v", err)
	}
}

func TestZeroStoreIsClosed(t *testing.T) {
	var inside struct {
		before int
		store  bytestore.Store
	}
	checkClosed(t, &inside.store)
	ok(t, inside.store.Close())
}

func checkClosed(t *testing.T, store *bytestore.Store) {
	t.Helper()
	key := []byte("a")
	value, there, err := store.Get(key)
	if value != nil || there {
		t.Errorf("get: %q, %t", value, there)
	}
	failures := map[string]error{"get": err, "set": store.Set(key, key), "mset": store.MSet(bytestore.Pair{Key: key})}
	_, failures["delete"] = store.Delete(key)
	_, failures["mdelete"] = store.MDelete(key)
	_, failures["len"] = store.Len()
	_, failures["stats"] = store.Stats()
	failures["advance clock"] = store.AdvanceClock(time.Second)
	_, failures["keys"] = collect(store.Keys(nil))
	_, failures["count"] = store.Count(key)
	_, failures["delete prefix"] = store.DeletePrefix(key)
	_, _, failures["keys page"] = store.KeysPage(nil, 0, 1)
	_, failures["namespace"] = store.Namespace(key)
	failures["save"], failures["load"] = store.Save(t.TempDir()+"/snapshot"), store.Load("none")
	_, failures["write to"] = store.WriteTo(io.Discard)
	_, failures["read from"] = store.ReadFrom(strings.NewReader(""))
	_, failures["marshal"] = store.MarshalBinary()
	failures["unmarshal"] = store.UnmarshalBinary(nil)
	_, failures["progress"] = store.Progress()
	for op, err := range failures {
		checkClosedFailure(t, op, err)
	}
	for _, form := range forms {
		_, err := form(store, list{key})
		checkClosedFailure(t, "mget", err)
	}
	for _, calls := range kinds {
		_, err := calls.compute(background, store, time.Hour, list{key}, never(t))
		checkClosedFailure(t, "mget", err)
	}
	for name, set := range settersTTL {
		op := "set"
		if strings.HasSuffix(name, "MSetTTL") {
			op = "mset"
		}
		checkClosedFailure(t, op, set(store, "a", time.Hour))
	}
}

func checkClosedFailure(t *testing.T, op string, err error) {
	t.Helper()
	var failure *bytestore.Error
	if !errors.Is(err, bytestore.ErrClosed) || !errors.As(err, &failure) || failure.Op != op {
		t.Errorf("%s: %v", op, err)
	}
}

// An item of 2³² bytes does not fit into a length. Its memory is never touched, so there need be none.
func TestTooLong(t *testing.T) {
	long, err := syscall.Mmap(-1, 0, 1<<32, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	ok(t, err)
	defer syscall.Munmap(long)

	store := open(t)
	a := []byte("a")
	ok(t, store.Set(a, a))
	failures := map[string]error{
		"set: key:":      store.Set(long, a),
		"set: value:":    store.Set(a, long),
		"mset: key 1:":   store.MSet(bytestore.KV("x", "y"), bytestore.Pair{Key: long}),
		"mset: value 2:": store.MSet(bytestore.KV("x", "y"), bytestore.KV("a", "z"), bytestore.Pair{Value: long}),
	}
	setTTL := func(key, value []byte) error { return store.SetTTL(key, value, time.Hour) }
	for item, err := range map[string]error{"key:": setTTL(long, a), "value:": setTTL(a, long)} {
		if !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), "set: "+item) {
			t.Errorf("set with a time to live: %v", err)
		}
	}
	failures["mset: value 1:"] = store.MSetTTL(time.Hour, bytestore.KV("x", "y"), bytestore.Pair{Value: long})
	_, _, failures["get: key:"] = store.Get(long)
	_, failures["delete: key:"] = store.Delete(long)
	_, failures["mget: key 1:"] = store.MGet(a, long)
	_, failures["mget: key 0: "] = store.MGetOrCompute(background, list{long}, never(t))
	_, failures["mset: value 0: "] = store.MGetOrCompute(background, list{[]byte("z")}, gives(long))
	_, failures["mget: key 2:"] = store.MGetInto(new(bytestore.Buffer), a, nil, long)
	_, failures["mdelete: key 1:"] = store.MDelete(a, long)

	texts, longText := store.Strings(), unsafe.String(unsafe.SliceData(long), len(long))
	failures["mset: key 0:"] = texts.MSet(bytestore.StringPair{Key: longText})
	_, failures["mget: key 3:"] = texts.MGet("", "", "", longText)
	_, failures["mget: key 4:"] = texts.MGetInto(new(bytestore.Buffer), "", "", "", "", longText)
	_, failures["mdelete: key 0:"] = texts.MDelete(longText)

	var view bytestore.View
	defer view.Release()
	for want, fill := range map[string]func() error{
		"mget: key 0:": func() error { return store.MGetView(&view, long) },
		"mget: key 5:": func() error { return texts.MGetView(&view, "", "", "", "", "", longText) },
	} {
		ok(t, store.MGetView(&view, a))
		if failures[want] = fill(); view.Len() != 0 {
			t.Error("the view is not empty after a failure")
		}
	}
	for want, err := range failures {
		if !errors.Is(err, bytestore.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	values, err := store.MGet(a, []byte("x"))
	ok(t, err)
	ok(t, same(values, [][]byte{a, nil}))
}
