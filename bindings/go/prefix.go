package bytestore

// Keys that begin alike: counting and deleting them, and going through them page by page. Knows no C.

import (
	"fmt"
	"slices"
)

// Count says how many entries there are whose keys begin with the prefix.
//
// The first question about a prefix that is not empty, be it this one,
// [Store.DeletePrefix], [Store.KeysPage] or [Store.Keys], makes a store of some
// thousand entries keep them in the order of their keys, too: some 0.1 s for a
// million, and some 10 bytes for each. From then on such questions take time by
// what they find, not by what there is, and writes cost more. A server finds no key
// by its beginning: there all of them are walked each time.
func (s *Store) Count(prefix []byte) (int, error) {
	n, code := countPrefix(s.handle, prefix)
	return n, s.failure("count", code)
}

// DeletePrefix deletes all entries whose keys begin with the prefix, in one
// step, and says how many that were. An empty prefix means all. On a server these
// are many steps.
func (s *Store) DeletePrefix(prefix []byte) (int, error) {
	n, code := deletePrefix(s.handle, prefix)
	return n, s.failure("delete prefix", code)
}

// Position is a place in the order of a store's keys, for [Store.KeysPage]; 0 is
// the beginning. It is a number that may be written down, or given to a client
// and come back: it is good for as long as the store is, for every prefix, and
// whatever was set or deleted since.
type Position uint64

// KeysPage returns the next keys that begin with the prefix, in insertion order,
// from a position on; so many at most, and fewer only at the end. The other
// answer is the position to go on from. After the last key it is where keys that
// are inserted from now on will come.
//
// This is [Store.Keys] for programs that go on later and keep nothing meanwhile,
// as a handler of web pages does. A limit that is not above zero is
// [ErrInvalidArgument]. A server has no positions: [ErrUnsupported].
func (s *Store) KeysPage(prefix []byte, from Position, limit int) ([][]byte, Position, error) {
	keys := [][]byte{}
	next, err := s.keysPage(prefix, from, limit, func(page *result) {
		keys = slices.Grow(keys, int(page.count))
		bytes := append([]byte{}, run(page)...)
		for _, item := range items(page) {
			keys = append(keys, bytes[:item.len:item.len])
			bytes = bytes[item.len:]
		}
	})
	if err != nil {
		return nil, from, err
	}
	return keys, next, nil
}

// Count counts entries, as [Store.Count] does.
func (s Strings) Count(prefix string) (int, error) { return s.store.Count(readOnly(prefix)) }

// DeletePrefix deletes entries, as [Store.DeletePrefix] does.
func (s Strings) DeletePrefix(prefix string) (int, error) {
	return s.store.DeletePrefix(readOnly(prefix))
}

// KeysPage returns the next keys, as [Store.KeysPage] does. The keys of a page
// share memory: strings.Clone one that is kept for long.
func (s Strings) KeysPage(prefix string, from Position, limit int) ([]string, Position, error) {
	keys := []string{}
	next, err := s.store.keysPage(readOnly(prefix), from, limit, func(page *result) {
		keys = slices.Grow(keys, int(page.count))
		text := string(run(page))
		for _, item := range items(page) {
			keys = append(keys, text[:item.len])
			text = text[item.len:]
		}
	})
	if err != nil {
		return nil, from, err
	}
	return keys, next, nil
}

// keysPage has the keys taken in one or more pages of the library's, which ends them early when keys are long.
func (s *Store) keysPage(prefix []byte, from Position, limit int, take func(*result)) (Position, error) {
	const op = "keys page"
	if limit <= 0 {
		return 0, &Error{Op: op, Code: ErrInvalidArgument, Detail: fmt.Sprint("limit ", limit)}
	}
	cursor, code := openCursor(s.handle, prefix, from)
	if err := s.failure(op, code); err != nil {
		return 0, err
	}
	defer closeCursor(cursor)
	if !s.capabilities.Positions { // also of the first page: there would be no second
		return 0, failure(op, ErrUnsupported)
	}
	var page result
	defer free(&page)
	for limit > 0 {
		if err := s.failure(op, nextPage(cursor, &page, limit)); err != nil {
			return 0, err
		}
		if page.count == 0 {
			break
		}
		take(&page)
		limit -= int(page.count)
	}
	next, code := cursorPosition(cursor)
	return next, s.failure(op, code)
}
