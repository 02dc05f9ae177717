package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"newsdesk/bot"
)

// Who types a query and then presses each button gets what it says, from the
// bot itself, drawn as both platforms would.
func TestButtonsInABrowser(t *testing.T) {
	ctx := browser(t)
	h := sampleDay(t)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		must(t, chromedp.Do(ctx, steps...))
	}
	// until waits for a condition of the page.
	until := func(condition string) {
		t.Helper()
		for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition)); err == nil && ok {
				return
			} else if err != nil || time.Since(begun) > 5*time.Second {
				all, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
				t.Fatalf("%s: never, %v, in %s", condition, err, all)
			}
		}
	}
	// press presses the button of the nth answer that asks a line beginning so.
	press := func(pane string, nth int, line string) {
		t.Helper()
		do(chromedp.Click(fmt.Sprintf(`#%s .answers article:nth-child(%d) [data-line^="%s"]`, pane, nth, line)))
	}
	answers := func(n int, title string) {
		t.Helper()
		for _, pane := range []string{"discord", "slack"} {
			until(fmt.Sprintf(`document.querySelectorAll("#%s .answers article").length === %d && document.querySelector("#%[1]s .answers article:last-child").textContent.includes(%[3]q)`, pane, n, title))
		}
	}
	act := func(script string) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		must(t, err)
	}
	do(chromedp.EmulateViewport(1280, 2000), chromedp.Navigate(h.URL()+"/?channel="+string(reading)), chromedp.WaitVisible("#line"))
	do(chromedp.SendKeys("#line", "/news deepseek\r"), chromedp.WaitVisible("#discord .answers .d-message"))
	answers(1, "DeepSeek")
	until(`document.getElementById("heard").textContent.includes("DeepSeek")`)
	n := 1
	for _, b := range []struct{ line, title string }{
		{"story ", "The story"}, {"why ", "Impact: "}, {"related ", "Related to: "}, {"sources ", "independent of"}, {"timeline ", "Timeline: "}, {"follow ", "You follow "},
	} {
		pane := "discord"
		if n%2 == 0 {
			pane = "slack"
		}
		press(pane, min(n, 2), b.line) // the list has a button for each story, the story all others
		n++
		answers(n, b.title)
	}

	// The next page takes the place of the first, and the keyboard stays there.
	page := func(of string) string {
		return fmt.Sprintf(`document.querySelector("#slack .answers article:first-child").textContent.includes("Page %s of")`, of)
	}
	until(page("1"))
	next := `[...document.querySelectorAll("#discord .answers article:first-child button")].find((b) => b.textContent.includes("▶"))`
	act(next + `.focus(), ` + next + `.click(), true`)
	until(page("2"))
	answers(n, "You follow ")
	until(`document.activeElement.matches("button") && document.activeElement.textContent.includes("▶")`)

	// What is shared stands in the channel, for all who look at it.
	share := `[...document.querySelectorAll("#discord .answers article:first-child button")].find((b) => b.textContent.includes("Share"))`
	act(share + `.click(), true`)
	until(`document.querySelector("#slack-list").textContent.includes("Page 2 of")`)
	until(`document.querySelector("#discord-list").textContent.includes("Page 2 of")`)
	until(`document.querySelector("#discord-list .d-ref").textContent === "You used /news deepseek"`)

	// Direct messages are a channel that has a name; channels appear by themselves.
	if _, err := h.Post(ctx, bot.Post{Key: "NEW", Channel: "web:annex", Card: bot.Card{Title: "First here"}}); err != nil {
		t.Fatal(err)
	}
	until(`[...document.querySelectorAll("#channels a")].some((a) => a.textContent === "#annex")`)
	until(`[...document.querySelectorAll("#channels a")].some((a) => a.textContent === "Direct messages")`)
	act(`[...document.querySelectorAll("#channels a")].find((a) => a.textContent === "Direct messages").click(), true`)
	do(chromedp.WaitVisible("#discord-list .d-message"))
	until(`document.querySelector(".pane-head").textContent.includes("Direct messages")`)
	until(`[...document.querySelectorAll("#slack-list button")].some((b) => b.textContent.includes("Stop: DeepSeek"))`)

	// Below a posted story people say what they think of it.
	do(chromedp.Navigate(h.URL()), chromedp.WaitVisible(`#discord-list [data-line^="useful "]`))
	for i, b := range []struct{ line, title string }{{"useful ", "Noted as useful"}, {"noise ", "Noted as noise"}} {
		act(fmt.Sprintf(`document.querySelector('#discord-list [data-line^="%s"]').click(), true`, b.line))
		answers(i+1, b.title)
	}
}
