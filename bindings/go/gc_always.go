//go:build bytestore_gc

package bytestore

// For tests: the garbage collector runs between the last use of a store in Go and each call
// into the library, the moment at which a forgotten KeepAlive lets the finalizer close it.

import (
	"runtime"
	"time"
)

func collectGarbage() {
	runtime.GC()
	time.Sleep(time.Millisecond) // finalizers run in a goroutine of their own
}
