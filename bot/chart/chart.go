// Package chart draws how many stories there were each day, as a picture. It
// brings its own ground and its own letters, so that the picture reads the
// same in a dark and in a light window, and on every machine.
package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A Row is one line of bars.
type Row struct {
	Name  string // beside the bars, what the letters at hand cannot write left out
	Note  string // below the name
	Days  []int  // stories of each day, the newest last
	Usual float64
	Loud  bool // the last day is far above what is usual
}

// Sizes in pixels. Chats show pictures at about 500 pixels of width, so that
// letters of 34 pixels are read at 14.
const (
	Width     = 1200
	RowHeight = 116
	margin    = 40
	corner    = 24
	names     = 500 // width of the column of names
	gap       = 5   // between two bars
	lettering = 34
	noting    = 27
	counting  = 30
	counts    = 70 // width of the column of today's counts
	legend    = 56 // height below the rows
)

// The colours. Each writes or draws on the ground with a contrast of at least
// 4.5 to 1 (WCAG 2.2, 1.4.3), but for quiet bars, which need 3 to 1 (1.4.11).
var (
	Ground = color.RGBA{0x1b, 0x1f, 0x2a, 0xff}
	Ink    = color.RGBA{0xf2, 0xf4, 0xf8, 0xff}
	Faint  = color.RGBA{0xa9, 0xb1, 0xc1, 0xff}
	Quiet  = color.RGBA{0x6f, 0x86, 0xb5, 0xff}
	Today  = color.RGBA{0x6c, 0xb6, 0xff, 0xff}
	Burst  = color.RGBA{0xff, 0x9b, 0x4a, 0xff}
)

// Draw returns a PNG of Width pixels with one line of bars for each row, each
// scaled by its own busiest day, and a dashed line at what is usual; the count
// of the last day stands beside it. below stands under them at the left, and
// today under the last bar. It panics where there
// is no row, or a row without days.
func Draw(rows []Row, below, today string) []byte {
	drawing.Lock()
	defer drawing.Unlock()
	c := canvas{image.NewRGBA(image.Rect(0, 0, Width, len(rows)*RowHeight+legend+margin))}
	c.rounded(0, 0, Width, float32(c.Bounds().Dy()), corner, Ground)
	for i, r := range rows {
		c.row(r, margin/2+i*RowHeight)
	}
	foot := margin/2 + len(rows)*RowHeight + legend - 18
	c.write(below, margin, foot, noting, regular, Faint, Width-2*margin-300)
	w := width(today, noting, regular)
	c.write(today, Width-margin-counts-w, foot, noting, regular, Faint, 300)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, c.RGBA); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

func (c canvas) row(r Row, y int) {
	c.write(r.Name, margin, y+48, lettering, bold, Ink, names-2*gap)
	c.write(r.Note, margin, y+48+noting+10, noting, regular, Faint, names-2*gap)
	const left, right, height = margin + names, Width - margin - counts, RowHeight - 36
	most := max(1, slices.Max(r.Days))
	step := float32(right-left) / float32(len(r.Days))
	base := float32(y + RowHeight - 14)
	for i, n := range r.Days {
		col := Quiet
		if i == len(r.Days)-1 {
			if col = Today; r.Loud {
				col = Burst
			}
		}
		x := left + step*float32(i)
		h := float32(height) * float32(n) / float32(most)
		c.rounded(x, base-max(h, 3), x+step-gap, base, 4, col)
	}
	if r.Usual > 0 && r.Usual <= float64(most) {
		at := base - float32(height)*float32(r.Usual)/float32(most)
		for x := float32(left); x < right-gap; x += 16 {
			c.rounded(x, at-1, x+8, at+1, 0, Faint)
		}
	}
	c.write(strconv.Itoa(r.Days[len(r.Days)-1]), right+12, int(base), counting, bold, Ink, counts)
}

// A canvas is a picture that is drawn on with soft edges.
type canvas struct{ *image.RGBA }

// rounded fills a rectangle with round corners.
func (c canvas) rounded(x0, y0, x1, y1, r float32, col color.Color) {
	r = min(r, (x1-x0)/2, (y1-y0)/2)
	at := image.Pt(int(x0), int(y0))
	within := image.Rect(at.X, at.Y, int(math.Ceil(float64(x1))), int(math.Ceil(float64(y1))))
	x0, x1, y0, y1 = x0-float32(at.X), x1-float32(at.X), y0-float32(at.Y), y1-float32(at.Y)
	z := vector.NewRasterizer(within.Dx(), within.Dy())
	z.MoveTo(x0+r, y0)
	z.LineTo(x1-r, y0)
	z.QuadTo(x1, y0, x1, y0+r)
	z.LineTo(x1, y1-r)
	z.QuadTo(x1, y1, x1-r, y1)
	z.LineTo(x0+r, y1)
	z.QuadTo(x0, y1, x0, y1-r)
	z.LineTo(x0, y0+r)
	z.QuadTo(x0, y0, x0+r, y0)
	z.ClosePath()
	z.Draw(c.RGBA, within, image.NewUniform(col), image.Point{})
}

// write writes s on the line y, at most most pixels of it.
func (c canvas) write(s string, x, y, size int, f *opentype.Font, col color.Color, most int) {
	s = fitting(s, size, f, most)
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(col), Face: face(f, size), Dot: fixed.P(x, y)}
	d.DrawString(s)
}

// fitting leaves out what f cannot write, and the end of what is too wide.
func fitting(s string, size int, f *opentype.Font, most int) string {
	var b strings.Builder
	for _, r := range s {
		if i, err := f.GlyphIndex(nil, r); err == nil && i != 0 {
			b.WriteRune(r)
		}
	}
	s = strings.TrimSpace(b.String())
	if width(s, size, f) <= most {
		return s
	}
	for rs := []rune(s); len(rs) > 0; rs = rs[:len(rs)-1] {
		if short := strings.TrimSpace(string(rs)) + "…"; width(short, size, f) <= most {
			return short
		}
	}
	return ""
}

func width(s string, size int, f *opentype.Font) int {
	return font.MeasureString(face(f, size), s).Ceil()
}

var regular, bold = parsed(goregular.TTF), parsed(gobold.TTF)

func parsed(ttf []byte) *opentype.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the Go fonts are part of the library
	}
	return f
}

// A face keeps what it drew, and is for one goroutine at a time.
var (
	drawing sync.Mutex
	faces   = map[letters]font.Face{}
)

type letters struct {
	f    *opentype.Font
	size int
}

func face(f *opentype.Font, size int) font.Face {
	k := letters{f, size}
	if faces[k] == nil {
		made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			panic(err) // the size is one of ours
		}
		faces[k] = made
	}
	return faces[k]
}
