package adapters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"newsdesk/adapters/boltstore"
	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/adapters/web"
	"newsdesk/bot"
	"newsdesk/news"
)

// hostileTexts are what people type to see what happens.
var hostileTexts = map[string]string{
	"everyone":            "@everyone @here deepseek",
	"discord mentions":    "<@80351110224678912> <@!80351110224678912> <@&165511591545143296> <#103735883630395392> </top:1> <t:1618953630:R> <a:x:1>",
	"slack mentions":      "<!channel> <!here> <!subteam^S1|all> <@U0PERSON001> <#C0NEWS00001> <!date^1392734382^{date}|x>",
	"a link in markdown":  "[click](https://evil.example/a) <https://evil.example/b|bank>",
	"a script":            "[x](javascript:alert(1)) <javascript:alert(1)|x> javascript:alert(1)",
	"a script in HTML":    "<script>alert(1)</script><img src=x onerror=alert(1)>",
	"backticks":           "```\n@everyone``` `x` ||spoiler|| **b** __u__ ~~s~~ # h",
	"right to left":       "safe\u202egpj.exe \u2066x\u2069 \u200f\u061c",
	"nothing to see":      "de\u200bep\u200cse\ufeffek\u2060 \u3164",
	"zeros and controls":  "a\x00b\x1b[31m\r\nc\x07",
	"no UTF-8":            "a\xff\xfe\xc3\x28z",
	"marks upon marks":    "Z" + strings.Repeat("\u0353\u034d", 200),
	"quotes that are odd": `"a 'b “c query:"x" min:` + "`",
	"long":                strings.Repeat("deepseek ", 1111)[:9999] + "k",
	"long without end":    strings.Repeat("@everyone", 1112)[:10_000],
}

// liveText is what no answer may hold: a mention that is one, a link that
// somebody else made, a character that hides.
var liveText = map[string]*regexp.Regexp{
	"discord": regexp.MustCompile(`(?i)@everyone|@here|<@[!&]?\d|<#\d|<t:|<a?:|</\w|[^\\]\]\((https://evil|javascript:)|<https://evil`),
	"slack":   regexp.MustCompile(`<[!@#]|<https://evil|<javascript:`),
	"web":     regexp.MustCompile(`(?i)<script|<img src=x|href="(https://evil|javascript:)`),
}

// A hostileWorld is a bot on all three platforms, whose clock can be moved.
type hostileWorld struct {
	*front
	store  *boltstore.Store
	url    string
	late   time.Duration
	places []place
}

func newHostileWorld(t *testing.T) *hostileWorld {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "newsdesk.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	fill(t, store, 50)
	desk := news.NewDesk(news.Options{Store: store, Logger: slog.New(slog.DiscardHandler)})
	if err := desk.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, err := web.New(web.Options{Listen: "127.0.0.1:0", Desk: desk, Outbox: store, Commands: bot.Table(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := &hostileWorld{store: store, url: page.URL()}
	w.front = newFront(t, desk, store, func() time.Time { return time.Now().Add(w.late) }, page)
	w.places = append(w.front.places(), place{
		name: "web",
		ask: func(ctx context.Context, command, words string) (sight, error) {
			return w.onWeb(ctx, map[string]any{"text": "/news " + command + " " + words})
		},
		forge: func(ctx context.Context, on sight, id, value string) (sight, error) {
			return w.onWeb(ctx, map[string]any{"text": strings.TrimPrefix(id, "nd1::") + value})
		},
	})
	return w
}

// onWeb puts a command to the web's own door.
func (w *hostileWorld) onWeb(ctx context.Context, command map[string]any) (sight, error) {
	command["draw"] = true
	body, _ := json.Marshal(command)
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/api/command", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return sight{}, err
	}
	defer resp.Body.Close()
	var a struct {
		Private bool   `json:"private"`
		Text    string `json:"text"`
		Error   string `json:"error"`
		Form    struct{ Line string }
		Drawing struct{ Discord, Slack string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return sight{}, err
	}
	if resp.StatusCode == http.StatusBadRequest && a.Error != "" {
		return sight{text: a.Error, private: true}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return sight{}, fmt.Errorf("HTTP %d: %s", resp.StatusCode, a.Error)
	}
	return sight{text: a.Text + "\n", private: a.Private, html: a.Drawing.Discord + a.Drawing.Slack, form: a.Form.Line}, nil
}

// state is all that a question could have changed.
func (w *hostileWorld) state(t *testing.T) string {
	t.Helper()
	subs, err := w.store.Subscriptions(t.Context())
	ds, err2 := w.store.Deliveries(t.Context(), bot.DeliveryQuery{})
	out := []any{subs, ds}
	for _, c := range []bot.Channel{"discord:" + discordChannel, "slack:" + slacktest.Channel, "web:preview"} {
		votes, err := w.store.Votes(t.Context(), c, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, votes)
	}
	raw, err3 := json.Marshal(out)
	if err != nil || err2 != nil || err3 != nil {
		t.Fatal(err, err2, err3)
	}
	return string(raw) + fmt.Sprint(len(w.discord.Messages(discordChannel)), len(w.slack.Messages(slacktest.Channel)))
}

// harmless checks that an answer is private and readable, and pings nobody.
func harmless(t *testing.T, platform, what string, s sight, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %s: no answer: %v", platform, what, err)
		return
	}
	hidden := strings.IndexFunc(s.text, func(r rune) bool {
		if r == 0x200b && platform != "web" {
			return false // the adapters break what would be a mention with it
		}
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0x200b || r == 0xfeff || r == utf8.RuneError)
	})
	markup := s.text
	switch platform {
	case "slack":
		markup = slackMarkup(s.slack)
	case "web":
		markup = s.html
	}
	live := liveText[platform].FindString(markup)
	if !s.private || s.pings || live != "" || hidden >= 0 || len(strings.Fields(s.text)) < 4 || strings.Contains(s.text, "went wrong") || strings.Contains(s.text, "does not answer") {
		t.Errorf("%s: %s: private %t, pings %t, live %q, hidden at %d: %.600q", platform, what, s.private, s.pings, live, hidden, s.text)
	}
}

// slackMarkup is what Slack reads marks in: the text, all mrkdwn, and the plain
// text for mentions, which it does not read there and which are broken all the
// same.
func slackMarkup(m slacktest.Message) string {
	out := m.Text
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if s, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
				out += "\n" + s
			} else if ok {
				out += "\n" + strings.NewReplacer("<https:", "", "<javascript:", "").Replace(s)
			}
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(m.Blocks)
	return out
}

// TestHostileText types what is meant to harm into every command that takes
// words, and in menus.
func TestHostileText(t *testing.T) {
	t.Parallel()
	w := newHostileWorld(t)
	menu := w.menu(t)
	before := w.state(t)
	for name, text := range hostileTexts {
		for _, p := range w.places {
			for _, c := range bot.Table() {
				takes := false
				for _, o := range c.Options {
					takes = takes || o.Positional
				}
				if !takes {
					continue
				}
				typed := text
				if p.name == "discord" { // which takes no more in an option
					typed = cutTo(text, 6000)
				}
				s, err := p.ask(t.Context(), c.Name, typed)
				harmless(t, p.name, c.Title()+" "+name, s, err)
				if refused := strings.Contains(s.text, "at most 1000"); p.name == "web" && (refused != (len(text) > 1000) || !refused && s.html == "") {
					t.Errorf("web: %s %s: %.300q, drawn %.100q", c.Title(), name, s.text, s.html)
				}
			}
			if p.name == "web" {
				continue
			}
			if err := w.suggest(t.Context(), p.name, menu, cutTo(text, 100)); err != nil {
				t.Errorf("%s: typing %s: %v", p.name, name, err)
			}
		}
	}
	if after := w.state(t); after != before {
		t.Errorf("something was changed:\n%s\nbefore:\n%s", after, before)
	}
	if strings.Contains(w.log.String(), "panic") {
		t.Error("something panicked")
	}
}

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

// TestForgedButtons presses, through each platform's own payload, what the bot
// did not make, made for another, or made too long ago.
func TestForgedButtons(t *testing.T) {
	t.Parallel()
	w := newHostileWorld(t)
	before := w.state(t)
	for _, p := range w.places {
		why, err := p.ask(t.Context(), "why", "s1")
		if err != nil {
			t.Fatal(err)
		}
		line, elsewhere := "", ""
		switch p.name {
		case "discord":
			line = shareLine(why)
			theirs, err := ofDiscord(w.discord.Invoke(t.Context(), discordtest.Invocation{
				Channel: discordChannel, User: "1300000000000000077", Command: "desk", Subcommand: "why", Options: map[string]any{"id": "s1"}, Permissions: discordtest.SendMessages,
			}))
			if err != nil {
				t.Fatal(err)
			}
			elsewhere = shareLine(theirs)
		case "slack":
			line = shareLine(why)
			there, err := ofSlack(w.slack.SlashIn(t.Context(), slacktest.Private, "why s1"))
			if err != nil {
				t.Fatal(err)
			}
			elsewhere = shareLine(there)
		case "web": // its seal is another's too
			line, elsewhere = shareLineOn(t, w, "slack"), shareLineOn(t, w, "discord")
		}
		if !strings.HasPrefix(line, "~") || !strings.HasPrefix(elsewhere, "~") || line == elsewhere {
			t.Fatalf("%s: the buttons ask %q and %q", p.name, line, elsewhere)
		}
		head, rest, _ := strings.Cut(line, ".")
		proof, words, _ := strings.Cut(rest, ".")
		for what, value := range map[string]string{
			"another's":    elsewhere,
			"other words":  head + "." + proof + ".s1 why s2",
			"another verb": head + "." + proof + ".p1 why s1",
			"another page": head + "." + proof + ".p99999999999999999999 top",
			"a later end":  head + "0." + proof + "." + words,
			"no proof":     head + ".." + words,
			"no seal":      "~s1 why s1",
			"dots":         "~..",
			"nothing":      "~",
			"zeros":        "~\x00.\x00.\x00",
			"much":         "~" + strings.Repeat("z", 900),
			"mentions":     "~<!channel>.@everyone.<@&123>",
		} {
			s, err := p.forge(t.Context(), why, "nd1::", value)
			harmless(t, p.name, what, s, err)
			if !strings.Contains(s.text, "no button of mine") || !strings.Contains(s.text, "othing was changed") {
				t.Errorf("%s: %s: %.300q", p.name, what, s.text)
			}
		}
		if p.name == "web" { // which has lines alone
			continue
		}
		for what, id := range map[string]string{"an unknown id": "zzz", "another version": "nd9::why", "a mention": "@everyone"} {
			s, err := p.forge(t.Context(), why, id, "")
			harmless(t, p.name, what, s, err)
			if !strings.Contains(s.text, "no button of mine") {
				t.Errorf("%s: %s: %.300q", p.name, what, s.text)
			}
		}
		if after := w.state(t); after != before {
			t.Fatalf("%s: something was changed:\n%s\nbefore:\n%s", p.name, after, before)
		}
		// The button itself works, once, and no more when it is old.
		if s, err := p.press(t.Context(), why, "Share"); err != nil || s.private {
			t.Errorf("%s: the button itself: private %t, %.300q, %v", p.name, s.private, s.text, err)
		}
		before = w.state(t)
		s, err := p.press(t.Context(), why, "Share")
		harmless(t, p.name, "a replay", s, err)
		if !strings.Contains(s.text, "shared already") {
			t.Errorf("%s: a replay: %.300q", p.name, s.text)
		}
		w.late += 25 * time.Hour
		s, err = p.press(t.Context(), why, "Share")
		harmless(t, p.name, "an old one", s, err)
		if !strings.Contains(s.text, "more than a day old") {
			t.Errorf("%s: an old one: %.300q", p.name, s.text)
		}
		if after := w.state(t); after != before {
			t.Fatalf("%s: something was changed:\n%s\nbefore:\n%s", p.name, after, before)
		}
	}
	for _, id := range []string{"nd1:menu:resume:id", "nd1:menu:zzz:query", "zzz"} {
		m := slacktest.Message{Channel: slacktest.Channel, Blocks: []any{map[string]any{"type": "actions", "elements": []any{
			map[string]any{"type": "external_select", "action_id": id, "min_query_length": 0.0},
		}}}}
		if options, err := w.slack.Suggest(t.Context(), m, id, "deep"); err != nil || len(options) > 0 {
			t.Errorf("the menu %q offers %v, %v", id, options, err)
		}
	}
	if strings.Contains(w.log.String(), "panic") {
		t.Error("something panicked")
	}
}

// shareLine is what the button Share of an answer asks.
func shareLine(s sight) string {
	for _, b := range s.discord.Buttons() {
		if b.Label == "Share" {
			line, _ := discord.ButtonLine(b.CustomID)
			return line
		}
	}
	for _, b := range s.slack.Blocks {
		block, _ := b.(map[string]any)
		elements, _ := block["elements"].([]any)
		for _, e := range elements {
			button, _ := e.(map[string]any)
			if v, _ := button["value"].(string); strings.HasPrefix(v, "~") {
				return v
			}
		}
	}
	return ""
}

func shareLineOn(t *testing.T, w *hostileWorld, platform string) string {
	for _, p := range w.places {
		if p.name == platform {
			s, err := p.ask(t.Context(), "why", "s1")
			if err != nil {
				t.Fatal(err)
			}
			return shareLine(s)
		}
	}
	return ""
}
