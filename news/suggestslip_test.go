package news

import (
	"math/rand/v2"
	"testing"

	"newsdesk/news/topic"
)

// TestMayBeginRulesOutNothing: what is ruled out cheaply is ruled out by the
// look at each letter, too, for the beginnings of all names with none to two
// slips in them.
func TestMayBeginRulesOutNothing(t *testing.T) {
	names := namesOf(topic.Default())
	r := rand.New(rand.NewPCG(1, 2))
	ruledOut, begun := 0, 0
	for range 200_000 {
		typed := []rune(names[r.IntN(len(names))].name[1:])
		typed = typed[:min(len(typed), 4+r.IntN(8))]
		for range r.IntN(3) {
			typed = slip(r, typed)
		}
		n := len(typed)
		if n < minSpelling {
			continue
		}
		for range 4 {
			name := names[r.IntN(len(names))].name[1:]
			if r.IntN(2) == 0 {
				name = string(slip(r, typed)) + name
			}
			may, does := mayBegin(name, string(typed)), begins(name, string(typed), n)
			if does && !may {
				t.Fatalf("%q begins with %q but for a slip, and was ruled out", name, string(typed))
			}
			if does {
				begun++
			}
			if !may {
				ruledOut++
			}
		}
	}
	if begun < 10_000 || ruledOut < 100_000 {
		t.Errorf("%d began so and %d were ruled out: too few to tell anything", begun, ruledOut)
	}
}

// slip writes a text with one slip of the pen.
func slip(r *rand.Rand, in []rune) []rune {
	out, i := append([]rune{}, in...), r.IntN(len(in))
	letter := rune('a' + r.IntN(26))
	if r.IntN(50) == 0 {
		letter = 'é'
	}
	switch {
	case i+1 < len(out) && r.IntN(4) == 0:
		out[i], out[i+1] = out[i+1], out[i]
	case r.IntN(3) == 0:
		out[i] = letter
	case r.IntN(2) == 0 && len(out) > 1:
		out = append(out[:i], out[i+1:]...)
	default:
		out = append(out[:i], append([]rune{letter}, out[i:]...)...)
	}
	return out
}
