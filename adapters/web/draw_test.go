package web

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"newsdesk/bot"
	"newsdesk/news/newstest"
)

// outline writes spans in short: kind(text), kind{kids}.
func outline(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		switch {
		case s.Kind == "time":
			fmt.Fprintf(&b, "time(%d %s)", s.At.Unix(), s.Text)
		case s.Kind == "a":
			fmt.Fprintf(&b, "a{%s %s}", s.URL, outline(s.Kids))
		case s.Kids != nil:
			fmt.Fprintf(&b, "%s{%s}", s.Kind, outline(s.Kids))
		case s.Kind != "":
			fmt.Fprintf(&b, "%s(%s)", s.Kind, s.Text)
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func TestMarkup(t *testing.T) {
	for _, c := range []struct {
		name   string
		markup func(string) []paragraph
		in     string
		want   string
	}{
		{"discord bold, italic, struck", discordMarkup, "**a *b* c** ~~d~~ __e__ _f_", "b{a i{b} c} s{d} u{e} i{f}"},
		{"discord escapes", discordMarkup, `\*\*a\*\* \[b\](c) \_d\_`, "**a** [b](c) _d_"},
		{"discord inside words", discordMarkup, "snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"},
		{"discord link", discordMarkup, "[a **b**](https://x.example/p_1_2) c", "a{https://x.example/p_1_2 a b{b}} c"},
		{"discord escaped label", discordMarkup, `[a \(b\)](https://x.example/)`, "a{https://x.example/ a (b)}"},
		{"discord script link", discordMarkup, "[a](javascript:alert(1))", "[a](javascript:alert(1))"},
		{"discord bare link", discordMarkup, "see https://x.example/a. Or <https://y.example>", "see a{https://x.example/a https://x.example/a}. Or a{https://y.example https://y.example}"},
		{"discord time, mention, code", discordMarkup, "<t:1745841600:R> <@12> `a*b*`", "time(1745841600 R) mention(@12) code(a*b*)"},
		{"discord lines", discordMarkup, "## a\n> b\n- c\n  d\n-# e", "h2:a\nquote:b\nitem:c\nmore:d\nsmall:e"},
		{"discord unclosed", discordMarkup, "**a [b](https:// `c", "**a [b](https:// `c"},
		{"slack bold, italic, struck", slackMarkup, "*a _b_ c* ~d~", "b{a i{b} c} s{d}"},
		{"slack entities", slackMarkup, "a &lt;b&gt; &amp;amp; &copy;", "a <b> &amp; &copy;"},
		{"slack link", slackMarkup, "*<https://x.example/?a=1&amp;b=2|a &lt;b&gt;>*", "b{a{https://x.example/?a=1&b=2 a <b>}}"},
		{"slack script link", slackMarkup, "<javascript:alert(1)|a>", "plain{a}"},
		{"slack mention", slackMarkup, "<!channel> <@U1> <!date^1745841600^{date}|then>", "mention(@channel) mention(@U1) time(1745841600 )"},
		{"slack inside words", slackMarkup, "snake_case_name 2*3*4", "snake_case_name 2*3*4"},
		{"slack quote", slackMarkup, "&gt; a\nb", "quote:a\nb"},
		{"emoji that are drawn", slackMarkup, "🔴 *a*", "dot(red) b{a}"},
		{"direction marks", slackMarkup, "a\u202eb\u2066c\u200f", "abc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			for _, p := range c.markup(c.in) {
				line := outline(p.Spans)
				if p.Kind != "" {
					line = p.Kind + ":" + line
				}
				lines = append(lines, line)
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range []string{"**a** [b](https://c)", "<https://a|b> *c*", "\\", "`", "<", "&amp;", "a\n- b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		discordMarkup(s)
		slackMarkup(s)
	})
}

// hostile is a card of which every text attacks the page.
func hostile() bot.Card {
	const evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> [x](javascript:alert(1)) \u202egnp.exe &lt;b&gt; {{.}} </textarea>"
	return bot.Card{
		Title: evil, URL: "javascript:alert(1)", Text: evil, Footer: evil, Image: "https://x.example/\"onload=alert(1)",
		Badges:   []bot.Badge{{Label: evil, Value: evil, Meter: 50}},
		Facts:    []bot.Fact{{Label: evil, Value: evil}},
		Sections: []bot.Section{{Title: evil, Lines: []bot.Line{{Text: evil, URL: "data:text/html,<script>alert(1)</script>", Note: evil, Detail: evil}}}},
		Buttons:  []bot.Button{{Label: evil, URL: "javascript:alert(1)"}, {Label: evil, Line: "why \"><script>alert(1)</script>"}},
	}
}

func TestHostileCardsAreInert(t *testing.T) {
	st := stories()[0]
	c := hostile()
	st.ID = "evil"
	st.Headline, st.URL, st.Brief.Standfirst, st.Brief.Body = c.Title, c.URL, c.Title, []string{c.Title}
	st.Status.Value, st.Status.Why, st.Status.Source = c.Title, c.Title, c.Title
	st.Parts[0].Name, st.Parts[0].Why, st.Topics, st.Sources = c.Title, c.Title, []string{c.Title}, []string{c.Title}
	st.Figures[0].Value, st.Articles[0].Title, st.Articles[0].URL, st.Articles[0].Source = c.Title, c.Title, c.URL, c.Title
	all := append(newstest.Stories(), st)
	s, _ := start(t, Options{Desk: &deskOf{stories: all}, Name: "<script>", Version: "<script>"})
	posts := []bot.Post{{Key: "EVIL", Channel: "web:preview", Card: c}, {Key: "<script>", Channel: "web:preview", Card: c, Thread: "EVIL"}}
	for _, st := range all {
		posts = append(posts, bot.Post{Key: "K" + st.ID, Channel: "web:preview", Card: bot.StoryCard(bot.English, st, nil, noon)})
	}
	for _, p := range posts {
		if _, err := s.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	d, err := view{ID: "A", Asked: "/news <script>alert(1)</script>", Private: true}.draw(c, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/stories/evil", "/stories/k3jh", "/stories/long", "/stories/bare", "/nothing/<script>alert(1)</script>"} {
		_, body := ask(t, "GET", s.URL()+path, "", "Accept: text/html")
		inert(t, path, body)
	}
	inert(t, "answer as Discord", string(d.Discord))
	inert(t, "answer as Slack", string(d.Slack))
}

// inert fails for every element and attribute in page that the templates do
// not write themselves.
func inert(t *testing.T, name, page string) {
	t.Helper()
	if strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%s: an address reached the page that had to be refused there", name)
	}
	if strings.ContainsAny(page, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
		t.Errorf("%s: a mark that turns the direction is in the page", name)
	}
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
			continue
		}
		if tok.Data == "img" || tok.Data == "iframe" || tok.Data == "style" || tok.Data == "object" {
			t.Errorf("%s: %s", name, tok)
		}
		for _, a := range tok.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction":
				t.Errorf("%s: %s", name, tok)
			case tok.Data == "script" && !(a.Key == "src" && strings.HasPrefix(value, "/static/") || a.Key == "defer"):
				t.Errorf("%s: %s", name, tok)
			case (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://"):
				t.Errorf("%s: %s", name, tok)
			}
		}
		if tok.Data == "script" && len(tok.Attr) == 0 {
			t.Errorf("%s: %s", name, tok)
		}
	}
}

func TestDrawingsShowTheWholeCard(t *testing.T) {
	c := cardOf(stories()[0])
	d, err := view{ID: "K1", At: noon, Asked: "/news x", Private: true}.draw(c, "K1")
	if err != nil {
		t.Fatal(err)
	}
	for platform, drawn := range map[string]string{"discord": string(d.Discord), "slack": string(d.Slack)} {
		for _, want := range []string{
			c.Title, "1.2 trillion parameters", "rumour", "Chip Courier", `data-line="why k3j2"`, `data-line="related k3j2"`,
			`href="https://outlet.example/r2"`, "Only ", "APP",
		} {
			if !strings.Contains(drawn, want) {
				t.Errorf("%s: no %q in\n%s", platform, want, drawn)
			}
		}
	}
	if !strings.Contains(string(d.Discord), `fill="#e74c3c"`) {
		t.Errorf("no colour of a critical story in\n%s", d.Discord)
	}
}

func TestFollowUpsNameWhatTheyAnswer(t *testing.T) {
	s, _ := start(t, Options{})
	for _, p := range []bot.Post{
		{Key: "K1", Channel: "web:preview", Card: bot.Card{Title: "The first report"}},
		{Key: "K2", Channel: "web:preview", Card: bot.Card{Title: "Now confirmed"}, Thread: "K1"},
	} {
		if _, err := s.Post(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := ask(t, "GET", s.URL()+"/", ""); strings.Count(body, `<b dir="auto">The first report</b>`) != 2 {
		t.Errorf("the follow-up does not name its story once for each platform:\n%s", body)
	}
	if err := s.Edit(t.Context(), bot.Post{Channel: "web:preview", Card: bot.Card{Title: "The first report, grown"}}, "K1"); err != nil {
		t.Fatal(err)
	}
	_, body := ask(t, "GET", s.URL()+"/", "")
	if n := strings.Count(body, `<b dir="auto">The first report, grown</b>`); n != 2 {
		t.Errorf("the follow-up names its story %d times, want once for each platform", n)
	}
	if n := strings.Count(body, "(edited)"); n != 2 {
		t.Errorf("%d edits are shown, want one for each platform", n)
	}
}
