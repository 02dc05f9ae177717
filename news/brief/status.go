package brief

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A cue is a phrase that speaks for a status. Cues of five languages stand side
// by side: few of them mean anything else in another.
type cues []phrase

func list(s string) cues {
	var c cues
	for p := range strings.SplitSeq(s, "|") {
		c = append(c, phrase(p))
	}
	return c
}

var (
	// rumoured: a claim without an accountable source.
	rumoured = list(`rumour|rumours|rumoured|rumor|rumors|rumored|reportedly|allegedly|alleged|leak|leaks|leaked|leaker|tipster|speculation|speculate|unverified|unconfirmed|purported|purportedly|is said to|are said to|said to be|spotted in|according to a post|claims circulating|whispers` +
		`|gerücht|gerüchte|angeblich|mutmaßlich|dem vernehmen nach|spekulation|spekulationen|geleakt` +
		`|rumeur|rumeurs|aurait|auraient|présumé|fuite|fuites` +
		`|rumor|rumores|supuestamente|presuntamente|habría|filtración|según rumores` +
		`|传闻|据传|传出|爆料|疑似|网传|未经证实`)
	// hedged: words that make a headline hearsay, and a sentence mere prospect.
	hedged = list(`could be|could launch|could release|may launch|may release|might|expected to|poised to|set to|eyeing|mulls|considering|in talks|hints at|teases|soll|sollen|könnte|serait|seraient|pourrait|podría|或将|有望|传`)
	// vouched: an outlet answers for it.
	vouched = list(`people familiar|person familiar|sources said|sources say|sources told|sources familiar|according to people|documents seen by|documents reviewed|internal memo|seen by reuters|exclusive|scoop|filing shows|court filing` +
		`|insidern zufolge|laut insidern|mit der sache vertraute|unterlagen zeigen|selon des sources proches|documents consultés|fuentes cercanas|documentos vistos|知情人士|消息人士|独家`)
	// declared: its subject says it, or it is there to be seen.
	declared = list(`announced|announces|announce|launched|launches|launch of|releases|released|unveils|unveiled|introduces|introduced|introducing|is now available|now available|are available|open-sources|open-sourced|published the weights|confirmed|confirms|said in a statement|said in a blog post|in a blog post|signed into law|takes effect|took effect|in force|closed its|closes|completed its|completes|filed for|raises|raised|acquires|acquired|sues|sued|ships|rolls out|rolled out|debuts` +
		`|kündigt an|angekündigt|stellt vor|vorgestellt|veröffentlicht|bestätigt|startet|ist ab sofort verfügbar|tritt in kraft|übernimmt` +
		`|annonce|a annoncé|dévoile|lance|publie|confirme|a confirmé|disponible dès|entre en vigueur|lève` +
		`|anuncia|anunció|lanza|presenta|publica|confirma|confirmó|ya está disponible|entra en vigor` +
		`|官宣|宣布|正式发布|发布|推出|上线|开源|证实|确认|生效`)
	// contradicted: its subject says that it is not so.
	contradicted = list(`denies|denied reports|denied the|denied a report|denied rumours|denied that|deny|denial|refutes|refuted|dismisses|dismissed reports|dismissed rumours|rejects claims|rejects reports|rejected reports|is false|are false|not true|untrue|no truth|debunks|debunked|no plans to|walks back|walked back|retracts|retracted` +
		`|dementiert|dementi|bestreitet|weist zurück|zurückgewiesen|keine pläne|stimmt nicht` +
		`|dément|démenti|nie avoir|nie les|réfute|aucun projet|c est faux` +
		`|desmiente|desmintió|niega|negó|rechaza|sin planes|es falso` +
		`|否认|辟谣|不实|不属实|并非事实`)
	// neutral phrases hold a cue and say nothing of that kind; they are taken
	// out before the cues are looked for.
	neutral = list(`has not confirmed|have not confirmed|not confirmed|yet to confirm|did not confirm|could not confirm|unable to confirm|cannot confirm|neither confirmed nor denied|neither confirms nor denies|did not deny|has not denied|declined to confirm|declined to deny|denied access|denied a patent|denied bail|denied entry|has not announced|not announced|yet to announce|not yet released|not released|not yet available|has not been released|has not launched|had not announced` +
		`|nicht bestätigt|nicht dementiert|weder bestätigt noch dementiert|noch nicht angekündigt|noch nicht veröffentlicht` +
		`|n a pas confirmé|pas confirmé|pas démenti|ni confirmé ni démenti|pas encore annoncé` +
		`|no ha confirmado|no confirmó|no ha desmentido|ni confirmó ni desmintió` +
		`|未证实|尚未证实|未确认|尚未确认|未予证实|未否认|尚未发布|尚未公布|没有否认|after months of rumours|after months of rumors|after weeks of rumours|long-rumoured|long-rumored|ending speculation|nach monatelangen gerüchten|après des mois de rumeurs|tras meses de rumores`)
)

// words puts text into the form in which cues are looked for: lower case, one
// blank around each word.
func words(s string) string {
	t := " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-'
	}), " ") + " "
	for _, n := range neutral {
		if i := n.in(t); i >= 0 {
			t = strings.ReplaceAll(t, n.spaced(), " … ")
		}
	}
	return t
}

type phrase string

func (p phrase) spaced() string {
	if p[0] >= 0xE3 { // Han characters are not parted by blanks
		return string(p)
	}
	return " " + string(p) + " "
}

func (p phrase) in(folded string) int { return strings.Index(folded, p.spaced()) }

// first returns the cue that stands first in folded text, "" for none.
func (c cues) first(folded string) string {
	best, at := phrase(""), len(folded)
	for _, cue := range c {
		if i := cue.in(folded); i >= 0 && (i < at || i == at && len(cue) > len(best)) {
			best, at = cue, i
		}
	}
	return string(best)
}

// A verdict is what one article says of the story.
type verdict struct {
	status string
	cue    string
	zone   string
	doc    Doc
}

// leadSentences is how many sentences of the text speak for the whole.
const leadSentences = 2

// judge reads one article. The headline decides, then the lead: what stands
// further down is background.
func judge(d Doc) verdict {
	ss := Sentences(d.Text)
	lead := strings.Join(ss[:min(len(ss), leadSentences)], " ")
	for _, zone := range []struct{ name, text string }{{"headline", d.Title}, {"first sentences", lead}} {
		t := words(zone.text)
		deny, rumour, vouch, declare := contradicted.first(t), rumoured.first(t), vouched.first(t), declared.first(t)
		if rumour == "" && zone.name == "headline" {
			rumour = hedged.first(t)
		}
		v := verdict{zone: zone.name, doc: d}
		switch {
		case deny != "":
			v.status, v.cue = Denied, deny
		case vouch != "" && !d.Official:
			v.status, v.cue = Reported, vouch
		case rumour != "" && !d.Official:
			v.status, v.cue = Rumour, rumour
			if strings.HasSuffix(strings.TrimSpace(d.Title), "?") || zone.name == "headline" {
				// The lead may show that the outlet answers for it itself.
				if c := vouched.first(words(lead)); c != "" {
					v.status, v.cue, v.zone = Reported, c, "first sentences"
				}
			}
		case declare != "":
			v.status, v.cue = Confirmed, declare
		default:
			continue
		}
		return v
	}
	if d.Official {
		return verdict{Confirmed, "", "", d}
	}
	return verdict{Reported, "", "", d}
}

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
		v := judge(d)
		if v.status == Reported {
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
	case v.status == Reported && (v.cue != "" || v.doc.Authority >= 0.8 || vouching >= 2):
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
	if v.cue == "" {
		return said
	}
	return fmt.Sprintf("%s: %q in the %s", said, v.cue, v.zone)
}
