package bytestore

// Reading many keys, in three forms that differ in whose memory the values are in. Knows no C.

// MGet returns one value for each key, in order and as of one moment. The value
// of a missing key is nil; one that is there never is, even when it is empty.
//
// The values are copies in new memory, all in one piece.
func (s *Store) MGet(keys ...[]byte) ([][]byte, error) {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		return nil, err
	}
	defer scratch.release()
	return s.mget(scratch)
}

// MGetInto is MGet for a caller who has read the values before the next call:
// they, and the slice of them, lie in the buffer and are valid until it is used
// again.
//
//	var buffer bytestore.Buffer
//	for batch := range batches {
//		values, err := store.MGetInto(&buffer, batch...)
//		…
//	}
func (s *Store) MGetInto(buffer *Buffer, keys ...[]byte) ([][]byte, error) {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		return nil, err
	}
	defer scratch.release()
	return s.mgetInto(buffer, scratch)
}

// MGetView is MGet without a copy into Go's memory: the view shows the values
// where the library has them. Large ones, from 4096 bytes on, are the store's
// own and are not copied at all; they stay as they were when the store changes
// or is closed. What the view showed before is released, also when an error is
// returned.
//
//	var view bytestore.View
//	defer view.Release()
//	for batch := range batches {
//		if err := store.MGetView(&view, batch...); err != nil {
//			return err
//		}
//		for i, value := range view.All() {
//			…
//		}
//	}
func (s *Store) MGetView(view *View, keys ...[]byte) error {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		view.Release()
		return err
	}
	defer scratch.release()
	return s.mgetView(view, scratch)
}

func (s *Store) mget(scratch *scratch) ([][]byte, error) {
	if err := s.failure("mget", s.read(&scratch.keys, &scratch.answers)); err != nil {
		return nil, err
	}
	return scratch.answers.give(), nil
}

func (s *Store) mgetInto(buffer *Buffer, scratch *scratch) ([][]byte, error) {
	if err := s.failure("mget", s.read(&scratch.keys, buffer)); err != nil {
		return nil, err
	}
	return buffer.lend(), nil
}

// read answers in the buffer's memory. A server is asked once, however much that turns out to be.
func (s *Store) read(keys *packed, into *Buffer) Code {
	if !s.capabilities.inMemory() {
		return getCopies(s.handle, keys, into)
	}
	return getInto(s.handle, keys, into)
}

func (s *Store) mgetView(view *View, scratch *scratch) error {
	code := getView(s.handle, &scratch.keys, &view.result)
	return s.failure("mget", code)
}
