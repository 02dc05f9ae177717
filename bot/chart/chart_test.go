package chart_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"sync"
	"testing"

	"newsdesk/bot/chart"
)

var look = flag.String("look", "", "write the picture of TestDraw to this file, to look at it")

func rows() []chart.Row {
	return []chart.Row{
		{Name: "DeepSeek", Note: "14 today, usually 3", Days: []int{1, 0, 2, 1, 3, 2, 0, 1, 2, 4, 1, 0, 2, 2, 3, 1, 0, 2, 4, 3, 2, 1, 0, 2, 3, 5, 8, 14}, Usual: 3, Loud: true},
		{Name: "A topic with a name that is far too long for its place", Note: "深度求索", Days: []int{0, 0, 0, 0, 0, 0, 1}},
		{Name: "Nothing", Days: make([]int, 28)},
	}
}

func decode(t *testing.T, raw []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDraw(t *testing.T) {
	raw := chart.Draw(rows(), "stories a day, four weeks", "today")
	if *look != "" {
		if err := os.WriteFile(*look, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := decode(t, raw)
	if m.Bounds().Dx() != chart.Width || m.Bounds().Dy() < 3*chart.RowHeight {
		t.Errorf("the picture is %v", m.Bounds())
	}
	if _, _, _, a := m.At(0, 0).RGBA(); a != 0 {
		t.Error("its corners are not round")
	}
	count := map[color.Color]int{}
	first, last := chart.Width, 0 // columns of the loud bar
	for y := 0; y < m.Bounds().Dy(); y++ {
		for x := 0; x < chart.Width; x++ {
			c := color.RGBAModel.Convert(m.At(x, y))
			count[c]++
			if c == chart.Burst {
				first, last = min(first, x), max(last, x)
			}
		}
	}
	for name, c := range map[string]color.RGBA{"ground": chart.Ground, "ink": chart.Ink, "faint": chart.Faint, "quiet": chart.Quiet, "today": chart.Today, "burst": chart.Burst} {
		if count[c] < 100 {
			t.Errorf("%d pixels are of the colour %s", count[c], name)
		}
	}
	if last-first > 40 || first < chart.Width/2 {
		t.Errorf("the bar of a loud day reaches from %d to %d", first, last)
	}
	if !bytes.Equal(raw, chart.Draw(rows(), "stories a day, four weeks", "today")) {
		t.Error("the same rows make another picture")
	}
}

// TestHeights checks that bars are as high as their numbers say.
func TestHeights(t *testing.T) {
	m := decode(t, chart.Draw([]chart.Row{{Name: "x", Days: []int{1, 2, 4}}}, "", ""))
	height := func(c color.RGBA) (n int) {
		for x := 0; x < chart.Width; x++ {
			col := 0
			for y := 0; y < m.Bounds().Dy(); y++ {
				if color.RGBAModel.Convert(m.At(x, y)) == c {
					col++
				}
			}
			n = max(n, col)
		}
		return n
	}
	if quiet, today := height(chart.Quiet), height(chart.Today); math.Abs(float64(today)-2*float64(quiet)) > 3 {
		t.Errorf("bars of 2 and 4 are %d and %d pixels high", quiet, today)
	}
}

// TestContrast checks the colours by the formula of WCAG 2.2.
func TestContrast(t *testing.T) {
	luminance := func(c color.RGBA) float64 {
		part := func(v uint8) float64 {
			if s := float64(v) / 255; s > 0.04045 {
				return math.Pow((s+0.055)/1.055, 2.4)
			} else {
				return s / 12.92
			}
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	for name, tt := range map[string]struct {
		c     color.RGBA
		least float64
	}{
		"ink": {chart.Ink, 4.5}, "faint": {chart.Faint, 4.5}, "quiet": {chart.Quiet, 3}, "today": {chart.Today, 4.5}, "burst": {chart.Burst, 4.5},
	} {
		if got := (luminance(tt.c) + 0.05) / (luminance(chart.Ground) + 0.05); got < tt.least {
			t.Errorf("%s has a contrast of %.1f, want %.1f", name, got, tt.least)
		}
	}
}

func TestDrawAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { chart.Draw(rows(), "below", "today") })
	}
	wg.Wait()
}

func BenchmarkDraw(b *testing.B) {
	many := make([]chart.Row, 8)
	for i := range many {
		many[i] = rows()[0]
	}
	for b.Loop() {
		chart.Draw(many, "stories a day, four weeks", "today")
	}
}
