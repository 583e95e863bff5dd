package main

/*
#cgo pkg-config: bytestore
#cgo CFLAGS: -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror
#cgo LDFLAGS: -pthread
#include "history.h"
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

type (
	operation = C.operation
	uint8C    = C.uint8_t
)

const (
	keyCount    = C.KEYS
	mostKeys    = C.MOST_KEYS
	clientCount = C.CLIENTS
	missing     = C.MISSING
	statusOK    = C.BYTESTORE_OK
	overLimit   = C.BYTESTORE_ERR_OVER_LIMIT

	opSet          = C.SET
	opGet          = C.GET
	opGetInto      = C.GET_INTO
	opDelete       = C.DELETE
	opDeletePrefix = C.DELETE_PREFIX
	opCount        = C.COUNT
	opScanBegin    = C.SCAN_BEGIN
	opScanNext     = C.SCAN_NEXT
	opAdvance      = C.ADVANCE
)

var opNames = [...]string{"set", "get", "get into", "delete", "delete prefix", "count", "scan", "next page", "advance"}

func uint8ToC(number uint8) C.uint8_t    { return C.uint8_t(number) }
func uint16ToC(number uint16) C.uint16_t { return C.uint16_t(number) }

// A store of some kind, and each client's handle of it.
type store struct {
	kind
	handles [clientCount]*C.bytestore_store
}

func must(status C.bytestore_status) {
	if status != C.BYTESTORE_OK {
		panic(C.GoString(C.bytestore_status_name(status)))
	}
}

func (k kind) open() *store {
	opened := &store{kind: k}
	url, prefix := C.CString(k.url), (*C.uint8_t)(C.CBytes([]byte("n/")))
	defer C.free(unsafe.Pointer(url))
	defer C.free(unsafe.Pointer(prefix))
	var whole *C.bytestore_store
	must(C.bytestore_open(url, &whole, nil))
	must(C.fill(whole, C.size_t(k.ballast)))
	for client := range opened.handles {
		handle := &opened.handles[client]
		switch {
		case k.names:
			must(C.bytestore_open(url, handle, nil))
		case k.part:
			must(C.bytestore_namespace(whole, prefix, 2, handle))
		default:
			must(C.bytestore_namespace(whole, nil, 0, handle))
		}
	}
	must(C.bytestore_close(whole))
	return opened
}

func (s *store) close() {
	for _, handle := range s.handles {
		must(C.bytestore_close(handle))
	}
}

// Deletes all keys of histories.
func (s *store) clear() {
	for _, prefix := range []C.uint8_t{'a', 'b'} {
		must(C.bytestore_delete_prefix(s.handles[0], &prefix, 1, nil))
	}
}

// Memory for histories that C writes to.
func allocate(count int) []operation {
	memory := C.calloc(C.size_t(count), C.sizeof_operation)
	return unsafe.Slice((*operation)(memory), count)
}

func (s *store) run(history []operation, torn bool) {
	C.run_history(&s.handles[0], &history[0], C.size_t(len(history)/clientCount), C._Bool(torn))
}

func (op step) String() string {
	text := fmt.Sprintf("client %d: %s", op.client, opNames[op.what])
	switch op.what {
	case opSet, opGet, opGetInto, opDelete:
		text += fmt.Sprint(" ", op.keys[:op.count])
		if op.what != opDelete {
			text += fmt.Sprint(" = ", op.values[:op.count])
		}
	case opScanBegin, opScanNext:
		text += fmt.Sprintf(" prefix %d, %d at most: %d", op.prefix, op.count, op.values[:op.answer])
	default:
		text += fmt.Sprintf(" prefix %d", op.prefix)
	}
	return text + fmt.Sprintf(", ttl %d, answer %d, status %d", op.ttl, op.answer, op.status)
}
