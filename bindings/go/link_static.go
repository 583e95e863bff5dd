//go:build bytestore_static

package bytestore

// #cgo pkg-config: bytestore-static
import "C"
