package main

import (
	"math/bits"

	"github.com/anishathalye/porcupine"
)

// What a store is, as a sequence of steps: a dict in order of insertion whose
// entries may end, and the scans that are under way. A value that compares.
type state struct {
	slots [keyCount]slot
	next  uint16 // number of the next insertion
	clock uint32
	scans [clientCount]scan
}

// One key's entry; value missing: there is none.
type slot struct {
	value    uint16
	sequence uint16
	deadline uint32 // 0: never
}

// A scan sees what was inserted before its first step, and goes on at a position.
type scan struct {
	begun           uint16 // which one of the client's
	position, until uint16
}

func (s *state) has(key uint8) bool {
	entry := &s.slots[key]
	return entry.value != missing && (entry.deadline == 0 || entry.deadline > s.clock)
}

// The present keys with a prefix, as bits.
func (s *state) matches(prefix uint8) (keys uint32) {
	for key := range uint8(keyCount) {
		if (prefix == 0 || key%2 == prefix-1) && s.has(key) {
			keys |= 1 << key
		}
	}
	return keys
}

func (s *state) remove(keys uint32) {
	for ; keys != 0; keys &= keys - 1 {
		s.slots[bits.TrailingZeros32(keys)] = slot{}
	}
}

// A step of a history. A scan begins in two: it looks at how far it will go, and then for the keys.
type step struct {
	*operation
	client uint8
	begun  uint16 // of a scan: which one
	fence  bool
	bound  uint16 // most entries of the store; 0: it has no bound, and no entry goes by itself
}

var model = porcupine.Model{
	Init:  func() any { return state{clock: 1} },
	Equal: func(a, b any) bool { return a.(state) == b.(state) },
	Step: func(before, input, _ any) (bool, any) {
		after := before.(state)
		return after.apply(input.(step)), after
	},
	DescribeOperation: func(input, _ any) string { return input.(step).String() },
}

// Whether the store may have answered so, and what it is then.
func (s *state) apply(op step) bool {
	if op.status == overLimit {
		return op.what == opSet && op.bound != 0
	}
	if op.status != statusOK {
		return false
	}
	switch op.what {
	case opSet:
		s.set(op)
		return true
	case opGet, opGetInto:
		return s.get(op)
	case opDelete:
		keys := uint32(0)
		for _, key := range op.keys[:op.count] {
			if s.has(uint8(key)) {
				keys |= 1 << key
			}
		}
		s.remove(keys)
		return op.agrees(keys)
	case opDeletePrefix:
		keys := s.matches(uint8(op.prefix))
		s.remove(keys)
		return op.agrees(keys)
	case opCount:
		return op.agrees(s.matches(uint8(op.prefix)))
	case opAdvance:
		s.clock += uint32(op.ttl)
		return true
	}
	return s.scan(op)
}

// Whether so many keys were counted, or as many as may be left of them.
func (op step) agrees(keys uint32) bool {
	count := bits.OnesCount32(keys)
	return int(op.answer) == count || op.bound != 0 && int(op.answer) < count
}

func (s *state) set(op step) {
	deadline := uint32(0)
	if op.ttl != 0 {
		deadline = s.clock + uint32(op.ttl)
	}
	for i, key := range op.keys[:op.count] {
		entry := &s.slots[key]
		if !s.has(uint8(key)) {
			entry.sequence = s.next + uint16(i)
		}
		entry.value, entry.deadline = uint16(op.values[i]), deadline
	}
	s.next += uint16(op.count)
}

func (s *state) get(op step) bool {
	found := uint32(0)
	for i, key := range op.keys[:op.count] {
		value := uint16(op.values[i])
		switch {
		case value == missing && (op.bound != 0 || !s.has(uint8(key))):
			s.slots[key] = slot{} // whatever took it, it stays away
		case value == missing || !s.has(uint8(key)) || value != s.slots[key].value:
			return false
		default:
			found |= 1 << key
		}
	}
	return op.bound == 0 || bits.OnesCount32(found) <= int(op.bound)
}

func (s *state) scan(op step) bool {
	at := &s.scans[op.client]
	if op.fence {
		s.scans[op.client] = scanFrom(op.begun, s.next)
		return true
	}
	if at.begun != op.begun {
		return false
	}
	left := s.matches(uint8(op.prefix))
	for key := range keyCount {
		if number := s.slots[key].sequence; op.bound == 0 && (number < at.position || number >= at.until) {
			left &^= 1 << key
		}
	}
	for i, found := range op.values[:op.answer] {
		if found >= keyCount || left&(1<<found) == 0 || i >= int(op.count) {
			return false
		}
		left &^= 1 << found
		if op.bound != 0 {
			continue // what went and came again stands elsewhere: nobody can know
		}
		number := s.slots[found].sequence
		for rest := left; rest != 0; rest &= rest - 1 {
			if s.slots[bits.TrailingZeros32(rest)].sequence < number {
				return false
			}
		}
		at.position = number + 1
	}
	if op.bound == 0 && int(op.answer) < int(op.count) {
		at.position = at.until
		return left == 0
	}
	return true
}

func scanFrom(begun, until uint16) scan { return scan{begun: begun, until: until} }
