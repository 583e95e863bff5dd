package main

// Go's heap while the clock runs, and after. Knows no store.

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// So much garbage may gather before it is collected.
const maxGarbage = 256 << 20

// heap is Go's heap with the collector held.
type heap struct {
	percent int
	live    uint64
}

// holdCollector also makes the heap as large as it will be with its garbage, so that no slice
// pays for pages that the system gives for the first time.
func holdCollector() *heap {
	h := &heap{percent: debug.SetGCPercent(-1)}
	var garbage [][]byte
	for range maxGarbage >> 20 {
		garbage = append(garbage, make([]byte, 1<<20))
		for i := range garbage[len(garbage)-1] {
			garbage[len(garbage)-1][i] = 1
		}
	}
	runtime.KeepAlive(garbage)
	runtime.GC()
	h.live = allocated()
	return h
}

func (h *heap) release() { debug.SetGCPercent(h.percent) }

// collect runs the collector if much garbage is there.
func (h *heap) collect() {
	if allocated() > h.live+maxGarbage {
		runtime.GC()
		h.live = allocated()
	}
}

func allocated() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// memoryOf is what the system says of this process: VmRSS is resident now, VmHWM was at most.
func memoryOf(field string) (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(status), field+":")
	var kibibytes int
	if _, err := fmt.Sscan(line, &kibibytes); err != nil {
		return 0, fmt.Errorf("/proc/self/status has no %s: %w", field, err)
	}
	return kibibytes << 10, nil
}
