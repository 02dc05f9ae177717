package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// checkText refuses what is no UTF-8 and drops a byte order mark.
func (r *report) checkText(text []byte) ([]byte, bool) {
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		r.addAt(place{line: 1, column: 1}, "", "is UTF-16: want UTF-8")
		return nil, false
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	at := place{line: 1, column: 1}
	for rest := text; len(rest) > 0; {
		c, n := utf8.DecodeRune(rest)
		switch {
		case c == utf8.RuneError && n == 1:
			r.addAt(at, "", "byte %#02x is not UTF-8: save the file as UTF-8", rest[0])
			return nil, false
		case c == '\n':
			at = place{line: at.line + 1, column: 1}
		default:
			at.column++
		}
		rest = rest[n:]
	}
	return text, true
}

// decode reads the one document of text into c.
func (r *report) decode(text []byte, c *Config) {
	r.lines = strings.Split(string(text), "\n")
	// The parser stops at the first duplicate key; the decoder names them all.
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		// The library's own text quotes the lines around, and with them secrets.
		if e, ok := errors.AsType[yaml.Error](err); ok {
			r.addAt(r.where(e.GetToken()), "", "no YAML: %s", syntax(e.GetMessage()))
		} else {
			r.addFile("no YAML that can be read")
		}
		return
	}
	d := decoder{report: r, anchors: map[string]ast.Node{}}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.NullType:
		case body != nil:
			r.addAt(d.place(doc.Body), "", "a second document begins: want one")
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return
	}
	ast.Walk(&d, body)
	d.value(body, reflect.ValueOf(c).Elem(), "")
}

// A decoder walks a document against the structs. The document may be as deep
// as it likes: the walk goes no deeper than the structs do.
type decoder struct {
	*report
	anchors map[string]ast.Node
}

// Visit collects anchors.
func (d *decoder) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		d.anchors[a.Name.GetToken().Value] = a.Value
	}
	return d
}

// value sets v from n. A null leaves v as it is.
func (d *decoder) value(n ast.Node, v reflect.Value, key string) {
	n, ok := d.resolve(n, key)
	if !ok || n.Type() == ast.NullType {
		return
	}
	d.at[key] = d.place(n)
	switch target := v.Addr().Interface().(type) {
	case *time.Duration:
		d.duration(n, target, key)
		return
	case *Secret:
		if s, ok := text(n); ok {
			*target = Secret(strings.TrimSpace(s))
		} else {
			d.add(key, "want a text, got %s", sortOf(n))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, key)
	case reflect.Slice:
		d.list(n, v, key)
	case reflect.String:
		if s, ok := text(n); ok {
			v.SetString(s)
		} else if n.Type() == ast.BoolType {
			d.add(key, "want a text, got %s: write it in quotes if it is one", got(n))
		} else {
			d.add(key, "want a text, got %s", got(n))
		}
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
		} else {
			d.add(key, "want true or false, got %s", got(n))
		}
	case reflect.Int:
		if i, err := strconv.ParseInt(number(n), 0, 0); err == nil {
			v.SetInt(i)
		} else {
			d.add(key, "want a whole number, got %s", got(n))
		}
	case reflect.Float64:
		if f, err := strconv.ParseFloat(number(n), 64); err == nil {
			v.SetFloat(f)
		} else {
			d.add(key, "want a number, got %s", got(n))
		}
	default:
		panic("config: no decoding for " + v.Type().String())
	}
}

func (d *decoder) duration(n ast.Node, target *time.Duration, key string) {
	s, _ := text(n)
	v, err := time.ParseDuration(strings.TrimSpace(s))
	switch {
	case err == nil:
		*target = v
	case number(n) != "":
		d.add(key, `want a duration with its unit, such as "%ss" or "%[1]sm", got %s`, number(n), got(n))
	default:
		d.add(key, `want a duration such as "10m" or "1h30m", got %s`, got(n))
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, key string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		hint := ""
		if v.Type().Elem().Kind() == reflect.String {
			hint = ", as in [one, two]"
		}
		d.add(key, "want a list%s, got %s", hint, got(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, entry := range seq.Values {
		if entry == nil || entry.Type() == ast.NullType {
			d.at[index(key, i)] = place{line: seq.Start.Position.Line, column: seq.Start.Position.Column}
			if entry != nil {
				d.at[index(key, i)] = d.place(entry)
			}
			d.add(index(key, i), "is empty")
			continue
		}
		d.value(entry, v.Index(i), index(key, i))
	}
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, key string) {
	pairs, ok := d.pairs(n, key)
	if !ok {
		// A scalar here may well be a token: it is not shown.
		d.add(key, "want a mapping with keys such as %s, got %s", strings.Join(keys(v.Type())[:2], " and "), sortOf(n))
		return
	}
	first := map[string]place{}
	for _, p := range pairs {
		name, at := p.name, p.at
		if before, twice := first[name]; twice {
			d.addAt(at, join(key, name), "is given twice: the first is in line %d", before.line)
			continue
		}
		first[name] = at
		field := slices.Index(keys(v.Type()), name)
		if field < 0 {
			d.addAt(at, join(key, name), "unknown key%s", d.hint(name, v.Type()))
			continue
		}
		d.value(p.value, v.Field(field), join(key, name))
	}
}

// hint names the key that was meant: a near one of the same mapping, else
// those of the same name elsewhere, and always what is known here.
func (d *decoder) hint(name string, t reflect.Type) string {
	hint := didYouMean(name, keys(t))
	if hint == "" {
		all := paths(reflect.TypeFor[Config](), "")
		names := make([]string, len(all))
		for i, p := range all {
			names[i] = p[strings.LastIndex(p, ".")+1:]
		}
		if near := nearest(name, names); near != "" {
			all = slices.DeleteFunc(all, func(p string) bool { return p[strings.LastIndex(p, ".")+1:] != near })
			hint = fmt.Sprintf(": did you mean %s?", strings.Join(all, " or "))
		}
	}
	if hint == "" {
		hint = ":"
	}
	return hint + " want one of " + strings.Join(keys(t), ", ")
}

// A pair is one entry of a mapping.
type pair struct {
	name  string
	at    place
	value ast.Node
}

// pairs returns the entries of a mapping, with those that a merge key brings
// in unless the mapping has them itself.
func (d *decoder) pairs(n ast.Node, key string) ([]pair, bool) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, false
	}
	var own, merged []pair
	for _, v := range values {
		if !v.Key.IsMergeKey() {
			tk := v.Key.GetToken()
			if k, ok := v.Key.(*ast.MappingKeyNode); ok && k.Value != nil {
				tk = k.Value.GetToken()
			}
			own = append(own, pair{tk.Value, d.where(tk), v.Value})
			continue
		}
		from, ok := d.resolve(v.Value, key)
		if !ok {
			continue
		}
		// A merged mapping that merges in turn is rare enough to be refused:
		// its "<<" shows up as an unknown key.
		more, ok := from.(*ast.MappingNode)
		if !ok {
			d.addAt(d.where(v.Key.GetToken()), join(key, "<<"), "want an alias of a mapping, got %s", sortOf(from))
			continue
		}
		for _, m := range more.Values {
			merged = append(merged, pair{m.Key.GetToken().Value, d.where(m.Key.GetToken()), m.Value})
		}
	}
	for _, m := range merged {
		if !slices.ContainsFunc(own, func(p pair) bool { return p.name == m.name }) {
			own = append(own, m)
		}
	}
	return own, true
}

// resolve looks through anchors, aliases and tags.
func (d *decoder) resolve(n ast.Node, key string) (ast.Node, bool) {
	at := n
	for range 16 {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				names := make([]string, 0, len(d.anchors))
				for a := range d.anchors {
					names = append(names, a)
				}
				slices.Sort(names)
				d.addAt(d.place(at), key, "no anchor &%s in this file%s", name, didYouMean(name, names))
				return nil, false
			}
			n = target
		case nil:
			return nil, false
		default:
			return n, true
		}
	}
	d.addAt(d.place(at), key, "an alias leads to itself")
	return nil, false
}

func (d *decoder) place(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0]
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return d.where(m.Key.GetToken())
	}
	return d.where(n.GetToken())
}

// where returns the place of a token. The parser places one that follows a
// tab a column early, at the blank.
func (r *report) where(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	at := place{line: t.Position.Line, column: max(1, t.Position.Column)}
	if at.line <= len(r.lines) {
		line := []rune(r.lines[at.line-1])
		for at.column < len(line) && (line[at.column-1] == ' ' || line[at.column-1] == '\t') {
			at.column++
		}
	}
	return at
}
