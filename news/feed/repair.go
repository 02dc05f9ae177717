package feed

import "bytes"

// A shape is what a quick look over an XML document finds, without parsing it.
type shape struct {
	end   int      // after the last complete item that was asked for; 0 without any
	open  [][]byte // the elements that are open there, outermost first
	items int      // complete ones up to end
	more  bool     // an item begins after that
	deep  bool     // elements nest deeper than maxDepth
}

// scan walks over the tags of a document until maxItems items are complete
// and another begins; a negative maxItems means all. It is lenient: a closing
// tag closes everything within its element.
func scan(doc []byte, maxItems int) shape {
	var s shape
	var stack [][]byte
	itemDepth := 0 // of the item that is open, 0 outside
	for i := 0; i < len(doc); {
		lt := bytes.IndexByte(doc[i:], '<')
		if lt < 0 {
			break
		}
		i += lt
		rest := doc[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			i = after(doc, i, "-->")
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			i = after(doc, i, "]]>")
		case bytes.HasPrefix(rest, []byte("<?")):
			i = after(doc, i, "?>")
		case bytes.HasPrefix(rest, []byte("<!")):
			i = after(doc, i, ">")
		default:
			end := tagEnd(rest)
			if end < 0 {
				return s
			}
			name, closing, empty := tagName(rest[:end])
			i += end
			switch {
			case len(name) == 0 || empty:
			case closing:
				for k := len(stack) - 1; k >= 0; k-- {
					if bytes.Equal(stack[k], name) {
						stack = stack[:k]
						break
					}
				}
				if itemDepth > 0 && len(stack) < itemDepth {
					itemDepth = 0
					s.end, s.items = i, s.items+1
					s.open = append(s.open[:0], stack...)
				}
			default:
				if isItem(name) && itemDepth == 0 {
					if maxItems >= 0 && s.items == maxItems {
						s.more = true
						return s
					}
					itemDepth = len(stack) + 1
				}
				if stack = append(stack, name); len(stack) > maxDepth {
					s.deep = true
					return s
				}
			}
		}
	}
	return s
}

// repair returns the document up to its last complete item, at most maxItems
// of them, with the open elements closed, and how many items that are.
func repair(doc []byte, maxItems int) ([]byte, int) {
	s := scan(doc, maxItems)
	if s.items == 0 {
		return nil, 0
	}
	out := append([]byte(nil), doc[:s.end]...)
	for i := len(s.open) - 1; i >= 0; i-- {
		out = append(append(append(out, "</"...), s.open[i]...), '>')
	}
	return out, s.items
}

func after(doc []byte, i int, end string) int {
	if n := bytes.Index(doc[i:], []byte(end)); n >= 0 {
		return i + n + len(end)
	}
	return len(doc)
}

// tagEnd returns the length of the tag that tag begins with, its quotes
// respected, or -1 where it does not end.
func tagEnd(tag []byte) int {
	var quote byte
	for i, c := range tag {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return -1
}

func tagName(tag []byte) (name []byte, closing, empty bool) {
	t := bytes.TrimSuffix(tag[1:], []byte(">"))
	t, closing = bytes.CutPrefix(t, []byte("/"))
	t, empty = bytes.CutSuffix(t, []byte("/"))
	if i := bytes.IndexAny(t, " \t\r\n"); i >= 0 {
		t = t[:i]
	}
	return t, closing, empty
}

func isItem(name []byte) bool {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return string(name) == "item" || string(name) == "entry"
}
