package web

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"newsdesk/bot"
	"newsdesk/news"
	"newsdesk/news/newstest"
)

// screenshot writes a picture of the preview, for the README:
//
//	go test ./adapters/web -run TestScreenshot -screenshot ../../docs/preview.png
//
// Where it names a directory, every page is pictured there, light and dark, on
// a desk and on a phone.
var screenshot = flag.String("screenshot", "", "write a picture of the preview to this `file`, or of every page to this directory")

// browser starts a headless Chromium for a minute, or skips the test where
// there is none.
func browser(t *testing.T) context.Context { return browserFor(t, time.Minute) }

func browserFor(t *testing.T, d time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	bin := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			bin = p
			break
		}
	}
	if bin == "" {
		t.Skip("NOT TESTED: no Chromium on this machine, so the page itself was not tried")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(opts, more...)...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, d)
	t.Cleanup(stop)
	return ctx
}

func TestPreviewInABrowser(t *testing.T) {
	ctx := browser(t)
	s, h := start(t, Options{Name: "demo"})
	for _, st := range stories() {
		if _, err := s.Post(ctx, bot.Post{Key: "KEY" + st.ID, Channel: "web:preview", Card: cardOf(st)}); err != nil {
			t.Fatal(err)
		}
	}

	var mu sync.Mutex
	var trouble, elsewhere []string
	if err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			trouble = append(trouble, fmt.Sprintf("%+v", ev.ExceptionDetails))
		case *log.EventEntryAdded: // what the content policy refused stands here
			trouble = append(trouble, ev.Entry.Text+" "+ev.Entry.URL)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(ev.Request.URL, s.URL()) {
				elsewhere = append(elsewhere, ev.Request.URL)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(selector, want string) {
		t.Helper()
		got, err := chromedp.Run(ctx, chromedp.Text(selector))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: no %q in:\n%s", selector, want, got)
		}
	}

	do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.URL()), chromedp.WaitVisible("#line"))
	shows("#discord-list", "DeepSeek is said")
	shows("#discord-list time", "Today at") // by the desk's clock, which says April 2025
	shows("#top-list time", "3h ago")
	do(chromedp.SendKeys("#line", "/news deepseek\r"), chromedp.WaitVisible("#discord .answers .d-message"))
	if got := h.last().Line; got != "deepseek" {
		t.Errorf("the box asked %q", got)
	}
	shows("#discord .answers", "Stories about deepseek")
	shows("#discord .answers", "Only you can see this")
	shows("#slack .answers", "Stories about deepseek")

	do(chromedp.Click(`#discord .answers [data-line="why k3j2"]`), chromedp.WaitVisible("#slack .answers article:nth-child(2)"))
	if got := h.last().Line; got != "why k3j2" {
		t.Errorf("the button asked %q", got)
	}
	shows("#discord .answers article:nth-child(2)", "9 independent sources")
	shows("#slack .answers article:nth-child(2)", "9 independent sources")

	if _, err := s.Post(ctx, bot.Post{Key: "LATE", Channel: "web:preview", Card: bot.Card{Title: "Breaking by itself"}}); err != nil {
		t.Fatal(err)
	}
	do(chromedp.WaitVisible(`#discord-list [data-id="LATE"]`))
	shows(`#slack-list [data-id="LATE"]`, "Breaking by itself")

	do(chromedp.Click("#discord .answers .dismiss"))
	left, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll(".answers article").length`))
	if err != nil {
		t.Fatal(err)
	}
	if left != 2 {
		t.Errorf("%d drawn answers are left after dismissing one of two, want its twin and no other", left)
	}

	do(chromedp.SendKeys("#line", "/weather oslo\r"), chromedp.WaitVisible("#trouble"))
	shows("#trouble", "/weather is no command here")

	mu.Lock()
	defer mu.Unlock()
	// The browser notes every refused request; the wrong command was one.
	trouble = slices.DeleteFunc(trouble, func(s string) bool { return strings.Contains(s, "400 (Bad Request)") })
	if len(trouble) > 0 {
		t.Errorf("the page complains: %v", trouble)
	}
	if len(elsewhere) > 0 {
		t.Errorf("the page asked other servers: %v", elsewhere)
	}
}

func TestScreenshot(t *testing.T) {
	if *screenshot == "" {
		t.Skip("NOT DRAWN: no -screenshot")
	}
	ctx := browser(t)
	now := time.Now().Truncate(time.Minute)
	all := newstest.Stories()
	for i := range all { // as if they were told today
		moments := []*time.Time{&all[i].First, &all[i].Updated, &all[i].Status.Since}
		for j := range all[i].History {
			moments = append(moments, &all[i].History[j].Since)
		}
		for j := range all[i].Articles {
			moments = append(moments, &all[i].Articles[j].Published)
		}
		for _, m := range moments {
			*m = m.Add(now.Sub(newstest.Now()))
		}
	}
	all = slices.DeleteFunc(all, func(st news.Story) bool {
		return st.ID == "long" || st.ID == "bare" || st.ID == "k3jh" || st.Lang == "zh"
	})
	top := slices.SortedFunc(slices.Values(all), func(a, b news.Story) int { return b.Impact - a.Impact })
	s, h := start(t, Options{Name: "demo", Version: "v0.1.0", Now: func() time.Time { return now }, Desk: &deskOf{stories: top}})
	h.answer = func(bot.Invocation) bot.Reply {
		found := slices.DeleteFunc(slices.Clone(top), func(st news.Story) bool { return !slices.Contains(st.Topics, "deepseek") })
		return bot.Reply{Card: bot.ListCard(bot.English, "Stories about DeepSeek", "", found, now), Private: true}
	}
	for i, st := range slices.Backward(top[:4]) {
		var related []news.Story
		if i == 0 {
			related = top[1:3]
		}
		if _, err := s.Post(ctx, bot.Post{Key: "KEY" + st.ID, Channel: "web:preview", Card: bot.StoryCard(bot.English, st, related, now)}); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(*screenshot); err != nil || !info.IsDir() {
		picture(t, ctx, s.URL(), *screenshot, 1280, 800, "light", false)
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, size := range []struct {
			name          string
			width, height int64
		}{{"desk", 1280, 800}, {"phone", 390, 844}} {
			to := func(what string) string {
				return filepath.Join(*screenshot, fmt.Sprintf("%s-%s-%s.png", what, size.name, scheme))
			}
			picture(t, ctx, s.URL(), to("preview"), size.width, size.height, scheme, false)
			picture(t, ctx, s.URL(), to("answer"), size.width, size.height, scheme, true)
			picture(t, ctx, s.URL()+"/stories/k3j2", to("story"), size.width, size.height, scheme, false)
		}
	}
}

// picture writes a picture of the page at url to file; asked has it ask a command first.
func picture(t *testing.T, ctx context.Context, url, file string, width, height int64, scheme string, asked bool) {
	t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		t.Fatal(err)
	}
	steps := []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(width, height), chromedp.Navigate(url), chromedp.WaitVisible("main"),
	}
	if asked {
		steps = append(steps, chromedp.SendKeys("#line", "/news deepseek\r"), chromedp.WaitVisible("#discord .answers .d-message"))
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
	shot := chromedp.CaptureScreenshot()
	if strings.Contains(url, "/stories/") {
		shot = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(ctx, shot)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s", file)
}
