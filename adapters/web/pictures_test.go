package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"newsdesk/bot"
)

// A shot is a picture of one card: of an answer, or of what was posted.
type shot struct {
	name string // of the file
	what string // what the card is
	line string // the command that brings it; "ID" stands for the story of the rumour
	// Of what was posted: where, and of which kind.
	channel bot.Channel
	kind    string
	german  bool
	shared  bool // with everybody in the channel, by the answer's button
}

var shots = []shot{
	{name: "story", what: "A story as a channel gets it, with buttons to ask on and to vote", channel: instant, kind: bot.KindStory},
	{name: "follow-up", what: "A story's status changed: an answer to the message that told it", channel: instant, kind: bot.KindFollowUp},
	{name: "digest", what: "The digest of a channel with `mode: digest`", channel: digest, kind: bot.KindDigest},
	{name: "catch-up", what: "What came during quiet hours or an outage, as one message", channel: night, kind: bot.KindCatchUp},
	{name: "direct-message", what: "A story by direct message, with a button to stop", channel: letters, kind: bot.KindStory},
	{name: "search", what: "Stories that match, best first, with what was understood at the head", line: "deepseek"},
	{name: "search-filters", what: "The same with filters", line: "topic:openai since:7d min:20"},
	{name: "nothing", what: "Nothing matches: what is near", line: "mistrel min:95"},
	{name: "top", what: "The stories of highest impact", line: "top"},
	{name: "brief", what: "One story in full: the button *More*", line: "story ID"},
	{name: "why", what: "What its impact is made of, and what would change it: the button *Why*", line: "why ID"},
	{name: "related", what: "Stories close to it: the button *Related*", line: "related ID"},
	{name: "story-sources", what: "Who tells it, and who only copies: the button *Sources*", line: "sources ID"},
	{name: "timeline", what: "How it came about: the button *Timeline*", line: "timeline ID"},
	{name: "trends", what: "Topics that make more news than usual", line: "trends"},
	{name: "trends-shared", what: "The same once the button *Share* posted it to the channel: Slack shows the picture to all, to one person alone it cannot", line: "trends", shared: true},
	{name: "trend", what: "One topic over four weeks", line: "trends deepseek"},
	{name: "sources", what: "What is read, and what fails", line: "sources"},
	{name: "status", what: "How the bot is", line: "status"},
	{name: "help", what: "All commands", line: "help"},
	{name: "help-command", what: "One command with its options and examples", line: "help search"},
	{name: "follow", what: "A topic is followed from now on", line: "follow nvidia min:60"},
	{name: "following", what: "What a person follows", line: "following"},
	{name: "vote", what: "A vote is noted: the buttons *Useful* and *Noise*", line: "useful ID"},
	{name: "mistake", what: "A command that could not be read", line: "top decade"},
	{name: "failure", what: "The bot failed: the reference stands in its log", line: fails},
	{name: "story-de", what: "A story in a channel with `locale: de`", channel: german, kind: bot.KindStory, german: true},
	{name: "why-de", what: "An answer to somebody whose language is German", line: "why ID", german: true},
}

// picturesEnv names the folder to write pictures of all cards to.
const picturesEnv = "NEWSDESK_PICTURES"

// TestPictures draws every card as both platforms show it, from the preview in
// Chromium, into the folder that NEWSDESK_PICTURES names:
//
//	NEWSDESK_PICTURES=../../docs/cards go test ./adapters/web -run TestPictures -v
//
// Pictures are the same every time where Chromium and its fonts are. A page of
// all of them stands beside the folder.
func TestPictures(t *testing.T) {
	dir := os.Getenv(picturesEnv)
	if dir == "" {
		t.Skip("NOT DRAWN: set " + picturesEnv + " to a folder to have pictures of all cards there")
	}
	ctx := browserFor(t, 10*time.Minute, chromedp.Flag("disable-lcd-text", true), chromedp.Flag("font-render-hinting", "none"))
	h := sampleDay(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, chromedp.Do(ctx, chromedp.EmulateViewport(1560, 2400, chromedp.EmulateScale(pictureScale))))
	call(t, ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "UTC"})
	call(t, ctx, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: "en_GB"})
	only := os.Getenv(picturesEnv + "_ONLY") // names with commas, to look at some
	for _, sh := range shots {
		if only != "" && !slices.Contains(strings.Split(only, ","), sh.name) {
			continue
		}
		raw := sh.take(t, ctx, h)
		file := filepath.Join(dir, sh.name+".png")
		must(t, os.WriteFile(file, raw, 0o644))
		t.Logf("wrote %s, %d kB", file, len(raw)/1000)
		if len(raw) > pictureMost {
			t.Errorf("%s has %d bytes, want at most %d", file, len(raw), pictureMost)
		}
	}
	if only != "" {
		return
	}
	must(t, os.WriteFile(filepath.Clean(dir)+".md", []byte(picturesPage(filepath.Base(dir))), 0o644))
}

// pictureScale is how many pixels of a picture are one of the page.
const pictureScale = 1

// pictureMost bounds a picture, in bytes.
const pictureMost = 150_000

// take draws the card on both platforms, dark above light. One that is too tall
// for that is dark on Discord and light on Slack, as most people see them.
func (sh shot) take(t *testing.T, ctx context.Context, h house) []byte {
	t.Helper()
	language := "en"
	if sh.german {
		language = "de"
	}
	call(t, ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
	channel, article := cmp.Or(sh.channel, reading), ".answers article"
	must(t, chromedp.Do(ctx, chromedp.Navigate(h.URL()+"/?channel="+string(channel)), chromedp.WaitVisible("#line")))
	if sh.line != "" {
		line := "/news " + strings.ReplaceAll(sh.line, "ID", h.rumour(t))
		must(t, chromedp.Do(ctx, chromedp.SendKeys("#line", line+"\r"), chromedp.WaitVisible("#discord .answers article"), chromedp.WaitVisible("#slack .answers article")))
	} else {
		article = fmt.Sprintf(`[data-id="%s"]`, sh.message(t, h))
	}
	if sh.shared {
		article = ".list article:last-child"
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`[...document.querySelectorAll(".answers button")].find((b) => b.textContent.trim() === "Share").click(), true`))
		must(t, err)
		must(t, chromedp.Do(ctx, chromedp.WaitVisible("#discord "+article), chromedp.WaitVisible("#slack "+article)))
	}
	var discord, slack [2]image.Image // dark, light
	for i, scheme := range []string{"dark", "light"} {
		call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		discord[i], slack[i] = clip(t, ctx, "#discord", article), clip(t, ctx, "#slack", article)
	}
	both := encoded(t, above(beside(discord[0], slack[0]), beside(discord[1], slack[1])))
	if len(both) <= pictureMost {
		return both
	}
	return encoded(t, beside(discord[0], slack[1]))
}

// message is the message to show: of the story of the rumour where it has one.
func (sh shot) message(t *testing.T, h house) bot.MessageID {
	t.Helper()
	sent := h.sent(t, sh.channel, sh.kind)
	if len(sent) == 0 {
		t.Fatalf("nothing of the kind %q was posted to %s", sh.kind, sh.channel)
	}
	if i := slices.IndexFunc(sent, func(d bot.Delivery) bool { return d.Story == h.rumour(t) }); i >= 0 {
		return sent[i].Message
	}
	return sent[0].Message
}

// clip returns the picture of an article within a pane, on the pane's ground.
func clip(t *testing.T, ctx context.Context, pane, article string) image.Image {
	t.Helper()
	type rect struct {
		X, Y, W, H float64
		Ground     string
	}
	r, err := chromedp.Run(ctx, chromedp.Evaluate[rect](fmt.Sprintf(`(async () => {
		await document.fonts.ready;
		document.activeElement.blur();
		const pane = document.querySelector(%q), el = pane.querySelector(%q);
		for (const img of el.querySelectorAll("img")) await img.decode();
		el.scrollIntoView({ block: "center" });
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
		const r = el.getBoundingClientRect();
		return { X: Math.floor(r.x), Y: Math.floor(r.y), W: Math.floor(r.width), H: Math.ceil(r.height), Ground: getComputedStyle(pane).backgroundColor };
	})()`, pane, article), chromedp.EvalAwaitPromise))
	must(t, err)
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &page.Viewport{X: r.X, Y: r.Y, Width: r.W, Height: r.H, Scale: 1}})
	must(t, err)
	drawn, err := png.Decode(bytes.NewReader(shot.Data))
	must(t, err)
	ground := color.RGBA{A: 0xff}
	if _, err := fmt.Sscanf(r.Ground, "rgb(%d, %d, %d)", &ground.R, &ground.G, &ground.B); err != nil {
		t.Fatalf("the ground %q: %v", r.Ground, err)
	}
	const margin = 8
	b := drawn.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()+2*margin))
	draw.Draw(out, out.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	draw.Draw(out, b.Sub(b.Min).Add(image.Pt(0, margin)), drawn, b.Min, draw.Src)
	return out
}

// beside sets two pictures side by side, each on its own ground to the end.
func beside(left, right image.Image) image.Image {
	l, r := left.Bounds(), right.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, l.Dx()+r.Dx(), max(l.Dy(), r.Dy())))
	draw.Draw(out, image.Rect(0, 0, l.Dx(), out.Rect.Dy()), image.NewUniform(left.At(0, 0)), image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(l.Dx(), 0, out.Rect.Dx(), out.Rect.Dy()), image.NewUniform(right.At(0, 0)), image.Point{}, draw.Src)
	draw.Draw(out, l, left, image.Point{}, draw.Src)
	draw.Draw(out, r.Add(image.Pt(l.Dx(), 0)), right, image.Point{}, draw.Src)
	return out
}

func above(top, bottom image.Image) image.Image {
	a, b := top.Bounds(), bottom.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(a.Dx(), b.Dx()), a.Dy()+b.Dy()))
	draw.Draw(out, a, top, image.Point{}, draw.Src)
	draw.Draw(out, b.Add(image.Pt(0, a.Dy())), bottom, image.Point{}, draw.Src)
	return out
}

// encoded is m as a PNG of at most 256 colours: those that it has most of, and
// of each sixteenth of a channel's range one for all that lie there. Edges of
// letters are shaded a little coarser, in a third of the bytes.
func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	count := map[color.RGBA]int{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	const exact = 24
	var palette color.Palette
	taken := map[color.RGBA]bool{}
	for i, c := range colours {
		cell := color.RGBA{c.R >> 4, c.G >> 4, c.B >> 4, 0xff}
		if len(palette) < 256 && (i < exact || !taken[cell]) {
			palette = append(palette, c)
			taken[cell] = true
		}
	}
	index := map[color.RGBA]uint8{}
	for c := range count {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.SetColorIndex(x, y, index[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)])
		}
	}
	var buf bytes.Buffer
	must(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, out))
	return buf.Bytes()
}

// picturesPage is the page that shows all pictures, which stand in dir beside it.
func picturesPage(dir string) string {
	var b strings.Builder
	b.WriteString("# Cards\n\nEvery card as Discord draws it, at the left, and as Slack does; in dark and in light, or the tall ones dark on Discord and light on Slack. " +
		"The pictures are made from the preview page over the sample day, whose outlets and statements are invented:\n\n" +
		"    " + picturesEnv + "=../../docs/cards go test ./adapters/web -run TestPictures -v\n\n" +
		"It needs Chromium, and the fonts that Debian calls fonts-lato, fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji.\n")
	for _, sh := range shots {
		how := "It is posted."
		switch {
		case sh.line == fails:
			how = "It may answer any command."
		case sh.line != "":
			how = "Brought by `" + strings.TrimSpace("/news "+sh.line) + "`."
		}
		title := strings.ToUpper(sh.name[:1]) + strings.ReplaceAll(strings.TrimSuffix(sh.name[1:], "-de"), "-", " ")
		if sh.german {
			title += ", in German"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s\n\n![%s](%s/%s.png)\n", title, sh.what, how, strings.NewReplacer("*", "", "`", "").Replace(sh.what), dir, sh.name)
	}
	return b.String()
}

// The page shows what the pictures are of, and each is there.
func TestPicturesPage(t *testing.T) {
	const dir = "../../docs/cards"
	got, err := os.ReadFile(dir + ".md")
	must(t, err)
	if string(got) != picturesPage("cards") {
		t.Errorf("docs/cards.md is not what the pictures' list says; write it and the pictures anew:\n%s=%s go test ./adapters/web -run TestPictures -v", picturesEnv, dir)
	}
	files, err := filepath.Glob(dir + "/*.png")
	must(t, err)
	for _, sh := range shots {
		if !slices.Contains(files, filepath.Join(dir, sh.name+".png")) {
			t.Errorf("no picture of %q: %s", sh.name, sh.what)
		}
	}
	if len(files) != len(shots) {
		t.Errorf("%d pictures of %d cards", len(files), len(shots))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func call[P, R any](t *testing.T, ctx context.Context, cmd cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(ctx, cmd, params); err != nil {
		t.Fatal(err)
	}
}
