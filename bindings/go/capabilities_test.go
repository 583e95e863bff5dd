package bytestore

// Capabilities as they cross: each bit of the header has its field.

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestEveryCapabilityOfTheHeaderHasItsField(t *testing.T) {
	header, err := os.ReadFile("../../include/bytestore.h")
	if err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[Capabilities]()
	if bits := strings.Count(string(header), "#define BYTESTORE_CAN_"); bits != fields.NumField() {
		t.Errorf("%d capabilities in the header, %d here", bits, fields.NumField())
	}
	for bit := range fields.NumField() {
		can := reflect.ValueOf(capabilitiesOf(1 << bit))
		for field := range fields.NumField() {
			if can.Field(field).Bool() != (field == bit) {
				t.Errorf("bit %d: %+v", bit, can)
			}
		}
	}
	if can := capabilitiesOf(1 << 63); can != (Capabilities{}) {
		t.Errorf("of a later version: %+v", can)
	}
}
