package bytestore

// What a store counts. Knows no C.

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Stats are what happened in a store since it was made, and what is in it now.
type Stats struct {
	Hits               uint64 // keys that were looked up and found
	Misses             uint64 // keys that were looked up and not found
	Sets               uint64 // pairs that were set
	Deletes            uint64 // entries that were deleted by callers
	EvictionsByBytes   uint64 // entries that went because the store was over MaxBytes
	EvictionsByEntries uint64 // entries that went because the store was over MaxEntries
	Expirations        uint64 // entries whose time to live was over, as far as their memory was taken back

	Entries       uint64 // entries that are there; those whose time is over until their memory is taken back
	KeyBytes      uint64 // bytes of their keys
	ValueBytes    uint64 // bytes of their values
	OverheadBytes uint64 // bytes that they take beside: MaxBytes is compared with the sum of the three

	MaxBytes   uint64 // the store's bound, 0 for none
	MaxEntries uint64 // the store's bound, 0 for none
}

// Stats reads what the store counts, of a namespace the whole store: a moment's
// work, whatever is in it. What is counted since the store was made never goes back.
func (s *Store) Stats() (Stats, error) {
	stats, code := s.lookups.correct(func() (Stats, Code) { return readStats(s.handle) })
	runtime.KeepAlive(s)
	return stats, failure("stats", code)
}

// HitRatio is the part of the keys looked up that was found, from 0 to 1; 0
// before the first.
func (s Stats) HitRatio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / (float64(s.Hits) + float64(s.Misses))
}

// lookups corrects hits and misses: answers that there was no room for are asked for again, and
// the library counts them each time.
type lookups struct {
	hitsAgain, missesAgain atomic.Uint64

	mutex        sync.Mutex
	hits, misses uint64 // the most that was said so far
}

// askedAgain takes answers that did not fit, by their lengths.
func (l *lookups) askedAgain(lens ...size) {
	misses := uint64(0)
	for _, n := range lens {
		if n == missing {
			misses++
		}
	}
	l.hitsAgain.Add(uint64(len(lens)) - misses)
	l.missesAgain.Add(misses)
}

func (l *lookups) correct(read func() (Stats, Code)) (Stats, Code) {
	if l == nil { // of the zero Store
		return read()
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	stats, code := read()
	if code != statusOK {
		return Stats{}, code
	}
	// What is asked again between these two makes the difference too small for now, never too
	// large: larger than before, it is right to say.
	l.hits = max(l.hits, less(stats.Hits, l.hitsAgain.Load()))
	l.misses = max(l.misses, less(stats.Misses, l.missesAgain.Load()))
	stats.Hits, stats.Misses = l.hits, l.misses
	return stats, code
}

// less is a-b, but not below 0.
func less(a, b uint64) uint64 { return a - min(a, b) }
