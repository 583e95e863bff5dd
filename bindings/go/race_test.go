package bytestore_test

// The conformance step in which goroutines race: batches must be atomic. Knows nothing of the other steps.

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/bytestore/bytestore/bindings/go"
)

func (r *runner) race(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var keys list
	var writers, rounds int
	var with string
	err := errors.Join(s.must("keys", &keys), s.must("writers", &writers), s.must("rounds", &rounds), s.must("with", &with))
	if err == nil && with != "mset" && with != "mdelete" {
		err = fmt.Errorf("a race is run with mset or mdelete, not %q", with)
	}
	if err == nil && (len(keys) == 0 || writers < 1 || rounds < 1) {
		err = errors.New("a race needs keys, writers and rounds")
	}
	return func() error { return race(store, keys, writers, rounds, with == "mdelete") }, err
}

func race(store *bytestore.Store, keys list, writers, rounds int, deleting bool) error {
	var writing sync.WaitGroup
	failures := make(chan error, writers)
	for w := range writers {
		writing.Add(1)
		go func() {
			defer writing.Done()
			for round := range rounds {
				if err := writeRound(store, keys, w, round, deleting && round%2 == 1); err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	done := make(chan struct{})
	go func() {
		writing.Wait()
		close(done)
	}()
	torn := readUntil(done, store, keys)
	<-done
	close(failures)
	for err := range failures {
		torn = errors.Join(torn, err)
	}
	return torn
}

func writeRound(store *bytestore.Store, keys list, writer, round int, deleting bool) error {
	if deleting {
		_, err := store.MDelete(keys...)
		return err
	}
	batch := make([]bytestore.Pair, len(keys))
	value := fmt.Appendf(nil, "%d-%d", writer, round)
	for i, key := range keys {
		batch[i] = bytestore.Pair{Key: key, Value: value}
	}
	return store.MSet(batch...)
}

// readUntil reads all keys until done: each answer must be of one batch.
func readUntil(done <-chan struct{}, store *bytestore.Store, keys list) error {
	for {
		values, err := store.MGet(keys...)
		if err != nil {
			return err
		}
		for i, value := range values {
			if !bytes.Equal(value, values[0]) || (value == nil) != (values[0] == nil) {
				return fmt.Errorf("torn: key %d has %q, key 0 has %q", i, value, values[0])
			}
		}
		select {
		case <-done:
			return nil
		default:
		}
	}
}
