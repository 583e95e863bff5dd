package bytestore

// Iterating over keys. Knows pages of a cursor, not where they come from.

import (
	"bytes"
	"iter"
	"runtime"
)

// Keys iterates over the keys that begin with the prefix, compared byte by
// byte, in insertion order; a nil or empty prefix means all keys.
//
// The iteration sees the keys as of its first step. Other goroutines, and the
// body of the loop, may change the store meanwhile: no key comes twice, none is
// left out that was there throughout, and a key deleted meanwhile may be left
// out. Nothing is locked between two steps. Ranging over the result again
// begins anew.
//
// A failure comes as the last step, with a nil key. An iteration that has begun
// goes on after the store is closed.
//
//	for key, err := range store.Keys([]byte("doc/")) {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s\n", key)
//	}
func (s *Store) Keys(prefix []byte) iter.Seq2[[]byte, error] {
	prefix = bytes.Clone(prefix) // it is read when the iteration begins, and may have changed by then
	return func(yield func([]byte, error) bool) {
		cursor, code := openCursor(s.handle, prefix)
		runtime.KeepAlive(s)
		if err := failure("keys", code); err != nil {
			yield(nil, err)
			return
		}
		defer closeCursor(cursor)
		for {
			page, code := nextPage(cursor)
			if err := failure("keys", code); err != nil {
				yield(nil, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for _, key := range page {
				if !yield(key, nil) {
					return
				}
			}
		}
	}
}
