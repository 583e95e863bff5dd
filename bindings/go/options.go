package bytestore

// How a store is made, in Go's types. Knows the URL's form, and leaves it to the library to judge the values.

import (
	"fmt"
	"strings"
	"time"
)

// Options say how a store is made. The zero Options are those of [New]: no
// bounds, and entries stay until they are deleted. A value below zero is
// [ErrInvalidArgument] when the store is made.
type Options struct {
	// Name makes it the store of that name, 1 to 255 of A-Z a-z 0-9 . _ -: one
	// for all of the process, in whatever language it is opened. "" is a store
	// of its own.
	//
	// Opening it again joins it, with no options but the name, or with those it
	// was made with: others are [ErrInvalidArgument]. The last one who closes it,
	// or a namespace of it, gives its memory and the name back. Each opening
	// computes for itself (see [Store.MGetOrCompute]).
	Name string
	// MaxBytes is what all entries may take: their keys, their values, and
	// beside them 40 to 72 bytes an entry, 72 to 200 for one of 4 KiB and more,
	// up to 4.2 kB from 1.3 MiB on (see [Stats]); 0 for no bound. A store that
	// is full lets the entries go that it will probably miss least.
	MaxBytes int64
	// MaxEntries is how many entries there may be; 0 for no bound.
	MaxEntries int
	// MaxItemBytes is what one key and its value may have together; 0 for no
	// bound. A pair that has more is refused with [ErrOverLimit].
	MaxItemBytes int64
	// TTL is how long an entry lives that is set without saying, rounded up to
	// milliseconds; 0 or [NoTTL]: until it is deleted.
	TTL time.Duration
	// ManualClock makes time stand still but for [Store.AdvanceClock]: for tests
	// of programs that use a time to live.
	ManualClock bool
	// Erase overwrites keys and values with zeroes where the store had them, as
	// soon as they are deleted, overwritten, evicted or closed; those that have
	// ended, with the next write. Slices that a method took or gave are Go's: the
	// collector may have copied them, and what it frees is not erased.
	Erase bool
}

// URL is what [Open] takes for the same store: "memory:users?max_entries=1000&ttl=60000ms".
func (o Options) URL() string {
	var parts []string
	bound := func(name string, value int64) {
		if value != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", name, value))
		}
	}
	bound("max_bytes", o.MaxBytes)
	bound("max_entries", int64(o.MaxEntries))
	bound("max_item_bytes", o.MaxItemBytes)
	if o.TTL != 0 && o.TTL != NoTTL {
		parts = append(parts, fmt.Sprintf("ttl=%dms", milliseconds(o.TTL)))
	}
	if o.ManualClock {
		parts = append(parts, "clock=manual")
	}
	if o.Erase {
		parts = append(parts, "erase=true")
	}
	url := "memory:" + strings.ReplaceAll(o.Name, "?", "%3F") // which no name has
	if len(parts) > 0 {
		url += "?" + strings.Join(parts, "&")
	}
	return url
}
