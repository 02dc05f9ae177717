package adapters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"newsdesk/adapters/web"
	"newsdesk/bot"
)

// onWeb keeps the cards that are posted beside the server, which draws them.
func onWeb(t *testing.T, w *conversed) stage {
	s, err := web.New(web.Options{Listen: "127.0.0.1:0", Desk: w.desk, Outbox: w.store, Commands: bot.Table(), Logger: w.log, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	board := &posted{Server: s, cards: map[bot.Channel][]said{}}
	type answer struct {
		Private, Replaces bool
		Text, Error       string
		Card              json.RawMessage
		Form              *webForm
		Drawing           struct{ Discord, Slack string }
	}
	asked := 0
	fill := func(ctx context.Context, line, locale, channel, pressed string, fields map[string]string) (said, error) {
		asked++
		body, err := json.Marshal(map[string]any{"text": strings.TrimSpace("/news " + line), "user": "u1", "channel": channel, "id": fmt.Sprint("q", asked), "pressed": pressed, "draw": true, "fields": fields})
		if err != nil {
			return said{}, err
		}
		req, err := http.NewRequestWithContext(ctx, "POST", s.URL()+"/api/command", bytes.NewReader(body))
		if err != nil {
			return said{}, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Language", locale)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return said{}, err
		}
		defer resp.Body.Close()
		var a answer
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Error != "" {
			return said{}, fmt.Errorf("%s %w", a.Error, err)
		}
		if a.Drawing.Discord == "" || a.Drawing.Slack == "" {
			return said{}, fmt.Errorf("the answer to %q is not drawn as both platforms would show it", line)
		}
		shown := map[string]any{"private": a.Private, "card": a.Card, "text": a.Text}
		if a.Replaces {
			shown["in_place"] = true
		}
		if f := a.Form; f != nil {
			out := said{text: f.Title, private: true, at: channel, id: pressed, received: map[string]any{"form": f}, form: &form{whole: *f}}
			for _, field := range f.Fields {
				out.form.fields = append(out.form.fields, field.Name)
			}
			return out, nil
		}
		out := said{text: a.Text, private: a.Private, inPlace: a.Replaces, at: channel, id: fmt.Sprint("web-q", asked), received: shown}
		if a.Replaces {
			out.id = pressed
		}
		var card struct {
			Buttons []struct{ Label, Line, URL string }
			Menu    *struct{ Command, Option string }
		}
		if err := json.Unmarshal(a.Card, &card); err != nil {
			return said{}, err
		}
		for _, b := range card.Buttons {
			out.buttons = append(out.buttons, button{b.Label, b.Line, "", b.URL})
		}
		if card.Menu != nil {
			out.menus = []menu{{card.Menu.Command, card.Menu.Option, ""}}
		}
		return out, nil
	}
	command := func(ctx context.Context, line, locale, channel, pressed string) (said, error) {
		return fill(ctx, line, locale, channel, pressed, nil)
	}
	suggest := func(ctx context.Context, command, option, text string) (out []bot.Choice, line string, err error) {
		q := url.Values{"command": {command}, "option": {option}, "text": {text}, "user": {"u1"}}
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL()+"/api/suggest?"+q.Encode(), nil)
		if err != nil {
			return nil, "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, "", err
		}
		defer resp.Body.Close()
		var a struct {
			Choices []struct{ Label, Value, Line string }
			Error   string
		}
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.Error != "" {
			return nil, "", fmt.Errorf("%s %w", a.Error, err)
		}
		for _, c := range a.Choices {
			out = append(out, bot.Choice{Label: c.Label, Value: c.Value})
		}
		if len(a.Choices) > 0 {
			line = a.Choices[0].Line
		}
		return out, line, nil
	}
	return stage{
		name: "web", platform: board, channel: "web:preview", others: [2]bot.Channel{"web:digest", "web:late"}, person: bot.Person("web", "u1"), typed: true,
		ask: func(ctx context.Context, q inquiry) (said, error) {
			return command(ctx, q.line, q.locale, "web:preview", "")
		},
		press: func(ctx context.Context, m said, b button) (said, error) { return command(ctx, b.line, "", m.at, m.id) },
		submit: func(ctx context.Context, m said, changed map[string]string) (said, error) {
			f, fields := m.form.whole.(webForm), map[string]string{}
			for _, field := range f.Fields {
				fields[field.Name] = field.Value
			}
			maps.Copy(fields, changed)
			return fill(ctx, f.Line, "", m.at, m.id, fields)
		},
		role: "EDITORS01",
		suggest: func(ctx context.Context, command, option, text string) ([]bot.Choice, error) {
			out, _, err := suggest(ctx, command, option, text)
			return out, err
		},
		choose: func(ctx context.Context, m said, of menu, text string) ([]bot.Choice, said, error) {
			out, line, err := suggest(ctx, of.command, of.option, text)
			if err != nil {
				return nil, said{}, err
			}
			answer, err := command(ctx, line, "", m.at, m.id)
			return out, answer, err
		},
		shows: board.shows,
		check: func(*testing.T) {},
	}
}

// A webForm is what /api/command answers.
type webForm struct {
	Title, Submit, Line string
	Fields              []struct {
		Name, Label, Hint, Value, Command string
		Choices                           []struct{ Label, Value string }
		Many                              bool
	}
}

// posted is a platform that remembers the cards that it took, in order.
type posted struct {
	*web.Server
	mu    sync.Mutex
	cards map[bot.Channel][]said
}

func (p *posted) Post(ctx context.Context, post bot.Post) (bot.MessageID, error) {
	id, err := p.Server.Post(ctx, post)
	if err != nil {
		return id, err
	}
	m := saidCard(post, string(id))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cards[post.Channel] = append(p.cards[post.Channel], m)
	return id, nil
}

func (p *posted) Edit(ctx context.Context, post bot.Post, id bot.MessageID) error {
	err := p.Server.Edit(ctx, post, id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, m := range p.cards[post.Channel] {
		if m.id == string(id) {
			p.cards[post.Channel][i] = saidCard(post, m.id)
		}
	}
	return nil
}

func (p *posted) shows(c bot.Channel) []said {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.cards[c])
}

func saidCard(post bot.Post, id string) said {
	shown := map[string]any{"card": post.Card}
	if post.Thread != "" {
		shown["answers"] = "an earlier message"
	}
	out := said{text: fmt.Sprint(post.Card), at: string(post.Channel), id: id, received: shown}
	for _, b := range post.Card.Buttons {
		out.buttons = append(out.buttons, button{b.Label, b.Line, "", b.URL})
	}
	return out
}
