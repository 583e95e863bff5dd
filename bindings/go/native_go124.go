//go:build go1.24

package bytestore

// What newer versions of Go want to know of the functions in native.h: they keep no pointer, so
// that keys may lie on the caller's stack, and never call Go, so that less is made ready for a call.

/*
#cgo noescape set_one
#cgo nocallback set_one
#cgo noescape set_one_ttl
#cgo nocallback set_one_ttl
#cgo noescape get_one
#cgo nocallback get_one
#cgo noescape delete_one
#cgo nocallback delete_one
#cgo noescape mset
#cgo nocallback mset
#cgo noescape mset_ttl
#cgo nocallback mset_ttl
#cgo noescape mget_into
#cgo nocallback mget_into
#cgo noescape mget_view
#cgo nocallback mget_view
#cgo noescape mdelete
#cgo nocallback mdelete
#cgo noescape count_prefix
#cgo nocallback count_prefix
#cgo noescape delete_prefix
#cgo nocallback delete_prefix
#cgo noescape open_namespace
#cgo nocallback open_namespace
#cgo noescape open_cursor
#cgo nocallback open_cursor
#cgo nocallback cursor_position
#cgo nocallback next_page
#cgo nocallback store_len
#cgo nocallback read_counters
#cgo nocallback bytestore_advance_clock
#cgo nocallback save_file
#cgo nocallback load_file
#cgo nocallback save_buffer
#cgo noescape bytestore_load_buffer
#cgo nocallback bytestore_load_buffer
#cgo nocallback read_progress
#cgo nocallback read_capabilities
#cgo nocallback remote_message
#cgo nocallback free_buffer
*/
import "C"
