package main

import "math/rand/v2"

// A kind of store that histories are made on.
type kind struct {
	name    string
	url     string
	bound   uint16 // most entries of a history's keys that it can have; 0: all
	ballast int    // other entries: so many that it keeps its keys in their order, too
	manual  bool   // its clock: entries may end
	names   bool   // each client has a handle of its own by the store's name
	part    bool   // … of a namespace
}

var kinds = []kind{
	{name: "plain", url: "memory:"},
	{name: "ttl", url: "memory:?clock=manual", manual: true},
	{name: "named", url: "memory:lin?clock=manual", manual: true, names: true},
	{name: "namespaces", url: "memory:?clock=manual", manual: true, part: true},
	{name: "in order of keys", url: "memory:?clock=manual", manual: true, ballast: 4200},
	{name: "bounded entries", url: "memory:?max_entries=6&clock=manual", manual: true, bound: 6},
	{name: "bounded bytes", url: "memory:?max_bytes=12KB&clock=manual", manual: true, bound: keyCount},
	{name: "bounded, in order of keys", url: "memory:?max_entries=4206&clock=manual", manual: true, bound: keyCount, ballast: 4200},
}

// How often each operation comes.
var weights = [...]int{opSet: 26, opGet: 18, opGetInto: 12, opDelete: 10, opDeletePrefix: 4, opCount: 8,
	opScanBegin: 8, opScanNext: 8, opAdvance: 6}

// plan fills a history's operations: what each client will ask for.
func (k kind) plan(random *rand.Rand, history []operation) {
	each := len(history) / clientCount
	value := uint16(1)
	for client := range clientCount {
		scanned, prefix, most := false, uint8(0), uint8(0)
		for i := range each {
			op := &history[client*each+i]
			*op = operation{what: k.choose(random, scanned), pause: uint8ToC(pauses(random)), prefix: uint8ToC(k.prefix(random))}
			switch op.what {
			case opSet, opGet, opGetInto, opDelete:
				op.count = uint8ToC(batch(random))
				for place := range int(op.count) {
					op.keys[place] = uint8ToC(uint8(random.IntN(keyCount)))
					op.values[place] = uint16ToC(value)
					value++
				}
				if op.what != opSet {
					value -= uint16(op.count)
				} else if k.manual && random.IntN(2) == 0 {
					op.ttl = uint16ToC(uint16(1 + random.IntN(4)))
				}
			case opScanBegin:
				scanned, prefix, most = true, uint8(op.prefix), uint8(1+random.IntN(6))
				if k.bound != 0 || random.IntN(3) == 0 {
					most = mostKeys
				}
				op.count = uint8ToC(most)
			case opScanNext:
				op.prefix, op.count = uint8ToC(prefix), uint8ToC(most)
			case opAdvance:
				op.ttl = uint16ToC(1)
			}
		}
	}
}

func (k kind) choose(random *rand.Rand, scanned bool) uint8C {
	for {
		left := random.IntN(100)
		for what, weight := range weights {
			if left -= weight; left < 0 {
				if what == opScanNext && !scanned || what == opAdvance && !k.manual {
					break
				}
				return uint8C(what)
			}
		}
	}
}

// One key, a few that take their own shards, or so many that a batch takes all.
func batch(random *rand.Rand) uint8 {
	switch random.IntN(10) {
	case 0:
		return 1
	case 1, 2, 3, 4, 5, 6:
		return uint8(2 + random.IntN(7))
	}
	return uint8(9 + random.IntN(mostKeys-8))
}

// The empty prefix is also that of what no history knows.
func (k kind) prefix(random *rand.Rand) uint8 {
	if k.ballast != 0 {
		return uint8(1 + random.IntN(2))
	}
	return uint8(random.IntN(3))
}

func pauses(random *rand.Rand) uint8 {
	switch random.IntN(40) {
	case 0:
		return 1
	case 1:
		return 2
	}
	return 0
}
