package main

// The caches that hold entries in memory without pointers and copy values out.

import (
	"context"
	"errors"
	"time"

	"github.com/VictoriaMetrics/fastcache"
	"github.com/allegro/bigcache/v3"
	"github.com/coocood/freecache"
)

type bigcacheStore struct {
	cache   *bigcache.BigCache
	answers [][]byte
}

// Nothing expires, and there is room for all entries from the beginning. It always copies into new memory.
func openBigcache(shape shape) (store, error) {
	cache, err := bigcache.New(context.Background(), bigcache.Config{
		Shards: 1024, LifeWindow: 1000 * time.Hour, MaxEntriesInWindow: shape.entries, MaxEntrySize: keyLen + shape.value + 20,
	})
	return &bigcacheStore{cache: cache}, err
}

func (s *bigcacheStore) session() session { return &bigcacheStore{cache: s.cache} }

func (s *bigcacheStore) close() {}

func (s *bigcacheStore) get(b batch, _ form) ([][]byte, error) {
	s.answers = s.answers[:0]
	for _, key := range b.texts {
		value, err := s.cache.Get(key)
		if err != nil && !errors.Is(err, bigcache.ErrEntryNotFound) {
			return nil, err
		}
		s.answers = append(s.answers, value)
	}
	return s.answers, nil
}

func (s *bigcacheStore) set(b batch) error {
	for _, pair := range b.pairs {
		if err := s.cache.Set(pair.Key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

type freecacheStore struct {
	cache   *freecache.Cache
	memory  []byte // for the values of a batch
	answers [][]byte
}

// Keys do not spread evenly over its segments, so it has half as much room again as the entries need.
func openFreecache(shape shape) (store, error) {
	size := shape.entries * (keyLen + shape.value + freecache.ENTRY_HDR_SIZE)
	return &freecacheStore{cache: freecache.NewCache(max(size*3/2, 64<<20))}, nil
}

func (s *freecacheStore) session() session { return &freecacheStore{cache: s.cache} }

func (s *freecacheStore) close() {}

func (s *freecacheStore) get(b batch, f form) ([][]byte, error) {
	s.answers = s.answers[:0]
	used := 0
	for _, key := range b.keys {
		var value []byte
		var err error
		if f == copied {
			value, err = s.cache.Get(key)
		} else {
			value, err = s.cache.GetWithBuf(key, s.memory[min(used, len(s.memory)):])
			used += len(value)
		}
		if err != nil && !errors.Is(err, freecache.ErrNotFound) {
			return nil, err
		}
		s.answers = append(s.answers, value)
	}
	if used > len(s.memory) {
		s.memory = make([]byte, 2*used) // for the next batch
	}
	return s.answers, nil
}

func (s *freecacheStore) set(b batch) error {
	for i, key := range b.keys {
		if err := s.cache.Set(key, b.pairs[i].Value, 0); err != nil {
			return err
		}
	}
	return nil
}

type fastcacheStore struct{ cache *fastcache.Cache }

type fastcacheSession struct {
	cache   *fastcache.Cache
	memory  []byte // for the values of a batch
	answers [][]byte
}

// An entry lies in one of its chunks of 64 KiB as a whole, and a full ring drops the oldest ones: twice the room.
func openFastcache(shape shape) (store, error) {
	return fastcacheStore{fastcache.New(max(shape.entries*(keyLen+shape.value+4)*2, 64<<20))}, nil
}

func (s fastcacheStore) session() session { return &fastcacheSession{cache: s.cache} }

// close gives back its memory, which the collector does not know.
func (s fastcacheStore) close() { s.cache.Reset() }

func (s *fastcacheSession) get(b batch, f form) ([][]byte, error) {
	s.answers = s.answers[:0]
	s.memory = s.memory[:0]
	for _, key := range b.keys {
		var value []byte
		if f == copied {
			value, _ = s.cache.HasGet(nil, key)
		} else {
			start, found := len(s.memory), false
			s.memory, found = s.cache.HasGet(s.memory, key)
			if found {
				value = s.memory[start:len(s.memory):len(s.memory)]
			}
		}
		s.answers = append(s.answers, value)
	}
	return s.answers, nil
}

func (s *fastcacheSession) set(b batch) error {
	for i, key := range b.keys {
		s.cache.Set(key, b.pairs[i].Value)
	}
	return nil
}

func (s *fastcacheSession) close() {}
