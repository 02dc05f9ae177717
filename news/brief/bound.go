package brief

// Bounds are the values of Figure.Bound.
var Bounds = []string{"less than", "nearly", "about", "more than", "at least", "up to"}

// bounds are what may stand before a figure that is not exact, by what they say
// of it in Figure.Bound.
var bounds = func() lexicon[string] {
	l := lexicon[string]{}
	for bound, words := range map[string]string{
		"less than": "less than|fewer than|under|below|weniger als|unter|moins de|moins d'|inférieur à|inférieure à|menos de|menos del|por debajo de|不到|低于|少于|不足",
		"nearly":    "nearly|almost|close to|knapp|fast|beinahe|nahezu|presque|près de|près d'|casi|cerca de|近|接近",
		"about":     "about|around|roughly|approximately|some|circa|rund|etwa|ca.|ungefähr|environ|quelque|unos|unas|alrededor de|aproximadamente|约|大约|约为",
		"more than": "more than|over|above|upwards of|in excess of|mehr als|über|gut|plus de|plus d'|supérieur à|supérieure à|más de|más del|超过|超|逾|高于|突破",
		"at least":  "at least|no less than|no fewer than|mindestens|wenigstens|au moins|al menos|por lo menos|至少|不低于",
		"up to":     "up to|as much as|as many as|at most|no more than|bis zu|höchstens|maximal|jusqu'à|au plus|au maximum|hasta|como máximo|como mucho|最多|至多|高达",
	} {
		l.add(words, bound)
	}
	return l
}()

// boundsBehind are those that stand behind a figure.
var boundsBehind = func() lexicon[string] {
	l := lexicon[string]{}
	l.add("or more|oder mehr|ou plus|o más|以上", "at least")
	l.add("or less|or fewer|at most|oder weniger|ou moins|o menos|以下|以内", "up to")
	l.add("左右", "about")
	return l
}()

// bound is what a sentence says of how exact a figure is.
func (r *reader) bound(f found) string {
	if b, _, ok := bounds.before(r.ts, r.amountStart(f)); ok {
		return b
	}
	b, _, _ := boundsBehind.at(r.ts, f.next)
	return b
}
