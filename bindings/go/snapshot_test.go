package bytestore_test

// Snapshots: what the conformance cases leave out. Their errors, their levels, and saving beside other work.

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bytestore/bytestore/bindings/go"
)

// What programs take that know nothing of stores.
var (
	_ io.WriterTo                = (*bytestore.Store)(nil)
	_ io.ReaderFrom              = (*bytestore.Store)(nil)
	_ encoding.BinaryMarshaler   = (*bytestore.Store)(nil)
	_ encoding.BinaryUnmarshaler = (*bytestore.Store)(nil)
)

func TestSnapshotKeepsOptionsOrderAndTime(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mit Leerzeichen, ÄÖ 字 100%41?a=b&c#d:")
	ok(t, os.Mkdir(folder, 0o700))
	path := filepath.Join(folder, "Schnapp schuß?ttl=1s")
	store := openWith(t, bytestore.Options{MaxEntries: 3, MaxBytes: 1 << 20, TTL: time.Hour, ManualClock: true})
	ok(t, store.MSetTTL(bytestore.NoTTL, bytestore.KV("z", "1"), bytestore.KV("", ""), bytestore.KV("a", "3")))
	ok(t, store.SetTTL([]byte("z"), []byte("4"), time.Minute))
	ok(t, store.AdvanceClock(time.Second))
	ok(t, store.Save(path))
	ok(t, store.Close())

	again, err := bytestore.Open("snapshot:" + path)
	ok(t, err)
	defer again.Close()
	if stats := statsOf(t, again); stats.MaxEntries != 3 || stats.MaxBytes != 1<<20 || stats.Sets != 0 {
		t.Errorf("%+v", stats)
	}
	values, err := again.MGet(names("a", "z", "", "none")...)
	ok(t, err)
	ok(t, same(values, [][]byte{[]byte("3"), []byte("4"), {}, nil}))
	keys := func(store *bytestore.Store) [][]byte {
		keys, err := collect(store.Keys(nil))
		ok(t, err)
		return keys
	}
	ok(t, again.AdvanceClock(59*time.Second-time.Millisecond))
	ok(t, same(keys(again), names("z", "", "a")))
	ok(t, again.AdvanceClock(time.Millisecond))
	ok(t, same(keys(again), names("", "a")))
	ok(t, again.Set([]byte("d"), nil))
	ok(t, again.AdvanceClock(time.Hour))
	ok(t, same(keys(again), names("", "a")))

	plain := open(t)
	ok(t, plain.Set([]byte("old"), nil))
	ok(t, plain.Load(path))
	ok(t, same(keys(plain), names("z", "", "a")))
	only(t, folder, path)
}

// only checks that a folder has these files and no others.
func only(t *testing.T, folder string, paths ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	ok(t, err)
	for _, entry := range entries {
		found := filepath.Join(folder, entry.Name())
		if len(paths) == 0 || found != paths[0] {
			t.Fatalf("%q is left behind", found)
		}
		paths = paths[1:]
	}
	if len(paths) > 0 {
		t.Errorf("%q are missing", paths)
	}
}

func TestLevels(t *testing.T) {
	store, path := open(t), filepath.Join(t.TempDir(), "snapshot")
	ok(t, store.Set([]byte("k"), bytes.Repeat([]byte("value "), 10000)))
	plain, err := store.MarshalBinary()
	ok(t, err)
	for _, level := range []int{0, 1, 3, 22} {
		var written bytes.Buffer
		_, err := store.WriteToLevel(&written, level)
		ok(t, errors.Join(err, store.SaveLevel(path, level)))
		content, err := os.ReadFile(path)
		ok(t, err)
		if isSmaller := written.Len() < len(plain)/10; isSmaller != (level > 0) || !bytes.Equal(content, written.Bytes()) {
			t.Errorf("level %d: %d and %d bytes instead of %d", level, written.Len(), len(content), len(plain))
		}
		other := open(t)
		ok(t, other.UnmarshalBinary(content))
		same, err := other.MarshalBinary()
		ok(t, err)
		if !bytes.Equal(same, plain) {
			t.Errorf("level %d: another store", level)
		}
	}
	ok(t, os.Remove(path))
	for _, level := range []int{-1, 23, 256, 1 << 32, 1<<32 + 3, math.MinInt, math.MaxInt} {
		var written bytes.Buffer
		n, err := store.WriteToLevel(&written, level)
		for op, err := range map[string]error{"write to": err, "save": store.SaveLevel(path, level)} {
			checkFailure(t, op, err, bytestore.ErrInvalidArgument, fmt.Sprint("level ", level))
		}
		if n != 0 || written.Len() != 0 {
			t.Errorf("level %d: %d bytes written", level, n)
		}
	}
	only(t, filepath.Dir(path))
}

// checkFailure checks an error of a snapshot. The detail must end so.
func checkFailure(t *testing.T, op string, err error, code bytestore.Code, detail string) {
	t.Helper()
	var failure *bytestore.Error
	if !errors.Is(err, code) || !errors.As(err, &failure) || failure.Op != op || failure.Detail != detail {
		t.Errorf("%v instead of %s: %s: %s", err, op, detail, code.Name())
	}
}

// The snapshot is of one moment: it never has one half of a batch and the other half of another.
func TestSavingBesideWrites(t *testing.T) {
	keys := make(list, 3000) // more than is copied at once
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key %d", i)
	}
	store, other := open(t), open(t)
	ok(t, writeRound(store, keys, 0, 0, false))
	var rounds atomic.Int64
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for round := 0; ; round++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := writeRound(store, keys, 1, round, round%7 == 6); err != nil {
				stopped <- err
				return
			}
			rounds.Add(1)
		}
	}()
	seen := map[string]bool{}
	for range 10 {
		for way, save := range savers {
			before := rounds.Load()
			for rounds.Load() == before { // each save begins somewhere in a batch of its own
				time.Sleep(time.Microsecond)
			}
			snapshot, err := save(t, store)
			ok(t, err)
			ok(t, other.UnmarshalBinary(snapshot))
			values, err := other.MGet(keys...)
			ok(t, err)
			for i, value := range values {
				if !bytes.Equal(value, values[0]) || (value == nil) != (values[0] == nil) {
					t.Fatalf("%s: torn: key %d has %q, key 0 has %q", way, i, value, values[0])
				}
			}
			seen[string(values[0])] = true
		}
	}
	close(stop)
	ok(t, <-stopped)
	if len(seen) < 10 {
		t.Errorf("only %d moments were saved: nobody wrote", len(seen))
	}
}

func TestProgress(t *testing.T) {
	store := open(t)
	none := func() {
		t.Helper()
		if progress, err := store.Progress(); progress != (bytestore.Progress{}) || err != nil {
			t.Fatalf("%+v, %v: nothing is under way", progress, err)
		}
	}
	none()
	const entries = 20000
	for i := range entries {
		ok(t, store.Set(fmt.Appendf(nil, "key %d", i), make([]byte, 100)))
	}
	snapshot, err := store.MarshalBinary()
	ok(t, err)
	size := uint64(len(snapshot))
	space := namespace(t, store, "key ")
	for name, call := range map[string]struct {
		run         func() error
		least, most uint64 // what the total is
	}{
		"save": {func() error { _, err := store.WriteTo(io.Discard); return err }, entries, 2 * entries},
		"load": {func() error { return store.UnmarshalBinary(snapshot) }, size / 2, size},
	} {
		none()
		var seen atomic.Bool
		done := make(chan error)
		go func() {
			var err error
			for calls := 0; err == nil && !seen.Load(); calls++ {
				if err = call.run(); calls == 10000 {
					err = errors.New("nobody sees that it is under way")
				}
			}
			done <- err
		}()
		for !seen.Load() {
			select {
			case err := <-done:
				t.Fatal(name, err)
			default:
			}
			progress, err := space.Progress()
			ok(t, err)
			if progress.Done == 0 || progress.Total == 0 { // the two are not read at one moment
				continue
			}
			if progress.Done > progress.Total || progress.Total < call.least || progress.Total > call.most {
				t.Fatalf("%s: %+v", name, progress)
			}
			seen.Store(true)
		}
		ok(t, <-done)
		none()
	}
}

func TestFilesThatTheSystemRefuses(t *testing.T) {
	folder := t.TempDir()
	store := open(t)
	ok(t, store.Set([]byte("a"), nil))
	missing, notFolder := filepath.Join(folder, "none", "snapshot"), filepath.Join(folder, "file", "snapshot")
	ok(t, os.WriteFile(filepath.Dir(notFolder), nil, 0o600))
	open := func(path string) error {
		store, err := bytestore.Open("snapshot:" + path)
		if store != nil {
			t.Errorf("%s is opened", path)
		}
		return err
	}
	for _, refused := range []struct {
		path   string
		reason error
	}{
		{missing, os.ErrNotExist},
		{missing, syscall.ENOENT},
		{notFolder, syscall.ENOTDIR},
		{folder, syscall.EISDIR},
		{filepath.Join(folder, strings.Repeat("x", 300)), syscall.ENAMETOOLONG},
		{"", os.ErrNotExist},
	} {
		for op, err := range map[string]error{
			"save": store.Save(refused.path), "load": store.Load(refused.path), "open": open(refused.path),
		} {
			checkFailure(t, op, err, bytestore.ErrIO, fmt.Sprintf("file %q", refused.path))
			var errno syscall.Errno
			if !errors.Is(err, refused.reason) || !errors.As(err, &errno) || !strings.Contains(err.Error(), errno.Error()) {
				t.Errorf("%v does not say that it is because of: %v", err, refused.reason)
			}
		}
	}
	for op, err := range map[string]error{"save": store.Save(folder + "/a\x00b"), "load": store.Load(folder + "/a\x00b")} {
		checkFailure(t, op, err, bytestore.ErrInvalidArgument, fmt.Sprintf("file %q", folder+"/a\x00b"))
	}
	if err := open(folder + "/a\x00b"); !errors.Is(err, bytestore.ErrInvalidArgument) {
		t.Error(err)
	}
	only(t, folder, filepath.Dir(notFolder))
	n, err := store.Len()
	ok(t, compared(n, 1, err))
}

func TestWhatIsNoSnapshot(t *testing.T) {
	store, path := open(t), file(t, []byte("key,value\n"))
	ok(t, store.Set([]byte("a"), nil))
	_, err := bytestore.Open("snapshot:" + path)
	checkFailure(t, "open", err, bytestore.ErrBadSnapshot, fmt.Sprintf("file %q", path))
	checkFailure(t, "load", store.Load(path), bytestore.ErrBadSnapshot, fmt.Sprintf("file %q", path))
	for _, bytes := range [][]byte{nil, {}, []byte("key,value\n")} {
		checkFailure(t, "unmarshal", store.UnmarshalBinary(bytes), bytestore.ErrBadSnapshot, "")
	}
	n, err := store.ReadFrom(strings.NewReader("no"))
	checkFailure(t, "read from", err, bytestore.ErrBadSnapshot, "")
	ok(t, compared(int(n), 2, nil))
	left, err := store.Len()
	ok(t, compared(left, 1, err))

	// A file that cannot be replaced in whole stays as it is.
	ok(t, store.Close())
	checkFailure(t, "save", store.Save(path), bytestore.ErrClosed, fmt.Sprintf("file %q", path))
	content, err := os.ReadFile(path)
	if string(content) != "key,value\n" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	only(t, filepath.Dir(path), path)
}

// shortWriter takes some bytes and says nothing.
type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return min(len(p), 5), nil }

func TestReadersAndWritersThatFail(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), []byte("1")))
	snapshot, err := store.MarshalBinary()
	ok(t, err)
	errOwn := errors.New("of its own")

	reader, writer := io.Pipe()
	ok(t, reader.CloseWithError(errOwn))
	if n, err := store.WriteTo(writer); n != 0 || err != errOwn {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := store.WriteTo(shortWriter{}); n != 5 || err != io.ErrShortWrite {
		t.Errorf("%d, %v", n, err)
	}
	ok(t, store.Set([]byte("b"), nil))
	half := io.MultiReader(bytes.NewReader(snapshot[:20]), iotest.ErrReader(errOwn))
	if n, err := store.ReadFrom(half); n != 20 || err != errOwn {
		t.Errorf("%d, %v", n, err)
	}
	left, err := store.Len()
	ok(t, compared(left, 2, err))
	_, err = store.ReadFrom(iotest.OneByteReader(bytes.NewReader(snapshot)))
	ok(t, err)
	left, err = store.Len()
	ok(t, compared(left, 1, err))
}

// The bytes that were marshalled are Go's, whatever happens to the store.
func TestMarshalledBytesAreTheCallers(t *testing.T) {
	store := open(t)
	ok(t, store.Set([]byte("a"), bytes.Repeat([]byte("1"), 9000)))
	snapshot, err := store.MarshalBinary()
	ok(t, err)
	kept := bytes.Clone(snapshot)
	ok(t, store.UnmarshalBinary(snapshot))
	overwrite(snapshot)
	again, err := store.MarshalBinary()
	ok(t, errors.Join(err, store.Close()))
	if !bytes.Equal(again, kept) {
		t.Error("a store changes with bytes that it has loaded")
	}
}
