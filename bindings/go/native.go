package bytestore

// The boundary: the only file that speaks C. Knows how bytes cross, not what a store promises.

/*
#cgo pkg-config: bytestore
#include <stdlib.h>
#include <bytestore.h>

// These wrappers give out-parameters back by value, so that Go need not allocate a place for
// them, and take bytes as bytes, so that cgo need not search the memory around them for pointers.

typedef struct { bytestore_status status; bytestore_store *store; bytestore_slice bad_part; } opened;
typedef struct { bytestore_status status; bytestore_cursor *cursor; } scan;
typedef struct { bytestore_status status; size_t n; } count;
typedef struct { bytestore_status status; bytestore_buffer buffer; } answer;

static inline opened open_store(const char *url) {
	opened o;
	o.status = bytestore_open(url, &o.store, &o.bad_part);
	return o;
}

static inline scan open_cursor(bytestore_store *store, const uint8_t *prefix, size_t len) {
	scan s;
	s.status = bytestore_keys(store, prefix, len, &s.cursor);
	return s;
}

static inline count store_len(bytestore_store *store) {
	count c;
	c.status = bytestore_len(store, &c.n);
	return c;
}

static inline bytestore_status mset(bytestore_store *store, size_t n, const uint8_t *keys,
                                    const uint32_t *key_lens, const uint8_t *values,
                                    const uint32_t *value_lens) {
	return bytestore_mset(store, n, keys, key_lens, values, value_lens);
}

static inline answer mget(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *lens) {
	answer a;
	a.status = bytestore_mget(store, n, keys, lens, &a.buffer);
	return a;
}

static inline count mdelete(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *lens) {
	count c;
	c.status = bytestore_mdelete(store, n, keys, lens, &c.n);
	return c;
}

static inline bytestore_status set_one(bytestore_store *store, const uint8_t *key, uint32_t key_len,
                                       const uint8_t *value, uint32_t value_len) {
	return bytestore_mset(store, 1, key, &key_len, value, &value_len);
}

static inline answer get_one(bytestore_store *store, const uint8_t *key, uint32_t len) {
	return mget(store, 1, key, &len);
}

static inline count delete_one(bytestore_store *store, const uint8_t *key, uint32_t len) {
	return mdelete(store, 1, key, &len);
}

static inline answer next_page(bytestore_cursor *cursor) {
	answer a;
	a.status = bytestore_cursor_next(cursor, 0, &a.buffer);
	return a;
}

static inline void free_buffer(bytestore_buffer buffer) { bytestore_free_buffer(&buffer); }
*/
import "C"

import (
	"fmt"
	"strings"
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
)

// Handles are numbers in the guise of pointers. Their C types are incomplete, so
// Go's garbage collector never looks where they seem to point.
type (
	storeHandle  = *C.bytestore_store
	cursorHandle = *C.bytestore_cursor
)

type itemLen = C.uint32_t

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
		return nil, badURL(string(view(&opened.bad_part)))
	}
	return opened.store, failure("open", Code(opened.status))
}

func badURL(part string) error {
	return &Error{Op: "open", Code: ErrInvalidArgument, Detail: fmt.Sprintf("URL part %q", part)}
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

// getOne returns nil for a missing key.
func getOne(store storeHandle, key []byte) ([]byte, Code) {
	collectGarbage()
	answer := C.get_one(store, pointer(key), C.uint32_t(len(key)))
	if answer.status != statusOK {
		return nil, Code(answer.status)
	}
	defer C.free_buffer(answer.buffer)
	if answer.buffer.slices.ptr == nil {
		return nil, statusOK
	}
	return append([]byte{}, view(answer.buffer.slices)...), statusOK
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

func getAll(store storeHandle, keys *packed) ([][]byte, Code) {
	collectGarbage()
	answer := C.mget(store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens))
	return take(answer)
}

func deleteAll(store storeHandle, keys *packed) (int, Code) {
	collectGarbage()
	count := C.mdelete(store, C.size_t(len(keys.lens)), pointer(keys.bytes), unsafe.SliceData(keys.lens))
	return int(count.n), Code(count.status)
}

func openCursor(store storeHandle, prefix []byte) (cursorHandle, Code) {
	collectGarbage()
	scan := C.open_cursor(store, pointer(prefix), C.size_t(len(prefix)))
	return scan.cursor, Code(scan.status)
}

// nextPage returns the next keys; none at the end.
func nextPage(cursor cursorHandle) ([][]byte, Code) { return take(C.next_page(cursor)) }

func closeCursor(cursor cursorHandle) { C.bytestore_cursor_close(cursor) }

// take copies an answer into Go's memory, one slice an item and nil for a
// missing one, and frees it.
func take(answer C.answer) ([][]byte, Code) {
	if answer.status != statusOK {
		return nil, Code(answer.status)
	}
	defer C.free_buffer(answer.buffer)
	items := unsafe.Slice(answer.buffer.slices, answer.buffer.count)
	// Side by side in C, side by side here: one allocation and one copy.
	run := append([]byte{}, unsafe.Slice((*byte)(answer.buffer.data), answer.buffer.data_len)...)
	copies := make([][]byte, len(items))
	start := 0
	for i := range items {
		item := &items[i]
		switch {
		case item.ptr == nil:
		case answer.buffer.data == nil:
			copies[i] = append([]byte{}, view(item)...)
		default:
			end := start + int(item.len)
			copies[i] = run[start:end:end] // the capacity ends here: appending to it cannot reach its neighbour
			start = end
		}
	}
	return copies, statusOK
}

// view is C's memory as a slice, for as long as C keeps it.
func view(item *C.bytestore_slice) []byte {
	if item.len == 0 {
		return nil // an empty item's pointer may lead nowhere
	}
	return unsafe.Slice((*byte)(item.ptr), item.len)
}

// pointer is where Go's bytes are, for the time of one call.
func pointer(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }
