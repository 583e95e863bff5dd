package main

// Keys and values. Knows no store.

import (
	"bytes"
	"math/rand/v2"
	"unsafe"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

const (
	namespace = "benchmark/document/"
	digits    = 16
	keyLen    = len(namespace) + digits
)

// shape is what a store is filled with: so many entries with values of so many bytes.
type shape struct{ entries, value int }

// pool is what values are cut from.
var pool = func() []byte {
	random, bytes := rand.NewChaCha8([32]byte{1}), make([]byte, 256<<10)
	random.Read(bytes)
	return bytes
}()

// valueOf is the value of the entry with this number.
func (s shape) valueOf(number int) []byte {
	start := number * 61 % (len(pool) - s.value + 1)
	return pool[start : start+s.value]
}

// batch is what one call asks for or sets: the same keys as a string and as bytes, whichever a store takes.
type batch struct {
	numbers []int
	texts   []string
	keys    [][]byte
	pairs   []bytestore.StringPair
}

// maker makes batches, and uses their memory again for the next ones.
type maker struct {
	shape   shape
	random  *rand.Rand
	memory  []byte
	batches []batch
}

// newMaker makes batches of so many keys, so many at a time.
func newMaker(shape shape, keys, batches int, seed uint64) *maker {
	m := &maker{
		shape:   shape,
		random:  rand.New(rand.NewPCG(seed, 1)),
		memory:  make([]byte, keys*batches*keyLen),
		batches: make([]batch, batches),
	}
	for i := range m.batches {
		m.batches[i] = batch{make([]int, keys), make([]string, keys), make([][]byte, keys), make([]bytestore.StringPair, keys)}
	}
	return m
}

// drawn returns batches of random entries.
func (m *maker) drawn() []batch {
	return m.made(func(int) int { return m.random.IntN(m.shape.entries) })
}

// following returns batches of the entries from a number on, which come round again at the end.
func (m *maker) following(first int) []batch {
	return m.made(func(i int) int { return (first + i) % m.shape.entries })
}

func (m *maker) made(number func(i int) int) []batch {
	rest, made := m.memory, 0
	for _, b := range m.batches {
		for i := range b.numbers {
			n := number(made)
			made++
			key := rest[:keyLen:keyLen]
			rest = rest[keyLen:]
			writeKey(key, n)
			b.numbers[i], b.keys[i], b.texts[i] = n, key, unsafe.String(&key[0], keyLen)
			b.pairs[i] = bytestore.StringPair{Key: b.texts[i], Value: m.shape.valueOf(n)}
		}
	}
	return m.batches
}

// writeKey writes the key of an entry: neighbours in number have little in common.
func writeKey(key []byte, number int) {
	copy(key, namespace)
	scrambled := number * 1_999_999_973 // no two are alike below 10^16
	for i := keyLen - 1; i >= len(namespace); i-- {
		key[i] = byte('0' + scrambled%10)
		scrambled /= 10
	}
}

// wrong is the index of the first answer that is not the entry's value; -1 if there is none.
func (s shape) wrong(b batch, answers [][]byte) int {
	if len(answers) != len(b.numbers) {
		return 0
	}
	for i, n := range b.numbers {
		if answers[i] == nil || !bytes.Equal(answers[i], s.valueOf(n)) {
			return i
		}
	}
	return -1
}
