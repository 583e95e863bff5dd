package bytestore

// Who waits for whom: a computation that would wait for itself is told so. Knows no store and no key.

import (
	"context"
	"slices"
	"sync"
)

// computation is one call that computes what it misses, and waits for what others compute.
type computation struct {
	within *computation // the one whose computation asks; nil for a call from outside of all

	// Guarded by circles, and of use only where one is within another.
	inner map[*computation]struct{} // the calls that are within this one, as long as they last
	waits []*flight                 // what the call waits for, now or after it has computed
}

// circles guards the inner calls and the waits of all computations, whatever their stores.
var circles sync.Mutex

type withinKey struct{}

// withinOf is the computation that a context was given to.
func withinOf(ctx context.Context) *computation {
	c, _ := ctx.Value(withinKey{}).(*computation)
	return c
}

// enter says what a call waits for. If that would be for itself, over however many others, it enters
// nothing and returns which of them it is; otherwise -1.
func (c *computation) enter(waits []*flight) int {
	if c.within == nil {
		return -1 // nobody waits for who asks
	}
	circles.Lock()
	defer circles.Unlock()
	seen := map[*computation]bool{}
	if i := slices.IndexFunc(waits, func(f *flight) bool { return f.by.waitsFor(c.within, seen) }); i >= 0 {
		return i
	}
	c.waits = waits
	if c.within.inner == nil {
		c.within.inner = map[*computation]struct{}{}
	}
	c.within.inner[c] = struct{}{}
	return -1
}

// leave takes back what enter did: the call is over.
func (c *computation) leave() {
	if c.within == nil {
		return
	}
	circles.Lock()
	defer circles.Unlock()
	delete(c.within.inner, c)
	c.waits = nil // a context may keep c, but not others' values
}

// waitsFor says whether c can end only after other has.
func (c *computation) waitsFor(other *computation, seen map[*computation]bool) bool {
	if c == other {
		return true
	}
	if seen[c] {
		return false
	}
	seen[c] = true
	for call := range c.inner {
		if call.waitsFor(other, seen) {
			return true
		}
		for _, f := range call.waits {
			if !f.hasLanded() && f.by.waitsFor(other, seen) {
				return true
			}
		}
	}
	return false
}
