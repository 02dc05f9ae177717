package brief_test

import (
	"strings"
	"testing"

	"newsdesk/news/brief"
)

func TestDraftCheck(t *testing.T) {
	docs := []brief.Doc{
		{Title: "Halcyon raises $1,250 million for Orbit 3", Text: "The company from Leipzig trains Orbit 3 on 20,000 chips. Mara Lind, its chief, said that sales had doubled in 2025."},
		{Title: "Halcyon names Birch Fund as lead", Text: "Birch Fund leads the round."},
	}
	good := brief.Draft{
		Headline: "Halcyon raises $1,250 million, led by Birch Fund", Standfirst: "The Leipzig company trains Orbit 3 on 20,000 chips.",
		Summary: "Birch Fund leads the round. Mara Lind said that sales doubled in 2025.", Body: []string{"Halcyon's round is led by Birch Fund."},
	}
	if err := good.Check(docs); err != nil {
		t.Errorf("a draft that says what the articles say: %v", err)
	}
	for want, bad := range map[string]func(*brief.Draft){
		"no headline":                  func(d *brief.Draft) { d.Headline = " " },
		"more than 110":                func(d *brief.Draft) { d.Headline = strings.Repeat("Halcyon ", 20) },
		"more than 360":                func(d *brief.Draft) { d.Summary = strings.Repeat("Halcyon ", 60) },
		"the number 1,350":             func(d *brief.Draft) { d.Headline = "Halcyon raises $1,350 million" },
		"the number 30,000":            func(d *brief.Draft) { d.Body = []string{"It has 30,000 chips."} },
		"the number 4":                 func(d *brief.Draft) { d.Summary = "Orbit 4 is next." },
		"the figure 1.25 trillion USD": func(d *brief.Draft) { d.Headline = "Halcyon raises $1,250 billion" },
		"the figure 20,000 users":      func(d *brief.Draft) { d.Summary = "Orbit 3 has 20,000 users." },
		"the figure 3 x":               func(d *brief.Draft) { d.Summary = "Sales have tripled." },
		"the number 12.50":             func(d *brief.Draft) { d.Body = []string{"It is version 12.50."} },
		"the name Munich":              func(d *brief.Draft) { d.Standfirst = "The company from Munich raises money." },
		"the name Nimbus":              func(d *brief.Draft) { d.Summary = "Nimbus leads the round." },
		"it denies something":          func(d *brief.Draft) { d.Summary = "Sales have not doubled." },
		"four paragraphs":              func(d *brief.Draft) { d.Body = []string{"It is.", "It is.", "It is.", "It is."} },
	} {
		d := good
		bad(&d)
		want = strings.Replace(want, "four paragraphs", "4 paragraphs", 1)
		if err := d.Check(docs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want an error that says %q", err, want)
		}
	}
	zh := []brief.Doc{{Title: "深度求索发布新模型", Text: "深度求索周一发布了新模型，参数达1.2万亿。"}}
	d := brief.Draft{Headline: "深度求索发布新模型", Standfirst: "新模型参数达1.2万亿。", Summary: "深度求索周一发布了新模型。"}
	if err := d.Check(zh); err != nil {
		t.Errorf("Chinese: %v", err)
	}
	d.Summary = "华为发布了新模型。"
	if err := d.Check(zh); err == nil {
		t.Error("Chinese: a name that no article has passes")
	}
}
