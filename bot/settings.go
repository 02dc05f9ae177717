package bot

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"newsdesk/news"
	"newsdesk/news/brief"
	"newsdesk/news/topic"
)

// What clears a setting.
const (
	clearAll  = "all"  // of a choice: whatever there is
	clearNone = "none" // of what else can be given
)

// A setting is one thing about a standing order that managers choose: an
// option of subscribe, and a field of its forms.
type setting struct {
	name  string
	empty string // the value that stands for nothing given; "" where there is always one
	// set reads a value as the table of commands checked it; what is said to
	// be wrong with it is a clause.
	set func(s *Subscription, v string) error
	// get is the value as it would be typed; empty where nothing is set.
	get func(s Subscription) string
}

// settings are in the order in which they are shown.
var settings = []setting{
	{"topics", clearAll,
		func(s *Subscription, v string) error { return choose(&s.Topics, apart(v), readTopic) },
		func(s Subscription) string { return strings.Join(s.Topics, ",") }},
	{"min", "",
		func(s *Subscription, v string) (err error) { s.MinImpact, err = strconv.Atoi(v); return err },
		func(s Subscription) string { return strconv.Itoa(s.MinImpact) }},
	{"status", clearAll,
		func(s *Subscription, v string) error { return choose(&s.Statuses, v, readStatus) },
		func(s Subscription) string { return strings.Join(s.Statuses, ",") }},
	{"kinds", clearAll,
		func(s *Subscription, v string) error { return choose(&s.Kinds, v, readKind) },
		func(s Subscription) string {
			var names []string
			for _, k := range s.Kinds {
				names = append(names, string(k))
			}
			return strings.Join(names, ",")
		}},
	{"languages", clearAll,
		func(s *Subscription, v string) error { return choose(&s.Languages, v, readLanguage) },
		func(s Subscription) string { return strings.Join(s.Languages, ",") }},
	{"days", "",
		func(s *Subscription, v string) error { s.Days = v; return nil },
		func(s Subscription) string { return cmp.Or(s.Days, DigestDays[0]) }},
	{"at", "", func(s *Subscription, v string) (err error) { s.DigestAt, err = readClock(v); return err },
		func(s Subscription) string { return s.DigestAt }},
	{"zone", clearNone, func(s *Subscription, v string) (err error) { s.Zone, err = readZone(v); return err },
		func(s Subscription) string { return s.Zone }},
	{"quiet", clearNone, func(s *Subscription, v string) (err error) { s.Quiet, err = readHours(v); return err },
		func(s Subscription) string { return s.Quiet }},
	{"cap", "",
		func(s *Subscription, v string) (err error) { s.DailyCap, err = strconv.Atoi(v); return err },
		func(s Subscription) string { return strconv.Itoa(s.DailyCap) }},
	flag("card", "compact", "full", func(s *Subscription) *bool { return &s.Compact }),
	flag("image", "off", "on", func(s *Subscription) *bool { return &s.NoImage }),
	flag("edits", "off", "on", func(s *Subscription) *bool { return &s.NoEdits }),
	flag("updates", "channel", "thread", func(s *Subscription) *bool { return &s.Apart }),
	flag("empty", "silent", "say", func(s *Subscription) *bool { return &s.Silent }),
	{"mention", clearNone,
		func(s *Subscription, v string) error {
			if s.Mention = v; v == "" {
				s.MentionAt = 0
			} else if !isID(s.Channel.Platform(), v) {
				return &UsageError{
					Sentence: say("mention must be one role or group, not %q", shorten(v)),
					Hint:     say("choose it where roles are offered, or give its id: Slack has it under Copy group ID, Discord under Copy Role ID"),
				}
			} else {
				s.MentionAt = cmp.Or(s.MentionAt, mentionAt)
			}
			return nil
		},
		func(s Subscription) string { return s.Mention }},
	{"mention_at", "",
		func(s *Subscription, v string) (err error) { s.MentionAt, err = strconv.Atoi(v); return err },
		func(s Subscription) string { return strconv.Itoa(cmp.Or(s.MentionAt, mentionAt)) }},
	{"doubt", "", func(s *Subscription, v string) error { s.OnDoubt = Doubt(v); return nil },
		func(s Subscription) string { return string(cmp.Or(s.OnDoubt, Hold)) }},
	{"locale", "", func(s *Subscription, v string) error { s.Locale = v; return nil },
		func(s Subscription) string { return cmp.Or(s.Locale, Locales[English]) }},
}

// mentionAt is the impact from which a role is mentioned where nothing is said.
const mentionAt = 80

// flag is a setting of two values, of which on sets what of points to.
func flag(name, on, off string, of func(*Subscription) *bool) setting {
	return setting{name, "",
		func(s *Subscription, v string) error { *of(s) = v == on; return nil },
		func(s Subscription) string {
			if *of(&s) {
				return on
			}
			return off
		}}
}

// CheckSettings checks values of options of subscribe, each by itself, and
// tells of those that are wrong, in order. Its error is what is wrong with
// them together.
func CheckSettings(mode Mode, options map[string]string, wrong func(name string, err error)) error {
	cmd, fine := subscribeCommand(), map[string]string{}
	for _, set := range settings {
		v, given := options[set.name]
		o, _ := cmd.option(set.name)
		if !given {
			continue
		}
		v, err := o.read(v)
		if err == nil {
			err = set.set(&Subscription{}, v)
		}
		switch {
		case err != nil:
			wrong(set.name, err)
		case mode.without(set.name):
			wrong(set.name, &UsageError{Sentence: say("mode %s has no use for it", string(mode)), Hint: say("leave it out, or choose the other mode")})
		default:
			fine[set.name] = v
		}
	}
	_, err := Apply(Subscription{Mode: mode}, fine)
	return err
}

// The settings of one mode alone.
var (
	ofDigests = []string{"days", "at", "empty"}
	ofInstant = []string{"cap", "mention", "mention_at"}
)

// without reports whether a setting is of no use to a mode.
func (m Mode) without(setting string) bool {
	return m == Instant && slices.Contains(ofDigests, setting) || m == Digest && slices.Contains(ofInstant, setting)
}

func (m Mode) other() Mode {
	if m == Digest {
		return Instant
	}
	return Digest
}

// modeFor is the mode that options of subscribe ask for: that which they name,
// or the only one that has use for all of them; "" where that is either.
func modeFor(options map[string]string) Mode {
	if m := Mode(options[optMode]); m != "" {
		return m
	}
	var fit []Mode
	for _, m := range []Mode{Instant, Digest} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(options)), m.without) {
			fit = append(fit, m)
		}
	}
	if len(fit) == 1 {
		return fit[0]
	}
	return ""
}

// Apply changes s as options of subscribe say; the errors are for people.
func Apply(s Subscription, options map[string]string) (Subscription, error) {
	for _, set := range settings {
		v, given := options[set.name]
		if !given {
			continue
		}
		if s.Mode.without(set.name) {
			return s, &UsageError{
				Sentence: say("%s is of no use to mode:%s", set.name, string(s.Mode)),
				Hint:     say("leave it out, or say mode:%s", string(s.Mode.other())),
			}
		}
		if set.empty != "" && (strings.EqualFold(v, clearAll) || strings.EqualFold(v, clearNone)) {
			v = ""
		}
		if err := set.set(&s, v); err != nil {
			return s, err
		}
	}
	if s.MentionAt > 0 && s.Mention == "" {
		return s, &UsageError{Sentence: say("mention_at says from which impact somebody is mentioned, but nobody is"), Hint: say("say whom, as in mention:@editors mention_at:80")}
	}
	if s.Mode == Instant {
		s.Days, s.DigestAt, s.Silent = "", "", false
	} else {
		s.DailyCap, s.Mention, s.MentionAt = 0, "", 0
	}
	return s, nil
}

// newOrder is the order of a mode that subscribe begins with.
func newOrder(c Channel, mode Mode) Subscription {
	s := Subscription{ID: string(mode), Channel: c, Mode: mode}
	if mode == Digest {
		s.DigestAt = "09:00"
	} else {
		s.MinImpact = 50
	}
	return s
}

// choose reads a list with commas, each value by read; "" is none.
func choose[T comparable](to *[]T, list string, read func(string) (T, error)) error {
	var out []T
	for v := range strings.SplitSeq(list, ",") {
		if v = strings.Trim(v, ` "#`); v == "" {
			continue
		}
		if strings.EqualFold(v, clearAll) {
			return &UsageError{Sentence: say("all is more than what stands beside it"), Hint: say("say all by itself, or leave it out")}
		}
		t, err := read(v)
		if err != nil {
			return err
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > listMost {
		return &UsageError{Sentence: say("%d of one kind are more than an order takes", len(out)), Hint: say("name at most %d, or all", listMost)}
	}
	*to = out
	return nil
}

// listMost is how many topics, languages or others an order names.
const listMost = 25

// apart puts commas between topics that somebody parted by spaces alone.
func apart(v string) string {
	if _, ok := findTopic(v); ok || strings.Contains(v, ",") {
		return v
	}
	return strings.Join(strings.Fields(v), ",")
}

func readTopic(v string) (string, error) {
	t, ok := findTopic(v)
	if !ok {
		e := noTopic(v)
		for _, m := range []Mode{Instant, Digest} {
			if strings.EqualFold(v, string(m)) || m == Digest && slices.Contains(DigestDays, strings.ToLower(v)) {
				e.Hint = say("did you mean %s?", optMode+":"+string(m))
			}
		}
		return "", e
	}
	return t.ID, nil
}

// noTopic says that there is no topic of a name, and which may be meant.
func noTopic(name string) *UsageError {
	e := &UsageError{Sentence: say("there is no topic %q", shorten(name)), Hint: say("name a lab, a model, a chip, a law or another topic, as in deepseek or export-controls")}
	if near, ok := nearest(name, topic.Default().IDs()); ok {
		e.Hint = say("did you mean %s?", near)
	}
	return e
}

func readStatus(v string) (string, error) {
	all := []string{brief.Rumour, brief.Reported, brief.Confirmed, brief.Denied}
	return readOne("status", v, all)
}

func readKind(v string) (news.Kind, error) {
	var all []string
	for _, k := range news.Kinds {
		all = append(all, string(k))
	}
	k, err := readOne("kinds", v, all)
	return news.Kind(k), err
}

func readOne(name, v string, all []string) (string, error) {
	return Option{Name: name, Kind: OneOf, Choices: all}.read(v)
}

func readLanguage(v string) (string, error) {
	tag, err := language.Parse(v)
	if err != nil {
		return "", &UsageError{Sentence: say("%q is no language", shorten(v)), Hint: say("give its short name, as in en, de or zh")}
	}
	return tag.String(), nil
}

// readClock reads "9", "9:30" and "09:30" as "09:30".
func readClock(v string) (string, error) {
	for _, layout := range []string{"15:04", "15", "3:04pm", "3pm"} {
		if t, err := time.Parse(layout, strings.ToLower(strings.ReplaceAll(v, " ", ""))); err == nil {
			return t.Format("15:04"), nil
		}
	}
	return "", &UsageError{Sentence: say("%q is no time of day", shorten(v)), Hint: say("give hours and minutes, as in 09:00 or 17:30")}
}

func readHours(v string) (string, error) {
	if v == "" {
		return "", nil
	}
	from, to, ok := strings.Cut(strings.NewReplacer("–", "-", "—", "-").Replace(v), "-")
	a, err1 := readClock(strings.TrimSpace(from))
	b, err2 := readClock(strings.TrimSpace(to))
	if !ok || err1 != nil || err2 != nil || a == b {
		return "", &UsageError{Sentence: say("quiet must be two times of day, not %q", shorten(v)), Hint: say("as in 22:00-07:00, or none")}
	}
	return a + "-" + b, nil
}

// readZone reads the IANA name of a time zone in any case, and the city alone.
func readZone(v string) (string, error) {
	if v == "" || strings.EqualFold(v, "utc") || strings.EqualFold(v, "gmt") {
		return "", nil
	}
	name := strings.ReplaceAll(v, " ", "_")
	for _, z := range Zones {
		if _, city, _ := strings.Cut(z, "/"); strings.EqualFold(z, name) || strings.EqualFold(city, name) {
			return z, nil
		}
	}
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" && !strings.HasPrefix(name, ".") {
		return zone.String(), nil
	}
	e := &UsageError{Sentence: say("there is no time zone %q", shorten(v)), Hint: say("name it by continent and city, as in Europe/Berlin or America/New_York, or say UTC")}
	var names []string
	for _, z := range Zones {
		_, city, _ := strings.Cut(z, "/")
		names = append(names, strings.ToLower(city), strings.ToLower(z))
	}
	if near, ok := nearest(name, names); ok {
		i := slices.Index(names, near)
		e.Hint = say("did you mean %s?", Zones[i/2])
	}
	return "", e
}

// Zones are time zones that people are offered; any other of the IANA's can be
// named, too.
var Zones = []string{
	"Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Amsterdam", "Europe/Zurich", "Europe/Vienna",
	"Europe/Stockholm", "Europe/Warsaw", "Europe/Athens", "Europe/Helsinki", "Europe/Lisbon", "Europe/Dublin", "Europe/Kyiv", "Europe/Istanbul",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto", "America/Vancouver", "America/Sao_Paulo", "America/Mexico_City", "America/Bogota",
	"Asia/Tokyo", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Seoul", "Asia/Taipei", "Asia/Kolkata", "Asia/Dubai", "Asia/Jerusalem", "Asia/Jakarta",
	"Australia/Sydney", "Australia/Melbourne", "Australia/Perth", "Pacific/Auckland", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Africa/Cairo",
}

// isID reports whether v may be a platform's ID of a role or group: digits
// alone on Discord, letters and digits elsewhere, and never a word such as
// everyone or here.
func isID(platform, v string) bool {
	digit := func(r rune) bool { return '0' <= r && r <= '9' }
	letter := func(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }
	return len(v) <= 40 && strings.ContainsFunc(v, digit) && !strings.ContainsFunc(v, func(r rune) bool {
		return !digit(r) && (platform == "discord" || !letter(r))
	})
}
