//go:build !bytestore_static && (bytestore_system || !linux || !amd64)

package bytestore

// The system's shared library is linked where the module has none, and with the tag bytestore_system.

// #cgo pkg-config: bytestore
import "C"
