package bytestore

// What is being computed: each key by one computation at a time. Knows no store, and not what is computed.

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// errAbandoned is what a flight ends with whose computation was cancelled: who waits for it may compute.
var errAbandoned = errors.New("bytestore: cancelled")

// flight is one key that is being computed.
type flight struct {
	by    *computation
	done  chan struct{} // closed when it has landed; nil as long as nobody waits
	value []byte        // nobody changes it
	err   error
}

// flights are those of a store and its namespaces, by the whole key.
type flights struct {
	mutex sync.Mutex
	byKey map[string]*flight
	// How many computations have set what they computed. Who looked into the store before one
	// did, and claims a key after that, has to look again.
	settings atomic.Uint64
}

// want is a key that a call misses.
type want struct {
	name   string  // the whole key, with the prefix of its namespace
	places []int   // where it stands in the batch
	flight *flight // the call's own, or another's
}

// claim takes for c those of the wanted that nobody computes. Those that others compute come back
// as theirs, to be waited for. If one of them waits for who asks, it is the circle, and nothing is taken.
func (t *flights) claim(c *computation, wanted []*want) (own, theirs []*want, circle *want) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var waits []*flight
	for _, w := range wanted {
		if w.flight = t.byKey[w.name]; w.flight == nil {
			own = append(own, w)
			continue
		}
		if w.flight.done == nil {
			w.flight.done = make(chan struct{})
		}
		theirs, waits = append(theirs, w), append(waits, w.flight)
	}
	if i := c.enter(waits); i >= 0 {
		return nil, nil, theirs[i]
	}
	if t.byKey == nil {
		t.byKey = map[string]*flight{}
	}
	for _, w := range own {
		w.flight = &flight{by: c}
		t.byKey[w.name] = w.flight
	}
	return own, theirs, nil
}

// land ends flights with the values that have been set, or with an error.
func (t *flights) land(wanted []*want, values [][]byte, err error) {
	for i, w := range wanted {
		if w.flight.err = err; err == nil {
			w.flight.value = append([]byte{}, values[i]...) // the caller's to change
		}
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, w := range wanted {
		delete(t.byKey, w.name)
		if w.flight.done != nil {
			close(w.flight.done)
		}
	}
	if len(t.byKey) == 0 {
		t.byKey = nil // a map never becomes smaller
	}
}

// hasLanded is for flights that somebody waits for.
func (f *flight) hasLanded() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
