package bytestore_test

// Runs the conformance cases that all languages share. Knows files and cases, no step.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestConformance(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folderOfCases(), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no conformance cases: %v", err)
	}
	passed, failed := 0, 0
	names := map[string]bool{}
	for _, file := range files {
		cases, err := readCases(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			failed++
		}
		for _, c := range cases {
			fine := t.Run(c.Name, func(t *testing.T) {
				if c.Name == "" || names[c.Name] || len(c.Steps) == 0 {
					t.Fatalf("a case needs a name of its own and steps: %q", c.Name)
				}
				names[c.Name] = true
				for name, mget := range forms {
					t.Run(name, func(t *testing.T) { runCase(t, callsWith(name, mget), c.Steps) })
				}
			})
			if fine {
				passed++
			} else {
				failed++
			}
		}
	}
	fmt.Printf("conformance: %d passed, %d failed\n", passed, failed)
	if passed == 0 {
		t.Error("no case ran")
	}
}

type conformanceCase struct {
	Name  string
	Steps []step
}

func readCases(file string) ([]conformanceCase, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var content struct{ Cases []conformanceCase }
	err = strictly(text, &content)
	return content.Cases, err
}

func runCase(t *testing.T, calls calls, steps []step) {
	r := newRunner(t, calls)
	for i, s := range steps {
		if err := r.run(s); err != nil {
			text, _ := json.Marshal(s)
			t.Fatalf("step %d: %v\n%.300s", i+1, err, text)
		}
	}
}

// strictly decodes JSON and accepts no unknown field and nothing after the value.
func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return fmt.Errorf("something follows the JSON value")
	}
	return nil
}

// A harness that lets something pass which it does not know, or that is wrong, would prove nothing.
func TestConformanceCanFail(t *testing.T) {
	for _, form := range []string{
		`{"do": "mappend", "keys": ["a"]}`,
		`{"keys": ["a"], "expect": [null]}`,
		`{"do": "mget", "keys": ["a"]}`,
		`{"do": "mget", "keys": ["a"], "expect": [null], "unknown": 1}`,
		`{"do": "mget", "keys": ["a"], "expect": [""]}`,
		`{"do": "mget", "keys": ["a"], "expect": []}`,
		`{"do": "mget", "keys": ["a"], "expect": [null], "store": "other"}`,
		`{"do": "mget", "keys": {"count": 1, "pattern": "{i}", "unknown": 1}, "expect": [null]}`,
		`{"do": "mget", "keys": ["a"], "expect": [null], "error": "closed_handle"}`,
		`{"do": "mset", "pairs": [["a"]]}`,
		`{"do": "mset", "pairs": {"keys": ["a"], "values": []}}`,
		`{"do": "mset", "pairs": [], "error": "closed_handle"}`,
		`{"do": "mset", "pairs": [["a", "1"]], "ttl": 0}`,
		`{"do": "mset", "pairs": [["a", "1"]], "ttl": "1s"}`,
		`{"do": "mset", "pairs": [["a", "1"]], "ttl": 5, "error": "over_limit"}`,
		`{"do": "mdelete", "keys": ["a"], "removed": 1}`,
		`{"do": "keys", "expect": ["a"]}`,
		`{"do": "len", "expect": 1}`,
		`{"do": "counters"}`,
		`{"do": "counters", "expect": null}`,
		`{"do": "counters", "expect": {"hits": 1}}`,
		`{"do": "counters", "expect": {"sets": 1}}`,
		`{"do": "counters", "expect": {"sets": 0, "nosuch": 0}}`,
		`{"do": "counters", "expect": {"sets": -1}}`,
		`{"do": "counters", "expect": {}, "unknown": 1}`,
		`{"do": "counters", "error": "closed_handle"}`,
		`{"do": "advance", "ms": 1}`,
		`{"do": "advance", "ms": 1, "error": "closed_handle"}`,
		`{"do": "advance", "error": "invalid_argument"}`,
		`{"do": "open", "store": "s", "url": "nosuch:"}`,
		`{"do": "open", "store": "s", "url": "memory:", "error": "invalid_argument"}`,
		`{"do": "open", "store": "s", "url": "nosuch:", "error": "closed_handle"}`,
		`{"do": "scan_rest", "scan": "s", "expect": []}`,
		`{"do": "count", "prefix": "a", "expect": 1}`,
		`{"do": "count", "expect": 0}`,
		`{"do": "delete_prefix", "prefix": "a", "removed": 1}`,
		`{"do": "page", "page": "p", "take": 1, "expect": ["a"]}`,
		`{"do": "page", "page": "p", "expect": []}`,
		`{"do": "page", "take": 1, "expect": []}`,
		`{"do": "page", "page": "p", "take": 1, "error": "closed_handle"}`,
		`{"do": "namespace", "prefix": "a"}`,
		`{"do": "namespace", "as": "n"}`,
		`{"do": "namespace", "prefix": "a", "as": ""}`,
		`{"do": "namespace", "prefix": "a", "as": "n", "error": "closed_handle"}`,
		`{"do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "expect": ["2"]}`,
		`{"do": "compute", "keys": ["a"], "missing": ["b"], "values": ["1"], "expect": ["1"]}`,
		`{"do": "compute", "keys": ["a"], "missing": [], "expect": [""]}`,
		`{"do": "compute", "keys": [], "missing": ["a"], "values": ["1"], "expect": []}`,
		`{"do": "compute", "keys": [], "missing": [], "fails": true}`,
		`{"do": "compute", "keys": ["a"], "missing": ["a"], "expect": ["1"]}`,
		`{"do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "expect": ["1"], "fails": true}`,
		`{"do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "error": "over_limit"}`,
		`{"do": "save"}`,
		`{"do": "save", "as": "s", "unknown": 1}`,
		`{"do": "save", "as": "s", "error": "closed_handle"}`,
		`{"do": "load"}`,
		`{"do": "load", "from": "none"}`,
		`{"do": "load", "from": "none", "error": "bad_snapshot"}`,
		`{"do": "load", "from": "empty", "cut": 1}`,
		`{"do": "load", "from": "empty", "flip": 5}`,
		`{"do": "load", "from": "empty", "flip": 100000, "error": "bad_snapshot"}`,
		`{"do": "load", "from": "empty", "error": "bad_snapshot"}`,
		`{"do": "load", "from": "empty", "cut": 1, "error": "unsupported"}`,
		`{"do": "open", "store": "s", "snapshot": "none"}`,
		`{"do": "open", "store": "s", "snapshot": "empty", "url": "memory:"}`,
		`{"do": "open", "store": "s", "snapshot": "empty", "error": "bad_snapshot"}`,
		`{"do": "race", "keys": ["a"], "writers": 1, "rounds": 1, "with": "mget"}`,
	} {
		var s step
		ok(t, json.Unmarshal([]byte(form), &s))
		r := newRunner(t, callsWith("MGet", forms["MGet"]))
		ok(t, r.run(step{"do": []byte(`"save"`), "as": []byte(`"empty"`)}))
		if r.run(s) == nil {
			t.Errorf("passes: %s", form)
		}
	}
	torn := [][]byte{[]byte("0-1"), nil}
	if same(torn, [][]byte{[]byte("0-1"), {}}) == nil || same(torn, torn[:1]) == nil {
		t.Error("a missing value counts as an empty one, or a short answer as a full one")
	}
}
