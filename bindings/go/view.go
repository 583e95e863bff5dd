package bytestore

// Answers in the library's memory, read where they are. Knows no store.

import (
	"iter"
	"sync"
)

// View is a window on values in the library's memory: [Store.MGetView] fills it,
// and nothing is copied into Go's memory. The zero View is empty and ready to be
// filled, again and again.
//
// What [View.At] and [View.All] return is read only, and valid until the view is
// released or filled again, whatever happens to the store meanwhile; [bytes.Clone]
// what is needed for longer. The memory of a view that is never released is never
// freed: the garbage collector does not know who still reads the values. A view is
// for one goroutine at a time, and must not be copied.
type View struct {
	result result
	_      sync.Mutex // never locked: it makes go vet report copies
}

// Len says how many answers there are: one for each key; 0 after Release.
func (v *View) Len() int { return int(v.result.count) }

// At returns the value of the key at index i, nil if the key is missing. It
// panics if there is no such index, and so it does after Release.
func (v *View) At(i int) []byte { return bytesAt(&items(&v.result)[i]) }

// All iterates over the answers in the order of the keys, with their indexes.
func (v *View) All() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for i := range v.Len() {
			if !yield(i, v.At(i)) {
				return
			}
		}
	}
}

// Release gives the memory back and makes the view empty. Doing it again does nothing.
func (v *View) Release() { free(&v.result) }
