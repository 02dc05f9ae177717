package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"newsdesk/adapters/adaptertest"
	"newsdesk/bot"
)

func TestPlatform(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T) adaptertest.Subject {
		s, err := New(Options{Listen: "127.0.0.1:0", Commands: bot.Table(), Desk: &deskOf{stories: stories()}, Token: "a secret token", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		asked, last := 0, ""
		var offered []choiceJSON
		type answer struct {
			Private, Replaces bool
			Text, Error       string
			Card              cardJSON
		}
		command := func(ctx context.Context, line, pressed string) (a answer, err error) {
			last = fmt.Sprintf("web-q%d", asked)
			body := fmt.Sprintf(`{"text":%q,"user":"u1","id":"q%d","pressed":"%s"}`, "/news "+line, asked, pressed)
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL()+"/api/command", strings.NewReader(body))
			if err != nil {
				return a, err
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer a secret token")
			resp, err := client.Do(req)
			if err != nil {
				return a, err
			}
			defer resp.Body.Close()
			if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
				return a, err
			}
			if a.Error != "" {
				return a, errors.New(a.Error)
			}
			return a, nil
		}
		return adaptertest.Subject{
			Platform: s, Channel: "web:preview", Person: bot.Person("web", "ann"), Secrets: []string{"a secret token"}, Dedups: true,
			Messages: func(c bot.Channel) []adaptertest.Message {
				var out []adaptertest.Message
				ms, _ := s.board.list(c)
				drawings, err := s.album.of(c, ms, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, m := range ms {
					d := drawings[i]
					out = append(out, adaptertest.Message{ID: m.ID, Text: read(string(d.Discord)) + read(string(d.Slack)), Key: string(m.ID), Answers: m.Thread, Picture: drawnIn(t, string(d.Discord), string(d.Slack))})
				}
				return out
			},
			Mention: regexp.MustCompile(regexp.QuoteMeta(drawnMention)),
			Ask: func(ctx context.Context, line string, again bool) (string, bool, error) {
				if !again {
					asked++
				}
				a, err := command(ctx, line, "")
				return a.Text, a.Private, err
			},
			Suggest: func(ctx context.Context, command, option, text string) ([]bot.Choice, error) {
				query := url.Values{"command": {command}, "option": {option}, "text": {text}, "user": {"u1"}}
				req, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"/api/suggest?"+query.Encode(), nil)
				if err != nil {
					return nil, err
				}
				req.Header.Set("Authorization", "Bearer a secret token")
				resp, err := client.Do(req)
				if err != nil {
					return nil, err
				}
				defer resp.Body.Close()
				var answer struct {
					Choices []choiceJSON
					Error   string
				}
				if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Error != "" {
					return nil, errors.Join(err, errors.New(answer.Error))
				}
				offered = answer.Choices
				var out []bot.Choice
				for _, c := range offered {
					out = append(out, bot.Choice{Label: c.Label, Value: c.Value})
				}
				return out, nil
			},
			Choose: func(ctx context.Context, label string) (adaptertest.Answer, error) {
				i := slices.IndexFunc(offered, func(c choiceJSON) bool { return c.Label == label })
				asked++
				a, err := command(ctx, offered[i].Line, "")
				return adaptertest.Answer{Text: a.Text, Private: a.Private, InPlace: a.Replaces}, err
			},
			Press: func(ctx context.Context, posted bool, label string) (adaptertest.Answer, error) {
				pressed := last
				if ms, _ := s.board.list("web:preview"); posted {
					pressed = string(ms[len(ms)-1].ID)
				}
				i := slices.IndexFunc(adaptertest.Turns, func(b bot.Button) bool { return b.Label == label })
				asked++
				a, err := command(ctx, adaptertest.Turns[i].Line, pressed)
				return adaptertest.Answer{Text: a.Text, Private: a.Private, InPlace: a.Replaces, Picture: (*bot.Picture)(a.Card.Picture)}, err
			},
		}
	})
}

var drawnPicture = regexp.MustCompile(`<img class="drawn" src="data:image/png;base64,([^"]+)" alt="([^"]*)">`)

// drawnIn returns the picture that both drawings show, nil where none does.
func drawnIn(t *testing.T, drawings ...string) *bot.Picture {
	var out *bot.Picture
	for i, d := range drawings {
		var p *bot.Picture
		if m := drawnPicture.FindStringSubmatch(d); m != nil {
			content, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[1]))
			if err != nil {
				t.Error(err)
			}
			p = &bot.Picture{PNG: content, Alt: html.UnescapeString(m[2])}
		}
		if i > 0 && !reflect.DeepEqual(p, out) {
			t.Errorf("drawing %d shows another picture: %+v, %+v", i, p, out)
		}
		out = p
	}
	return out
}

// drawnMention stands in a text that was read where a mention was drawn.
const drawnMention = "(a mention)"

// read returns the text of drawn HTML.
func read(drawn string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(drawn))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken:
			for _, a := range z.Token().Attr {
				if a.Key == "class" && a.Val == "mention" {
					b.WriteString(drawnMention)
				}
			}
		}
	}
}
