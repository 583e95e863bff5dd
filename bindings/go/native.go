package bytestore

// The boundary: the only file that speaks C, as native.h puts it. Knows how bytes cross, not what a store promises.

// #include "native.h"
import "C"

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"syscall"
	"unsafe"
)

const (
	statusOK              = C.BYTESTORE_OK
	statusInvalidArgument = C.BYTESTORE_ERR_INVALID_ARGUMENT
	statusClosedHandle    = C.BYTESTORE_ERR_CLOSED_HANDLE
	statusOutOfMemory     = C.BYTESTORE_ERR_OUT_OF_MEMORY
	statusOverLimit       = C.BYTESTORE_ERR_OVER_LIMIT
	statusRemoteFailure   = C.BYTESTORE_ERR_REMOTE_FAILURE
	statusInternal        = C.BYTESTORE_ERR_INTERNAL
	statusIOFailure       = C.BYTESTORE_ERR_IO_FAILURE
	statusBadSnapshot     = C.BYTESTORE_ERR_BAD_SNAPSHOT
	statusUnsupported     = C.BYTESTORE_ERR_UNSUPPORTED
)

// Handles are numbers in the guise of pointers. Their C types are incomplete, so
// Go's garbage collector never looks where they seem to point.
type (
	storeHandle  = *C.bytestore_store
	cursorHandle = *C.bytestore_cursor
)

type (
	itemLen = C.uint32_t // an item's length on its way in
	size    = C.size_t   // and on its way out, or missing
	result  = C.bytestore_buffer
)

const (
	missing = C.BYTESTORE_MISSING
	noTTL   = C.BYTESTORE_NO_TTL
)

// Version is the version of the library that the program runs with.
func Version() string { return C.GoString(C.bytestore_version()) }

// checkABI compares the library that is loaded with the header that was compiled.
func checkABI() error { return compareABI(uint32(C.bytestore_abi_version())) }

func compareABI(loaded uint32) error {
	if loaded == C.BYTESTORE_ABI_VERSION {
		return nil
	}
	return fmt.Errorf("bytestore: the loaded library %s has ABI version %d, but this program was built for %d: "+
		"install the library it was built with, or build it again", Version(), loaded, C.BYTESTORE_ABI_VERSION)
}

func statusName(code Code) string {
	return C.GoString(C.bytestore_status_name(C.bytestore_status(code)))
}
func statusMessage(code Code) string {
	return C.GoString(C.bytestore_status_message(C.bytestore_status(code)))
}

func openStore(url string) (storeHandle, error) {
	// C would end the URL here, and open something else than what was asked for.
	if nul := strings.IndexByte(url, 0); nul >= 0 {
		return nil, badURL(url[nul:])
	}
	text := C.CString(url)
	defer C.free(unsafe.Pointer(text))
	opened := C.open_store(text)
	if opened.status == statusInvalidArgument {
		return nil, badURL(string(bytesAt(&opened.bad_part)))
	}
	if path, isFile := strings.CutPrefix(url, "snapshot:"); isFile {
		return opened.store, fileFailure("open", path, Code(opened.status), syscall.Errno(opened.reason))
	}
	return opened.store, failure("open", Code(opened.status))
}

func badURL(part string) error {
	return &Error{Op: "open", Code: ErrInvalidArgument, Detail: fmt.Sprintf("URL part %q", part)}
}

func openNamespace(store storeHandle, prefix []byte) (storeHandle, Code) {
	collectGarbage()
	opened := C.open_namespace(store, pointer(prefix), C.size_t(len(prefix)))
	return opened.store, Code(opened.status)
}

func closeStore(store storeHandle) Code {
	return Code(C.bytestore_close(store))
}

func storeLen(store storeHandle) (int, Code) {
	collectGarbage()
	count := C.store_len(store)
	return int(count.n), Code(count.status)
}

func setOne(store storeHandle, key, value []byte) Code {
	collectGarbage()
	return Code(C.set_one(store, pointer(key), C.uint32_t(len(key)), pointer(value), C.uint32_t(len(value))))
}

func setOneTTL(store storeHandle, key, value []byte, ms uint64) Code {
	collectGarbage()
	return Code(C.set_one_ttl(store, pointer(key), C.uint32_t(len(key)), pointer(value), C.uint32_t(len(value)),
		C.uint64_t(ms)))
}

// getOne answers in the buffer's memory, and whether there is a value.
func getOne(store storeHandle, key []byte, into *Buffer) (bool, Code) {
	collectGarbage()
	for {
		got := C.get_one(store, pointer(key), C.uint32_t(len(key)), pointer(into.bytes), C.size_t(cap(into.bytes)))
		if got.status != statusOK || got.n == missing {
			return false, Code(got.status)
		}
		if into.holds(got.n) {
			return true, statusOK
		}
	}
}

func deleteOne(store storeHandle, key []byte) (bool, Code) {
	collectGarbage()
	count := C.delete_one(store, pointer(key), C.uint32_t(len(key)))
	return count.n > 0, Code(count.status)
}

func setAll(store storeHandle, keys, values *packed) Code {
	collectGarbage()
	return Code(C.mset(store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens),
		pointer(values.bytes), unsafe.SliceData(values.lens)))
}

func setAllTTL(store storeHandle, keys, values *packed, ms uint64) Code {
	collectGarbage()
	return Code(C.mset_ttl(store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens),
		pointer(values.bytes), unsafe.SliceData(values.lens), C.uint64_t(ms)))
}

// getInto answers in the buffer's memory: the values side by side, and the length of each.
func getInto(store storeHandle, keys *packed, into *Buffer) Code {
	collectGarbage()
	n := len(keys.lens)
	into.lens = slices.Grow(into.lens[:0], n)[:n]
	for {
		got := C.mget_into(store, C.size_t(n), pointer(keys.bytes), unsafe.SliceData(keys.lens),
			pointer(into.bytes), C.size_t(cap(into.bytes)), unsafe.SliceData(into.lens))
		if got.status != statusOK || into.holds(got.n) {
			return Code(got.status)
		}
	}
}

// getCopies is getInto with one look into the store, and one copy more.
func getCopies(store storeHandle, keys *packed, into *Buffer) Code {
	var found result
	defer free(&found)
	if code := getView(store, keys, &found); code != statusOK {
		return code
	}
	all := size(0)
	for _, item := range items(&found) {
		all += item.len
	}
	for !into.holds(all) {
	}
	into.bytes, into.lens = into.bytes[:0], into.lens[:0]
	for _, item := range items(&found) {
		value, n := bytesAt(&item), item.len
		if value == nil {
			n = missing
		}
		into.bytes, into.lens = append(into.bytes, value...), append(into.lens, n)
	}
	return statusOK
}

// getView exchanges an earlier result for the answers.
func getView(store storeHandle, keys *packed, into *result) Code {
	collectGarbage()
	answer := C.mget_view(*into, store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens))
	*into = answer.buffer
	return Code(answer.status)
}

func deleteAll(store storeHandle, keys *packed) (int, Code) {
	collectGarbage()
	count := C.mdelete(store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens))
	return int(count.n), Code(count.status)
}

func countPrefix(store storeHandle, prefix []byte) (int, Code) {
	collectGarbage()
	count := C.count_prefix(store, pointer(prefix), C.size_t(len(prefix)))
	return int(count.n), Code(count.status)
}

func deletePrefix(store storeHandle, prefix []byte) (int, Code) {
	collectGarbage()
	count := C.delete_prefix(store, pointer(prefix), C.size_t(len(prefix)))
	return int(count.n), Code(count.status)
}

func readStats(store storeHandle) (Stats, Code) {
	collectGarbage()
	counted := C.read_counters(store)
	c := &counted.counters
	return Stats{
		Hits:               uint64(c.hits),
		Misses:             uint64(c.misses),
		Sets:               uint64(c.sets),
		Deletes:            uint64(c.deletes),
		EvictionsByBytes:   uint64(c.evictions_by_bytes),
		EvictionsByEntries: uint64(c.evictions_by_entries),
		Expirations:        uint64(c.expirations),
		Entries:            uint64(c.entries),
		KeyBytes:           uint64(c.key_bytes),
		ValueBytes:         uint64(c.value_bytes),
		OverheadBytes:      uint64(c.overhead_bytes),
		MaxBytes:           uint64(c.max_bytes),
		MaxEntries:         uint64(c.max_entries),
	}, Code(counted.status)
}

func readCapabilities(store storeHandle) (Capabilities, Code) {
	can := C.read_capabilities(store)
	return capabilitiesOf(uint64(can.bits)), Code(can.status)
}

func capabilitiesOf(bits uint64) Capabilities {
	can := func(bit uint64) bool { return bits&bit != 0 }
	return Capabilities{
		InsertionOrder: can(C.BYTESTORE_CAN_KEEP_ORDER),
		AtomicBatches:  can(C.BYTESTORE_CAN_BATCH_ATOMICALLY),
		PrefixSteps:    can(C.BYTESTORE_CAN_FIND_PREFIXES),
		Positions:      can(C.BYTESTORE_CAN_SEEK),
		Snapshots:      can(C.BYTESTORE_CAN_SAVE),
		Sizes:          can(C.BYTESTORE_CAN_MEASURE),
	}
}

// remoteMessage is why a call on a server failed last; empty if it is not known.
func remoteMessage(store storeHandle) string {
	collectGarbage()
	answer := C.remote_message(store)
	defer free(&answer.buffer)
	if answer.status != statusOK || answer.buffer.count == 0 {
		return ""
	}
	return strings.ToValidUTF8(string(bytesAt(&items(&answer.buffer)[0])), "\uFFFD")
}

func advanceClock(store storeHandle, ms uint64) Code {
	collectGarbage()
	return Code(C.bytestore_advance_clock(store, C.uint64_t(ms)))
}

// isPath says whether C would read all of it.
func isPath(path string) bool { return strings.IndexByte(path, 0) < 0 }

// saveFile also gives the system's reason for an [ErrIO], as loadFile does.
func saveFile(store storeHandle, path string, level int) (Code, syscall.Errno) {
	return onFile(path, func(text *C.char) C.filed { return C.save_file(store, text, levelIn(level)) })
}

func loadFile(store storeHandle, path string) (Code, syscall.Errno) {
	return onFile(path, func(text *C.char) C.filed { return C.load_file(store, text) })
}

func onFile(path string, call func(*C.char) C.filed) (Code, syscall.Errno) {
	if !isPath(path) {
		return ErrInvalidArgument, 0
	}
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	collectGarbage()
	did := call(text)
	return Code(did.status), syscall.Errno(did.reason)
}

func saveBuffer(store storeHandle, level int) (result, Code) {
	collectGarbage()
	answer := C.save_buffer(store, levelIn(level))
	return answer.buffer, Code(answer.status)
}

func loadBuffer(store storeHandle, snapshot []byte) Code {
	collectGarbage()
	return Code(C.bytestore_load_buffer(store, pointer(snapshot), C.size_t(len(snapshot))))
}

// levelIn is a level as it crosses: one that is too far off for C stays wrong.
func levelIn(level int) C.int32_t { return C.int32_t(max(-1, min(level, math.MaxInt32))) }

func readProgress(store storeHandle) (Progress, Code) {
	collectGarbage()
	come := C.read_progress(store)
	return Progress{Done: uint64(come.done), Total: uint64(come.total)}, Code(come.status)
}

func openCursor(store storeHandle, prefix []byte, from Position) (cursorHandle, Code) {
	collectGarbage()
	scan := C.open_cursor(store, pointer(prefix), C.size_t(len(prefix)), C.uint64_t(from))
	return scan.cursor, Code(scan.status)
}

// nextPage exchanges a page for the next keys, so many at most; none at the end.
func nextPage(cursor cursorHandle, page *result, most int) Code {
	answer := C.next_page(*page, cursor, C.size_t(most))
	*page = answer.buffer
	return Code(answer.status)
}

func cursorPosition(cursor cursorHandle) (Position, Code) {
	place := C.cursor_position(cursor)
	return Position(place.position), Code(place.status)
}

func closeCursor(cursor cursorHandle) { C.bytestore_cursor_close(cursor) }

// free gives a result back, once.
func free(r *result) {
	if r.count > 0 {
		C.free_buffer(*r)
		*r = result{}
	}
}

// items are the answers in a result.
func items(r *result) []C.bytestore_slice { return unsafe.Slice(r.slices, r.count) }

// run is what a result of keys or small values holds, side by side.
func run(r *result) []byte { return unsafe.Slice((*byte)(r.data), r.data_len) }

// bytesAt is C's memory as a slice, for as long as C keeps it, and nil for a missing item.
func bytesAt(item *C.bytestore_slice) []byte {
	switch {
	case item.ptr == nil:
		return nil
	case item.len == 0:
		return []byte{} // an empty item's pointer may lead nowhere
	}
	return unsafe.Slice((*byte)(item.ptr), item.len)
}

// pointer is where Go's bytes are, for the time of one call.
func pointer(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }
