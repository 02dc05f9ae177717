package bot

import (
	"slices"
	"testing"
)

func TestTheLogHasNoEmptyFields(t *testing.T) {
	if got := named("message", "m1", "reason", ""); !slices.Equal(got, []any{"message", "m1"}) {
		t.Errorf("got %v", got)
	}
	if got := named("message", "", "reason", "gone"); !slices.Equal(got, []any{"reason", "gone"}) {
		t.Errorf("got %v", got)
	}
}
