package bot

// named returns pairs of a name and a text as what a logger takes, without
// those whose text is empty: an empty reason in the log reads as a lost one.
func named(pairs ...string) []any {
	var out []any
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return out
}
