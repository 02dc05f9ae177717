package brief

import (
	"strings"
	"testing"
)

func TestBoundOfFigures(t *testing.T) {
	for s, want := range map[string]string{
		"Tessera serves less than 1 % of all queries.":                "less than 1 %",
		"Tessera raised over $2bn at a value of up to $9bn.":          "more than 2 billion USD; up to 9 billion USD",
		"Tessera has nearly a million users and 40 GPUs or more.":     "nearly 1 million users; at least 40 GPUs",
		"Tessera earned no less than €3m, some 4% of it in Finland.":  "at least 3 million EUR; about 4 %",
		"Helix hat knapp zwei Millionen Nutzer und über 3.000 GPUs.":  "nearly 2 million users; more than 3,000 GPUs",
		"Alizé a moins de 5 000 GPU et près d'un million de clients.": "less than 5,000 GPUs; nearly 1 million users",
		"Íbera cuesta menos de 5 euros y tiene más de 300 GPU.":       "less than 5 EUR; more than 300 GPUs",
		"星澜融资不到3亿元，用户超过1亿。":                                           "less than 300 million CNY; more than 100 million users",
		"Shares in Tessera rose by 3%, more than those of Orbit.":     "3 %",
		"Tessera draws between 20 and 30 MW.":                         "20 MW; 30 MW",
	} {
		var got []string
		for _, f := range SentenceFigures(s) {
			got = append(got, f.Amount())
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestFiguresWithoutSubjectComeLast(t *testing.T) {
	docs := []Doc{
		{Source: "A", Title: "It is 30% more", Text: "Tessera raised $2bn."},
		{Source: "B", Title: "It is 30% more"},
	}
	fs := Figures(docs)
	if len(fs) != 2 || fs[0].Of != "Tessera" || fs[1].Of != "" || fs[1].Unit != "%" {
		t.Errorf("%+v, want Tessera's figure before the bare one", fs)
	}
}
