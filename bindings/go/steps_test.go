package bytestore_test

// The steps of a conformance case. Knows the store's operations, and how an answer is compared.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// step is a step's fields as they stand in the file. Decoding one takes it away: what is left is unknown.
type step map[string]json.RawMessage

// must decodes a field that has to be there; may, one that need not be.
func (s step) must(name string, into any) error {
	if s[name] == nil {
		return fmt.Errorf("the field %q is missing", name)
	}
	return s.may(name, into)
}

// keys is must for the keys to ask for: null is none.
func (s step) keys(into *list) error {
	if err := s.must("keys", into); err != nil || into.present() {
		return err
	}
	return errors.New("null is no key")
}

func (s step) may(name string, into any) error {
	form := s[name]
	if form == nil {
		return nil
	}
	delete(s, name)
	if err := strictly(form, into); err != nil {
		return fmt.Errorf("the field %q: %w", name, err)
	}
	return nil
}

// scan is an iteration under way. On a server, which keeps no order, what it gives altogether is compared at its end.
type scan struct {
	next       func() ([]byte, error, bool)
	given, due [][]byte
}

// runner is a case that is running: its stores and scans, and how it calls the store.
type runner struct {
	t      *testing.T
	calls  calls
	stores map[string]*bytestore.Store
	scans  map[string]*scan
	pages  map[page]bytestore.Position
	saved  map[string][]byte
}

func newRunner(t *testing.T, calls calls) *runner {
	return &runner{
		t: t, calls: calls,
		stores: map[string]*bytestore.Store{"": ownStore(t)}, scans: map[string]*scan{}, pages: map[page]bytestore.Position{},
		saved: map[string][]byte{},
	}
}

// run takes a step as far as it is common to all, then its own way.
func (r *runner) run(s step) error {
	var do, name, wantError string
	s = cloned(s)
	if err := errors.Join(s.must("do", &do), s.may("store", &name), s.may("error", &wantError)); err != nil {
		return err
	}
	way := ways[do]
	if way == nil {
		return fmt.Errorf("unknown operation %q", do)
	}
	// The name of an operation with "open" is the new store's.
	store := r.stores[name]
	if store == nil && do != "open" {
		return fmt.Errorf("unknown store %q", name)
	}
	act, err := way(r, store, name, s, wantError != "")
	if err != nil {
		return err
	}
	if len(s) > 0 {
		return fmt.Errorf("unknown fields: %v", s)
	}
	return judge(act(), wantError)
}

func cloned(s step) step {
	c := step{}
	for name, form := range s {
		c[name] = form
	}
	return c
}

// judge compares what a step returned with the status that it must fail with, "" for none.
func judge(err error, want string) error {
	if want == "" {
		return err
	}
	var failure *bytestore.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("expected %s, got %v", want, err)
	}
	if got := failure.Code.Name(); got != want {
		return fmt.Errorf("expected %s, got %s", want, got)
	}
	return nil
}

// way decodes a step's own fields and returns what it does. With fails, there is no answer to compare.
type way func(r *runner, store *bytestore.Store, name string, s step, fails bool) (act func() error, err error)

var ways = map[string]way{
	"open": (*runner).open, "close": (*runner).close, "mset": (*runner).mset, "mget": (*runner).mget,
	"mdelete": (*runner).mdelete, "keys": (*runner).keys, "len": (*runner).len, "race": (*runner).race,
	"advance": (*runner).advance, "counters": (*runner).counters, "count": (*runner).count,
	"delete_prefix": (*runner).deletePrefix, "page": (*runner).page, "namespace": (*runner).namespace,
	"compute": (*runner).compute, "save": (*runner).save, "load": (*runner).load,
	"scan_start": (*runner).scanStart, "scan_next": (*runner).scanNext, "scan_rest": (*runner).scanRest,
}

func (r *runner) open(_ *bytestore.Store, name string, s step, _ bool) (func() error, error) {
	var url, saved string
	form, into := "url", &url
	if s["snapshot"] != nil {
		form, into = "snapshot", &saved
	}
	return func() error {
		if form == "snapshot" {
			var err error
			if url, err = r.snapshotURL(saved); err != nil {
				return err
			}
		}
		store, err := bytestore.Open(url)
		return r.add(name, store, err)
	}, s.must(form, into)
}

// add takes a store that was opened, to be closed when the case ends.
func (r *runner) add(name string, store *bytestore.Store, err error) error {
	if err != nil {
		return err
	}
	r.t.Cleanup(func() { store.Close() })
	if r.stores[name] != nil {
		return fmt.Errorf("store %q is open already", name)
	}
	r.stores[name] = store
	return nil
}

func (r *runner) close(store *bytestore.Store, _ string, _ step, _ bool) (func() error, error) {
	return store.Close, nil
}

func (r *runner) mset(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var batch pairs
	var scribble bool
	var lives ttl
	return func() error {
		err := r.calls.mset(store, time.Duration(lives), batch)
		if scribble {
			for _, pair := range batch {
				overwrite(pair.Key, pair.Value)
			}
		}
		return err
	}, errors.Join(s.must("pairs", &batch), s.may("scribble", &scribble), s.may("ttl", &lives))
}

func (r *runner) mget(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var keys, expect list
	var scribble bool
	return func() error {
		values, err := r.calls.mget(store, keys)
		if err == nil {
			err = same(values, expect)
		}
		if scribble {
			overwrite(values...)
			overwrite(keys...)
		}
		return err
	}, errors.Join(s.keys(&keys), s.answer("expect", &expect, fails), s.may("scribble", &scribble))
}

func (r *runner) mdelete(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var keys list
	var expect int
	var scribble bool
	return func() error {
		removed, err := r.calls.mdelete(store, keys)
		if scribble {
			overwrite(keys...)
		}
		return compared(removed, expect, err)
	}, errors.Join(s.keys(&keys), s.answer("removed", &expect, fails), s.may("scribble", &scribble))
}

func (r *runner) len(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var expect int
	return func() error {
		n, err := store.Len()
		return compared(n, expect, err)
	}, s.answer("expect", &expect, fails)
}

func (r *runner) keys(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var prefix text
	var expect list
	return func() error {
		keys, err := collect(r.calls.keys(store, prefix))
		if err != nil {
			return err
		}
		return sameKeys(keys, expect)
	}, errors.Join(s.may("prefix", &prefix), s.answer("expect", &expect, fails))
}

func (r *runner) scanStart(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var name string
	var prefix text
	return func() error {
		next, stop := iter.Pull2(r.calls.keys(store, prefix))
		r.t.Cleanup(stop)
		r.scans[name] = &scan{next: next}
		return nil
	}, errors.Join(s.must("scan", &name), s.may("prefix", &prefix))
}

func (r *runner) scanNext(_ *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var name string
	var take int
	var expect list
	return func() error {
		keys, err := r.take(name, take)
		if err != nil {
			return err
		}
		if server == "" {
			return same(keys, expect)
		}
		scan := r.scans[name]
		scan.given, scan.due = append(scan.given, keys...), append(scan.due, expect...)
		return nil
	}, errors.Join(s.must("scan", &name), s.must("take", &take), s.answer("expect", &expect, fails))
}

func (r *runner) scanRest(_ *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var name string
	var expect, may list
	return func() error {
		keys, err := r.take(name, -1)
		if err != nil {
			return err
		}
		scan := r.scans[name]
		keys, due := append(scan.given, keys...), append(scan.due, expect...)
		given := map[string]int{}
		for _, key := range keys {
			given[string(key)]++
			if given[string(key)] > 1 {
				return fmt.Errorf("%q came twice", key)
			}
		}
		perhaps := func(key []byte) bool {
			return slices.ContainsFunc(may, func(m []byte) bool { return bytes.Equal(key, m) })
		}
		return sameKeys(slices.DeleteFunc(keys, perhaps), slices.DeleteFunc(due, perhaps))
	}, errors.Join(s.must("scan", &name), s.answer("expect", &expect, fails), s.may("may_include", &may))
}

// take takes n keys from a scan, all that are left if n is negative.
func (r *runner) take(name string, n int) ([][]byte, error) {
	scan, ok := r.scans[name]
	if !ok {
		return nil, fmt.Errorf("unknown scan %q", name)
	}
	keys := [][]byte{}
	for len(keys) != n {
		key, err, more := scan.next()
		if !more || err != nil {
			return keys, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// answer decodes what a step must return; one that must fail has no such field.
func (s step) answer(name string, into any, fails bool) error {
	if fails {
		return nil
	}
	return s.must(name, into)
}

func compared(got, want int, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("got %d, expected %d", got, want)
	}
	return err
}

// same compares items one by one; nil is equal to nothing but nil.
func same(got, want [][]byte) error {
	if len(got) != len(want) {
		return fmt.Errorf("got %d items, expected %d: %.200q", len(got), len(want), got)
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) || (got[i] == nil) != (want[i] == nil) {
			return fmt.Errorf("item %d is %.200q (nil: %t), expected %.200q (nil: %t)",
				i, got[i], got[i] == nil, want[i], want[i] == nil)
		}
	}
	return nil
}

// overwrite changes every byte.
func overwrite(items ...[]byte) {
	for _, item := range items {
		for i := range item {
			item[i] ^= 0xff
		}
	}
}
