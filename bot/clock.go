package bot

import (
	"sync"
	"time"
)

// clockTime returns when clocks of zone show a time of a day, as RFC 5545,
// section 3.3.5, has it: the first of two where clocks are put back, and as much
// later as they are put forward where they skip it. time.Date promises neither:
// west of Greenwich it is earlier, at midnight even on the day before.
func clockTime(year int, month time.Month, day, hour, minute int, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	var before time.Time
	for _, side := range []int{-1, 1} { // the offsets before and after a change that may be near
		_, offset := wall.AddDate(0, 0, side).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Day() == wall.Day() && t.Hour() == hour && t.Minute() == minute {
			return t
		}
		if side < 0 {
			before = t
		}
	}
	return before
}

// zonesRead are the time zones that were asked for by name: to read one anew for
// each order would cost more than all else that is decided about it.
var zonesRead sync.Map

// location is time.LoadLocation with a memory.
func location(name string) (*time.Location, error) {
	if zone, ok := zonesRead.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zonesRead.Store(name, zone)
	}
	return zone, err
}
