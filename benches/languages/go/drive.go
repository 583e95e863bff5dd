package main

// Fills stores, runs one case on one store at a time and takes the time. Knows no store.

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// job is what is done for a while: sets, or gets in a form.
type job struct {
	op      string // "mget_hit" or "mset"
	form    form
	batch   int
	threads int
}

// Between two looks at the clock so many keys are asked for, at least a batch of them.
const keysPerLook = 1024

// fill sets all entries, in the order of their numbers.
func fill(s store, shape shape) error {
	session := s.session()
	defer session.close()
	const keys = 1000
	for first, maker := 0, newMaker(shape, keys, 1, 0); first < shape.entries; first += keys {
		if err := session.set(maker.following(first)[0]); err != nil {
			return err
		}
	}
	return nil
}

// check reads so many entries in a form, the oldest ones first, and compares them.
func check(s store, shape shape, f form, entries int) error {
	session := s.session()
	defer session.close()
	const keys = 1000
	for first, maker := 0, newMaker(shape, keys, 1, 0); first < entries; first += keys {
		if err := checkBatch(session, shape, maker.following(first)[0], f); err != nil {
			return err
		}
	}
	return nil
}

func checkBatch(session session, shape shape, b batch, f form) error {
	answers, err := session.get(b, f)
	if err != nil {
		return err
	}
	if i := shape.wrong(b, answers); i >= 0 {
		return fmt.Errorf("%s: a wrong answer for entry %d", f, b.numbers[i])
	}
	return nil
}

// worker does a job in one goroutine.
type worker struct {
	shape shape
	job   job
	maker *maker
	read  int // what was seen of the values, so that reading them is not left out
}

func newWorkers(shape shape, job job) []*worker {
	workers := make([]*worker, job.threads)
	for i := range workers {
		maker := newMaker(shape, job.batch, max(1, keysPerLook/job.batch), uint64(i))
		workers[i] = &worker{shape: shape, job: job, maker: maker}
	}
	return workers
}

// slice lets the workers work on a store until each of them has done so for as long, not counting
// what is not the store's work, and returns million keys a second, of all together.
func slice(s store, workers []*worker, long time.Duration) (float64, error) {
	rates, failures := make([]float64, len(workers)), make([]error, len(workers))
	var working sync.WaitGroup
	for i, w := range workers {
		working.Add(1)
		go func() {
			defer working.Done()
			rates[i], failures[i] = w.work(s, long)
		}()
	}
	working.Wait()
	sum := 0.0
	for _, rate := range rates {
		sum += rate
	}
	return sum, errors.Join(failures...)
}

func (w *worker) work(s store, long time.Duration) (float64, error) {
	session := s.session()
	defer session.close()
	keys, taken := 0, time.Duration(0)
	for taken < long {
		batches := w.maker.drawn()
		begin := time.Now()
		for _, b := range batches {
			if err := w.do(session, b); err != nil {
				return 0, err
			}
		}
		taken += time.Since(begin)
		keys += len(batches) * w.job.batch
		if err := checkBatch(session, w.shape, batches[0], w.job.form); err != nil {
			return 0, err
		}
	}
	return float64(keys) / float64(taken.Nanoseconds()) * 1000, nil
}

func (w *worker) do(session session, b batch) error {
	if w.job.op == "mset" {
		return session.set(b)
	}
	answers, err := session.get(b, w.job.form)
	for _, value := range answers {
		if len(value) > 0 {
			w.read += len(value) + int(value[0])
		}
	}
	return err
}
