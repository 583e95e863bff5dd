package bytestore

// What a store counts. Knows no C.

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
// Of a server it is what this Store and its namespaces did there; all else is 0.
func (s *Store) Stats() (Stats, error) {
	stats, code := readStats(s.handle)
	return stats, s.failure("stats", code)
}

// HitRatio is the part of the keys looked up that was found, from 0 to 1; 0
// before the first.
func (s Stats) HitRatio() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / (float64(s.Hits) + float64(s.Misses))
}
