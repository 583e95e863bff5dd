package bytestore

// Iterating over keys. Knows pages of a cursor, not where they come from.

import (
	"bytes"
	"iter"
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
// Of a server keys come in any order, each once; those that are inserted or deleted
// meanwhile may come or not.
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
		for page, err := range pages(s, prefix) {
			if err != nil {
				yield(nil, err)
				return
			}
			keys := append([]byte{}, run(page)...) // side by side in C, side by side here: one allocation and one copy
			for _, item := range items(page) {
				if !yield(keys[:item.len:item.len], nil) {
					return
				}
				keys = keys[item.len:]
			}
		}
	}
}

// Keys iterates over the keys that begin with the prefix, as [Store.Keys] does.
// The keys of a page share memory: strings.Clone one that is kept for long.
func (s Strings) Keys(prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for page, err := range pages(s.store, readOnly(prefix)) {
			if err != nil {
				yield("", err)
				return
			}
			keys := string(run(page))
			for _, item := range items(page) {
				if !yield(keys[:item.len], nil) {
					return
				}
				keys = keys[item.len:]
			}
		}
	}
}

// ordinaryPage is as many keys as the library thinks best.
const ordinaryPage = 0

// pages iterates over the pages of a scan. Each is valid until the next step.
func pages(s *Store, prefix []byte) iter.Seq2[*result, error] {
	return func(yield func(*result, error) bool) {
		cursor, code := openCursor(s.handle, prefix, 0)
		if err := s.failure("keys", code); err != nil {
			yield(nil, err)
			return
		}
		defer closeCursor(cursor)
		var page result
		defer free(&page)
		for {
			if code := nextPage(cursor, &page, ordinaryPage); code != statusOK {
				yield(nil, s.failure("keys", code))
				return
			}
			if page.count == 0 || !yield(&page, nil) {
				return
			}
		}
	}
}
