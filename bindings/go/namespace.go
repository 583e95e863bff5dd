package bytestore

// A part of a store that is a store itself. Knows no C.

// Namespace is a store of those entries whose keys begin with the prefix; its
// methods take and give the keys without it. Each method works: a namespace has
// namespaces of its own, too.
//
// It is a window, not a copy. What one of the two sets, the other has. Bounds,
// time to live, clock and [Stats] are the whole store's, and the prefix is part
// of the key for them. [Store.Len] counts the namespace's own entries. With an
// empty prefix it is the same store again.
//
// The caller closes it, as any [Store]. Either may be closed first; the last one
// gives the memory back.
func (s *Store) Namespace(prefix []byte) (*Store, error) {
	handle, code := openNamespace(s.handle, prefix)
	if err := s.failure("namespace", code); err != nil {
		return nil, err
	}
	return newStore(handle, s.prefix+string(prefix), s.flights, s.capabilities), nil
}

// Namespace is a part of the store, as [Store.Namespace] says.
func (s Strings) Namespace(prefix string) (*Store, error) { return s.store.Namespace(readOnly(prefix)) }
