package feed

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits on what a document may ask of the parser. gofeed has none of its own:
// it recurses into nested elements and keeps a structure for each.
const (
	maxDepth = 200     // of nested elements; real feeds with XHTML inside stay below 60
	maxMarks = 400_000 // tags, comments and sections; 500 items of 800
	maxAttrs = 500     // of one tag
)

// Why a scan ended before the document did.
var (
	errItems = errors.New("it has more items")
	errDeep  = fmt.Errorf("it nests elements deeper than %d", maxDepth)
	errMarks = fmt.Errorf("it has more than %d tags", maxMarks)
	errShort = errors.New("it is cut short")
	errInner = errors.New("it holds an XML declaration inside")
)

// A span is where an item stands in a document.
type span struct{ from, to int }

// An outline is what a quick walk over a document finds without parsing it.
// Only what the walk has vetted goes to the parser: up to the document's end
// where stop is nil, up to the last complete item otherwise.
type outline struct {
	items []span   // the complete items, maxItems at most
	open  [][]byte // the elements that are open after the last of them, outermost first
	stop  error
}

// scan walks over the markup of an XML document as encoding/xml will in its
// lenient mode, so that what it counts is what the parser would meet: a closing
// tag closes everything within its element.
func scan(doc []byte, maxItems int) (o outline) {
	var stack [][]byte
	begun, depth := 0, 0 // the item that is open: where, and on which level; 0 outside
	marks := 0
	for i := 0; i < len(doc); {
		lt := bytes.IndexByte(doc[i:], '<')
		if lt < 0 {
			break
		}
		i += lt
		if marks++; marks > maxMarks {
			o.stop = errMarks
			return o
		}
		rest := doc[i:]
		if n, ok := noTag(rest); ok {
			switch {
			case n < 0:
				o.stop = errShort
				return o
			case bytes.HasPrefix(rest, []byte("<?xml")) && n > 5 && bytes.IndexByte([]byte(" \t\r\n?"), rest[5]) >= 0:
				o.stop = errInner // it could name another encoding for all that follows
				return o
			}
			i += n
			continue
		}
		end, attrs := tagEnd(rest)
		switch {
		case end < 0:
			o.stop = errShort
			return o
		case attrs > maxAttrs:
			o.stop = errMarks
			return o
		}
		name, closing, empty := tagName(rest[:end])
		begin := i
		i += end
		if len(name) == 0 {
			continue
		}
		if !closing {
			if depth == 0 && isItem(name) {
				if len(o.items) == maxItems {
					o.stop = errItems
					return o
				}
				begun, depth = begin, len(stack)+1
			}
			if stack = append(stack, name); len(stack) > maxDepth {
				o.stop = errDeep
				return o
			}
		}
		if closing || empty {
			stack = pop(stack, name)
		}
		if depth > 0 && len(stack) < depth {
			depth = 0
			o.items = append(o.items, span{begun, i})
			o.open = append(o.open[:0], stack...)
		}
	}
	if len(stack) > 0 {
		o.stop = errShort
	}
	return o
}

// pop closes the innermost element of a name and all within it.
func pop(stack [][]byte, name []byte) [][]byte {
	for k := len(stack) - 1; k >= 0; k-- {
		if bytes.EqualFold(stack[k], name) {
			return stack[:k]
		}
	}
	return stack
}

// cut returns the document up to its last complete item, with the open
// elements closed.
func (o *outline) cut(doc []byte) []byte {
	out := bytes.Clone(doc[:o.items[len(o.items)-1].to])
	for i := len(o.open) - 1; i >= 0; i-- {
		out = append(append(append(out, "</"...), o.open[i]...), '>')
	}
	return out
}

// noTag returns the length of the comment, section, instruction or directive
// that b begins with, -1 where it does not end; ok is false for a tag.
func noTag(b []byte) (n int, ok bool) {
	for _, s := range [...]struct{ open, close string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if bytes.HasPrefix(b, []byte(s.open)) {
			if n := bytes.Index(b[len(s.open):], []byte(s.close)); n >= 0 {
				return len(s.open) + n + len(s.close), true
			}
			return -1, true
		}
	}
	if bytes.HasPrefix(b, []byte("<!")) {
		return directiveEnd(b), true
	}
	return 0, false
}

// directiveEnd returns the length of the directive that b begins with, or -1.
// Directives nest, and what is quoted or commented in them counts for nothing:
// an end found too early would hide the rest of the document from the scan.
func directiveEnd(b []byte) int {
	var quote byte
	depth := 0
	for i := 2; i < len(b); i++ {
		c := b[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<' && bytes.HasPrefix(b[i:], []byte("<!--")):
			n := bytes.Index(b[i+4:], []byte("-->"))
			if n < 0 {
				return -1
			}
			i += 4 + n + 2
		case c == '<':
			depth++
		case c == '>' && depth == 0:
			return i + 1
		case c == '>':
			depth--
		}
	}
	return -1
}

// tagEnd returns the length of the tag that b begins with, its quotes
// respected, or -1 where it does not end; and how many attributes it has.
func tagEnd(b []byte) (n, attrs int) {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			attrs++
		case c == '>':
			return i + 1, attrs
		}
	}
	return -1, attrs
}

func tagName(tag []byte) (name []byte, closing, empty bool) {
	t := bytes.TrimSuffix(tag[1:], []byte(">"))
	t, closing = bytes.CutPrefix(t, []byte("/"))
	t, empty = bytes.CutSuffix(t, []byte("/"))
	if i := bytes.IndexAny(t, " \t\r\n/"); i >= 0 {
		t = t[:i]
	}
	return t, closing, empty
}

func isItem(name []byte) bool {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return bytes.EqualFold(name, []byte("item")) || bytes.EqualFold(name, []byte("entry"))
}

// root returns the document from its root element on, the element's name in
// lower case without prefix ("" where there is none), and whether the document
// says that it is HTML. What stands before the root is of no use to a feed,
// and gofeed looks for the root in the first 4 KiB only.
func root(doc []byte) (rest []byte, name string, html bool) {
	for {
		doc = bytes.TrimLeft(doc, " \t\r\n")
		n, ok := noTag(doc)
		if !ok {
			break
		}
		if n < 0 {
			return nil, "", html
		}
		html = html || bytes.HasPrefix(bytes.ToLower(doc[:min(n, 20)]), []byte("<!doctype html"))
		doc = doc[n:]
	}
	end, _ := tagEnd(doc)
	if len(doc) == 0 || doc[0] != '<' || end < 0 {
		return doc, "", html
	}
	tag, _, _ := tagName(doc[:end])
	if i := bytes.IndexByte(tag, ':'); i >= 0 {
		tag = tag[i+1:]
	}
	name = string(bytes.ToLower(tag))
	return doc, name, html || name == "html"
}
