// Package library is libbytestore itself, for Linux on x86-64, with its header: Go links the .syso file of a package
// that is imported, notices when it changes, and vendors it.
package library
