package bytestore_test

// Prometheus' text format, read back by its rules.

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// Each field has a number of its own, so that one in the place of another is noticed.
var numbered = bytestore.Stats{
	Hits: 1, Misses: 2, Sets: 3, Deletes: 4, EvictionsByBytes: 5, EvictionsByEntries: 6, Expirations: 7,
	Entries: 8, KeyBytes: 9, ValueBytes: 10, OverheadBytes: 11, MaxBytes: 1<<64 - 2, MaxEntries: 13,
}

func TestWritePrometheus(t *testing.T) {
	var text strings.Builder
	ok(t, numbered.WritePrometheus(&text, "cache"))
	const want = `# HELP bytestore_hits_total Keys that were looked up and found.
# TYPE bytestore_hits_total counter
bytestore_hits_total{store="cache"} 1
# HELP bytestore_misses_total Keys that were looked up and not found.
# TYPE bytestore_misses_total counter
bytestore_misses_total{store="cache"} 2
# HELP bytestore_sets_total Pairs that were set.
# TYPE bytestore_sets_total counter
bytestore_sets_total{store="cache"} 3
# HELP bytestore_deletes_total Entries that were deleted by callers.
# TYPE bytestore_deletes_total counter
bytestore_deletes_total{store="cache"} 4
# HELP bytestore_evictions_total Entries that went because the store was over a bound.
# TYPE bytestore_evictions_total counter
bytestore_evictions_total{store="cache",cause="max_bytes"} 5
bytestore_evictions_total{store="cache",cause="max_entries"} 6
# HELP bytestore_expirations_total Entries whose time to live was over.
# TYPE bytestore_expirations_total counter
bytestore_expirations_total{store="cache"} 7
# HELP bytestore_entries Entries that are there.
# TYPE bytestore_entries gauge
bytestore_entries{store="cache"} 8
# HELP bytestore_bytes Bytes that the entries take.
# TYPE bytestore_bytes gauge
bytestore_bytes{store="cache",kind="keys"} 9
bytestore_bytes{store="cache",kind="values"} 10
bytestore_bytes{store="cache",kind="overhead"} 11
# HELP bytestore_max_bytes Bytes that the entries may take, 0 for no bound.
# TYPE bytestore_max_bytes gauge
bytestore_max_bytes{store="cache"} 18446744073709551614
# HELP bytestore_max_entries How many entries there may be, 0 for no bound.
# TYPE bytestore_max_entries gauge
bytestore_max_entries{store="cache"} 13
`
	if text.String() != want {
		t.Errorf("got\n%s\ninstead of\n%s", &text, want)
	}
}

// Several stores in one answer, with names that are hard to write down.
func TestWritePrometheusForSeveralStores(t *testing.T) {
	names := []string{"a", "", `back\slash`, `"quoted"`, "two\nlines", "é", "not UTF-8: \xff", `\n`, `,cause="x"} 7`}
	stores := map[string]bytestore.Stats{}
	for i, name := range names {
		stores[name] = bytestore.Stats{Hits: uint64(i)}
	}
	var text strings.Builder
	ok(t, bytestore.WritePrometheus(&text, stores))
	samples, err := parsed(text.String())
	ok(t, err)
	fields := reflect.TypeFor[bytestore.Stats]().NumField()
	if len(samples) != fields*len(names) {
		t.Errorf("%d samples for %d fields of %d stores", len(samples), fields, len(names))
	}
	for i, name := range names {
		series := fmt.Sprintf("bytestore_hits_total store=%q", strings.ToValidUTF8(name, "\uFFFD"))
		if samples[series] != fmt.Sprint(i) {
			t.Errorf("%s is %q in\n%s", series, samples[series], &text)
		}
	}
	for range 20 { // Go's maps have few orders
		var again strings.Builder
		ok(t, bytestore.WritePrometheus(&again, stores))
		if again.String() != text.String() {
			t.Fatal("the order is another one the next time")
		}
	}
	var none strings.Builder
	ok(t, bytestore.WritePrometheus(&none, nil))
	if samples, err := parsed(none.String()); err != nil || len(samples) != 0 {
		t.Errorf("no stores: %v, %v", samples, err)
	}
}

type brokenWriter struct{ calls int }

var errBroken = errors.New("broken")

func (w *brokenWriter) Write([]byte) (int, error) {
	w.calls++
	return 0, errBroken
}

func TestWritePrometheusToABrokenWriter(t *testing.T) {
	var w brokenWriter
	if err := numbered.WritePrometheus(&w, "cache"); !errors.Is(err, errBroken) || w.calls != 1 {
		t.Errorf("%v after %d calls", err, w.calls)
	}
}

var (
	commentLine = regexp.MustCompile(`^# (HELP|TYPE) ([a-z_]+) (.+)$`)
	sampleLine  = regexp.MustCompile(`^([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} ([0-9]+)$`)
	labelForm   = regexp.MustCompile(`([a-z]+)="((?:[^"\\]|\\.)*)"`)
	unescaped   = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")
)

// parsed reads samples by their series, and refuses what the format forbids: a metric that comes in
// two places, a sample before its metric's HELP and TYPE, a series that is there twice, a bad name.
func parsed(text string) (map[string]string, error) {
	samples, metrics := map[string]string{}, map[string]string{}
	current := ""
	if !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the last line does not end")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if comment := commentLine.FindStringSubmatch(line); comment != nil {
			kind, name := comment[1], comment[2]
			switch {
			case kind == "HELP" && metrics[name] == "":
				current, metrics[name] = name, "HELP"
			case kind == "TYPE" && name == current && metrics[name] == "HELP" &&
				(comment[3] == "counter") == strings.HasSuffix(name, "_total"):
				metrics[name] = comment[3]
			default:
				return nil, fmt.Errorf("line %d is out of place: %s", i+1, line)
			}
			continue
		}
		sample := sampleLine.FindStringSubmatch(line)
		if sample == nil || sample[1] != current || metrics[current] == "HELP" {
			return nil, fmt.Errorf("line %d is no sample of %s: %s", i+1, current, line)
		}
		labels := []string{}
		for _, label := range labelForm.FindAllStringSubmatch(sample[2], -1) {
			labels = append(labels, fmt.Sprintf("%s=%q", label[1], unescaped.Replace(label[2])))
		}
		series := sample[1] + " " + strings.Join(labels, " ")
		if _, twice := samples[series]; twice {
			return nil, fmt.Errorf("line %d: %s came before", i+1, series)
		}
		samples[series] = sample[3]
	}
	return samples, nil
}

// A reader that lets something pass would prove nothing.
func TestPrometheusReaderCanFail(t *testing.T) {
	const metric = "# HELP a_total A.\n# TYPE a_total counter\na_total{store=\"s\"} 1\n"
	samples, err := parsed(metric)
	if keys := slices.Collect(maps.Keys(samples)); err != nil || len(keys) != 1 || keys[0] != `a_total store="s"` {
		t.Errorf("%q, %v", keys, err)
	}
	for _, text := range []string{
		"", strings.TrimSuffix(metric, "\n"), metric + metric, metric + "a_total{store=\"s\"} 1\n",
		metric + "b{store=\"s\"} 1\n", metric + "a_total{store=\"\"\"} 1\n", metric + "a_total{store=\"\\t\"} 1\n",
		metric + "a_total{store=\"t\"} one\n", metric + "\n", "# TYPE a_total counter\n",
		"# HELP a_total A.\na_total{store=\"s\"} 1\n", strings.ReplaceAll(metric, "counter", "gauge"),
	} {
		if _, err := parsed(text); err == nil {
			t.Errorf("passes: %q", text)
		}
	}
}
