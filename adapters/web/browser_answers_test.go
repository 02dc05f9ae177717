package web

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"newsdesk/bot"
)

// What readers get is drawn as both platforms would: pictures, menus that can
// be typed in, answers in the place of those whose buttons were pressed, and
// answers that everybody sees.
func TestAnswersInABrowser(t *testing.T) {
	ctx := browser(t)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	s, h := start(t, Options{Commands: bot.Table()})
	h.answer = func(inv bot.Invocation) bot.Reply {
		return bot.Reply{
			Private: !strings.Contains(inv.Line, "share"), Replace: strings.Contains(inv.Line, "page"),
			Card: bot.Card{
				Title: "Told of " + inv.Line, Picture: &bot.Picture{PNG: drawn.Bytes(), Alt: "A grey field"},
				Buttons: []bot.Button{{Label: "Next", Line: "page2"}},
				Menu:    &bot.Menu{Label: "Another topic", Command: "trends", Option: "topic"},
			},
		}
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	until := func(condition string) {
		t.Helper()
		for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition)); err == nil && ok {
				return
			} else if err != nil || time.Since(begun) > 5*time.Second {
				all, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main").innerText + document.getElementById("trouble").innerText`))
				t.Fatalf("%s: never, %v, in %s", condition, err, all)
			}
		}
	}
	count := func(selector string, want int) {
		t.Helper()
		n, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll(`+"`"+selector+"`"+`).length`))
		if err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", selector, n, err, want)
		}
	}
	do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.URL()), chromedp.WaitVisible("#line"), chromedp.SendKeys("#line", "/news first\r"), chromedp.WaitVisible("#discord .answers .drawn"))
	width, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelector("#discord .answers .drawn").naturalWidth`))
	if err != nil || width != 30 {
		t.Errorf("the picture is %d wide, %v", width, err)
	}
	count("#slack .answers .drawn", 0) // Slack shows none to one person alone
	count("#discord .s-menu", 0)       // and Discord has no menus that are typed in
	do(chromedp.Click(`#discord .answers [data-line="page2"]`))
	until(`document.querySelector("#slack .answers").textContent.includes("Told of page2")`)
	count(".answers article", 2)
	do(chromedp.SendKeys("#slack .answers .s-menu", "deep seek"))
	until(`document.querySelector("#choices option")?.value === "About deep seek"`)
	do(chromedp.SendKeys("#slack .answers .s-menu", "\r"))
	until(`document.querySelector("#discord .answers").textContent.includes("Told of trends topic")`)
	if got := h.last().Line; got != `trends topic:"deep seek"` {
		t.Errorf("the menu asked %q", got)
	}
	count(".answers article", 4)
	do(chromedp.SendKeys("#line", "/news share\r"), chromedp.WaitVisible("#slack-list .drawn"), chromedp.WaitVisible("#discord-list .drawn"))
	time.Sleep(100 * time.Millisecond)
	count(".answers article", 4)
}
