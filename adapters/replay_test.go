package adapters_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplay(t *testing.T) {
	file := write(t, "articles.jsonl", `{"id":"a1","url":"https://one.example/r2","title":"DeepSeek R2 rumour: 1.2 trillion parameters, 97 per cent cheaper","summary":"Posts claim that R2 is near.","source":"One","published":"2025-04-28T09:00:00Z","extra":1}

{"id":"a2","url":"https://two.example/x","title":"DeepSeek is said to train R2 with 1.2 trillion parameters, far cheaper","summary":"Unconfirmed posts claim that R2 is near.","source":"Two","published":"2025-04-28T10:00:00Z"}
not json
{"id":"a3","title":"Norrvik opens a bakery in the harbour of Bergen","published":"2025-04-28T11:00:00Z"}
{"title":"no identity"}
{"id":"a4","url":"https://one.example/r2?utm_source=rss","title":"DeepSeek R2 rumour, again","published":"2025-04-28T12:00:00Z"}
{"id":"a1","url":"https://one.example/r2","title":"DeepSeek R2 rumour: the same line","published":"2025-04-29T09:00:00Z"}
`)
	code, out, errs := run(t, t.TempDir(), nil, "replay", file)
	if code != 0 || !strings.Contains(errs, "line 4") || !strings.Contains(errs, "line 6") || !strings.Contains(errs, "neither") {
		t.Errorf("exit %d, stderr %s", code, errs)
	}
	where := map[string]int{}
	stories := lines(t, out)
	for i, s := range stories {
		for _, a := range s.Articles {
			if _, twice := where[a.ID]; twice {
				t.Errorf("%s is in two places", a.ID)
			}
			where[a.ID] = i
		}
	}
	if len(stories) != 2 || len(where) != 4 || where["a1"] != where["a2"] || where["a1"] != where["a4"] || where["a1"] == where["a3"] {
		t.Errorf("%d stories, articles in %v", len(stories), where)
	}
	if _, out, _ := run(t, t.TempDir(), nil, "replay", "--as-posted", "--min-impact", "30", "--topic", "deepseek", file); len(lines(t, out)) != 1 {
		t.Errorf("as posted: %s", out)
	}
	if _, out, _ := run(t, t.TempDir(), nil, "replay", "--format", "table", "--since", "2025-04-28T10:30:00Z", file); !strings.Contains(out, "IMPACT") {
		t.Errorf("table: %s", out)
	}
	if _, out, _ := run(t, t.TempDir(), nil, "replay", "--until", "2025-04-28", file); out != "" {
		t.Errorf("until the day began: %s", out)
	}
	if code, _, errs := run(t, t.TempDir(), nil, "replay", filepath.Join(t.TempDir(), "none.xml")); code != 1 || !strings.Contains(errs, "none.xml") {
		t.Errorf("a missing file: exit %d, %s", code, errs)
	}
}

// TestReplayAsPostedTellsWhatBecameOfIt: a rumour that is confirmed is answered
// in the channel that has it, and in what replay prints.
func TestReplayAsPostedTellsWhatBecameOfIt(t *testing.T) {
	file := write(t, "articles.jsonl", `{"id":"a1","url":"https://one.example/r2","title":"DeepSeek R2 rumour: 1.2 trillion parameters, 97 per cent cheaper","summary":"Unconfirmed posts claim that DeepSeek R2 has 1.2 trillion parameters.","source":"One","published":"2025-04-28T09:00:00Z"}
{"id":"b1","url":"https://two.example/b","title":"Norrvik opens a bakery in the harbour of Bergen","source":"Two","published":"2025-04-28T09:30:00Z"}
{"id":"a2","url":"https://www.deepseek.com/news/r2","title":"DeepSeek releases R2 with 1.2 trillion parameters, 97 per cent cheaper","summary":"Today we release DeepSeek R2, a model with 1.2 trillion parameters.","source":"deepseek","published":"2025-04-28T10:00:00Z"}
`)
	_, out, errs := run(t, t.TempDir(), nil, "replay", "--as-posted", "--min-impact", "20", "--topic", "r2", file)
	type posting struct {
		ID       string
		Status   struct{ Value string }
		FollowUp *struct{ From, To, Why, Source, At string } `json:"follow_up"`
	}
	var got []posting
	for line := range strings.Lines(out) {
		var p posting
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	if len(got) != 2 || got[0].FollowUp != nil || got[0].Status.Value != "rumour" || got[1].FollowUp == nil || got[1].ID != got[0].ID {
		t.Fatalf("posted: %s\n%s", out, errs)
	}
	if f := got[1].FollowUp; f.From != "rumour" || f.To != "confirmed" || f.Why == "" || f.Source == "" || f.At != "2025-04-28T10:00:00Z" {
		t.Errorf("the follow-up is %+v", f)
	}
	if _, out, _ := run(t, t.TempDir(), nil, "replay", "--as-posted", "--min-impact", "20", "--format", "table", file); !strings.Contains(out, "rumour -> confirmed") {
		t.Errorf("table:\n%s", out)
	}
}

// TestReplayInventsNoDate: what has no date has none in what is printed.
func TestReplayInventsNoDate(t *testing.T) {
	file := write(t, "articles.jsonl", `{"id":"a1","title":"OpenAI releases GPT-6 with 2 trillion parameters"}
{"id":"a2","title":"Norrvik opens a bakery in the harbour of Bergen","published":"2025-04-28T09:00:00Z"}
{"id":"a3","title":"Nvidia delays its Rubin chips to the autumn of next year"}
`)
	_, out, errs := run(t, t.TempDir(), nil, "replay", file)
	if strings.Contains(out, "2000-01-01") || strings.Contains(out, "0001-01-01") || strings.Count(out, `"published"`) != 1 || strings.Count(out, `"first"`) != 1 || strings.Count(out, "\n") != 3 {
		t.Errorf("printed:\n%s%s", out, errs)
	}
	if _, again, _ := run(t, t.TempDir(), nil, "replay", file); again != out {
		t.Error("a second run printed something else")
	}
	if _, out, _ := run(t, t.TempDir(), nil, "replay", "--format", "table", file); strings.Count(out, "undated") != 2 || strings.Contains(out, "2000") {
		t.Errorf("table:\n%s", out)
	}
}
