package bytestore

// A batch on its way in: items side by side in one piece of memory, and their lengths.
// Knows nothing of what the items are for.

import (
	"fmt"
	"slices"
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

// reserve makes room for so many items of so many bytes in all.
func (p *packed) reserve(items, size int) {
	p.bytes, p.lens = slices.Grow(p.bytes, size), slices.Grow(p.lens, items)
}

func (p *packed) add(item []byte) {
	p.bytes = append(p.bytes, item...)
	p.lens = append(p.lens, itemLen(len(item)))
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
	size := 0
	for i, key := range keys {
		if !fits(key) {
			return tooLong(op, fmt.Sprint("key ", i))
		}
		size += len(key)
	}
	s.keys.reserve(len(keys), size)
	for _, key := range keys {
		s.keys.add(key)
	}
	return nil
}

// addPairs packs the pairs of a batch.
func (s *scratch) addPairs(op string, pairs []Pair) error {
	keySize, valueSize := 0, 0
	for i, pair := range pairs {
		if !fits(pair.Key) {
			return tooLong(op, fmt.Sprint("key ", i))
		}
		if !fits(pair.Value) {
			return tooLong(op, fmt.Sprint("value ", i))
		}
		keySize += len(pair.Key)
		valueSize += len(pair.Value)
	}
	s.keys.reserve(len(pairs), keySize)
	s.values.reserve(len(pairs), valueSize)
	for _, pair := range pairs {
		s.keys.add(pair.Key)
		s.values.add(pair.Value)
	}
	return nil
}
