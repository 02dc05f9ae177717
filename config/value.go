package config

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// text returns what a scalar says as a text. A number is one too: ids and
// model names are often left without quotes.
func text(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	s := number(n)
	return s, s != ""
}

// number returns a number as it was written, "" where n is none.
func number(n ast.Node) string {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value
	}
	return ""
}

// got shows a value that is no secret; sortOf tells only what sort it is of.
func got(n ast.Node) string {
	if s, ok := text(n); ok {
		if number(n) != "" {
			return s
		}
		if r := []rune(s); len(r) > 40 {
			s = string(r[:40]) + "..."
		}
		return strconv.Quote(s)
	}
	if b, ok := n.(*ast.BoolNode); ok {
		return strconv.FormatBool(b.Value)
	}
	return sortOf(n)
}

func sortOf(n ast.Node) string {
	switch n.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.StringType, ast.LiteralType:
		return "a text"
	case ast.BoolType:
		return "true or false"
	case ast.NullType:
		return "nothing"
	}
	return "a number"
}

// keys lists the keys of a struct in the order of its fields; those without a
// key come after all others.
func keys(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if tag, ok := t.Field(i).Tag.Lookup("yaml"); ok {
			name, _, _ := strings.Cut(tag, ",")
			names = append(names, name)
		}
	}
	return names
}

// paths lists every key below t.
func paths(t reflect.Type, key string) []string {
	if t.Kind() == reflect.Slice {
		t, key = t.Elem(), key+"[]"
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for i, k := range keys(t) {
		all = append(all, join(key, k))
		all = append(all, paths(t.Field(i).Type, join(key, k))...)
	}
	return all
}
