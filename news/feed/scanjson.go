package feed

import "bytes"

// scanJSON walks over a JSON Feed as scan does over XML. Its items are the
// elements of the last array right under the document's object: of a feed, that
// is "items"; no other such array has as many elements as a feed may have items.
func scanJSON(doc []byte, maxItems int) (o outline) {
	var stack []byte  // the brackets that are open
	var before []span // of the array before this one
	marks, begun := 0, -1
	// ends closes the element of the array that is open, where one is.
	ends := func(i int) {
		if begun >= 0 && len(bytes.TrimSpace(doc[begun:i])) > 0 {
			o.items = append(o.items, span{begun, i})
		}
		begun = -1
	}
	for i := 0; i < len(doc); i++ {
		inArray := len(stack) == 2 && stack[1] == '['
		switch c := doc[i]; c {
		case '"':
			for i++; i < len(doc) && doc[i] != '"'; i++ {
				if doc[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if stack = append(stack, c); len(stack) > maxDepth {
				o.stop = errDeep
				return o
			}
			if len(stack) == 2 && c == '[' {
				before, o.items, begun = o.items, nil, i+1
			}
			if marks++; marks > maxMarks {
				o.stop = errMarks
				return o
			}
		case '}', ']':
			if inArray {
				ends(i)
			}
			stack = stack[:max(len(stack)-1, 0)]
		case ',':
			if inArray {
				ends(i)
				if len(o.items) == maxItems {
					o.stop = errItems
					return o
				}
				begun = i + 1
			}
		}
	}
	if len(stack) > 0 {
		o.stop = errShort
		if len(o.items) == 0 {
			o.items = before
		}
	}
	return o
}

// cutJSON returns the document up to its last complete item, closed.
func (o *outline) cutJSON(doc []byte) []byte {
	return append(bytes.Clone(doc[:o.items[len(o.items)-1].to]), "]}"...)
}
