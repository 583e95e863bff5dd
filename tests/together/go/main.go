// A Go shared library (go build -buildmode=c-shared) with a store of its own
// opening. It knows no other language.
package main

// #include <stddef.h>
import "C"

import (
	"unsafe"

	bytestore "github.com/bytestore/bytestore/bindings/go"
)

var opened *bytestore.Store

func status(err error) C.int {
	if err != nil {
		return 1
	}
	return 0
}

//export go_open
func go_open(url *C.char) C.int {
	var err error
	opened, err = bytestore.Open(C.GoString(url))
	return status(err)
}

//export go_set
func go_set(key, value *C.char) C.int {
	return status(opened.Set([]byte(C.GoString(key)), []byte(C.GoString(value))))
}

// go_get copies the value of key as text; 2: there is none, 1: an error, or no
// room.
//
//export go_get
func go_get(key, value *C.char, room C.size_t) C.int {
	found, ok, err := opened.Get([]byte(C.GoString(key)))
	switch {
	case err != nil || len(found) >= int(room):
		return 1
	case !ok:
		return 2
	}
	to := unsafe.Slice((*byte)(unsafe.Pointer(value)), room)
	to[copy(to, found)] = 0
	return 0
}

//export go_close
func go_close() C.int {
	return status(opened.Close())
}

func main() {}
