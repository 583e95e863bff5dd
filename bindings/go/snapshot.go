package bytestore

// Saving a store and loading one, through files and through memory. Knows no C, and not the snapshot's form.

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
)

// notCompressed is the level of the methods that are not told one.
const notCompressed = 0

// Save saves the store to a file: its entries at one moment, in order, each with
// the time that it still has to live, and the store's [Options] but for the name;
// of a namespace its own keys, without the prefix. [Store.Load] loads it, and
// [Open] makes a store of it: "snapshot:PATH".
//
// Other goroutines may write meanwhile, and never wait for longer than for a large
// batch; what they replace before it is saved is kept in memory until it is. Saves
// of one store take turns.
//
// The file is there in whole or not at all. It is written as a temporary file in
// the same folder, which only its owner may read, and takes the place of an old
// one when the disk has it; a symbolic link is replaced, not followed. After a
// failure the old file is as it was. When the system refuses, the error is [ErrIO]
// and wraps the system's: errors.Is(err, fs.ErrNotExist) is true where a folder
// is missing. Stores on a server are neither saved nor loaded: [ErrUnsupported].
func (s *Store) Save(path string) error {
	return s.SaveLevel(path, notCompressed)
}

// SaveLevel is [Store.Save] with compression, at a level of Zstandard: 1 to 22, the
// usual one is 3; 0 does not compress. Other levels are [ErrInvalidArgument].
func (s *Store) SaveLevel(path string, level int) error {
	const op = "save"
	code, reason := saveFile(s.handle, path, level)
	runtime.KeepAlive(s)
	if code == ErrInvalidArgument && isPath(path) {
		return badLevel(op, level)
	}
	return fileFailure(op, path, code, reason)
}

// Load loads a file that was saved, from whatever language: in one step its entries
// take the place of all that the store had, or a namespace. Until then the store is
// as it was, and in use; after an error it stays so.
//
// The options stay the store's own: what is more than it may hold is let go of, and
// entries live for as long as the file says. What [Store.Stats] counted stays, too.
//
// A file that is damaged, or no snapshot, is [ErrBadSnapshot]; one of a later
// version of the library is [ErrUnsupported]; an entry that is more than the store
// may hold is [ErrOverLimit]; and [ErrIO] is as for [Store.Save].
func (s *Store) Load(path string) error {
	code, reason := loadFile(s.handle, path)
	runtime.KeepAlive(s)
	return fileFailure("load", path, code, reason)
}

// WriteTo writes to w what [Store.Save] writes to a file, and makes Store an
// [io.WriterTo]. The whole snapshot is in memory until w has it. The error is w's
// own when it is w that fails.
func (s *Store) WriteTo(w io.Writer) (int64, error) {
	return s.WriteToLevel(w, notCompressed)
}

// WriteToLevel is [Store.WriteTo] with compression, as [Store.SaveLevel] has it.
func (s *Store) WriteToLevel(w io.Writer, level int) (int64, error) {
	snapshot, err := s.snapshot("write to", level)
	if err != nil {
		return 0, err
	}
	defer free(&snapshot)
	return bytes.NewReader(bytesAt(&items(&snapshot)[0])).WriteTo(w)
}

// ReadFrom loads what r gives until its end, as [Store.Load] loads a file, and
// makes Store an [io.ReaderFrom]. The error is r's own when it is r that fails.
func (s *Store) ReadFrom(r io.Reader) (int64, error) {
	snapshot, err := io.ReadAll(r)
	if err == nil {
		err = s.load("read from", snapshot)
	}
	return int64(len(snapshot)), err
}

// MarshalBinary returns what [Store.Save] writes to a file, and makes Store an
// [encoding.BinaryMarshaler].
func (s *Store) MarshalBinary() ([]byte, error) {
	snapshot, err := s.snapshot("marshal", notCompressed)
	if err != nil {
		return nil, err
	}
	defer free(&snapshot)
	return bytes.Clone(bytesAt(&items(&snapshot)[0])), nil
}

// UnmarshalBinary loads what [Store.MarshalBinary] has returned, or a file's
// content, as [Store.Load] does, and makes Store an [encoding.BinaryUnmarshaler].
// It loads into a store that was made before: into any other it is [ErrClosed].
func (s *Store) UnmarshalBinary(snapshot []byte) error {
	return s.load("unmarshal", snapshot)
}

// Progress is how far saving or loading has come: of a save Done and Total count
// entries, of a load bytes. The zero Progress: nothing is under way.
type Progress struct {
	Done  uint64
	Total uint64 // perhaps some more than there is to do
}

// Progress says how far the saving or loading of this store has come that is under
// way in another goroutine; of a namespace, that of the whole store. It costs as
// much as reading two numbers, which are not read at one moment. They are of use
// while one such call is under way: several at once share them.
func (s *Store) Progress() (Progress, error) {
	progress, code := readProgress(s.handle)
	return progress, s.failure("progress", code)
}

// snapshot is the store in the library's memory. The result is the caller's to free.
func (s *Store) snapshot(op string, level int) (result, error) {
	saved, code := saveBuffer(s.handle, level)
	err := s.failure(op, code)
	if code == ErrInvalidArgument {
		err = badLevel(op, level)
	}
	return saved, err
}

func (s *Store) load(op string, snapshot []byte) error {
	code := loadBuffer(s.handle, snapshot)
	return s.failure(op, code)
}

func badLevel(op string, level int) error {
	return &Error{Op: op, Code: ErrInvalidArgument, Detail: fmt.Sprint("level ", level)}
}
