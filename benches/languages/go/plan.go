package main

// Which cases are measured: one axis at a time around the base case, and bytestore and each peer in turns.

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// part is what is measured with stores of one shape.
type part struct {
	shape  shape
	rounds int
	long   time.Duration // one slice
	jobs   []job
}

const baseBatch = 64

func plan(quick bool) []part {
	base, small := shape{1_000_000, 100}, shape{1000, 100}
	short := append(gets(baseBatch, 1), job{"mset", copied, baseBatch, 1})
	if quick {
		return []part{{small, 3, 10 * time.Millisecond, short}, {base, 3, 15 * time.Millisecond, short}}
	}
	all := append(gets(baseBatch, 1), gets(baseBatch, 2)...)
	for _, batch := range []int{1, 16, 256, 1024} {
		all = append(all, gets(batch, 1)...)
	}
	all = append(all, job{"mset", copied, baseBatch, 1}, job{"mset", copied, baseBatch, 2})

	const long = 30 * time.Millisecond
	return []part{
		{base, 5, 20 * time.Millisecond, all},
		{small, 3, long, short},
		{shape{100_000, 100}, 3, long, short},
		{shape{1_000_000, 16}, 3, long, short},
		{shape{1_000_000, 1 << 10}, 3, long, short},
		{shape{100_000, 12 << 10}, 3, long, short},
		{shape{5_000_000, 100}, 3, long, short},
	}
}

func gets(batch, threads int) []job {
	return []job{
		{"mget_hit", viewed, batch, threads}, {"mget_hit", reused, batch, threads}, {"mget_hit", copied, batch, threads},
	}
}

// measure compares bytestore with each peer.
func (p part) measure(results results) error {
	our, err := p.loaded(ours)
	if err != nil {
		return err
	}
	defer our.close()
	for _, peer := range peers {
		if err := p.compare(our, peer, results); err != nil {
			return fmt.Errorf("%s: %w", peer.name, err)
		}
		debug.FreeOSMemory()
	}
	return nil
}

// loaded is a store with all entries, all of which it has been asked for.
func (p part) loaded(kind kind) (store, error) {
	s, err := kind.open(p.shape)
	if err != nil {
		return nil, err
	}
	if err := fill(s, p.shape); err != nil {
		return nil, fmt.Errorf("%s: %w", kind.name, err)
	}
	for f, entries := range map[form]int{reused: p.shape.entries, copied: 10_000, viewed: 10_000} {
		if err := check(s, p.shape, f, min(entries, p.shape.entries)); err != nil {
			return nil, fmt.Errorf("%s: %w", kind.name, err)
		}
	}
	return s, nil
}

func (p part) compare(our store, peer kind, results results) error {
	their, err := p.loaded(peer)
	if err != nil {
		return err
	}
	defer their.close()
	heap := holdCollector()
	defer heap.release()
	// It lay idle while the peer was loaded, and the system may have put its pages aside.
	if err := check(our, p.shape, reused, p.shape.entries); err != nil {
		return err
	}
	for _, job := range p.jobs {
		rate, err := p.race(our, their, job, heap)
		if err != nil {
			return err
		}
		rate.Peer, rate.Version = peer.name, peer.version()
		if err := results.addRate(rate); err != nil {
			return err
		}
	}
	return nil
}

// race lets both do the same in turns.
func (p part) race(our, their store, job job, heap *heap) (rate, error) {
	result := rate{
		Op: job.op, Form: job.form, Entries: p.shape.entries, Key: keyLen, Value: p.shape.value,
		Batch: job.batch, Threads: job.threads,
	}
	workers := newWorkers(p.shape, job)
	turns := []struct {
		store store
		rates *[]float64
	}{{our, &result.Ours}, {their, &result.Theirs}}
	for round := range 1 + p.rounds {
		for _, turn := range turns {
			rate, err := slice(turn.store, workers, p.long)
			if err != nil {
				return result, err
			}
			if round > 0 { // the first one warms up
				*turn.rates = append(*turn.rates, rate)
			}
			heap.collect()
		}
		slices.Reverse(turns)
	}
	return result, nil
}
