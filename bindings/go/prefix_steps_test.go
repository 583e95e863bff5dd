package bytestore_test

// The conformance steps about prefixes, and about computing. Knows nothing of the other steps.

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// page names a position that a step leaves behind: each store has its own.
type page struct {
	store *bytestore.Store
	name  string
}

func (r *runner) count(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var prefix text
	var expect int
	return func() error {
		n, err := r.calls.count(store, prefix)
		return compared(n, expect, err)
	}, errors.Join(s.must("prefix", &prefix), s.answer("expect", &expect, fails))
}

func (r *runner) deletePrefix(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var prefix text
	var expect int
	return func() error {
		n, err := r.calls.deletePrefix(store, prefix)
		return compared(n, expect, err)
	}, errors.Join(s.must("prefix", &prefix), s.answer("removed", &expect, fails))
}

func (r *runner) page(store *bytestore.Store, _ string, s step, fails bool) (func() error, error) {
	var name string
	var take int
	var prefix text
	var expect list
	return func() error {
		at := page{store, name}
		keys, next, err := r.calls.page(store, prefix, r.pages[at], take)
		if err != nil {
			return err
		}
		// As a client gets it and gives it back.
		number, err := strconv.ParseUint(fmt.Sprint(next), 10, 64)
		if err != nil {
			return err
		}
		r.pages[at] = bytestore.Position(number)
		return same(keys, expect)
	}, errors.Join(s.must("page", &name), s.must("take", &take), s.may("prefix", &prefix), s.answer("expect", &expect, fails))
}

func (r *runner) namespace(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var prefix text
	var name string
	return func() error {
		view, err := r.calls.namespace(store, prefix)
		return r.add(name, view, err)
	}, errors.Join(s.must("prefix", &prefix), s.must("as", &name))
}

// errComputation is the error of a computation that fails.
var errComputation = errors.New("fails")

func (r *runner) compute(store *bytestore.Store, _ string, s step, mustFail bool) (func() error, error) {
	var keys, missing, values, expect list
	var lives ttl
	var fails bool
	err := errors.Join(s.keys(&keys), s.must("missing", &missing), s.may("fails", &fails), s.may("ttl", &lives))
	if len(missing) > 0 && !fails {
		err = errors.Join(err, s.must("values", &values))
	}
	err = errors.Join(err, s.answer("expect", &expect, mustFail || fails))
	return func() error {
		asked := list{}
		computed := func(_ context.Context, keys [][]byte) ([][]byte, error) {
			if len(asked) > 0 {
				return nil, errors.New("it is asked twice")
			}
			asked = append(asked, keys...)
			if fails {
				return nil, errComputation
			}
			return values, nil
		}
		answers, err := r.calls.compute(context.Background(), store, time.Duration(lives), keys, computed)
		if err == nil || len(asked) > 0 { // where it must not fail, or has got as far as that
			if err := same(asked, missing); err != nil {
				return err
			}
		}
		switch {
		case fails && err == errComputation:
			return nil
		case fails:
			return fmt.Errorf("not the computation's error, but %v", err)
		case err != nil:
			return err
		}
		return same(answers, expect)
	}, err
}
