package bytestore_test

// Goroutines that miss the same keys: one computes, the others wait, and nobody for ever.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// outcome is what a call of MGetOrCompute came to.
type outcome struct {
	values [][]byte
	err    error
}

// start runs a call in a goroutine of its own, which it may also end by a panic or by Goexit.
func start(call func() ([][]byte, error)) chan outcome {
	ended := make(chan outcome, 1)
	go func() {
		o := outcome{err: errors.New("the goroutine was ended")}
		defer func() {
			if p := recover(); p != nil {
				o.err = fmt.Errorf("panic: %v", p)
			}
			ended <- o
		}()
		o.values, o.err = call()
	}()
	return ended
}

// startWaiting is start for a call that will have to wait for others, and comes back when it does, or
// is at its end instead.
func startWaiting(ctx context.Context, call func(context.Context) ([][]byte, error)) <-chan outcome {
	waits := make(chan struct{}, 100)
	ended := start(func() ([][]byte, error) {
		return call(hooked{ctx, nil, func() { waits <- struct{}{} }})
	})
	select {
	case <-waits:
	case o := <-ended:
		ended <- o
	}
	return ended
}

// gate is a computation that tells when it has begun, and ends when it may.
type gate struct {
	begun, open chan struct{}
	then        compute
}

func newGate(then compute) *gate { return &gate{make(chan struct{}), make(chan struct{}), then} }

func (g *gate) compute(ctx context.Context, missing [][]byte) ([][]byte, error) {
	close(g.begun)
	<-g.open
	return g.then(ctx, missing)
}

func TestOneComputes(t *testing.T) {
	store := open(t)
	space, err := store.Namespace([]byte("n/"))
	ok(t, err)
	defer space.Close()
	within, err := space.Namespace(nil)
	ok(t, err)
	defer within.Close()
	g := newGate(gives(names("1", "2")...))
	first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("n/a", "n/b"), g.compute) })
	<-g.begun
	var waiting []<-chan outcome
	for i := range 16 {
		waiting = append(waiting, startWaiting(background, func(ctx context.Context) ([][]byte, error) {
			switch i % 4 {
			case 0:
				return store.MGetOrCompute(ctx, names("n/b", "n/a", "n/b"), never(t))
			case 1:
				return space.Strings().MGetOrCompute(ctx, []string{"b", "a", "b"}, func(context.Context, []string) ([][]byte, error) {
					return nil, errors.New("asked")
				})
			case 2:
				return within.MGetOrComputeTTL(ctx, bytestore.NoTTL, names("b", "a", "b"), never(t))
			}
			return space.MGetOrCompute(ctx, names("b", "a", "b"), never(t))
		}))
	}
	close(g.open)
	o := <-first
	ok(t, o.err)
	ok(t, same(o.values, names("1", "2")))
	overwrite(o.values...)
	for _, ended := range waiting {
		o := <-ended
		ok(t, o.err)
		ok(t, same(o.values, names("2", "1", "2")))
		overwrite(o.values...) // each has its own
	}
	// Those who waited did not look into the store again: there it may be no more.
	if stats := statsOf(t, store); stats.Sets != 2 || stats.Hits != 0 || stats.Misses != 2+16*3 {
		t.Errorf("%+v", stats)
	}
	values, err := space.MGetOrCompute(background, names("a", "b"), never(t))
	ok(t, err)
	ok(t, same(values, names("1", "2")))
}

// What goes wrong in a computation goes wrong for all who wait for it, once.
func TestErrorsReachWhoWaits(t *testing.T) {
	own := errors.New("no luck")
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	says := func(text string) func(error) bool { return func(err error) bool { return err.Error() == text } }
	for name, c := range map[string]struct {
		then          compute
		first, others func(error) bool
	}{
		"error":        {func(context.Context, [][]byte) ([][]byte, error) { return nil, own }, is(own), is(own)},
		"a context's":  {func(context.Context, [][]byte) ([][]byte, error) { return nil, context.Canceled }, is(context.Canceled), is(context.Canceled)},
		"no values":    {gives(), isBad("0 values for 2"), isBad("0 values for 2")},
		"over a limit": {gives(nil, make([]byte, 100)), is(bytestore.ErrOverLimit), is(bytestore.ErrOverLimit)},
		"panic":        {func(context.Context, [][]byte) ([][]byte, error) { panic("oh") }, says("panic: oh"), is(bytestore.ErrPanicked)},
		"end of the goroutine": {func(context.Context, [][]byte) ([][]byte, error) { runtime.Goexit(); return nil, nil },
			says("the goroutine was ended"), is(bytestore.ErrPanicked)},
	} {
		store := openWith(t, bytestore.Options{MaxItemBytes: 50})
		g := newGate(c.then)
		first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("a", "b"), g.compute) })
		<-g.begun
		var waiting []<-chan outcome
		for _, keys := range []string{"a", "b", "ab"} {
			waiting = append(waiting, startWaiting(background, func(ctx context.Context) ([][]byte, error) {
				return store.MGetOrCompute(ctx, names(keys[:1], keys[len(keys)-1:], "c"), upper)
			}))
		}
		close(g.open)
		if o := <-first; !c.first(o.err) {
			t.Errorf("%s: %v", name, o.err)
		}
		for _, ended := range waiting {
			if o := <-ended; !c.others(o.err) || o.values != nil {
				t.Errorf("%s, who waits: %q, %v", name, o.values, o.err)
			}
		}
		values, err := store.MGetOrCompute(background, names("b", "a"), upper)
		ok(t, err)
		ok(t, same(values, names("B", "A")))
	}
}

func TestCloseWhileComputing(t *testing.T) {
	store := open(t)
	g := newGate(upper)
	first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("a"), g.compute) })
	<-g.begun
	second := startWaiting(background, func(ctx context.Context) ([][]byte, error) {
		return store.MGetOrCompute(ctx, names("a"), never(t))
	})
	ok(t, store.Close())
	if _, err := store.MGetOrCompute(background, names("a"), never(t)); !errors.Is(err, bytestore.ErrClosed) {
		t.Error(err)
	}
	close(g.open)
	for _, ended := range []<-chan outcome{first, second} {
		if o := <-ended; !errors.Is(o.err, bytestore.ErrClosed) {
			t.Errorf("%q, %v", o.values, o.err)
		}
	}
}

// Of those who wait for a computation that is cancelled, one computes in its place.
func TestCancelledComputation(t *testing.T) {
	store := open(t)
	ctx, cancel := context.WithCancel(background)
	begun := make(chan struct{})
	first := start(func() ([][]byte, error) {
		return store.MGetOrCompute(ctx, names("a", "b"), func(ctx context.Context, _ [][]byte) ([][]byte, error) {
			close(begun)
			<-ctx.Done()
			return nil, fmt.Errorf("interrupted: %w", ctx.Err())
		})
	})
	<-begun
	var asked atomic.Int32
	var waiting []<-chan outcome
	for _, keys := range [][]string{{"a", "b"}, {"b", "a"}, {"c", "b"}, {"a", "a"}} {
		waiting = append(waiting, startWaiting(background, func(ctx context.Context) ([][]byte, error) {
			return store.MGetOrCompute(ctx, names(keys...), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
				asked.Add(int32(len(missing)))
				return upper(ctx, missing)
			})
		}))
	}
	cancel()
	if o := <-first; !errors.Is(o.err, context.Canceled) || o.err == context.Canceled {
		t.Errorf("not as the computation put it: %v", o.err)
	}
	for i, want := range [][]string{{"A", "B"}, {"B", "A"}, {"C", "B"}, {"A", "A"}} {
		o := <-waiting[i]
		ok(t, o.err)
		ok(t, same(o.values, names(want...)))
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("%d keys were computed, each once would be 3", n)
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	store := open(t)
	g := newGate(upper)
	first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("a"), g.compute) })
	<-g.begun
	ctx, cancel := context.WithCancel(background)
	second := startWaiting(ctx, func(ctx context.Context) ([][]byte, error) {
		return store.MGetOrCompute(ctx, names("b", "a"), upper)
	})
	cancel()
	if o := <-second; o.err != context.Canceled || o.values != nil {
		t.Errorf("%q, %v", o.values, o.err)
	}
	if _, err := store.MGetOrCompute(ctx, names("a"), never(t)); err != context.Canceled {
		t.Errorf("over before it began: %v", err)
	}
	values, err := store.MGetOrCompute(ctx, names("b"), never(t)) // was computed before the wait
	ok(t, err)
	ok(t, same(values, names("B")))
	close(g.open)
	o := <-first
	ok(t, o.err)
	ok(t, same(o.values, names("A")))
}

// A batch computes its own keys while others' are under way.
func TestOwnKeysFirst(t *testing.T) {
	store := open(t)
	g := newGate(upper)
	first := start(func() ([][]byte, error) { return store.MGetOrCompute(background, names("b", "c"), g.compute) })
	<-g.begun
	second := startWaiting(background, func(ctx context.Context) ([][]byte, error) {
		return store.MGetOrCompute(ctx, names("a", "b", "d", "c"), func(ctx context.Context, missing [][]byte) ([][]byte, error) {
			ok(t, same(missing, names("a", "d")))
			return upper(ctx, missing)
		})
	})
	values, err := store.MGet(names("a", "b", "c", "d")...)
	ok(t, err)
	ok(t, same(values, list{[]byte("A"), nil, nil, []byte("D")}))
	close(g.open)
	o := <-second
	ok(t, o.err)
	ok(t, same(o.values, names("A", "B", "D", "C")))
	ok(t, (<-first).err)
}

// Batches that overlap in all orders, beside deletes, failures and cancellations.
func TestOverlappingBatches(t *testing.T) {
	store := open(t)
	unlucky := errors.New("unlucky")
	inParallel(8, func(worker int) {
		luck := rand.New(rand.NewPCG(1, uint64(worker)))
		for range 500 {
			keys, want := make([][]byte, 1+luck.IntN(8)), list{}
			for i := range keys {
				keys[i] = []byte{byte('a' + luck.IntN(12))}
				want = append(want, []byte{keys[i][0] - 'a' + 'A'})
			}
			ctx, cancel := context.WithCancel(background)
			fate := luck.IntN(8)
			values, err := store.MGetOrCompute(ctx, keys, func(ctx context.Context, missing [][]byte) ([][]byte, error) {
				runtime.Gosched()
				switch fate {
				case 0:
					return nil, unlucky
				case 1:
					cancel()
					return nil, ctx.Err()
				}
				return upper(ctx, missing)
			})
			cancel()
			if err == nil {
				err = same(values, want)
			}
			if err != nil && err != unlucky && (err != context.Canceled || fate != 1) {
				t.Errorf("%q: %v", keys, err)
			}
			_, err = store.MDelete(keys...)
			ok(t, err)
		}
	})
}
