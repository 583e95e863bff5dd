package bytestore

// Getting what is there and computing what is not. Knows no C, and not who waits for whom.

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// MGetOrCompute returns one value for each key, as [Store.MGet] does, and computes
// what is missing: compute is called once, with the missing keys, each once and in
// the order of their first places, and returns as many values. They are set in one
// step, as [Store.MSet] does it, and are the answers even if the store is full and
// lets them go at once. A nil value is an empty one. When nothing is missing,
// compute is not called.
//
// Of several goroutines that miss a key at the same time one computes it, and the
// others wait for its value. A call first computes what no other does, and then
// waits for the rest. This holds for all who use one Store and its namespaces;
// other openings of a store with a name compute for themselves.
//
// The error of compute is returned as it is, also to those who wait for one of its
// keys, and so is an error of setting. Nothing is set then, and the next call
// computes again. If compute panics, the panic goes on in its goroutine, and those
// who wait get [ErrPanicked]. The wrong number of values is [ErrInvalidArgument].
//
// Waiting ends with ctx.Err() when ctx is done. Compute is called with ctx and
// should heed it: when it fails after ctx was done, then this is an error of this
// call alone, and one of those who wait computes in its place.
//
// Nothing is locked while compute runs. It may use the store, this method among
// its others, and should do so with the context that it is given: this tells who
// asks. To ask for what cannot come before it has returned, be it a key of its own
// or one whose computation waits for it, is [ErrInvalidArgument] at once; with
// another context it would wait until that is done.
func (s *Store) MGetOrCompute(ctx context.Context, keys [][]byte,
	compute func(ctx context.Context, missing [][]byte) ([][]byte, error)) ([][]byte, error) {
	return mgetOrCompute(ctx, s, defaultTTL, keys, compute)
}

// MGetOrComputeTTL is [Store.MGetOrCompute] for entries that end by themselves: what
// is computed is set as [Store.MSetTTL] does it.
func (s *Store) MGetOrComputeTTL(ctx context.Context, ttl time.Duration, keys [][]byte,
	compute func(ctx context.Context, missing [][]byte) ([][]byte, error)) ([][]byte, error) {
	return mgetOrComputeTTL(ctx, s, ttl, keys, compute)
}

// MGetOrCompute gets values or computes them, as [Store.MGetOrCompute] does.
func (s Strings) MGetOrCompute(ctx context.Context, keys []string,
	compute func(ctx context.Context, missing []string) ([][]byte, error)) ([][]byte, error) {
	return mgetOrCompute(ctx, s.store, defaultTTL, keys, compute)
}

// MGetOrComputeTTL gets values or computes them, as [Store.MGetOrComputeTTL] does.
func (s Strings) MGetOrComputeTTL(ctx context.Context, ttl time.Duration, keys []string,
	compute func(ctx context.Context, missing []string) ([][]byte, error)) ([][]byte, error) {
	return mgetOrComputeTTL(ctx, s.store, ttl, keys, compute)
}

const opCompute = "mget or compute"

// defaultTTL is what no caller can ask for: the store's default.
const defaultTTL time.Duration = 0

func mgetOrComputeTTL[K string | []byte](ctx context.Context, s *Store, ttl time.Duration, keys []K,
	compute func(context.Context, []K) ([][]byte, error)) ([][]byte, error) {
	if _, err := timeToLive(opCompute, ttl); err != nil {
		return nil, err
	}
	return mgetOrCompute(ctx, s, ttl, keys, compute)
}

func mgetOrCompute[K string | []byte](ctx context.Context, s *Store, ttl time.Duration, keys []K,
	compute func(context.Context, []K) ([][]byte, error)) ([][]byte, error) {
	if s.flights == nil { // the zero Store
		return nil, failure("mget", ErrClosed)
	}
	settings := s.flights.settings.Load()
	scratch, err := packKeys("mget", keys)
	if err != nil {
		return nil, err
	}
	values, err := s.mget(scratch)
	scratch.release()
	if err != nil {
		return nil, err
	}
	wanted := missingOf(s.prefix, keys, values)
	if len(wanted) == 0 {
		return values, nil
	}
	r := request{store: s, ttl: ttl, settings: settings, compute: func(ctx context.Context, own []*want) ([][]byte, error) {
		missing := make([]K, len(own))
		for i, w := range own {
			missing[i] = keys[w.places[0]]
		}
		return compute(ctx, missing)
	}}
	if err := r.fulfil(ctx, wanted); err != nil {
		return nil, err
	}
	for _, w := range wanted {
		for _, place := range w.places {
			values[place] = bytes.Clone(w.flight.value)
		}
	}
	return values, nil
}

// missingOf are the keys without a value, each once.
func missingOf[K string | []byte](prefix string, keys []K, values [][]byte) []*want {
	var wanted []*want
	var byKey map[string]*want
	for i, value := range values {
		if value != nil {
			continue
		}
		w := byKey[string(keys[i])]
		if w == nil {
			if byKey == nil {
				byKey = map[string]*want{}
			}
			w = &want{name: prefix + string(keys[i])}
			byKey[string(keys[i])] = w
			wanted = append(wanted, w)
		}
		w.places = append(w.places, i)
	}
	return wanted
}

// request is a call that misses something.
type request struct {
	store    *Store
	ttl      time.Duration
	settings uint64 // of other computations, when the call looked into the store
	compute  func(context.Context, []*want) ([][]byte, error)
}

// fulfil sees to it that all the wanted have landed.
func (r *request) fulfil(ctx context.Context, wanted []*want) error {
	for len(wanted) > 0 {
		err := ctx.Err()
		if err == nil {
			wanted, err = r.try(ctx, wanted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// try returns those of the wanted whose computations were cancelled by others.
func (r *request) try(ctx context.Context, wanted []*want) (abandoned []*want, err error) {
	c := &computation{within: withinOf(ctx)}
	own, theirs, circle := r.store.flights.claim(c, wanted)
	if circle != nil {
		return nil, &Error{Op: opCompute, Code: ErrInvalidArgument,
			Detail: fmt.Sprintf("key %d waits for the computation that asks for it", circle.places[0])}
	}
	defer c.leave()
	if len(own) > 0 {
		if err := r.bring(context.WithValue(ctx, withinKey{}, c), own); err != nil {
			return nil, err
		}
	}
	for _, w := range theirs {
		switch err := w.flight.wait(ctx); err {
		case nil:
		case errAbandoned:
			abandoned = append(abandoned, w)
		default:
			return nil, err
		}
	}
	return abandoned, nil
}

// bring lands the call's own flights, whatever happens.
func (r *request) bring(ctx context.Context, own []*want) (err error) {
	var values [][]byte
	returned := false
	defer func() {
		outcome := err
		switch {
		case !returned:
			outcome = ErrPanicked
		case err != nil && ctx.Err() != nil:
			outcome = errAbandoned
		}
		r.store.flights.land(own, values, outcome)
	}()
	if own, err = r.lookAgain(own); err == nil && len(own) > 0 {
		values, err = r.computeAndSet(ctx, own)
	}
	returned = true
	return err
}

// lookAgain lands what other computations have set between the call's look into the store and its
// claims, and returns the rest.
func (r *request) lookAgain(own []*want) ([]*want, error) {
	settings := r.store.flights.settings.Load()
	if settings == r.settings {
		return own, nil
	}
	r.settings = settings
	keys := make([]string, len(own))
	for i, w := range own {
		keys[i] = r.key(w)
	}
	values, err := r.store.Strings().MGet(keys...)
	if err != nil {
		return own, err
	}
	var found, rest []*want
	var foundValues [][]byte
	for i, w := range own {
		if values[i] == nil {
			rest = append(rest, w)
		} else {
			found, foundValues = append(found, w), append(foundValues, values[i])
		}
	}
	r.store.flights.land(found, foundValues, nil)
	return rest, nil
}

func (r *request) computeAndSet(ctx context.Context, own []*want) ([][]byte, error) {
	values, err := r.compute(ctx, own)
	if err != nil {
		return nil, err
	}
	if len(values) != len(own) {
		return nil, &Error{Op: opCompute, Code: ErrInvalidArgument,
			Detail: fmt.Sprintf("%d values for %d missing keys", len(values), len(own))}
	}
	pairs := make([]StringPair, len(own))
	for i, w := range own {
		pairs[i] = StringPair{r.key(w), values[i]}
	}
	if r.ttl == defaultTTL {
		err = r.store.Strings().MSet(pairs...)
	} else {
		err = r.store.Strings().MSetTTL(r.ttl, pairs...)
	}
	if err == nil {
		r.store.flights.settings.Add(1)
	}
	return values, err
}

// key is a wanted key as the store's namespace has it.
func (r *request) key(w *want) string { return w.name[len(r.store.prefix):] }
