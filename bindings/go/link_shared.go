//go:build !bytestore_static

package bytestore

// Which library is linked: the shared one, unless the program is built with the tag bytestore_static. In a file each, so
// that Go's build cache tells the two apart with -trimpath, too.

// #cgo pkg-config: bytestore
import "C"
