package main

// What a store costs beside its speed: memory and collections, in a process that has no other store.

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// inItsOwnProcess measures a store in a process of its own, which adds its results itself.
func inItsOwnProcess(name string, entries int, out string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(program, "-alone", name, "-entries", strconv.Itoa(entries), "-out", out)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

func measureAlone(name string, shape shape, results results) error {
	kind, ok := kindNamed(name)
	if !ok {
		return fmt.Errorf("there is no store named %q", name)
	}
	before, err := memoryOf("VmRSS")
	if err != nil {
		return err
	}
	store, err := kind.open(shape)
	if err != nil {
		return err
	}
	defer store.close()
	if err := fill(store, shape); err != nil {
		return err
	}
	peak, err := memoryOf("VmHWM")
	if err != nil {
		return err
	}
	var collections []float64
	for range 3 {
		begin := time.Now()
		runtime.GC()
		collections = append(collections, time.Since(begin).Seconds()*1000)
	}
	debug.FreeOSMemory()
	resident, err := memoryOf("VmRSS")
	if err != nil {
		return err
	}
	if err := fill(store, shape); err != nil {
		return err
	}
	rewritten, err := memoryOf("VmHWM")
	if err != nil {
		return err
	}
	// A store that had thrown entries out would begin with the oldest ones.
	if err := check(store, shape, reused, min(shape.entries, 100_000)); err != nil {
		return err
	}
	perEntry := func(bytes int) float64 { return float64(bytes-before) / float64(shape.entries) }
	for _, line := range []figure{
		{What: "gc_ms", Value: median(collections)},
		{What: "resident_per_entry", Value: perEntry(resident)},
		{What: "peak_per_entry", Value: perEntry(peak)},
		{What: "peak_per_entry_rewritten", Value: perEntry(rewritten)},
	} {
		line.Store, line.Version, line.Entries = kind.name, kind.version(), shape.entries
		if err := results.addFigure(line); err != nil {
			return err
		}
	}
	return nil
}
