package slack

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"newsdesk/adapters/slack/slacktest"
	"newsdesk/bot"
)

func picture(t *testing.T) *bot.Picture {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return &bot.Picture{PNG: out.Bytes(), Alt: "Eight by eight"}
}

// A message never fails for its picture: the words stand for it.
func TestPostWithoutThePictureThatCannotBeShown(t *testing.T) {
	for name, knob := range map[string]func(*slacktest.Server){
		"no scope":         func(s *slacktest.Server) { s.RemoveScope("files:write") },
		"never worked off": func(s *slacktest.Server) { s.SlowFiles(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := open(t)
			knob(s)
			if _, err := post(t, p, newsChannel, testKey, bot.Card{Title: "Trends", Picture: picture(t)}); err != nil {
				t.Fatal(err)
			}
			m := s.Messages(slacktest.Channel)[0]
			if content, _ := s.Picture(m); content != nil || !strings.Contains(m.Shown(), "Eight by eight") || m.Metadata == nil {
				t.Errorf("the message is %+v", m)
			}
		})
	}
}

// The same picture in many channels is uploaded once.
func TestPictureIsUploadedOnce(t *testing.T) {
	p, s := open(t)
	for _, c := range []string{slacktest.Channel, slacktest.Private} {
		if _, err := post(t, p, bot.Channel("slack:"+c), testKey, bot.Card{Title: "Trends", Picture: picture(t)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Calls("files.getUploadURLExternal"); n != 1 {
		t.Errorf("uploaded %d times", n)
	}
}

func TestMenu(t *testing.T) {
	table := bot.Table()
	for _, test := range []struct {
		action, value, line string
		ok                  bool
	}{
		{"nd1:menu:trends:topic", "deepseek", "trends deepseek", true},
		{"nd1:menu:trends:topic", "export controls", `trends topic:"export controls"`, true},
		{"nd1:menu::query", "top", "query:top", true},
		{"nd1:menu:trends:topic", "", "", false},
		{"nd1:menu:top:period", "week", "", false},  // has no suggestions
		{"nd1:menu:retry:id", "x", "", false},       // a manager's
		{"nd1:menu:nowhere:topic", "x", "", false},  // no command
		{"nd1:menu:trends", "x", "", false},         // no option
		{"other:menu:trends:topic", "x", "", false}, // another app's
	} {
		if line, ok := MenuLine(table, test.action, test.value); ok != test.ok || ok && line != test.line {
			t.Errorf("MenuLine(%q, %q) = %q, %v", test.action, test.value, line, ok)
		}
	}
	c := bot.Card{Title: "Trends", Menu: &bot.Menu{Label: strings.Repeat("long ", 100), Command: "trends", Option: "topic"}}
	for range 40 {
		c.Buttons = append(c.Buttons, bot.Button{Label: "One", Line: "top"})
	}
	m := Render(c, "")
	check(t, m)
	if raw := string(encode(m.Blocks)); !strings.Contains(raw, `"nd1:menu:trends:topic"`) || strings.Count(raw, `"button"`) != actionsMax-1 {
		t.Errorf("drawn as %s", raw)
	}
}
