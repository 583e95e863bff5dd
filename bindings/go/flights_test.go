package bytestore

// What is kept about computations, and no longer than it is needed.

import (
	"context"
	"errors"
	"testing"
)

func TestNothingIsKeptAboutWhatHasEnded(t *testing.T) {
	store, err := New()
	if err != nil {
		t.Fatal(err)
	}
	space, err := store.Namespace([]byte("n/"))
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	for name, compute := range map[string]func(context.Context, []string) ([][]byte, error){
		"computed": func(_ context.Context, missing []string) ([][]byte, error) { return make([][]byte, len(missing)), nil },
		"failed":   func(context.Context, []string) ([][]byte, error) { return nil, failed },
		"wrong":    func(context.Context, []string) ([][]byte, error) { return nil, nil },
		"panicked": func(context.Context, []string) ([][]byte, error) { panic(failed) },
	} {
		within := func(ctx context.Context, _ []string) ([][]byte, error) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			_, err := space.Strings().MGetOrCompute(ctx, []string{"a", "b"}, compute)
			cancel()
			if by := withinOf(ctx); len(by.inner) > 0 {
				t.Errorf("%s: %d calls are within", name, len(by.inner))
			}
			if n := len(store.flights.byKey); n != 1 {
				t.Errorf("%s: %d keys are being computed instead of one", name, n)
			}
			return nil, err
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = store.Strings().MGetOrCompute(context.Background(), []string{name}, within)
		}()
		if store.flights.byKey != nil {
			t.Errorf("%s: %d keys are being computed", name, len(store.flights.byKey))
		}
	}
	for range 2 {
		if err := errors.Join(store.Close(), space.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A context that is kept for long keeps a computation, but no values that it once waited for.
func TestComputationForgetsWhatItWaitedFor(t *testing.T) {
	store, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	compute := store.Strings().MGetOrCompute
	begun, open, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		_, err := compute(context.Background(), []string{"a"}, func(context.Context, []string) ([][]byte, error) {
			close(begun)
			<-open
			return make([][]byte, 1), nil
		})
		ended <- err
	}()
	<-begun
	_, err = compute(context.Background(), []string{"b"}, func(ctx context.Context, _ []string) ([][]byte, error) {
		var kept *computation
		values, err := compute(ctx, []string{"a", "c"}, func(ctx context.Context, _ []string) ([][]byte, error) {
			if kept = withinOf(ctx); len(kept.waits) != 1 {
				t.Errorf("waits for %d keys instead of one", len(kept.waits))
			}
			close(open)
			return make([][]byte, 1), nil
		})
		if kept.waits != nil {
			t.Error("what it waited for is kept")
		}
		return values[:1], err
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Error(err)
	}
}
