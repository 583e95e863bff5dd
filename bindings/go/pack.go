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

// Memory for items above this size is left to the garbage collector.
const maxPooled = 1 << 20

func fits[T string | []byte](item T) bool { return uint64(len(item)) <= maxItem }

type packed struct {
	bytes []byte
	lens  []itemLen
}

// reserve makes room for so many items of so many bytes in all.
func (p *packed) reserve(items, size int) {
	p.bytes, p.lens = slices.Grow(p.bytes[:0], size), slices.Grow(p.lens[:0], items)
}

func add[T string | []byte](p *packed, item T) {
	p.bytes = append(p.bytes, item...)
	p.lens = append(p.lens, itemLen(len(item)))
}

// trim leaves memory that is too large to be kept to the garbage collector.
func (p *packed) trim() {
	if cap(p.bytes)+4*cap(p.lens) > maxPooled {
		*p = packed{}
	}
}

// scratch is what one batch needs. It is reused: a batch allocates nothing on its way in.
type scratch struct {
	keys, values packed
	answers      Buffer
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) release() {
	s.keys.trim()
	s.values.trim()
	s.answers.trim()
	scratches.Put(s)
}

// packKeys packs the keys of a batch. The scratch is the caller's to release.
func packKeys[K string | []byte](op string, keys []K) (*scratch, error) {
	size := 0
	for i, key := range keys {
		if !fits(key) {
			return nil, tooLong(op, fmt.Sprint("key ", i))
		}
		size += len(key)
	}
	s := takeScratch()
	s.keys.reserve(len(keys), size)
	for _, key := range keys {
		add(&s.keys, key)
	}
	return s, nil
}

// packPairs packs the pairs of a batch. The scratch is the caller's to release.
func packPairs[K string | []byte](pairs []PairOf[K]) (*scratch, error) {
	keySize, valueSize := 0, 0
	for i, pair := range pairs {
		if !fits(pair.Key) {
			return nil, tooLong("mset", fmt.Sprint("key ", i))
		}
		if !fits(pair.Value) {
			return nil, tooLong("mset", fmt.Sprint("value ", i))
		}
		keySize += len(pair.Key)
		valueSize += len(pair.Value)
	}
	s := takeScratch()
	s.keys.reserve(len(pairs), keySize)
	s.values.reserve(len(pairs), valueSize)
	for _, pair := range pairs {
		add(&s.keys, pair.Key)
		add(&s.values, pair.Value)
	}
	return s, nil
}
