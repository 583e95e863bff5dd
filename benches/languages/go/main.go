// Command bench compares bytestore's Go binding with what a Go program would use instead: see -help, or run.sh.
//
// All stores are in this process. bytestore and one peer are loaded with the same entries and do the same work in
// slices of time, in turns; who begins changes from round to round.
//
// Keys are strings of 35 bytes, the values stretches of random bytes. Both are made anew before the clock runs, a few
// thousand at a time, so that they are in the cache as if they had just been made. Of each value that is found the
// length and the first byte are read while the clock runs. All entries of a store are read and compared before the
// time is taken, and a batch of every few thousand keys while it is not.
//
// Forms are those of the binding: copy (MGet), reuse (MGetInto) and views (MGetView). Peers that copy do so into new
// memory for "copy", and into memory that is used again for the others, where they can; peers that lend the values
// they hold always do that. A peer that keeps references has to copy keys and values when they are set.
//
// Collections are not in the rates: Go's collector is held while the clock runs and runs between the slices if there is
// garbage, as one store would pay for another's pointers otherwise. What collections cost is a figure of its own, gc_ms:
// the median of three that are forced. For it and for memory each store has a process of its own. There, resident is what
// is left after a collection, peak what was needed while the store was filled, and peak_per_entry_rewritten while all
// entries were set once more; each beyond the process without the store, in bytes, with 35 of key and 100 of value.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	var o options
	flag.BoolVar(&o.quick, "quick", false, "only the base case and the small store, in less than 40 seconds")
	flag.StringVar(&o.out, "out", "", "append the results to this `file`, JSON lines; otherwise they are printed")
	flag.IntVar(&o.entries, "entries", 0, "only rates of stores with so many entries")
	flag.IntVar(&o.value, "value", 0, "only rates with values of so many bytes")
	flag.StringVar(&o.alone, "alone", "", "only what -entries in this `store` take of memory and of the collector's time")
	flag.Parse()
	if err := o.run(); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	quick          bool
	out, alone     string
	entries, value int
}

func (o options) run() error {
	results := results{os.Stdout}
	if o.out != "" {
		file, err := os.OpenFile(o.out, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		defer file.Close()
		results.file = file
	}
	if o.alone != "" {
		return measureAlone(o.alone, shape{o.entries, 100}, results)
	}
	for _, part := range plan(o.quick) {
		if o.wants(part.shape) {
			if err := part.measure(results); err != nil {
				return err
			}
		}
	}
	if o.entries != 0 || o.value != 0 {
		return nil
	}
	entries := 5_000_000
	if o.quick {
		entries = 200_000
	}
	for _, kind := range append([]kind{ours}, peers...) {
		if err := inItsOwnProcess(kind.name, entries, o.out); err != nil {
			return fmt.Errorf("%s alone: %w", kind.name, err)
		}
	}
	return nil
}

func (o options) wants(shape shape) bool {
	return (o.entries == 0 || o.entries == shape.entries) && (o.value == 0 || o.value == shape.value)
}
