// Command lin asks whether what a store answered to several threads could have been answered one by one: it makes
// histories on stores of every kind and has porcupine check each one.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	each       = 40              // operations of a client in a history
	perRound   = 256             // histories that are made, then checked
	patience   = 5 * time.Second // for one history; nearly all take less than a millisecond
	perBallast = 64              // histories before a store that is costly to make is made anew
)

// What a run counted.
type tally struct {
	histories, operations, batches, overlapping, violations int64
	unknown                                                 int64 // histories with more orders than could be tried
}

func main() {
	wanted := flag.Int64("operations", 1_000_000, "operations of several keys to check")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is random here")
	torn := flag.Bool("torn", false, "set batches in two calls: ends well when that is noticed")
	flag.Parse()
	total := check(*wanted, *seed, *torn)
	fmt.Printf("histories=%d operations=%d batches=%d overlapping=%d violations=%d unknown=%d seed=%d\n",
		total.histories, total.operations, total.batches, total.overlapping, total.violations, total.unknown, *seed)
	if (total.violations != 0) != *torn || total.unknown > total.histories/100 {
		os.Exit(1)
	}
}

// check makes and checks histories until so many batches were checked, or something is wrong.
func check(wanted int64, seed uint64, torn bool) (total tally) {
	random := rand.New(rand.NewPCG(seed, 0))
	memory := allocate(perRound * each * clientCount)
	stores := make([]*store, len(kinds))
	histories := make([][]porcupine.Operation, perRound)
	for total.batches < wanted && total.violations == 0 {
		for i := range histories {
			number := i % len(kinds)
			if s := stores[number]; s == nil || s.ballast == 0 || total.histories%(perBallast*int64(len(kinds))) < int64(len(kinds)) {
				if s != nil {
					s.close()
				}
				stores[number] = kinds[number].open()
			}
			history := memory[i*each*clientCount:][:each*clientCount]
			kinds[number].plan(random, history)
			stores[number].clear()
			stores[number].run(history, torn)
			histories[i] = total.steps(history, kinds[number].bound)
		}
		violations, unknown := checkAll(histories, !torn)
		total.violations += violations
		total.unknown += unknown
	}
	return total
}

// steps makes porcupine's operations of a history, and counts.
func (t *tally) steps(history []operation, bound uint16) []porcupine.Operation {
	steps := make([]porcupine.Operation, 0, len(history)+len(history)/8)
	begun := uint16(0)
	for i := range history {
		op, client := &history[i], i/each
		if op.what == opScanBegin {
			begun++
		}
		add := func(fence bool) {
			input := step{operation: op, client: uint8(client), begun: begun, fence: fence, bound: bound}
			steps = append(steps, porcupine.Operation{ClientId: client, Input: input, Call: int64(op.call), Return: int64(op.done)})
		}
		if op.what == opScanBegin {
			add(true)
		}
		add(false)
		t.operations++
		if op.count > 1 || op.what == opDeletePrefix || op.what == opCount {
			t.batches++
		}
	}
	t.histories++
	t.overlapping += overlapping(history)
	return steps
}

// How many operations were under way while one of another client was.
func overlapping(history []operation) (count int64) {
	places := [clientCount]int{}
	for i := range history {
		client, op := i/each, &history[i]
		if i%each == 0 {
			places = [clientCount]int{}
		}
		for other := range clientCount {
			if other == client {
				continue
			}
			theirs := history[other*each:][:each]
			for places[other] < each && theirs[places[other]].done < op.call {
				places[other]++
			}
			if places[other] < each && theirs[places[other]].call <= op.done {
				count++
				break
			}
		}
	}
	return count
}

// checkAll gives the number of histories that no order explains, and shows the first one; and of those that have
// more orders than could be tried.
func checkAll(histories [][]porcupine.Operation, show bool) (int64, int64) {
	var violations, unknown, next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := next.Add(1) - 1; i < int64(len(histories)); i = next.Add(1) - 1 {
				switch porcupine.CheckOperationsTimeout(model, histories[i], patience) {
				case porcupine.Unknown:
					unknown.Add(1)
				case porcupine.Illegal:
					if violations.Add(1) == 1 && show {
						explain(histories[i], kinds[int(i)%len(kinds)])
					}
				}
			}
		}()
	}
	workers.Wait()
	return violations.Load(), unknown.Load()
}

func explain(history []porcupine.Operation, k kind) {
	fmt.Printf("%s store (%s): no order of these steps explains their answers:\n", k.name, k.url)
	for _, op := range history {
		fmt.Printf("  %d-%d %s\n", op.Call-history[0].Call, op.Return-history[0].Call, op.Input)
	}
}
