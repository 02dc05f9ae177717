package impact

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Signals are what a rating is made of.
type Signals struct {
	Coverage []Outlet
	Subjects []Subject // the most important first
	Event    string    // see Event
	Figures  []Figure
	Status   string    // rumour, reported, confirmed or denied
	Since    time.Time // from when on it has that status
	Novelty  float64   // 1 where the subject was not in the news in this way, towards 0 the more often it was
}

// An Outlet is one article of the story.
type Outlet struct {
	Source    string
	Kind      string  // of the source
	Authority float64 // 0 to 1
	At        time.Time
	Copy      bool    // repeats another outlet's article
	Official  bool    // published by the story's own subject
	Interest  float64 // see Interest
}

// A Subject is who or what the story is about.
type Subject struct {
	Name   string
	Weight float64 // prominence, 0 to 1
	Title  bool    // a headline names it
}

// A Figure is a number that the story claims.
type Figure struct {
	Text  string  // as readers see it: "1.2 trillion parameters"
	Value float64 // 1.2e12
	Unit  string  // as package brief names it: "parameters", "%", "USD", ...
}

// most is the most that each part can give; together they make 100.
type most struct {
	coverage, authority, velocity, prominence, event, magnitude, novelty, interest float64
}

var maxima = most{coverage: 20, authority: 5, velocity: 19, prominence: 8, event: 18, magnitude: 10, novelty: 2, interest: 18}

// fullCoverage is how many independent outlets earn the whole coverage part.
const fullCoverage = 14

// doubt is the share of what a story would change, its event and its figures,
// that is taken off while its truth is open: of a rumour more where hardly
// anybody tells it.
func doubt(status string, voices float64) float64 {
	switch status {
	case "rumour":
		if voices < 3 {
			return 0.50
		}
		return 0.25
	case "reported":
		return 0.10
	case "denied":
		return 0.85
	}
	return 0
}

// caps bound the whole where the substance does not carry more.
const (
	opinionCap = 45
	showingCap = 45
	patchCap   = 20
	deniedCap  = 45
	singleCap  = 62 // one outlet that is not the subject itself
	releaseCap = 39 // a press release of somebody little known, and nobody of standing else
)

// standing is the authority from which on an outlet is no mere channel of
// press releases.
const standing = 0.75

// Rate returns the impact of a story, 0 to 100, and its parts, whose points
// add up to it.
func Rate(s Signals) (int, []Part) {
	s.Coverage = originals(s.Coverage)
	voices := independent(s.Coverage)
	parts := []exact{coverage(s.Coverage, voices), authority(voices), velocity(voices), prominence(s.Subjects), event(s.Event), magnitude(s.Figures), novelty(s.Novelty), interest(voices)}
	substance := parts[4].points + parts[5].points
	if p := decay(parts[0].points+parts[2].points, s.Coverage, voices, s.Since); p.points < 0 {
		parts = append(parts, p)
	}
	if d := doubt(s.Status, effective(voices)) * substance; d > 0 {
		parts = append(parts, exact{"status", -d, statusWhy[s.Status]})
	}
	sum := 0.0
	for _, p := range parts {
		sum += p.points
	}
	if limit, why := limit(s, voices); sum > limit {
		parts = append(parts, exact{"limit", limit - sum, why})
		sum = limit
	}
	return round(parts, min(max(sum, 0), 100))
}

type exact struct {
	name   string
	points float64
	why    string
}

func coverage(all []Outlet, voices []voice) exact {
	e := effective(voices)
	f := min(1, math.Log1p(e)/math.Log1p(fullCoverage))
	why := fmt.Sprintf("%s, worth %.1f independent voices", count(len(voices), "outlet"), e)
	if copies := countCopies(all); copies > 0 {
		why += fmt.Sprintf("; of little weight: %s", count(copies, "copy"))
	}
	if len(voices) == 1 {
		why = "one outlet so far"
	}
	return exact{"coverage", maxima.coverage * f, why}
}

func authority(voices []voice) exact {
	if len(voices) == 0 {
		return exact{"authority", 0, "no outlet"}
	}
	top := voices[:min(3, len(voices))]
	mean := 0.0
	for _, v := range top {
		mean += v.Authority / float64(len(top))
	}
	f := 0.6*top[0].Authority + 0.4*mean
	return exact{"authority", maxima.authority * f, fmt.Sprintf("the best source is %s", top[0].Source)}
}

func velocity(voices []voice) exact {
	peak, _ := burst(voices)
	if peak < 2 {
		return exact{"velocity", 0, "no second outlet within six hours"}
	}
	return exact{"velocity", maxima.velocity * (1 - math.Exp(-float64(peak-1)/4)), fmt.Sprintf("%s within six hours", count(peak, "outlet"))}
}

// prominence is that of the main subject, squared, since a story about one of
// two great names matters far more than one about any of twenty lesser ones,
// and a share of the next ones'. Whom no headline names counts a third.
func prominence(subjects []Subject) exact {
	var names []string
	var weights []float64
	for _, s := range subjects[:min(len(subjects), 3)] {
		w := s.Weight * s.Weight
		if !s.Title {
			w /= 3
		}
		weights, names = append(weights, w), append(names, s.Name)
	}
	slices.SortFunc(weights, func(a, b float64) int { return cmp.Compare(b, a) })
	rest := 1.0
	for k, w := range weights {
		rest *= 1 - w*math.Pow(0.25, float64(k))
	}
	if len(names) == 0 {
		return exact{"prominence", 0, "it names nobody known"}
	}
	return exact{"prominence", maxima.prominence * (1 - rest), "it is about " + strings.Join(names, ", ")}
}

// interest is that of the article which readers are likely to care for most.
func interest(voices []voice) exact {
	best := 0.0
	for _, v := range voices {
		best = max(best, v.Interest)
	}
	f := min(max((best-interestLow)/(interestHigh-interestLow), 0), 1)
	why := "readers seldom care for news like it"
	if f > 0.5 {
		why = "readers care for news like it, from such sources"
	} else if f > 0.25 {
		why = "some readers care for news like it"
	}
	return exact{"interest", maxima.interest * f, why}
}

// What is below the first value earns nothing, what is above the second all;
// they were chosen together with maxima.
const interestLow, interestHigh = 0.115, 0.315

func event(kind string) exact {
	f, why := share(kind)
	return exact{"event", maxima.event * f, why}
}

func magnitude(figures []Figure) exact {
	best, why := 0.0, "no figure that stands out"
	for _, f := range figures {
		var x float64
		switch f.Unit {
		case "%":
			x = f.Value / 400
		case "parameters":
			x = math.Log10(f.Value/1e9) / math.Log10(2000)
		case "tokens":
			x = math.Log10(f.Value/1e5) / 8
		case "USD", "EUR", "GBP", "CNY":
			x = math.Log10(f.Value/1e6) / 5
		case "GPUs", "chips":
			x = math.Log10(f.Value) / 6
		case "W":
			x = math.Log10(f.Value/1e6) / 4
		case "x":
			x = math.Log10(f.Value) / 2
		case "users":
			x = math.Log10(f.Value) / 9
		}
		if x = min(max(x, 0), 1); x > best {
			best, why = x, f.Text
		}
	}
	return exact{"magnitude", maxima.magnitude * best, why}
}

func novelty(n float64) exact {
	n = min(max(n, 0), 1)
	why := "nothing like it in the last days"
	if n < 0.9 {
		why = "the subject was in the news like this before"
	}
	return exact{"novelty", maxima.novelty * n, why}
}

var statusWhy = map[string]string{
	"rumour":   "unconfirmed: what it would change counts less",
	"reported": "reported, not confirmed by its subject",
	"denied":   "its subject denies it",
}

// limit returns the most that a story may have, and why.
func limit(s Signals, voices []voice) (float64, string) {
	switch {
	case s.Status == "denied":
		return deniedCap, "what is denied can matter no more than this"
	case s.Event == Opinion:
		return opinionCap, "opinion and round-ups can matter no more than this"
	case s.Event == Showing:
		return showingCap, "what somebody shows or asks can matter no more than this"
	case s.Event == Patch:
		return patchCap, "small releases of software can matter no more than this"
	}
	known := 0.0
	for _, sub := range s.Subjects {
		if sub.Title {
			known = max(known, sub.Weight)
		}
	}
	if effective(voices) < 2 {
		if known < 0.6 && (len(voices) == 0 || voices[0].Authority < standing) {
			return releaseCap, "one voice of little standing tells it, about somebody little known"
		}
		if !slices.ContainsFunc(voices, func(v voice) bool { return v.Official }) {
			return singleCap, "one independent voice can carry no more than this"
		}
	}
	return 100, ""
}

// round makes the points whole numbers that add up to the rounded sum, by
// largest remainder, and leaves out parts that give nothing.
func round(parts []exact, sum float64) (int, []Part) {
	total := int(math.Round(sum))
	out := make([]Part, len(parts))
	order := make([]int, len(parts))
	rest := total
	for i, p := range parts {
		out[i] = Part{Name: p.name, Points: int(math.Floor(p.points)), Why: p.why}
		rest -= out[i].Points
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(parts[b].points-math.Floor(parts[b].points), parts[a].points-math.Floor(parts[a].points))
	})
	for i := 0; rest > 0; i, rest = i+1, rest-1 {
		out[order[i%len(order)]].Points++
	}
	for i := len(order) - 1; rest < 0; i, rest = i-1, rest+1 {
		out[order[(i+len(order))%len(order)]].Points--
	}
	return total, slices.DeleteFunc(out, func(p Part) bool { return p.Points == 0 && p.Name != "coverage" })
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if rest, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(rest, "a") { // copies, but days
		noun = rest + "ie"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
