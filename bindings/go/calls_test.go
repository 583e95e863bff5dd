package bytestore_test

// The store's operations with keys that are bytes, and with keys that are strings, alike for the
// conformance cases. Knows no case.

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// compute is what MGetOrCompute calls.
type compute func(ctx context.Context, missing [][]byte) ([][]byte, error)

// calls are the operations. A ttl of 0 is none.
type calls struct {
	mget         form
	mset         func(s *bytestore.Store, ttl time.Duration, pairs []bytestore.Pair) error
	mdelete      func(s *bytestore.Store, keys [][]byte) (int, error)
	keys         func(s *bytestore.Store, prefix []byte) iter.Seq2[[]byte, error]
	count        func(s *bytestore.Store, prefix []byte) (int, error)
	deletePrefix func(s *bytestore.Store, prefix []byte) (int, error)
	page         func(s *bytestore.Store, prefix []byte, from bytestore.Position, limit int) ([][]byte, bytestore.Position, error)
	namespace    func(s *bytestore.Store, prefix []byte) (*bytestore.Store, error)
	compute      func(ctx context.Context, s *bytestore.Store, ttl time.Duration, keys [][]byte, f compute) ([][]byte, error)
}

// callsWith are the operations with the kind of keys that a form of mget has.
func callsWith(name string, mget form) calls {
	c := withBytes
	if strings.HasPrefix(name, "Strings.") {
		c = withStrings
	}
	c.mget = mget
	return c
}

var withBytes = calls{
	mset: func(s *bytestore.Store, ttl time.Duration, pairs []bytestore.Pair) error {
		if ttl == 0 {
			return s.MSet(pairs...)
		}
		return s.MSetTTL(ttl, pairs...)
	},
	mdelete:      func(s *bytestore.Store, keys [][]byte) (int, error) { return s.MDelete(keys...) },
	keys:         (*bytestore.Store).Keys,
	count:        (*bytestore.Store).Count,
	deletePrefix: (*bytestore.Store).DeletePrefix,
	page:         (*bytestore.Store).KeysPage,
	namespace:    (*bytestore.Store).Namespace,
	compute: func(ctx context.Context, s *bytestore.Store, ttl time.Duration, keys [][]byte, f compute) ([][]byte, error) {
		if ttl == 0 {
			return s.MGetOrCompute(ctx, keys, f)
		}
		return s.MGetOrComputeTTL(ctx, ttl, keys, f)
	},
}

var withStrings = calls{
	mset: func(s *bytestore.Store, ttl time.Duration, pairs []bytestore.Pair) error {
		texts := make([]bytestore.StringPair, len(pairs))
		for i, pair := range pairs {
			texts[i] = bytestore.StringPair{Key: string(pair.Key), Value: pair.Value}
		}
		if ttl == 0 {
			return s.Strings().MSet(texts...)
		}
		return s.Strings().MSetTTL(ttl, texts...)
	},
	mdelete: func(s *bytestore.Store, keys [][]byte) (int, error) {
		return s.Strings().MDelete(toStrings(keys)...)
	},
	keys: func(s *bytestore.Store, prefix []byte) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for key, err := range s.Strings().Keys(string(prefix)) {
				if !yield([]byte(key), err) {
					return
				}
			}
		}
	},
	count: func(s *bytestore.Store, prefix []byte) (int, error) { return s.Strings().Count(string(prefix)) },
	deletePrefix: func(s *bytestore.Store, prefix []byte) (int, error) {
		return s.Strings().DeletePrefix(string(prefix))
	},
	page: func(s *bytestore.Store, prefix []byte, from bytestore.Position, limit int) ([][]byte, bytestore.Position, error) {
		keys, next, err := s.Strings().KeysPage(string(prefix), from, limit)
		return toBytes(keys), next, err
	},
	namespace: func(s *bytestore.Store, prefix []byte) (*bytestore.Store, error) {
		return s.Strings().Namespace(string(prefix))
	},
	compute: func(ctx context.Context, s *bytestore.Store, ttl time.Duration, keys [][]byte, f compute) ([][]byte, error) {
		textual := func(ctx context.Context, missing []string) ([][]byte, error) { return f(ctx, toBytes(missing)) }
		if ttl == 0 {
			return s.Strings().MGetOrCompute(ctx, toStrings(keys), textual)
		}
		return s.Strings().MGetOrComputeTTL(ctx, ttl, toStrings(keys), textual)
	},
}
