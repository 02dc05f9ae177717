package web

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"newsdesk/bot"
)

func askForm() *bot.Form {
	return &bot.Form{
		Title: "What", Submit: "Look at it", Line: "sealed",
		Fields: []bot.Field{
			{Name: "topics", Label: "Topics", Hint: "deepseek", Value: "openai", Suggest: true, Command: "subscribe"},
			{Name: "card", Label: "Card", Value: "full", Choices: []bot.Choice{{Label: "Compact", Value: "compact"}, {Label: "Full", Value: "full"}}},
			{Name: "kinds", Label: "Told by", Value: "lab,press", Many: true, Choices: []bot.Choice{{Label: "Lab", Value: "lab"}, {Label: "Press", Value: "press"}, {Label: "Paper", Value: "research"}}},
		},
	}
}

func answerForm(inv bot.Invocation) bot.Reply {
	r := bot.Reply{Private: true, Replace: true, Card: bot.Card{Title: "Told of " + inv.Line, Buttons: []bot.Button{{Label: "What", Line: "open"}}}}
	if inv.Line == "open" {
		r.Form = askForm()
	}
	if strings.Contains(inv.Fields["topics"], "bad") {
		r.Wrong = []bot.Wrong{{Field: "topics", Text: "There is no such topic."}, {Field: "kinds", Text: "Choose <one>."}}
	}
	return r
}

// Who presses a button that opens a form fills it in and gets the answer in the
// place of the one with the button.
func TestFormInABrowser(t *testing.T) {
	ctx := browser(t)
	s, h := start(t, Options{Commands: bot.Table()})
	h.answer = answerForm
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
				all, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
				t.Fatalf("%s: never, %v, in %s", condition, err, all)
			}
		}
	}
	do(chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.URL()), chromedp.WaitVisible("#line"), chromedp.SendKeys("#line", "/news first\r"), chromedp.WaitVisible(`#discord .answers [data-line="open"]`))
	count := func() int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.asked)
	}
	fill := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		do(chromedp.Click(`#discord .answers [data-line="open"]`), chromedp.WaitVisible("#form [type=submit]"))
		before := count()
		do(append(steps, chromedp.Click("#form [type=submit]"))...)
		for begun := time.Now(); count() == before && time.Since(begun) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
		}
		until(`!document.body.classList.contains("asking") && document.querySelector("#slack .answers").textContent.includes("Told of sealed")`)
	}
	wants := func(want map[string]string) {
		t.Helper()
		if got := h.last(); got.Line != "sealed" || !maps.Equal(got.Fields, want) {
			t.Errorf("the form asked %q with %v, want %v", got.Line, got.Fields, want)
		}
	}
	fill()
	wants(map[string]string{"topics": "openai", "card": "full", "kinds": "lab,press"})
	until(`document.querySelectorAll("#discord .answers article").length === 1`) // in its place
	do(chromedp.Click(`#discord .answers [data-line="open"]`), chromedp.WaitVisible("#form [type=submit]"), chromedp.SendKeys("#form [name=topics]", ",deep seek"))
	until(`document.querySelector("#choices option")?.value === "openai,deep seek"`)
	asked := count()
	do(chromedp.Click("#form .cancel"))
	until(`!document.getElementById("form").open`)
	if count() != asked {
		t.Error("a form that was given up asks something")
	}

	// What is wrong is said at its field, and the form stays as it was filled in,
	// with the keyboard where it was. An earlier answer stands, too.
	do(chromedp.Click(`#discord .answers [data-line="open"]`), chromedp.WaitVisible("#form [type=submit]"), chromedp.Click("#form [value=research]"), chromedp.SendKeys("#form [name=topics]", ",bad\r"))
	until(`document.querySelectorAll("#form .wrong").length === 2`)
	for name, condition := range map[string]string{
		"the form is open":          `document.getElementById("form").open`,
		"what was written stands":   `document.querySelector("#form [name=topics]").value === "openai,bad"`,
		"what was ticked stands":    `document.querySelector("#form [value=research]").checked`,
		"the focus stays":           `document.activeElement === document.querySelector("#form [name=topics]")`,
		"a field is marked":         `document.querySelector("#form [name=topics]").getAttribute("aria-invalid") === "true"`,
		"a field names its error":   `document.getElementById(document.querySelector("#form [name=topics]").getAttribute("aria-describedby")).textContent === "There is no such topic."`,
		"a group names its error":   `document.getElementById(document.querySelector("#form fieldset").getAttribute("aria-describedby")).textContent === "Choose <one>."`,
		"what is right is unmarked": `!document.querySelector("#form [name=card]").hasAttribute("aria-invalid")`,
		"all is read out":           `document.querySelector("#form [role=alert]").textContent === "Topics: There is no such topic. Told by: Choose <one>."`,
		"no answer is drawn":        `document.querySelectorAll("#discord .answers article").length === 1 && !document.querySelector(".answers").textContent.includes("Told of open")`,
	} {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition)); err != nil || !ok {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
	// Where the bot cannot be reached nothing is lost either.
	do(chromedp.Evaluate[chromedp.Void](`void (window.whole = window.fetch, window.fetch = () => Promise.reject(new Error("no network")))`), chromedp.Click("#form [type=submit]"))
	until(`document.getElementById("form").open && !document.querySelector("#form .wrong") && document.querySelector("#form [role=alert]").textContent === "no network"`)
	do(chromedp.Evaluate[chromedp.Void](`void (window.fetch = window.whole)`), chromedp.SendKeys("#form [name=topics]", "\b\b\b\b\r"))
	until(`!document.getElementById("form").open && document.activeElement.dataset.line === "open"`)
	wants(map[string]string{"topics": "openai", "card": "full", "kinds": "lab,press,research"})

	fill(chromedp.SendKeys("#form [name=topics]", ",r2"), chromedp.Click("#form [value=lab]"), chromedp.Click("#form [value=research]"))
	wants(map[string]string{"topics": "openai,r2", "card": "full", "kinds": "press,research"})
}

func TestFormOverHTTP(t *testing.T) {
	s, h := start(t, Options{Commands: bot.Table()})
	h.answer = answerForm
	const head = "Content-Type: application/json"
	r, body := ask(t, "POST", s.URL()+"/api/command", `{"text":"/news open"}`, head)
	if want := `"form":{"title":"What","submit":"Look at it","line":"sealed","fields":[{"name":"topics"`; r.StatusCode != http.StatusOK || !strings.Contains(body, want) {
		t.Errorf("answered %d %s, want %s", r.StatusCode, body, want)
	}
	r, body = ask(t, "POST", s.URL()+"/api/command", `{"text":"/news sealed","fields":{"topics":"","min":"7"}}`, head)
	if got := h.last().Fields; r.StatusCode != http.StatusOK || strings.Contains(body, `"form"`) || !maps.Equal(got, map[string]string{"topics": "", "min": "7"}) {
		t.Errorf("answered %d %s to %v", r.StatusCode, body, got)
	}
	r, body = ask(t, "POST", s.URL()+"/api/command", `{"text":"/news sealed","fields":{"topics":"bad"}}`, head)
	if want := `"errors":[{"field":"topics","text":"There is no such topic."},{"field":"kinds","text":"Choose \u003cone\u003e."}]`; r.StatusCode != http.StatusOK || !strings.Contains(body, want) {
		t.Errorf("answered %d %s, want %s", r.StatusCode, body, want)
	}
	many := strings.TrimSuffix(strings.Repeat(`,"f%d":""`, 26), ",")
	numbers := make([]any, 26)
	for i := range numbers {
		numbers[i] = i
	}
	for _, fields := range []string{`{"` + strings.Repeat("n", 101) + `":""}`, `{"a":"` + strings.Repeat("v", 1001) + `"}`, `{` + fmt.Sprintf(many, numbers...)[1:] + `}`, `["a"]`} {
		if r, body := ask(t, "POST", s.URL()+"/api/command", `{"text":"/news sealed","fields":`+fields+`}`, head); r.StatusCode != http.StatusBadRequest {
			t.Errorf("%.40s: answered %d %s", fields, r.StatusCode, body)
		}
	}
}
