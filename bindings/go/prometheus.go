package bytestore

// Stats in Prometheus' text format. Knows no store.

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WritePrometheus writes the stats of one store in Prometheus' text format, the
// answer to a scrape; the label "store" is the name. See the function
// [WritePrometheus] for the metrics, and for several stores in one answer.
func (s Stats) WritePrometheus(w io.Writer, store string) error {
	return WritePrometheus(w, map[string]Stats{store: s})
}

// WritePrometheus writes the stats of stores in Prometheus' text format, version
// 0.0.4: the answer to a scrape, whose type is "text/plain; version=0.0.4".
// Each store's name is the label "store". All that an answer holds has to be
// written at once, since a metric may come only once.
//
// The metrics are those of [Stats]:
//
//	bytestore_hits_total, _misses_total, _sets_total, _deletes_total, _expirations_total
//	bytestore_evictions_total   by cause: "max_bytes", "max_entries"
//	bytestore_entries
//	bytestore_bytes             by kind: "keys", "values", "overhead"
//	bytestore_max_bytes, _max_entries
//
// The error is that of w, which gets everything in one Write.
func WritePrometheus(w io.Writer, stores map[string]Stats) error {
	names := slices.Sorted(maps.Keys(stores))
	var text bytes.Buffer
	for _, m := range metrics {
		fmt.Fprintf(&text, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
		for _, name := range names {
			stats := stores[name]
			for _, sample := range m.samples {
				fmt.Fprintf(&text, "%s{store=\"%s\"%s} %d\n", m.name, labelValue(name), sample.label, sample.of(&stats))
			}
		}
	}
	_, err := w.Write(text.Bytes())
	return err
}

// labelValue is a text as it stands between a label's quotes, which is UTF-8.
func labelValue(text string) string { return escapes.Replace(strings.ToValidUTF8(text, "\uFFFD")) }

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

type sample struct {
	label string // after the store's
	of    func(*Stats) uint64
}

func one(of func(*Stats) uint64) []sample { return []sample{{"", of}} }

var metrics = []struct {
	name, kind, help string
	samples          []sample
}{
	{"bytestore_hits_total", "counter", "Keys that were looked up and found.",
		one(func(s *Stats) uint64 { return s.Hits })},
	{"bytestore_misses_total", "counter", "Keys that were looked up and not found.",
		one(func(s *Stats) uint64 { return s.Misses })},
	{"bytestore_sets_total", "counter", "Pairs that were set.",
		one(func(s *Stats) uint64 { return s.Sets })},
	{"bytestore_deletes_total", "counter", "Entries that were deleted by callers.",
		one(func(s *Stats) uint64 { return s.Deletes })},
	{"bytestore_evictions_total", "counter", "Entries that went because the store was over a bound.", []sample{
		{`,cause="max_bytes"`, func(s *Stats) uint64 { return s.EvictionsByBytes }},
		{`,cause="max_entries"`, func(s *Stats) uint64 { return s.EvictionsByEntries }},
	}},
	{"bytestore_expirations_total", "counter", "Entries whose time to live was over.",
		one(func(s *Stats) uint64 { return s.Expirations })},
	{"bytestore_entries", "gauge", "Entries that are there.",
		one(func(s *Stats) uint64 { return s.Entries })},
	{"bytestore_bytes", "gauge", "Bytes that the entries take.", []sample{
		{`,kind="keys"`, func(s *Stats) uint64 { return s.KeyBytes }},
		{`,kind="values"`, func(s *Stats) uint64 { return s.ValueBytes }},
		{`,kind="overhead"`, func(s *Stats) uint64 { return s.OverheadBytes }},
	}},
	{"bytestore_max_bytes", "gauge", "Bytes that the entries may take, 0 for no bound.",
		one(func(s *Stats) uint64 { return s.MaxBytes })},
	{"bytestore_max_entries", "gauge", "How many entries there may be, 0 for no bound.",
		one(func(s *Stats) uint64 { return s.MaxEntries })},
}
