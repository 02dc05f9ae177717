package boltstore

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestTimeKey(t *testing.T) {
	base := time.Date(2025, 4, 28, 9, 0, 0, 0, time.UTC)
	var keys [][]byte
	for _, at := range []time.Time{
		{}, time.Unix(-1, 999), time.Unix(0, 0), base, base.Add(1), base.Add(time.Second - 1), base.Add(time.Second), base.AddDate(5000, 0, 0),
	} {
		if k := timeKey(at); len(k) != timeKeyLen {
			t.Errorf("the key of %v has %d bytes, want %d", at, len(k), timeKeyLen)
		} else {
			keys = append(keys, k)
		}
	}
	if !slices.IsSortedFunc(keys, bytes.Compare) || len(slices.CompactFunc(keys, bytes.Equal)) != 8 {
		t.Errorf("the keys do not sort as their times: %x", keys)
	}
}
