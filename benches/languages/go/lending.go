package main

// The stores that hold Go values and lend them: the garbage collector sees each entry. A batch
// is a loop over its keys; only map + RWMutex can make it one step, and does, as that is its fastest way too.

import (
	"bytes"
	"strings"
	"sync"

	"github.com/dgraph-io/ristretto/v2"
	"github.com/maypok86/otter/v2"
	"github.com/puzpuzpuz/xsync/v4"
)

// lender is a store that looks keys up one by one.
type lender interface {
	load(key string) ([]byte, bool)
	store(key string, value []byte)
}

// lending makes a store of a lender.
type lending struct {
	lender
	answers [][]byte
}

func (l *lending) session() session { return &lending{lender: l.lender} }

func (l *lending) get(b batch, _ form) ([][]byte, error) {
	l.answers = l.answers[:0]
	for _, key := range b.texts {
		value, _ := l.load(key)
		l.answers = append(l.answers, value)
	}
	return l.answers, nil
}

func (l *lending) set(b batch) error {
	for _, pair := range b.pairs {
		l.store(strings.Clone(pair.Key), bytes.Clone(pair.Value))
	}
	return nil
}

func (l *lending) close() {}

type lockedMap struct {
	sync.RWMutex
	entries map[string][]byte
}

// lockedSession takes the lock once a batch.
type lockedSession struct {
	m       *lockedMap
	answers [][]byte
}

func openLockedMap(shape) (store, error) {
	return &lockedSession{m: &lockedMap{entries: map[string][]byte{}}}, nil
}

func (s *lockedSession) session() session { return &lockedSession{m: s.m} }

func (s *lockedSession) get(b batch, _ form) ([][]byte, error) {
	s.answers = s.answers[:0]
	s.m.RLock()
	defer s.m.RUnlock()
	for _, key := range b.texts {
		s.answers = append(s.answers, s.m.entries[key])
	}
	return s.answers, nil
}

func (s *lockedSession) set(b batch) error {
	s.m.Lock()
	defer s.m.Unlock()
	for _, pair := range b.pairs {
		s.m.entries[strings.Clone(pair.Key)] = bytes.Clone(pair.Value)
	}
	return nil
}

func (s *lockedSession) close() {}

type syncMap struct{ *sync.Map }

func openSyncMap(shape) (store, error) { return &lending{lender: syncMap{new(sync.Map)}}, nil }

func (m syncMap) load(key string) ([]byte, bool) {
	value, ok := m.Load(key)
	if !ok {
		return nil, false
	}
	return value.([]byte), true
}

func (m syncMap) store(key string, value []byte) { m.Store(key, value) }

type xsyncMap struct{ *xsync.Map[string, []byte] }

func openXsync(shape) (store, error) {
	return &lending{lender: xsyncMap{xsync.NewMap[string, []byte]()}}, nil
}

func (m xsyncMap) load(key string) ([]byte, bool) { return m.Load(key) }

func (m xsyncMap) store(key string, value []byte) { m.Store(key, value) }

type otterCache struct{ *otter.Cache[string, []byte] }

// Without a bound otter keeps no statistics of use, which is its fastest way.
func openOtter(shape) (store, error) {
	cache, err := otter.New(&otter.Options[string, []byte]{})
	return &lending{lender: otterCache{cache}}, err
}

func (c otterCache) load(key string) ([]byte, bool) { return c.GetIfPresent(key) }

func (c otterCache) store(key string, value []byte) { c.Set(key, value) }

type ristrettoCache struct {
	*ristretto.Cache[string, []byte]
}

type ristrettoStore struct{ cache ristrettoCache }

type ristrettoSession struct{ *lending }

// As its documentation says: ten times as many counters as entries, and 64 keys a buffer. Each
// entry costs 1, and there is room for twice as many: nothing is thrown out.
func openRistretto(shape shape) (store, error) {
	cache, err := ristretto.NewCache(&ristretto.Config[string, []byte]{
		NumCounters: int64(10 * shape.entries), MaxCost: int64(2 * shape.entries), BufferItems: 64, IgnoreInternalCost: true,
	})
	return ristrettoStore{ristrettoCache{cache}}, err
}

func (s ristrettoStore) session() session { return ristrettoSession{&lending{lender: s.cache}} }

func (s ristrettoStore) close() { s.cache.Close() }

// close waits until what was set can be seen.
func (s ristrettoSession) close() { s.lender.(ristrettoCache).Wait() }

func (c ristrettoCache) load(key string) ([]byte, bool) { return c.Get(key) }

// A new entry that finds the cache's buffer full is dropped; here it waits.
func (c ristrettoCache) store(key string, value []byte) {
	for !c.Set(key, value, 1) {
		c.Wait()
	}
}
