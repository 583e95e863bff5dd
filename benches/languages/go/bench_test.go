package main

// That the benchmark compares stores that answer right, would notice one that does not, and writes what it should.

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var tiny = shape{5000, 300}

func opened(t *testing.T, kind kind, shape shape) store {
	t.Helper()
	s, err := kind.open(shape)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func TestStoresAnswerRight(t *testing.T) {
	for _, kind := range append([]kind{ours}, peers...) {
		s := opened(t, kind, tiny)
		b := newMaker(tiny, 100, 1, 0).following(0)[0]
		for _, f := range []form{copied, reused, viewed} {
			session := s.session()
			answers, err := session.get(b, f)
			if err != nil || len(answers) != len(b.keys) || slices.ContainsFunc(answers, func(a []byte) bool { return a != nil }) {
				t.Errorf("%s, %s: an empty store has entries, or fails: %v", kind.name, f, err)
			}
			session.close()
		}
		if err := fill(s, tiny); err != nil {
			t.Fatal(err)
		}
		for _, f := range []form{copied, reused, viewed} {
			if err := check(s, tiny, f, tiny.entries); err != nil {
				t.Errorf("%s: %v", kind.name, err)
			}
			if check(s, shape{tiny.entries + 1, tiny.value}, f, tiny.entries+1) == nil {
				t.Errorf("%s, %s: a missing entry is not noticed", kind.name, f)
			}
			if check(s, shape{tiny.entries, tiny.value - 1}, f, 1) == nil {
				t.Errorf("%s, %s: wrong values are not noticed", kind.name, f)
			}
		}
	}
}

// What a store lends or copies must not be the caller's memory, which the next batch overwrites.
func TestStoresKeepNothingOfTheCaller(t *testing.T) {
	for _, kind := range append([]kind{ours}, peers...) {
		s := opened(t, kind, tiny)
		session := s.session()
		b := newMaker(tiny, 100, 1, 0).following(0)[0]
		keys := make([][]byte, len(b.keys))
		for i := range b.pairs {
			keys[i] = bytes.Clone(b.keys[i])
			b.pairs[i].Value = bytes.Clone(b.pairs[i].Value)
		}
		if err := session.set(b); err != nil {
			t.Fatal(err)
		}
		session.close()
		for i := range b.pairs {
			clear(b.keys[i])
			clear(b.pairs[i].Value)
			copy(b.keys[i], keys[i])
		}
		session = s.session()
		if err := checkBatch(session, tiny, b, reused); err != nil {
			t.Errorf("%s: %v", kind.name, err)
		}
		session.close()
	}
}

// What the time is taken of is really done.
func TestWorkersWork(t *testing.T) {
	session := opened(t, ours, tiny).session()
	defer session.close()
	setter := newWorkers(tiny, job{"mset", copied, 64, 1})[0]
	b := setter.maker.drawn()[0]
	if err := setter.do(session, b); err != nil {
		t.Fatal(err)
	}
	if err := checkBatch(session, tiny, b, copied); err != nil {
		t.Error(err)
	}
	for _, job := range gets(64, 1) {
		getter := newWorkers(tiny, job)[0]
		if err := getter.do(session, b); err != nil || getter.read < 64*tiny.value {
			t.Errorf("%s: %d read, %v", job.form, getter.read, err)
		}
	}
}

func TestKeysDiffer(t *testing.T) {
	seen := map[string]bool{}
	for n := 0; n < 5_000_000; n += 499 {
		key := make([]byte, keyLen)
		writeKey(key, n)
		seen[string(key)] = true
		if len(key) != 35 {
			t.Fatalf("%q has %d bytes", key, len(key))
		}
	}
	if want := (5_000_000-1)/499 + 1; len(seen) != want {
		t.Errorf("%d keys instead of %d", len(seen), want)
	}
}

func TestResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	p := part{tiny, 3, time.Millisecond, append(gets(64, 2), job{"mset", copied, 64, 1})}
	if err := p.measure(results{file}); err != nil {
		t.Fatal(err)
	}
	if err := measureAlone("map + RWMutex", tiny, results{file}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for line := range bytes.Lines(text) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		kind, _ := fields["kind"].(string)
		counts[kind]++
		if kind == "language" && (!positive(fields["ours"], 3) || !positive(fields["theirs"], 3)) {
			t.Errorf("%s", line)
		}
		if fields["language"] != "go" || fields["version"] == "" {
			t.Errorf("%s", line)
		}
	}
	if want := len(peers) * len(p.jobs); counts["language"] != want || counts["language_figure"] != 4 {
		t.Errorf("%v instead of %d rates and 4 figures", counts, want)
	}
}

func positive(rates any, n int) bool {
	list, ok := rates.([]any)
	return ok && len(list) == n && !slices.ContainsFunc(list, func(rate any) bool {
		number, ok := rate.(float64)
		return !ok || number <= 0
	})
}

func TestMedianAndRounding(t *testing.T) {
	if got := median([]float64{5, 1, 3}); got != 3 {
		t.Errorf("%g", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("%g", got)
	}
	if got := rounded(12.3456); got != 12.35 {
		t.Errorf("%g", got)
	}
}
