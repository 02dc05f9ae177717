package cluster

import "math/bits"

// A finder finds the terms of one vector fast, to compare it with many.
type finder struct {
	of    vector
	table []struct {
		term  uint32 // plus 1, 0 for none
		place uint32
	}
	shift int // of a hash, so that what is left is a place in the table
}

// findable is how many places of its table a term of a finder has: so many that
// most terms it does not have are met by an empty one.
const findable = 8

// set makes v the vector whose terms are found.
func (f *finder) set(v vector) {
	if len(f.of) == len(v) && len(v) > 0 && &f.of[0] == &v[0] {
		return
	}
	f.of = v
	size := bits.Len(uint(findable * len(v)))
	f.shift = 32 - size
	if cap(f.table) < 1<<size {
		f.table = make([]struct{ term, place uint32 }, 1<<size)
	}
	f.table = f.table[:1<<size]
	clear(f.table)
	for i, x := range v {
		at := f.place(x.term)
		for f.table[at].term != 0 {
			at = (at + 1) & (len(f.table) - 1)
		}
		f.table[at].term, f.table[at].place = x.term+1, uint32(i)
	}
}

func (f *finder) place(term uint32) int { return int(term * 2654435769 >> f.shift) } // Fibonacci hashing

// cosine is that of the vector whose terms are found and u.
func (f *finder) cosine(u vector, length, lengthU float64) float64 {
	dot := 0.0
	for _, x := range u {
		for at := f.place(x.term); f.table[at].term != 0; at = (at + 1) & (len(f.table) - 1) {
			if f.table[at].term == x.term+1 {
				dot += f.of[f.table[at].place].weight * x.weight
				break
			}
		}
	}
	if dot == 0 {
		return 0
	}
	return dot / (length * lengthU)
}

// each calls yield with what the vector and a sum have in common, in order.
func (f *finder) each(sum []held, yield func(*feature, *held)) {
	if len(sum) > jump*len(f.of) {
		at, known := 0, false
		for i := range f.of {
			if at, known = has(sum, at, f.of[i].term); known {
				yield(&f.of[i], &sum[at])
			}
		}
		return
	}
	for i := range sum {
		term := sum[i].term + 1
		for at := f.place(sum[i].term); f.table[at].term != 0; at = (at + 1) & (len(f.table) - 1) {
			if f.table[at].term == term {
				yield(&f.of[f.table[at].place], &sum[i])
				break
			}
		}
	}
}

// jump is how many times as long as a vector a sum is from which it is faster to
// jump through it than to look at all of it: measured, at 4 both take the same.
const jump = 4
