//go:build !bytestore_gc

package bytestore

// Before a call nothing happens. See gc_always.go.

func collectGarbage() {}
