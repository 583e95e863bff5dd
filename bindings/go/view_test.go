package bytestore_test

// Views: what they show stays as it was, and misuse is noticed.

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// Copied values and pinned ones.
var valuesOfBothKinds = list{[]byte("small"), {}, bytes.Repeat([]byte("L"), 10000)}

func filled(t *testing.T, values [][]byte) (*bytestore.Store, list) {
	t.Helper()
	store, keys := open(t), list{}
	for i, value := range values {
		keys = append(keys, []byte{byte(i)})
		ok(t, store.Set(keys[i], value))
	}
	return store, keys
}

func shown(view *bytestore.View) [][]byte {
	values := [][]byte{}
	for i := range view.Len() {
		values = append(values, view.At(i))
	}
	return values
}

func TestViewStaysAsItWas(t *testing.T) {
	for _, values := range [][][]byte{valuesOfBothKinds, valuesOfBothKinds[:2]} {
		store, keys := filled(t, values)
		var view bytestore.View
		defer view.Release()
		ok(t, store.MGetView(&view, append(keys, []byte("none"))...))
		want := append(append(list{}, values...), nil)
		for _, change := range []func() error{
			func() error { return store.Set(keys[0], []byte("other")) },
			func() error { _, err := store.MDelete(keys...); return err },
			store.Close,
		} {
			ok(t, change())
			ok(t, same(shown(&view), want))
		}
	}
}

func TestViewIsFilledAgain(t *testing.T) {
	store, keys := filled(t, valuesOfBothKinds)
	var view bytestore.View
	ok(t, same(shown(&view), list{}))
	for range 3 {
		ok(t, store.MGetView(&view, keys...))
		ok(t, same(shown(&view), valuesOfBothKinds))
		ok(t, store.Strings().MGetView(&view, "none"))
		ok(t, same(shown(&view), list{nil}))
		ok(t, store.MGetView(&view))
		ok(t, same(shown(&view), list{}))
	}
	ok(t, store.MGetView(&view, keys...))
	ok(t, store.Close())
	if err := store.MGetView(&view, keys...); !errors.Is(err, bytestore.ErrClosed) || view.Len() != 0 {
		t.Errorf("%v, %d answers", err, view.Len())
	}
}

func TestViewAfterRelease(t *testing.T) {
	store, keys := filled(t, valuesOfBothKinds)
	for name, misuse := range map[string]func(*bytestore.View){
		"At": func(view *bytestore.View) {
			view.Release()
			view.At(0)
		},
		"At beyond the end": func(view *bytestore.View) { view.At(len(keys)) },
		"At of a new view":  func(*bytestore.View) { new(bytestore.View).At(0) },
		"All": func(view *bytestore.View) {
			for range view.All() {
				view.Release()
			}
		},
	} {
		var view bytestore.View
		ok(t, store.MGetView(&view, keys...))
		if !panics(func() { misuse(&view) }) {
			t.Errorf("%s does not panic", name)
		}
		view.Release()
		view.Release()
		if view.Len() != 0 {
			t.Errorf("%s: %d answers after Release", name, view.Len())
		}
	}
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return
}

func TestViewEarlyBreak(t *testing.T) {
	store, keys := filled(t, valuesOfBothKinds)
	var view bytestore.View
	defer view.Release()
	ok(t, store.MGetView(&view, keys...))
	for i, value := range view.All() {
		if i == 1 {
			break
		}
		ok(t, same(list{value}, valuesOfBothKinds[:1]))
	}
}

// A buffer that was used is used again, larger if need be, and its values may be the next keys.
func TestBufferIsUsedAgain(t *testing.T) {
	store := open(t)
	var buffer bytestore.Buffer
	text := strings.Repeat("chain", 500)
	for n := range len(text) - 1 {
		ok(t, store.Set([]byte(text[:n]), []byte(text[:n+1])))
	}
	keys := [][]byte{nil, []byte("none"), {}}
	for n := range len(text) - 1 {
		values, err := store.MGetInto(&buffer, keys...)
		ok(t, err)
		ok(t, same(values, list{[]byte(text[:n+1]), nil, []byte(text[:n+1])}))
		keys = list{values[2], []byte("none"), values[0]}
	}
	values, err := store.MGetInto(&buffer)
	ok(t, err)
	ok(t, same(values, list{}))
}

// Values that do not fit into the memory that is kept for the next batch.
func TestHugeAnswers(t *testing.T) {
	huge := bytes.Repeat([]byte("huge"), 1<<20)
	store, keys := filled(t, list{huge, {}, huge[1:]})
	for name, form := range forms {
		for range 2 {
			values, err := form(store, append(keys, []byte("none")))
			ok(t, err)
			if err := same(values, list{huge, {}, huge[1:], nil}); err != nil {
				t.Errorf("%s: %.99s", name, err)
			}
			overwrite(values...)
		}
	}
	for range 2 {
		value, there, err := store.Get(keys[2])
		if !bytes.Equal(value, huge[1:]) || !there || err != nil {
			t.Errorf("%d bytes, %t, %v", len(value), there, err)
		}
		overwrite(value)
	}
}
