package bytestore

// Reading many keys, in three forms that differ in whose memory the values are in. Knows no C.

import "runtime"

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
	code := getInto(s.handle, &scratch.keys, &scratch.answers)
	runtime.KeepAlive(s)
	if code != statusOK {
		return nil, failure("mget", code)
	}
	return scratch.answers.give(), nil
}

func (s *Store) mgetInto(buffer *Buffer, scratch *scratch) ([][]byte, error) {
	code := getInto(s.handle, &scratch.keys, buffer)
	runtime.KeepAlive(s)
	if code != statusOK {
		return nil, failure("mget", code)
	}
	return buffer.lend(), nil
}

func (s *Store) mgetView(view *View, scratch *scratch) error {
	code := getView(s.handle, &scratch.keys, &view.result)
	runtime.KeepAlive(s)
	return failure("mget", code)
}
