package bytestore_test

// The conformance steps about snapshots, through files and through memory. Knows nothing of the other steps.

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// savers are the ways of saving a store without compression.
var savers = map[string]func(t testing.TB, s *bytestore.Store) ([]byte, error){
	"Save": func(t testing.TB, s *bytestore.Store) ([]byte, error) {
		path := filepath.Join(t.TempDir(), "snapshot")
		if err := s.Save(path); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	},
	"WriteTo": func(_ testing.TB, s *bytestore.Store) ([]byte, error) {
		var written bytes.Buffer
		n, err := s.WriteTo(&written)
		return written.Bytes(), compared(int(n), written.Len(), err)
	},
	"MarshalBinary": func(_ testing.TB, s *bytestore.Store) ([]byte, error) { return s.MarshalBinary() },
}

// loaders are the ways of loading a store.
var loaders = map[string]func(t testing.TB, s *bytestore.Store, snapshot []byte) error{
	"Load": func(t testing.TB, s *bytestore.Store, snapshot []byte) error { return s.Load(file(t, snapshot)) },
	"ReadFrom": func(_ testing.TB, s *bytestore.Store, snapshot []byte) error {
		n, err := s.ReadFrom(bytes.NewReader(snapshot))
		return compared(int(n), len(snapshot), err)
	},
	"UnmarshalBinary": func(_ testing.TB, s *bytestore.Store, snapshot []byte) error {
		return s.UnmarshalBinary(snapshot)
	},
}

// file is the path of one with this content, which is removed when the test ends.
func file(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snapshot")
	ok(t, os.WriteFile(path, content, 0o600))
	return path
}

// outcomes are what several ways of one call came to.
type outcomes map[string]error

// common is the outcome that all have: the ways must succeed, or fail with one code.
func (o outcomes) common() error {
	var codes []bytestore.Code
	for _, err := range o {
		var code bytestore.Code // 0 is none
		if err != nil && !errors.As(err, &code) {
			return err
		}
		if codes = append(codes, code); code != codes[0] {
			return fmt.Errorf("the ways differ: %v", map[string]error(o)) // %v: it is none of their codes
		}
	}
	for _, err := range o {
		return err
	}
	return errors.New("no way was gone")
}

func (r *runner) save(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var name string
	return func() error {
		ways := outcomes{}
		var snapshots [][]byte
		for way, save := range savers {
			saved, err := save(r.t, store)
			ways[way] = err
			snapshots = append(snapshots, saved)
		}
		for _, saved := range snapshots {
			if !bytes.Equal(saved, snapshots[0]) {
				return fmt.Errorf("the ways save %d bytes and %d, or others", len(saved), len(snapshots[0]))
			}
		}
		err := ways.common()
		if err == nil {
			r.saved[name] = snapshots[0]
		}
		return err
	}, s.must("as", &name)
}

func (r *runner) load(store *bytestore.Store, _ string, s step, _ bool) (func() error, error) {
	var name string
	var cut int
	flip := -1
	err := errors.Join(s.must("from", &name), s.may("cut", &cut), s.may("flip", &flip))
	return func() error {
		snapshot, known := r.saved[name]
		if !known {
			return fmt.Errorf("nothing was saved as %q", name)
		}
		snapshot = bytes.Clone(snapshot[:max(0, len(snapshot)-cut)])
		if flip >= len(snapshot) {
			return fmt.Errorf("there is no byte %d to flip", flip)
		}
		if flip >= 0 {
			snapshot[flip] ^= 1
		}
		ways := outcomes{}
		for way, load := range loaders {
			ways[way] = load(r.t, store, snapshot)
		}
		return ways.common()
	}, err
}

// snapshotURL is where what was saved under a name can be opened.
func (r *runner) snapshotURL(name string) (string, error) {
	snapshot, known := r.saved[name]
	if !known {
		return "", fmt.Errorf("nothing was saved as %q", name)
	}
	return "snapshot:" + file(r.t, snapshot), nil
}

func TestWaysThatDifferFail(t *testing.T) {
	closed := &bytestore.Error{Op: "save", Code: bytestore.ErrClosed}
	for _, ways := range []outcomes{
		{},
		{"a": closed, "b": nil},
		{"a": closed, "b": &bytestore.Error{Op: "save", Code: bytestore.ErrIO}},
		{"a": errors.New("closed_handle"), "b": errors.New("closed_handle")},
	} {
		if err := ways.common(); err == nil || judge(err, "closed_handle") == nil {
			t.Errorf("%v passes", ways)
		}
	}
	ok(t, judge(outcomes{"a": closed, "b": closed}.common(), "closed_handle"))
}
