package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// A Problem is one mistake in the configuration.
type Problem struct {
	File   string // of the configuration, or "environment"
	Line   int    // from 1; 0 where the problem has no line
	Column int    // from 1, in characters; 0 where the problem has no line
	Key    string // dotted, list entries from 0: "channels[2].quiet"; a variable's name in the environment
	Text   string // what is wrong and what was expected; holds no secret
}

func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	b.WriteString(": " + p.Text)
	return b.String()
}

// Problems are all mistakes of a configuration in the order of its lines,
// those of the environment last.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// A place is where a value was set.
type place struct {
	line, column int
	variable     string // of the environment
}

// A report collects problems and remembers where every value came from.
type report struct {
	file     string
	lines    []string // of the file
	at       map[string]place
	bad      map[string]bool // keys that have a problem: one each is enough
	problems Problems
}

func newReport(file string) *report {
	return &report{file: file, at: map[string]place{}, bad: map[string]bool{}}
}

// isBad reports whether key, or something around it, has a problem.
func (r *report) isBad(key string) bool {
	for ; key != ""; key = parent(key) {
		if r.bad[key] {
			return true
		}
	}
	return false
}

// set reports whether key was given a value at all.
func (r *report) set(key string) bool { _, ok := r.at[key]; return ok }

// add notes a problem with the value of key. Where it was never set, the
// closest mapping around it is the place.
func (r *report) add(key, format string, args ...any) {
	if r.isBad(key) {
		return
	}
	for k := key; ; k = parent(k) {
		if p, ok := r.at[k]; ok {
			r.addAt(p, key, format, args...)
			return
		}
		if k == "" {
			r.addAt(place{}, key, format, args...)
			return
		}
	}
}

// addError adds err where it is one.
func (r *report) addError(key string, err error) {
	if err != nil {
		r.add(key, "%v", err)
	}
}

func (r *report) addAt(at place, key, format string, args ...any) {
	r.bad[key] = true
	p := Problem{File: r.file, Line: at.line, Column: at.column, Key: key, Text: fmt.Sprintf(format, args...)}
	switch {
	case at.variable != "":
		p.File, p.Key = "environment", at.variable
	case p.File == "":
		p.File = "configuration"
	}
	r.problems = append(r.problems, p)
}

func (r *report) addFile(format string, args ...any) { r.addAt(place{}, "", format, args...) }

func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		inEnv := func(p Problem) int {
			if p.File == "environment" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(inEnv(a), inEnv(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// parent returns the key around key: "a[1].b" is in "a[1]", that in "a", and
// "a" in "".
func parent(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}

func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// pathless drops the path from a file error: the problem names the file.
func pathless(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// didYouMean returns `: did you mean "interval"?` for the word of among that
// is nearest to got, "" where none is near.
func didYouMean(got string, among []string) string {
	if w := nearest(got, among); w != "" {
		return fmt.Sprintf(": did you mean %q?", w)
	}
	return ""
}

// nearest returns the word of among that got is most likely a slip of, ""
// where none is near: a third of the letters may be wrong, or one word may
// be a part of the other.
func nearest(got string, among []string) string {
	got = strings.ToLower(got)
	best, least := "", max(1, len([]rune(got))/3)+1
	for _, w := range among {
		if d := distance(got, strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	if best == "" && len(got) >= 3 {
		for _, w := range among {
			if l := strings.ToLower(w); strings.Contains(l, got) || len(l) >= 3 && strings.Contains(got, l) {
				return w
			}
		}
	}
	return best
}

// distance is the number of letters to insert, drop, change or swap with a
// neighbour (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before, last []int
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, last, row = last, row, make([]int, len(t)+1)
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(t)]
}
