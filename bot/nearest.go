package bot

// Nearest returns the candidate that a person may have meant by word, as the
// hints to commands do: one or two slips away. ok is false where none is near.
func Nearest(word string, candidates []string) (near string, ok bool) {
	return nearest(word, candidates)
}
