//go:build !cgo

package bytestore

// The library is called through cgo. Where that is off, as it is when a program is built for another system, this is
// the first of what the compiler says, which takes files by their names.
type _ this_package_needs_cgo__set_CGO_ENABLED_to_1_and_CC_to_a_compiler_for_the_target
