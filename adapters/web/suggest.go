package web

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"newsdesk/bot"
)

// suggestTimeout is how long choices are waited for.
const suggestTimeout = 1500 * time.Millisecond

// A choiceJSON is one choice of GET /api/suggest.
type choiceJSON struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Line  string `json:"line"` // the command that it asks, after /news
}

// suggest answers GET /api/suggest?command=&option=&text= with what an option's
// text may become. Without an option, text is a whole line as it is typed, and
// the option is the one that its last words are for.
func (s *Server) suggest(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	t := bot.Typing{
		Channel: bot.Channel(q.Get("channel")), User: q.Get("user"), Locale: firstLanguage(r.Header.Get("Accept-Language")),
		Command: q.Get("command"), Option: q.Get("option"), Text: q.Get("text"),
	}
	if t.Channel == "" {
		t.Channel = s.o.Channels[0]
	}
	if t.User == "" {
		t.User = webUser
	}
	if err := checkChannel(t.Channel); err != nil {
		return badRequest("%v", err)
	}
	if len(t.Text) > maxLine || len(t.User) > maxName || !utf8.ValidString(t.Text) {
		return badRequest("text may have up to %d bytes of UTF-8, user %d", maxLine, maxName)
	}
	if t.Option == "" {
		t.Command, t.Option, t.Text = s.typed(t.Text)
	}
	c, ok := bot.Suggested(s.o.Commands, t.Command, t.Option)
	if !ok {
		return badRequest("%s has no option %q with suggestions", bot.Command{Name: t.Command}.Title(), t.Option)
	}
	h := s.running()
	if h == nil {
		return &mistake{http.StatusServiceUnavailable, "the bot is still starting: try again in a moment"}
	}
	found, wait := bot.SuggestWithin(r.Context(), h, t, suggestTimeout)
	choices := []choiceJSON{}
	for _, f := range found {
		label, value := bot.Clean(f.Label, false, maxName+1), bot.Clean(f.Value, false, maxName+1)
		if label == "" || utf8.RuneCountInString(label) > maxName {
			label = value
		}
		if value != "" && utf8.RuneCountInString(value) <= maxName {
			choices = append(choices, choiceJSON{label, value, c.Line(t.Option, value)})
		}
	}
	s.thinking.Go(wait)
	writeJSON(w, http.StatusOK, map[string][]choiceJSON{"choices": choices})
	return nil
}

// typed finds the option that a line's words are for: what its command is given
// without a name, or else the search's query.
func (s *Server) typed(line string) (command, option, text string) {
	line = strings.TrimSpace(line)
	for _, name := range commandNames {
		if rest, ok := strings.CutPrefix(line, name+" "); ok || line == name {
			line = strings.TrimSpace(rest)
			break
		}
	}
	word, rest, several := strings.Cut(line, " ")
	for _, c := range s.o.Commands {
		if c.Name == "" || !strings.EqualFold(c.Name, word) || !several {
			continue
		}
		for _, o := range c.Options {
			if o.Positional && o.Suggest {
				return c.Name, o.Name, strings.TrimSpace(rest)
			}
		}
	}
	return "", "query", line
}
