package news

import (
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// A vocabulary finds the words that a misspelt one may stand for. A word lies
// in two lists: with those of its length and first letter, and with those of
// its length and last two letters.
type vocabulary struct {
	lists map[wordEnd]*wordList
}

// A wordEnd is what the words of a list have in common.
type wordEnd struct {
	letters     int
	first, last rune // one of both is 0
	before      rune // last
}

// A wordList is a list of words. The sets of their letters lie by themselves:
// they rule most words out before their letters are compared.
type wordList struct {
	letters []uint64
	words   []spelling
}

// endsOf returns the lists of a word, with another number of letters.
func endsOf(word string, letters int) [2]wordEnd {
	first := firstRune(word)
	last, size := utf8.DecodeLastRuneInString(word)
	before, _ := utf8.DecodeLastRuneInString(word[:len(word)-size])
	return [2]wordEnd{{letters: letters, first: first}, {letters: letters, last: last, before: before}}
}

// A spelling is a word and what it stands for.
type spelling struct {
	word string
	term uint32
}

// Only words of this many letters are corrected: shorter ones have too many
// neighbours, longer ones are no words.
const (
	minSpelling = 4
	maxSpelling = 24
)

// add takes up a folded word where it is one that people may misspell.
func (v *vocabulary) add(word string, term uint32) {
	if n := spellable(word); n > 0 {
		if v.lists == nil {
			v.lists = map[wordEnd]*wordList{}
		}
		for _, at := range endsOf(word, n) {
			l := v.lists[at]
			if l == nil {
				l = &wordList{}
				v.lists[at] = l
			}
			l.letters, l.words = append(l.letters, lettersOf(word)), append(l.words, spelling{word, term})
		}
	}
}

// spellable returns the number of letters of a word that can be corrected, 0
// of one with digits, of a dense script or of another length.
func spellable(word string) int {
	n := 0
	for _, r := range word {
		if !unicode.IsLetter(r) || isDense(r) {
			return 0
		}
		n++
	}
	if n < minSpelling || n > maxSpelling {
		return 0
	}
	return n
}

// lettersOf returns the set of a word's letters; letters beyond a to z share
// the places behind them.
func lettersOf(word string) uint64 {
	var set uint64
	for _, r := range word {
		if r >= 'a' && r <= 'z' {
			set |= 1 << (r - 'a')
		} else {
			set |= 1 << (26 + r%38)
		}
	}
	return set
}

// apart counts the letters that are in one of two sets.
func apart(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// nearest returns the word closest to a folded word: one slip away, or two
// from eight letters on that leave it its first letter or its last two, as any
// single slip does; of several the one whose term most stories have, then
// the first in the alphabet. count gives the number of stories; words in no
// story do not count.
func (v *vocabulary) nearest(word string, count func(term uint32) int) (spelling, bool) {
	n := spellable(word)
	if n == 0 {
		return spelling{}, false
	}
	allowed := 1
	if n >= 8 {
		allowed = 2
	}
	letters := lettersOf(word)
	var best spelling
	at, stories := allowed+1, 0
	for l := max(n-allowed, minSpelling); l <= min(n+allowed, maxSpelling); l++ {
		// One slip takes one letter out of the set and brings one in, at most;
		// one that changes the length does only one of both.
		most := 2*allowed - max(n-l, l-n)
		for _, ends := range endsOf(word, l) {
			list := v.lists[ends]
			if list == nil {
				continue
			}
			for i, set := range list.letters {
				if apart(letters, set) > most {
					continue
				}
				s := list.words[i]
				d := slips(word, s.word, allowed)
				if d > allowed || d > at {
					continue
				}
				if c := count(s.term); c > 0 && (d < at || c > stories || c == stories && s.word < best.word) {
					best, at, stories = s, d, c
				}
			}
		}
	}
	return best, at <= allowed
}

// slips counts the letters to add, drop, change or swap with their neighbour
// that make a into b (optimal string alignment); more than allowed where it
// cannot be done with that many. Both have at most maxSpelling letters.
func slips(a, b string, allowed int) int {
	var x, y [maxSpelling]rune
	m, n := runes(&x, a), runes(&y, b)
	if m-n > allowed || n-m > allowed {
		return allowed + 1
	}
	var rows [3][maxSpelling + 1]int
	for j := 0; j <= n; j++ {
		rows[0][j] = j
	}
	two, one, row := &rows[2], &rows[0], &rows[1]
	for i := 1; i <= m; i++ {
		row[0] = i
		least := i
		for j := 1; j <= n; j++ {
			d := one[j-1]
			if x[i-1] != y[j-1] {
				d = 1 + min(d, one[j], row[j-1])
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					d = min(d, two[j-2]+1)
				}
			}
			row[j] = d
			least = min(least, d)
		}
		if least > allowed {
			return allowed + 1
		}
		two, one, row = one, row, two
	}
	return one[n]
}

func runes(into *[maxSpelling]rune, s string) int {
	n := 0
	for _, r := range s {
		if n == maxSpelling || r == utf8.RuneError {
			break
		}
		into[n] = r
		n++
	}
	return n
}
