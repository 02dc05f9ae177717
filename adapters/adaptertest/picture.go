package adaptertest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"newsdesk/bot"
)

// chart draws a small picture of one colour.
func chart(t *testing.T, c color.Color, alt string) *bot.Picture {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 20))
	for i := range 800 {
		m.Set(i%40, i/40, c)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return &bot.Picture{PNG: out.Bytes(), Alt: alt}
}

func showsPicture(t *testing.T, got, want *bot.Picture) {
	t.Helper()
	switch {
	case want == nil && got != nil:
		t.Errorf("a picture of %q is shown", got.Alt)
	case want != nil && (got == nil || !bytes.Equal(got.PNG, want.PNG) || got.Alt != want.Alt):
		t.Errorf("the picture of %q is not shown, but %+v", want.Alt, got)
	}
}

// pictures: what the bot drew is shown with its words, edited, and taken away.
func pictures(t *testing.T, s Subject) {
	begun := time.Now()
	red, blue := chart(t, color.RGBA{200, 0, 0, 255}, "Stories a day: 3, 1, 4"), chart(t, color.RGBA{0, 0, 200, 255}, "Stories a day: 1, 5, 9")
	p := newPost(s)
	p.Card.Picture = red
	id := sent(t, s, p)
	showsPicture(t, shows(t, s, 1)[0].Picture, red)
	found(t, s, p, begun, id)
	for _, want := range []*bot.Picture{red, blue, nil} {
		p.Card.Picture = want
		if err := s.Platform.Edit(within(t), p, id); err != nil {
			discreet(t, s, err)
			t.Fatal(err)
		}
		showsPicture(t, shows(t, s, 1)[0].Picture, want)
	}
	p.Key, p.Card.Picture = otherKey, &bot.Picture{PNG: []byte("<svg/>"), Alt: "no PNG"}
	sent(t, s, p)
	showsPicture(t, shows(t, s, 2)[1].Picture, nil)
}

// answersWithPictures: they stand in answers too, at once and late, seen by one
// or by all, and in the place of another.
func answersWithPictures(t *testing.T, s Subject) {
	need(t, s.Press != nil)
	d := &desk{picture: chart(t, color.RGBA{0, 200, 0, 255}, "A trend")}
	running(t, s, d)
	for _, line := range []string{"public", "public slow"} {
		ask(t, s, line)
	}
	for _, m := range shows(t, s, 2) {
		showsPicture(t, m.Picture, d.picture)
	}
	ask(t, s, "private")
	for _, turn := range Turns {
		a, err := s.Press(within(t), false, turn.Label)
		discreet(t, s, err)
		if err != nil || !strings.Contains(a.Text, "Answer to "+turn.Line) {
			t.Fatalf("the answer to the button %q is %+v, %v", turn.Label, a, err)
		}
		want := d.picture
		if s.Bare {
			want = nil
			if !strings.Contains(a.Text, d.picture.Alt) {
				t.Errorf("the answer does not say what the picture shows: %q", a.Text)
			}
		}
		showsPicture(t, a.Picture, want)
	}
}
