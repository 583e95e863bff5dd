package bytestore

// The operations again, for keys that are strings. Knows no C.

import "unsafe"

// Strings is a store to programs whose keys are strings. Each method does what
// the method of [Store] with its name does, and costs as little: no key has to be
// converted. A string is its bytes here: any bytes, not only valid UTF-8.
type Strings struct{ store *Store }

// StringPair is what [Strings.MSet] takes.
type StringPair = PairOf[string]

// Strings is this store, for keys that are strings. It costs nothing.
func (s *Store) Strings() Strings { return Strings{s} }

// Set sets one key, as [Store.Set] does.
func (s Strings) Set(key string, value []byte) error { return s.store.Set(readOnly(key), value) }

// Get returns the value of one key, as [Store.Get] does.
func (s Strings) Get(key string) (value []byte, ok bool, err error) {
	return s.store.Get(readOnly(key))
}

// Delete deletes one key, as [Store.Delete] does.
func (s Strings) Delete(key string) (bool, error) { return s.store.Delete(readOnly(key)) }

// MSet sets all pairs, as [Store.MSet] does.
func (s Strings) MSet(pairs ...StringPair) error {
	scratch, err := packPairs(pairs)
	if err != nil {
		return err
	}
	defer scratch.release()
	return s.store.mset(scratch)
}

// MGet returns copies of the values, as [Store.MGet] does.
func (s Strings) MGet(keys ...string) ([][]byte, error) {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		return nil, err
	}
	defer scratch.release()
	return s.store.mget(scratch)
}

// MGetInto returns the values in the buffer's memory, as [Store.MGetInto] does.
func (s Strings) MGetInto(buffer *Buffer, keys ...string) ([][]byte, error) {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		return nil, err
	}
	defer scratch.release()
	return s.store.mgetInto(buffer, scratch)
}

// MGetView shows the values in the library's memory, as [Store.MGetView] does.
func (s Strings) MGetView(view *View, keys ...string) error {
	scratch, err := packKeys("mget", keys)
	if err != nil {
		view.Release()
		return err
	}
	defer scratch.release()
	return s.store.mgetView(view, scratch)
}

// MDelete deletes keys, as [Store.MDelete] does.
func (s Strings) MDelete(keys ...string) (int, error) {
	scratch, err := packKeys("mdelete", keys)
	if err != nil {
		return 0, err
	}
	defer scratch.release()
	return s.store.mdelete(scratch)
}

// readOnly is a string's bytes where they are. Nobody may write to them.
func readOnly(key string) []byte { return unsafe.Slice(unsafe.StringData(key), len(key)) }
