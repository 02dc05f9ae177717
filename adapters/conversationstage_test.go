package adapters_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"newsdesk/adapters/discord"
	"newsdesk/adapters/discord/discordtest"
	"newsdesk/adapters/slack"
	"newsdesk/adapters/slack/slacktest"
	"newsdesk/adapters/web"
	"newsdesk/bot"
)

// A stage is one platform that people converse with the bot on.
type stage struct {
	name     string
	platform bot.Platform
	channel  bot.Channel // where questions are asked
	others   [2]bot.Channel
	person   bot.Channel // direct messages of who asks
	typed    bool        // people type words; otherwise they fill in options
	ask      func(ctx context.Context, q inquiry) (said, error)
	press    func(ctx context.Context, m said, b button) (said, error)
	// suggest types text in an option; nil where only menus are typed in.
	suggest func(ctx context.Context, command, option, text string) ([]bot.Choice, error)
	// choose types text in a menu and takes the first that it offers; nil where
	// menus are not drawn.
	choose func(ctx context.Context, m said, of menu, text string) (offered []bot.Choice, answer said, err error)
	shows  func(c bot.Channel) []said
	// submit fills in the form that was opened as m; what changed does not name
	// stays as it stands there.
	submit func(ctx context.Context, m said, changed map[string]string) (said, error)
	// home opens the person's own page, and pressHome presses a button there; nil
	// where there is none.
	home      func(ctx context.Context) (said, error)
	pressHome func(ctx context.Context, m said, b button) (said, error)
	stranger  func(on bool)      // lets somebody ask who manages nothing; nil where all manage
	role      string             // an id that can be mentioned
	check     func(t *testing.T) // what the platform's own documents say of all that it received
}

// An inquiry is a question as a person puts it.
type inquiry struct {
	line   string   // the words after /news
	call   bot.Call // the same for platforms with options
	locale string   // "" for English
}

// A said is one message of the bot, as its platform shows it.
type said struct {
	text             string // all that people read
	private, inPlace bool
	buttons          []button
	menus            []menu
	received         any // what the platform received
	at               string
	id               string
	whole            any   // the platform's own form of it
	form             *form // that was opened in its place
}

// A button is one of a message. line is empty where it opens a page.
type button struct{ label, line, id, url string }

// A menu lets people choose among what an option suggests.
type menu struct{ command, option, id string }

func onDiscord(t *testing.T, w *conversed) stage { return discordStage(t, w, discordtest.New(t), "") }

// onDiscordOverHTTP has the endpoint stand in the web server, among its doors.
func onDiscordOverHTTP(t *testing.T, w *conversed) stage {
	s := discordtest.New(t)
	st := discordStage(t, w, s, s.PublicKey())
	var endpoints []web.Endpoint
	for path, h := range st.platform.(*discord.Platform).Endpoints() {
		endpoints = append(endpoints, web.Endpoint{Path: path, Handler: h})
	}
	page, err := web.New(web.Options{Listen: "127.0.0.1:0", Token: "only for people", Desk: w.desk, Endpoints: endpoints, Logger: w.log, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- page.Run(ctx, w.answers) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	s.DeliverTo(page.URL() + discord.InteractionsPath)
	check := st.check
	st.check = func(t *testing.T) {
		check(t)
		if s.Sessions() > 0 {
			t.Error("a gateway was opened")
		}
	}
	return st
}

// discordStage takes interactions over the gateway where there is no key.
func discordStage(t *testing.T, w *conversed, s *discordtest.Server, key string) stage {
	s.AddChannel(discordChannel, discordtest.Channel{Name: "news"})
	others := [2]string{"234567890123456790", "234567890123456791"}
	for _, id := range others {
		s.AddChannel(id, discordtest.Channel{})
	}
	wire := tap(t, s.URL())
	p, err := discord.New(discord.Options{
		Token: s.Token, ApplicationID: s.ApplicationID, APIURL: wire.URL + "/api", PublicKey: key, Memory: w.store, Commands: bot.Table(), Logger: w.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	show := func(m discordtest.Message, private, inPlace bool) said {
		out := said{text: strings.ReplaceAll(m.Text(), `\`, ""), private: private, inPlace: inPlace, at: m.Channel, id: m.ID, whole: m}
		shown := map[string]any{"embeds": m.Embeds, "components": m.Components, "private": private}
		if m.Content != "" {
			shown["content"] = m.Content
		}
		if m.Nonce != "" {
			shown["nonce"] = m.Nonce
		}
		if inPlace {
			shown["in_place"] = true
		}
		if m.Answers != "" {
			shown["answers"] = "an earlier message"
		}
		for _, a := range m.Attachments {
			shown["picture"] = a.Description
		}
		if m.Pings {
			t.Errorf("%q may notify people", m.Content)
		}
		out.received = shown
		for _, b := range m.Buttons() {
			line, _ := discord.ButtonLine(b.CustomID)
			out.buttons = append(out.buttons, button{b.Label, line, b.CustomID, b.URL})
		}
		return out
	}
	permissions := int64(discordtest.SendMessages | discordtest.ManageGuild)
	s.SetMember(discordtest.Reader, permissions)
	answered := func(r discordtest.Reply, err error) (said, error) {
		if m := r.Modal; err == nil && m != nil {
			out := said{text: m.Title, private: true, received: map[string]any{"modal": m}, form: &form{whole: *m}}
			for _, l := range m.Components {
				out.form.fields = append(out.form.fields, l.Component.CustomID)
			}
			return out, nil
		}
		if err == nil && r.Deleted && !r.Deferred {
			err = fmt.Errorf("the answer was taken back")
		}
		return show(r.Message, r.Private, r.InPlace), err
	}
	invoke := func(ctx context.Context, v discordtest.Invocation) (said, error) {
		v.Permissions = permissions
		return answered(s.Invoke(ctx, v))
	}
	return stage{
		name: "discord", platform: p, channel: "discord:" + discordChannel, person: bot.Person("discord", discordtest.Reader),
		others: [2]bot.Channel{bot.Channel("discord:" + others[0]), bot.Channel("discord:" + others[1])},
		ask: func(ctx context.Context, q inquiry) (said, error) {
			v := discordtest.Invocation{Channel: discordChannel, Command: "news", Locale: q.locale, Granted: true}
			if q.call.Command != "" {
				v.Command, v.Subcommand = deskOf(q.call.Command), q.call.Command
			}
			var err error
			if v.Options, err = discordOptions(q.call); err != nil {
				return said{}, err
			}
			return invoke(ctx, v)
		},
		press: func(ctx context.Context, m said, b button) (said, error) {
			return invoke(ctx, discordtest.Invocation{Channel: m.at, Message: m.id, CustomID: b.id})
		},
		submit: func(ctx context.Context, m said, changed map[string]string) (said, error) {
			return answered(s.Submit(ctx, m.form.whole.(discordtest.Modal).As(permissions), changed))
		},
		stranger: func(on bool) {
			if permissions = discordtest.SendMessages; !on {
				permissions |= discordtest.ManageGuild
			}
			s.SetMember(discordtest.Reader, permissions)
		},
		role: "345678901234567890",
		suggest: func(ctx context.Context, command, option, text string) (out []bot.Choice, err error) {
			v := discordtest.Invocation{Channel: discordChannel, Command: "news", Options: map[string]any{option: text}, Focus: option}
			if command != "" {
				v.Command, v.Subcommand = deskOf(command), command
			}
			cs, err := s.Suggest(ctx, v)
			for _, c := range cs {
				out = append(out, bot.Choice{Label: c.Name, Value: c.Value})
			}
			return out, err
		},
		shows: func(c bot.Channel) (out []said) {
			id := c.ID()
			if user, ok := c.Person(); ok {
				id = discordtest.DirectOf(user)
			}
			for _, m := range s.Messages(id) {
				out = append(out, show(m, false, false))
			}
			return out
		},
		check: func(t *testing.T) { checkDiscord(t, wire.passages()) },
	}
}

func onSlack(t *testing.T, w *conversed) stage {
	of, _ := slackStage(t, w, slack.TransportSocket)
	return of
}

func onSlackHTTP(t *testing.T, w *conversed) stage {
	if *update {
		t.Skip("NOT TESTED: the goldens are those of the sockets")
	}
	of, _ := slackStage(t, w, slack.TransportHTTP)
	return of
}

// slackStage is Slack with one of its transports, and the fake behind it.
func slackStage(t *testing.T, w *conversed, transport string) (stage, *slacktest.Server) {
	s := slacktest.New(t)
	others := [2]string{"C0DIGEST001", "C0LATE00001"}
	for _, id := range others {
		s.AddChannel(id)
	}
	p, err := slack.New(slack.Options{
		BotToken: slacktest.BotToken, AppToken: slacktest.AppToken, APIURL: s.URL(), Commands: bot.Table(), Logger: w.log,
		Transport: transport, SigningSecret: slacktest.SigningSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	if transport == slack.TransportHTTP {
		mux := http.NewServeMux()
		for path, h := range p.Endpoints() {
			mux.Handle(path, h)
		}
		front := httptest.NewServer(mux)
		t.Cleanup(front.Close)
		s.DeliverTo(front.URL)
	}
	show := func(m slacktest.Message) said {
		if v := m.View; v != nil && v.Type == "home" {
			return showHome(*v)
		} else if v != nil {
			out := said{text: v.Title, private: true, form: &form{whole: *v}, received: map[string]any{"title": v.Title, "blocks": v.Blocks, "line": lineOf(v.Metadata)}}
			for _, b := range v.Blocks {
				out.form.fields = append(out.form.fields, b.(map[string]any)["block_id"].(string))
			}
			return out
		}
		checkSlack(t, m)
		out := said{text: m.Text + "\n" + m.Shown(), private: m.Private, inPlace: m.InPlace, at: m.Channel, id: m.TS, whole: m}
		shown := map[string]any{"text": m.Text, "blocks": m.Blocks, "private": m.Private}
		if m.InPlace {
			shown["in_place"] = true
		}
		if m.ThreadTS != "" {
			shown["answers"] = "an earlier message"
		}
		if m.Metadata != nil {
			shown["metadata"] = m.Metadata
		}
		out.received = shown
		for _, e := range elements(m.Blocks) {
			id, _ := e["action_id"].(string)
			if command, option, ok := slack.MenuOption(id); ok {
				out.menus = append(out.menus, menu{command, option, id})
			}
			if e["type"] != "button" {
				continue
			}
			value, _ := e["value"].(string)
			address, _ := e["url"].(string)
			label, _ := e["text"].(map[string]any)["text"].(string)
			line, _ := slack.ButtonLine(id, value)
			out.buttons = append(out.buttons, button{label, line, id, address})
		}
		return out
	}
	return stage{
		name: "slack", platform: p, channel: "slack:" + slacktest.Channel, person: bot.Person("slack", slacktest.Person), typed: true,
		others: [2]bot.Channel{bot.Channel("slack:" + others[0]), bot.Channel("slack:" + others[1])},
		ask: func(ctx context.Context, q inquiry) (said, error) {
			if err := s.Connected(ctx, 1); err != nil {
				return said{}, err
			}
			m, err := s.Slash(ctx, q.line)
			if err != nil {
				return said{}, err
			}
			return show(m), nil
		},
		press: func(ctx context.Context, m said, b button) (said, error) {
			answer, err := s.Press(ctx, m.whole.(slacktest.Message), b.id)
			if err != nil {
				return said{}, err
			}
			return show(answer), nil
		},
		submit: func(ctx context.Context, m said, changed map[string]string) (said, error) {
			answer, err := s.Submit(ctx, m.form.whole.(slacktest.View), changed)
			if err != nil {
				return said{}, err
			}
			return show(answer), nil
		},
		home: func(ctx context.Context) (said, error) {
			v, err := s.OpenHome(ctx)
			return showHome(v), err
		},
		pressHome: func(ctx context.Context, m said, b button) (said, error) {
			answer, err := s.PressHome(ctx, m.whole.(slacktest.View), b.id)
			return show(answer), err
		},
		stranger: func(on bool) {
			if s.Be(slacktest.Person); on {
				s.Be("U0STRANGER1")
			}
		},
		role: "S0EDITORS01",
		choose: func(ctx context.Context, m said, of menu, text string) (out []bot.Choice, answer said, err error) {
			offered, err := s.Suggest(ctx, m.whole.(slacktest.Message), of.id, text)
			if err != nil || len(offered) == 0 {
				return nil, said{}, err
			}
			for _, o := range offered {
				out = append(out, bot.Choice{Label: o.Text, Value: o.Value})
			}
			a, err := s.Choose(ctx, m.whole.(slacktest.Message), of.id, offered[0].Text)
			if err != nil {
				return out, said{}, err
			}
			return out, show(a), nil
		},
		shows: func(c bot.Channel) (out []said) {
			id := c.ID()
			if user, ok := c.Person(); ok {
				id = slacktest.Direct(user)
			}
			for _, m := range s.Messages(id) {
				out = append(out, show(m))
			}
			return out
		},
		check: func(*testing.T) {},
	}, s
}

// deskOf is the command of Discord that has the subcommand.
func deskOf(name string) string {
	if slices.ContainsFunc(bot.Table(), func(c bot.Command) bool { return c.Name == name && c.Manager }) {
		return "desk-channel"
	}
	return "desk"
}
