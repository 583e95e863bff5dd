package bytestore_test

// The notation of bytes, lists and pairs in the conformance cases. Knows no step and no store.

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bytestore/bytestore/bindings/go"
)

// text is one item: "abc%00%FF", or {"repeat": …, "times": N}.
type text []byte

func (b *text) UnmarshalJSON(form []byte) error {
	if form[0] == '{' {
		var repeated struct {
			Repeat *text
			Times  *int
		}
		if err := strictly(form, &repeated); err != nil {
			return err
		}
		if repeated.Repeat == nil || repeated.Times == nil || *repeated.Times < 0 {
			return fmt.Errorf("repeated bytes need repeat and times: %s", form)
		}
		*b = []byte(strings.Repeat(string(*repeated.Repeat), *repeated.Times))
		return nil
	}
	var s *string
	if err := json.Unmarshal(form, &s); err != nil {
		return err
	}
	if s == nil {
		return errors.New("null is no key and no value")
	}
	decoded, err := percentDecoded(*s)
	*b = decoded
	return err
}

func percentDecoded(s string) ([]byte, error) {
	parts := strings.Split(s, "%")
	decoded := []byte(parts[0])
	for _, part := range parts[1:] {
		if len(part) < 2 {
			return nil, fmt.Errorf("a percent sign without two digits: %q", s)
		}
		b, err := hex.DecodeString(part[:2])
		if err != nil {
			return nil, fmt.Errorf("%w: %q", err, s)
		}
		decoded = append(append(decoded, b...), part[2:]...)
	}
	return decoded, nil
}

// list is a list of items, each perhaps nil: a JSON array, or a pattern that is counted up.
type list [][]byte

func (l *list) UnmarshalJSON(form []byte) error {
	if form[0] == '{' {
		return l.fromPattern(form)
	}
	var items []*text
	if err := json.Unmarshal(form, &items); err != nil {
		return err
	}
	if items == nil {
		return errors.New("null is no list")
	}
	*l = make(list, len(items))
	for i, item := range items {
		if item != nil {
			(*l)[i] = append([]byte{}, *item...)
		}
	}
	return nil
}

func (l *list) fromPattern(form []byte) error {
	pattern := struct {
		Count   *int
		Pattern *string
		Start   int
		Step    int
	}{Step: 1}
	if err := strictly(form, &pattern); err != nil {
		return err
	}
	if pattern.Count == nil || pattern.Pattern == nil || *pattern.Count < 0 {
		return fmt.Errorf("a pattern needs count and pattern: %s", form)
	}
	*l = make(list, *pattern.Count)
	for i := range *l {
		number := fmt.Sprintf("%06d", pattern.Start+i*pattern.Step)
		item, err := percentDecoded(strings.ReplaceAll(*pattern.Pattern, "{i}", number))
		if err != nil {
			return err
		}
		(*l)[i] = item
	}
	return nil
}

// present says whether no item is nil.
func (l list) present() bool {
	for _, item := range l {
		if item == nil {
			return false
		}
	}
	return true
}

// pairs is [[key, value], …], or keys with values, or keys with one value.
type pairs []bytestore.Pair

func (p *pairs) UnmarshalJSON(form []byte) error {
	if form[0] != '{' {
		var items []list
		if err := json.Unmarshal(form, &items); err != nil {
			return err
		}
		*p = pairs{}
		for _, item := range items {
			if len(item) != 2 || !item.present() {
				return fmt.Errorf("a pair is [key, value]: %q", item)
			}
			*p = append(*p, bytestore.Pair{Key: item[0], Value: item[1]})
		}
		return nil
	}
	var lists struct {
		Keys, Values list
		Value        *text
	}
	if err := strictly(form, &lists); err != nil {
		return err
	}
	if lists.Keys == nil || (lists.Values == nil) == (lists.Value == nil) {
		return errors.New("pairs need keys, and values or a value")
	}
	if lists.Values != nil && len(lists.Keys) != len(lists.Values) || !lists.Keys.present() || !lists.Values.present() {
		return errors.New("as many values as keys")
	}
	*p = make(pairs, len(lists.Keys))
	for i, key := range lists.Keys {
		value := lists.Values
		if lists.Value != nil {
			(*p)[i] = bytestore.Pair{Key: key, Value: append([]byte{}, *lists.Value...)}
		} else {
			(*p)[i] = bytestore.Pair{Key: key, Value: value[i]}
		}
	}
	return nil
}

func TestNotation(t *testing.T) {
	for form, want := range map[string]string{
		`"a%00%FFz"`:                    "a\x00\xffz",
		`"%25é"`:                        "%é",
		`{"repeat": "ab", "times": 2}`:  "abab",
		`{"repeat": "%00", "times": 0}`: "",
		`{"repeat": {"repeat": "a", "times": 2}, "times": 2}`: "aaaa",
	} {
		var got text
		if err := json.Unmarshal([]byte(form), &got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", form, got, err)
		}
	}
	for _, form := range []string{`"%0"`, `"%zz"`, `1`, `null`, `{"repeat": "a"}`, `{"repeat": "a", "times": 1, "x": 1}`} {
		var got text
		if err := got.UnmarshalJSON([]byte(form)); err == nil {
			t.Errorf("%s is accepted as %q", form, got)
		}
	}
	var counted list
	form := `{"count": 3, "pattern": "k{i}%00", "start": 5, "step": 10}`
	if err := json.Unmarshal([]byte(form), &counted); err != nil || fmt.Sprintf("%q", counted) != `["k000005\x00" "k000015\x00" "k000025\x00"]` {
		t.Errorf("%q, %v", counted, err)
	}
}
