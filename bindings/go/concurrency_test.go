package bytestore_test

// Many goroutines and one store. What the race step of the conformance cases leaves out.

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// inParallel runs work in n goroutines and waits for them.
func inParallel(n int, work func(worker int)) {
	var working sync.WaitGroup
	for worker := range n {
		working.Add(1)
		go func() {
			defer working.Done()
			work(worker)
		}()
	}
	working.Wait()
}

func TestCloseBesideRunningCalls(t *testing.T) {
	for range 100 {
		store := openWith(t, bytestore.Options{MaxEntries: 10, ManualClock: true})
		ok(t, store.MSet(bytestore.KV("a", "1"), bytestore.KV("b", "2")))
		snapshot, err := store.MarshalBinary()
		ok(t, err)
		inParallel(21, func(worker int) {
			var buffer bytestore.Buffer
			var view bytestore.View
			defer view.Release()
			for err := error(nil); err == nil; {
				switch worker {
				case 0, 1:
					_, err = store.MGet([]byte("a"), []byte("b"))
				case 2:
					err = store.MSet(bytestore.KV("a", "3"), bytestore.KV("b", "4"))
				case 3:
					_, err = store.MDelete([]byte("none"))
				case 4:
					_, err = collect(store.Keys(nil))
				case 5:
					_, err = store.Len()
				case 6:
					_, err = store.MGetInto(&buffer, []byte("a"), []byte("b"))
				case 7:
					err = store.MGetView(&view, []byte("a"), []byte("b"))
				case 8:
					err = store.MSetTTL(time.Millisecond, bytestore.KV("a", "5"), bytestore.KV("b", "6"))
				case 9:
					_, err = store.Stats()
				case 10:
					err = store.AdvanceClock(time.Millisecond)
				case 11:
					_, err = store.Count([]byte("a"))
				case 12:
					_, err = store.DeletePrefix([]byte("b"))
				case 13:
					_, _, err = store.KeysPage(nil, 0, 1)
				case 14:
					_, err = store.MGetOrCompute(background, names("b", "c"), upper)
				case 15:
					var space *bytestore.Store
					if space, err = store.Namespace([]byte("a")); err == nil {
						err = space.Close()
					}
				case 16:
					_, err = store.WriteTo(io.Discard)
				case 17:
					err = store.UnmarshalBinary(snapshot)
				case 18:
					_, err = store.Progress()
				default:
					if err = store.Close(); err != nil {
						t.Errorf("close: %v", err)
					}
					return
				}
				if err != nil && !errors.Is(err, bytestore.ErrClosed) {
					t.Errorf("worker %d: %v", worker, err)
				}
			}
		})
	}
}

func TestBatchesAreAtomic(t *testing.T) {
	keys := make(list, 64)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key %d", i)
	}
	for _, deleting := range []bool{false, true} {
		ok(t, race(open(t), keys, 4, 200, deleting))
	}
}

func TestGoroutinesDoNotMixTheirBatches(t *testing.T) {
	store := open(t)
	inParallel(8, func(worker int) {
		for round := range 200 {
			n := 1 + (round*7+worker)%90
			batch, keys, want := make([]bytestore.Pair, n), make([][]byte, n), make([][]byte, n)
			for i := range batch {
				batch[i] = bytestore.KV(fmt.Sprint(worker, "/", i), fmt.Sprint(worker, " ", round, " ", i))
				keys[i], want[i] = batch[i].Key, batch[i].Value
			}
			if err := store.MSet(batch...); err != nil {
				t.Errorf("mset: %v", err)
			}
			values, err := store.MGet(keys...)
			if err = errors.Join(err, same(values, want)); err != nil {
				t.Errorf("worker %d, round %d: %v", worker, round, err)
				return
			}
		}
	})
}
