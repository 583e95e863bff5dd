package main

// bytestore, through its Go binding, in each of its three forms.

import bytestore "github.com/bytestore/bytestore/bindings/go"

type bytestoreStore struct{ store *bytestore.Store }

type bytestoreSession struct {
	store   bytestore.Strings
	buffer  bytestore.Buffer
	view    bytestore.View
	answers [][]byte
}

func openBytestore(shape) (store, error) {
	s, err := bytestore.New()
	return bytestoreStore{s}, err
}

func (s bytestoreStore) session() session { return &bytestoreSession{store: s.store.Strings()} }

func (s bytestoreStore) close() { s.store.Close() }

func (s *bytestoreSession) get(b batch, f form) ([][]byte, error) {
	switch f {
	case copied:
		return s.store.MGet(b.texts...)
	case reused:
		return s.store.MGetInto(&s.buffer, b.texts...)
	}
	err := s.store.MGetView(&s.view, b.texts...)
	s.answers = s.answers[:0]
	for i := range s.view.Len() {
		s.answers = append(s.answers, s.view.At(i))
	}
	return s.answers, err
}

func (s *bytestoreSession) set(b batch) error { return s.store.MSet(b.pairs...) }

func (s *bytestoreSession) close() { s.view.Release() }
