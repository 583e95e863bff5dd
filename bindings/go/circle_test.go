package bytestore_test

// Computations that ask for what others compute, or for what they compute themselves.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// A computation that asks for what only it can give would wait for ever.
func TestComputationAsksForItself(t *testing.T) {
	store := open(t)
	space, err := store.Namespace([]byte("n/"))
	ok(t, err)
	defer space.Close()
	other := open(t)
	asks := func(in *bytestore.Store, keys ...string) compute {
		return func(ctx context.Context, _ [][]byte) ([][]byte, error) {
			return in.MGetOrCompute(ctx, names(keys...), never(t))
		}
	}
	within := func(in *bytestore.Store, key string, then compute) compute {
		return func(ctx context.Context, _ [][]byte) ([][]byte, error) {
			return in.MGetOrCompute(ctx, names(key), then)
		}
	}
	for name, compute := range map[string]compute{
		"at once":                        asks(store, "x", "x", "n/a"),
		"by another name":                asks(space, "x", "a"),
		"from one within":                within(store, "b", asks(store, "y", "n/a")),
		"from one within that":           within(store, "b", within(space, "c", asks(space, "y", "a"))),
		"from one in another store":      within(other, "a", asks(store, "y", "n/a")),
		"from a goroutine":               concurrently(asks(store, "z", "n/a")),
		"from one within a goroutine":    within(store, "b", concurrently(asks(store, "y", "n/a"))),
		"for a key of the one outside":   within(store, "b", within(store, "d", asks(store, "y", "b"))),
		"with a context made of its own": derived(asks(space, "y", "a")),
	} {
		_, err := space.MGetOrCompute(background, names("a"), compute)
		if !isBad("key ")(err) || !strings.Contains(err.Error(), "waits for the computation that asks for it") {
			t.Errorf("%s: %v", name, err)
		}
		n, err := store.Len()
		ok(t, compared(n, 0, err))
	}
	// The error is no end: the computation may go on without the key.
	values, err := store.MGetOrCompute(background, names("n/a"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
		if _, err := space.MGetOrCompute(ctx, names("b", "a"), never(t)); !isBad("key 1 ")(err) {
			t.Errorf("%v", err)
		}
		return space.MGetOrCompute(ctx, names("b"), upper)
	})
	ok(t, err)
	ok(t, same(values, names("B")))
}

// concurrently runs a computation in a goroutine of its own.
func concurrently(f compute) compute {
	return func(ctx context.Context, missing [][]byte) (values [][]byte, err error) {
		inParallel(1, func(int) { values, err = f(ctx, missing) })
		return values, err
	}
}

// derived gives a computation a context that was made of its own.
func derived(f compute) compute {
	return func(ctx context.Context, missing [][]byte) ([][]byte, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		return f(ctx, missing)
	}
}

// Two computations, each of which asks for the other's key: one of them is told.
func TestComputationsInACircle(t *testing.T) {
	store, other := open(t), open(t)
	for name, stores := range map[string][2]*bytestore.Store{"one store": {store, store}, "two stores": {store, other}} {
		var both [2]*gate
		for i := range both {
			both[i] = newGate(func(ctx context.Context, _ [][]byte) ([][]byte, error) {
				return stores[1-i].MGetOrCompute(ctx, names([]string{"b", "a"}[i]), never(t))
			})
		}
		var ended []<-chan outcome
		for i, g := range both {
			ended = append(ended, start(func() ([][]byte, error) {
				return stores[i].MGetOrCompute(background, names([]string{"a", "b"}[i]), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
					// The question comes from one within.
					return stores[i].MGetOrCompute(ctx, names(fmt.Sprint("within ", i)), g.compute)
				})
			}))
			<-g.begun
		}
		for _, g := range both {
			close(g.open)
		}
		for i, ended := range ended {
			if o := <-ended; !isBad("key 0 waits")(o.err) {
				t.Errorf("%s, %d: %q, %v", name, i, o.values, o.err)
			}
		}
	}
}

// No circle: several may wait for one, and one for several, from within computations.
func TestComputationsWaitForOthers(t *testing.T) {
	store := open(t)
	g := newGate(upper)
	first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("a"), g.compute) })
	<-g.begun
	var waiting []<-chan outcome
	for i := range 4 {
		waiting = append(waiting, startWaiting(background, func(waits context.Context) ([][]byte, error) {
			return store.MGetOrCompute(background, names(fmt.Sprint(i)), func(ctx context.Context, _ [][]byte) (values [][]byte, err error) {
				inParallel(2, func(int) { // both ask with the same context
					v, e := store.MGetOrCompute(hooked{ctx, nil, func() { waits.Done() }}, names("a"), never(t))
					ok(t, errors.Join(e, same(v, names("A"))))
				})
				return names("done"), nil
			})
		}))
	}
	close(g.open)
	ok(t, (<-first).err)
	for _, ended := range waiting {
		o := <-ended
		ok(t, o.err)
		ok(t, same(o.values, names("done")))
	}
}

// A goroutine that a computation left behind asks for what waited for that: no circle, as it waits no more.
func TestGoroutineLeftBehind(t *testing.T) {
	store := open(t)
	var left context.Context
	first, second := newGate(upper), newGate(upper)
	ended := []<-chan outcome{start(func() ([][]byte, error) {
		return store.MGetOrCompute(background, names("a"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
			left = ctx
			return first.compute(ctx, missing)
		})
	})}
	<-first.begun
	ended = append(ended, start(func() ([][]byte, error) {
		return store.MGetOrCompute(background, names("b"), second.compute)
	}))
	<-second.begun
	waits := make(chan struct{})
	ended = append(ended, start(func() ([][]byte, error) {
		return store.MGetOrCompute(background, names("c"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
			_, err := store.MGetOrCompute(hooked{ctx, nil, func() { waits <- struct{}{} }}, names("a", "b"), never(t))
			ok(t, err)
			return upper(ctx, missing)
		})
	}))
	<-waits // for a
	close(first.open)
	<-waits // for b
	ended = append(ended, startWaiting(left, func(ctx context.Context) ([][]byte, error) {
		return store.MGetOrCompute(ctx, names("c"), never(t))
	}))
	close(second.open)
	for i, want := range []string{"A", "B", "C", "C"} {
		o := <-ended[i]
		ok(t, o.err)
		ok(t, same(o.values, names(want)))
	}
}
