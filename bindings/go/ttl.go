package bytestore

// Entries that end by themselves, and the clock that says when. Knows no C.

import (
	"fmt"
	"math"
	"time"
)

// NoTTL is the time to live of entries that stay until they are deleted,
// whatever the store's default.
const NoTTL time.Duration = math.MaxInt64

// SetTTL is [Store.Set] for an entry that ends by itself: see [Store.MSetTTL].
func (s *Store) SetTTL(key, value []byte, ttl time.Duration) error {
	if !fits(key) {
		return tooLong("set", "key")
	}
	if !fits(value) {
		return tooLong("set", "value")
	}
	ms, err := timeToLive("set", ttl)
	if err != nil {
		return err
	}
	code := setOneTTL(s.handle, key, value, ms)
	return s.failure("set", code)
}

// MSetTTL is [Store.MSet] for entries that end by themselves: when their time to
// live is over they are as good as deleted, for every method at once. It is
// rounded up to milliseconds; one that is not above zero is [ErrInvalidArgument].
// With [NoTTL] the entries stay until they are deleted.
//
// Setting an entry again, in whatever way, gives it a new end or none.
func (s *Store) MSetTTL(ttl time.Duration, pairs ...Pair) error {
	return msetTTL(s, ttl, pairs)
}

// SetTTL sets one key, as [Store.SetTTL] does.
func (s Strings) SetTTL(key string, value []byte, ttl time.Duration) error {
	return s.store.SetTTL(readOnly(key), value, ttl)
}

// MSetTTL sets all pairs, as [Store.MSetTTL] does.
func (s Strings) MSetTTL(ttl time.Duration, pairs ...StringPair) error {
	return msetTTL(s.store, ttl, pairs)
}

func msetTTL[K string | []byte](s *Store, ttl time.Duration, pairs []PairOf[K]) error {
	ms, err := timeToLive("mset", ttl)
	if err != nil {
		return err
	}
	scratch, err := packPairs(pairs)
	if err != nil {
		return err
	}
	defer scratch.release()
	code := setAllTTL(s.handle, &scratch.keys, &scratch.values, ms)
	return s.failure("mset", code)
}

// AdvanceClock turns the clock of a store with [Options.ManualClock] forward, for
// tests. The duration is rounded up to milliseconds, as a time to live is. One
// below zero is [ErrInvalidArgument], and so is a store without such a clock.
func (s *Store) AdvanceClock(d time.Duration) error {
	const op = "advance clock"
	if d < 0 {
		return &Error{Op: op, Code: ErrInvalidArgument, Detail: fmt.Sprint("duration ", d)}
	}
	code := advanceClock(s.handle, uint64(milliseconds(d)))
	err := s.failure(op, code)
	if code == ErrInvalidArgument {
		return &Error{Op: op, Code: code, Detail: "a store without a manual clock"}
	}
	return err
}

// timeToLive is a time to live as it crosses.
func timeToLive(op string, ttl time.Duration) (uint64, error) {
	switch {
	case ttl <= 0:
		return 0, &Error{Op: op, Code: ErrInvalidArgument, Detail: fmt.Sprint("time to live ", ttl)}
	case ttl == NoTTL:
		return noTTL, nil
	}
	return uint64(milliseconds(ttl)), nil
}

// milliseconds rounds up: nothing ends before its time.
func milliseconds(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d%time.Millisecond > 0 {
		ms++
	}
	return ms
}
