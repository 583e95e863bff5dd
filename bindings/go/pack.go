package bytestore

// A batch on its way in: items side by side in one piece of memory, and their lengths.
// Knows nothing of what the items are for.

import (
	"fmt"
	"sync"
)

// The longest key, the longest value.
const maxItem = 1<<32 - 1

// Scratch memory above this size is left to the garbage collector.
const maxPooled = 1 << 20

func fits(item []byte) bool { return uint64(len(item)) <= maxItem }

type packed struct {
	bytes []byte
	lens  []itemLen
}

// add appends an item; false if it is too long.
func (p *packed) add(item []byte) bool {
	if !fits(item) {
		return false
	}
	p.bytes = append(p.bytes, item...)
	p.lens = append(p.lens, itemLen(len(item)))
	return true
}

func (p *packed) size() int { return cap(p.bytes) + 4*cap(p.lens) }

func (p *packed) clear() { p.bytes, p.lens = p.bytes[:0], p.lens[:0] }

// scratch is what one batch needs. It is reused: a batch allocates nothing on its way in.
type scratch struct {
	keys, values packed
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) release() {
	if s.keys.size()+s.values.size() <= maxPooled {
		s.keys.clear()
		s.values.clear()
		scratches.Put(s)
	}
}

// addKeys packs the keys of a batch.
func (s *scratch) addKeys(op string, keys [][]byte) error {
	for i, key := range keys {
		if !s.keys.add(key) {
			return tooLong(op, fmt.Sprint("key ", i))
		}
	}
	return nil
}

// addPairs packs the pairs of a batch.
func (s *scratch) addPairs(op string, pairs []Pair) error {
	for i, pair := range pairs {
		if !s.keys.add(pair.Key) {
			return tooLong(op, fmt.Sprint("key ", i))
		}
		if !s.values.add(pair.Value) {
			return tooLong(op, fmt.Sprint("value ", i))
		}
	}
	return nil
}
