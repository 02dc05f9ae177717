package brief

import "slices"

// Judge returns the status of a story and those it had before, oldest first.
// The articles are read in order of time. A change needs evidence at least as
// strong as that of the status it replaces: what its subject publishes itself
// decides; an outlet that quotes an announcement or a denial decides until
// then; outlets that repeat a rumour never confirm it, however many they are.
func Judge(docs []Doc) (Status, []Status) {
	docs = slices.Clone(docs)
	slices.SortStableFunc(docs, func(a, b Doc) int { return a.Published.Compare(b.Published) })
	var cur Status
	var history []Status
	strength := 0
	vouching := map[string]bool{} // outlets that answer for the story themselves
	for _, d := range docs {
		if d.Copy {
			continue
		}
		v := d.verdict()
		if v.status == Reported && !v.echo {
			vouching[d.Source] = true
		}
		s := v.strength(len(vouching))
		if cur.Value != "" && (v.status == cur.Value && s <= strength || s < strength || s == strength && !supersedes(v.status, cur.Value)) {
			continue
		}
		next := Status{Value: v.status, Why: v.why(), Source: d.Source, Since: d.Published}
		if next.Value == cur.Value {
			next.Since = cur.Since // better evidence for the same
		} else if cur.Value != "" {
			history = append(history, cur)
		}
		cur, strength = next, s
	}
	return cur, history
}

// strength ranks evidence: 1 hearsay, 2 an outlet answers for it, 3 an outlet
// quotes an announcement or a denial, 4 the subject says so itself.
func (v verdict) strength(vouching int) int {
	switch {
	case v.doc.Official:
		return 4
	case v.status == Confirmed || v.status == Denied:
		return 3
	case v.status == Reported && (v.cue != "" && v.kind == vouched || !v.echo && (v.doc.Authority >= 0.8 || vouching >= 2)):
		return 2
	}
	return 1
}

// supersedes says which status replaces which where the evidence is equal:
// what is denied stays so until it is announced, what is announced until it is
// denied, and hearsay replaces nothing.
func supersedes(next, cur string) bool {
	return (next == Confirmed || next == Denied) && next != cur
}

func (v verdict) why() string {
	var said string
	switch v.status {
	case Denied:
		said = "denied"
	case Confirmed:
		said = "announced or confirmed"
		if v.doc.Official {
			said = "published by its subject itself"
		}
	case Rumour:
		said = "told as hearsay"
	default:
		said = "reported as fact"
	}
	if sentence := v.sentence(); sentence != "" {
		return said + ": " + sentence
	}
	return said
}

// evidenceMost is how many characters of the sentence that decided a status
// are quoted.
const evidenceMost = 200

// sentence is what decided, in quotes: the headline, or the first sentence of
// the text with wording of that kind; "" where no wording did.
func (v verdict) sentence() string {
	if v.cue == "" {
		return ""
	}
	said := v.doc.Title
	if v.zone != "headline" {
		ss := firstSentences(v.doc.Text, leadSentences)
		index := inLanguage(cuesOf, v.doc.Lang)
		i := slices.IndexFunc(ss, func(s string) bool {
			return slices.ContainsFunc(index.find(words(s)), func(h hit) bool { return h.kind == v.kind })
		})
		if i < 0 {
			return ""
		}
		said = ss[i]
	}
	return "“" + cut(unlinked(said), evidenceMost) + "”"
}
