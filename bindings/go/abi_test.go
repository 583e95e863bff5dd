package bytestore

// The check that the library which is loaded is the one that was compiled against.

import (
	"strings"
	"testing"
)

func TestForeignLibraryIsRefused(t *testing.T) {
	if err := checkABI(); err != nil {
		t.Error(err)
	}
	err := compareABI(9999)
	if err == nil || !strings.Contains(err.Error(), "9999") || !strings.Contains(err.Error(), Version()) {
		t.Errorf("got %v", err)
	}
}
