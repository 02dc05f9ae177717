package cluster

// A tally counts few names: most stories have one of each kind.
type tally []counted

type counted struct {
	name string
	n    int
}

// of returns how often a name was counted.
func (t tally) of(name string) int {
	for i := range t {
		if t[i].name == name {
			return t[i].n
		}
	}
	return 0
}

func (t *tally) add(name string, n int) {
	for i := range *t {
		if (*t)[i].name == name {
			(*t)[i].n += n
			return
		}
	}
	*t = append(*t, counted{name, n})
}

func (t *tally) addAll(from tally) {
	for _, c := range from {
		t.add(c.name, c.n)
	}
}
