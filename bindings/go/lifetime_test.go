package bytestore_test

// Who lives how long: the garbage collector may run at any point, and nothing may stay behind.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// collectAllTheTime runs the collector all the time until the test ends.
func collectAllTheTime(t *testing.T) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
}

// A store whose last use is a call must not be closed by its finalizer during the call. With
// the build tag bytestore_gc the collector runs at the moment when it could be.
func TestFinalizerWaitsForTheCall(t *testing.T) {
	key, path := []byte("key"), filepath.Join(t.TempDir(), "snapshot")
	saved := open(t)
	snapshot, err := saved.MarshalBinary()
	ok(t, errors.Join(err, saved.Save(path+".saved")))
	lastUses := map[string]func(*bytestore.Store) error{
		"set":       func(s *bytestore.Store) error { return s.Set(key, key) },
		"get":       func(s *bytestore.Store) error { _, _, err := s.Get(key); return err },
		"delete":    func(s *bytestore.Store) error { _, err := s.Delete(key); return err },
		"mset":      func(s *bytestore.Store) error { return s.MSet(bytestore.Pair{Key: key}) },
		"mdelete":   func(s *bytestore.Store) error { _, err := s.MDelete(key); return err },
		"len":       func(s *bytestore.Store) error { _, err := s.Len(); return err },
		"stats":     func(s *bytestore.Store) error { _, err := s.Stats(); return err },
		"advance":   func(s *bytestore.Store) error { return s.AdvanceClock(time.Second) },
		"keys":      func(s *bytestore.Store) error { _, err := collect(s.Keys(nil)); return err },
		"count":     func(s *bytestore.Store) error { _, err := s.Count(key); return err },
		"page":      func(s *bytestore.Store) error { _, _, err := s.KeysPage(nil, 0, 1); return err },
		"compute":   func(s *bytestore.Store) error { _, err := s.MGetOrCompute(background, list{key}, upper); return err },
		"save":      func(s *bytestore.Store) error { return s.Save(path) },
		"load":      func(s *bytestore.Store) error { return s.Load(path + ".saved") },
		"write to":  func(s *bytestore.Store) error { _, err := s.WriteTo(io.Discard); return err },
		"read from": func(s *bytestore.Store) error { _, err := s.ReadFrom(bytes.NewReader(snapshot)); return err },
		"marshal":   func(s *bytestore.Store) error { _, err := s.MarshalBinary(); return err },
		"unmarshal": func(s *bytestore.Store) error { return s.UnmarshalBinary(snapshot) },
		"progress":  func(s *bytestore.Store) error { _, err := s.Progress(); return err },
		"delete prefix": func(s *bytestore.Store) error {
			_, err := s.DeletePrefix(key)
			return err
		},
		"namespace": func(s *bytestore.Store) error {
			space, err := s.Namespace(key)
			if err == nil {
				_, err = space.Len()
			}
			return err
		},
	}
	for name, form := range forms {
		lastUses[name] = func(s *bytestore.Store) error { _, err := form(s, list{key}); return err }
	}
	for name, set := range settersTTL {
		lastUses[name] = func(s *bytestore.Store) error { return set(s, "key", time.Hour) }
	}
	for name, lastUse := range lastUses {
		for range 20 {
			store, err := bytestore.NewWithOptions(bytestore.Options{ManualClock: true})
			ok(t, err)
			if err := lastUse(store); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// Pointers into C's memory lie on this stack while it is moved and searched.
func TestStacksMoveDuringIteration(t *testing.T) {
	collectAllTheTime(t)
	store := open(t)
	for i := range 50 {
		ok(t, store.MSet(bytestore.KV(fmt.Sprint("k", i), ""), bytestore.KV("", "")))
	}
	for range 100 {
		done := make(chan error)
		go func() { // on a new, small stack
			for _, err := range store.Keys([]byte("k")) {
				if err == nil {
					err = deep(store, 20)
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		ok(t, <-done)
	}
}

func deep(store *bytestore.Store, depth int) error {
	var room [512]byte
	if depth == 0 {
		values, err := store.MGet(nil, room[:1], []byte("k1"))
		if err != nil {
			return err
		}
		return same(values, [][]byte{{}, nil, {}})
	}
	return deep(store, depth-1)
}

func TestIterationOutlivesItsStore(t *testing.T) {
	store := open(t)
	for i := range 3000 {
		ok(t, store.Set(fmt.Appendf(nil, "k%04d", i), nil))
	}
	next, stop := iter.Pull2(store.Keys(nil))
	defer stop()
	_, err, _ := next()
	ok(t, err)
	ok(t, store.Close())
	runtime.GC()
	seen := 1
	for {
		_, err, more := next()
		ok(t, err)
		if !more {
			break
		}
		seen++
	}
	if seen != 3000 {
		t.Errorf("%d keys", seen)
	}
}

// Each of these would keep some hundred megabytes if something was not given back.
func TestNothingStaysBehind(t *testing.T) {
	megabyte := bytes.Repeat([]byte("m"), 1<<20)
	fresh := func() *bytestore.Store {
		store, err := bytestore.New()
		ok(t, err)
		ok(t, store.Set([]byte("m"), megabyte))
		return store
	}
	shared := open(t)
	for name, once := range map[string]func(){
		"closed stores": func() { ok(t, fresh().Close()) },
		"forgotten stores": func() {
			fresh()
			runtime.GC() // queues the finalizer
		},
		"forgotten namespaces": func() {
			store := fresh()
			_, err := store.Namespace([]byte("m"))
			ok(t, errors.Join(err, store.Close()))
			runtime.GC()
		},
		"stores with a name": func() {
			store, err := bytestore.NewWithOptions(bytestore.Options{Name: "go.lifetime"})
			ok(t, err)
			space, err := store.Namespace(nil)
			ok(t, errors.Join(err, store.Set([]byte("m"), megabyte), store.Close(), space.Close()))
		},
		"computations": func() {
			_, err := shared.MGetOrCompute(background, names("c"), gives(megabyte))
			ok(t, err)
			if _, err := shared.MGetOrCompute(background, list{megabyte}, gives()); !isBad("0 values")(err) {
				t.Error(err)
			}
			_, err = shared.DeletePrefix([]byte("c"))
			ok(t, err)
		},
		"answers": func() {
			ok(t, shared.Set([]byte("m"), megabyte))
			for _, form := range forms {
				_, err := form(shared, list{[]byte("m"), []byte("none")})
				ok(t, err)
			}
			_, _, err := shared.Get([]byte("m"))
			ok(t, err)
		},
		"views": func() {
			var view bytestore.View
			defer view.Release()
			for range 2 { // the second one frees what the first one showed
				ok(t, shared.Set([]byte("m"), megabyte))
				ok(t, shared.MGetView(&view, []byte("m")))
			}
		},
		"snapshots": func() {
			ok(t, shared.Set([]byte("m"), megabyte))
			snapshot, err := shared.MarshalBinary()
			ok(t, errors.Join(err, shared.UnmarshalBinary(snapshot)))
			if err := shared.UnmarshalBinary(snapshot[:len(snapshot)-1]); !errors.Is(err, bytestore.ErrBadSnapshot) {
				t.Error(err)
			}
			if _, err := shared.WriteTo(shortWriter{}); err != io.ErrShortWrite {
				t.Error(err)
			}
			func() {
				defer func() { _ = recover() }()
				_, _ = shared.WriteTo(nil)
			}()
		},
		"iterations": func() {
			store := fresh()
			ok(t, store.Set(megabyte, nil))
			for _, err := range store.Keys(nil) {
				ok(t, err)
				break
			}
			func() {
				defer func() { _ = recover() }()
				for range store.Keys(nil) {
					panic("in the body of the loop")
				}
			}()
			ok(t, store.Close())
		},
	} {
		once() // what is made only once does not count
		before := residentBytes(t)
		for range 400 {
			once()
		}
		if grown := residentBytes(t) - before; grown > 200<<20 {
			t.Errorf("%s: %d MiB stay behind", name, grown>>20)
		}
	}
}
