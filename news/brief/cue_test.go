package brief

import (
	"strings"
	"testing"
)

func TestCuesInScope(t *testing.T) {
	tests := []struct{ lang, text, want string }{
		{"en", "Model launches", "declared"},
		{"en", "Model reportedly launches", "hearsay doubtful"},
		{"en", "Firm plans to launch", "plan"},
		{"en", "After all the chatter, model launches", "past declared"},
		{"en", "After denying it, firm admits leak", "past declared hearsay"},
		{"en", "Model launches after leaks", "declared void"},
		{"en", "A letter arrived", "evidence act"},
		{"en", "No one has seen the letter", "hearsay nobody unproven unproven"},
		{"en", "The founder replied", "voice speech"},
		{"en", "The founder never replied", "voice negation unsaid"},
		{"de", "Das Logo fehlt", "unproven lack"},
		{"de", "Logo und Preis fehlt", "evidence lack"},
		{"fr", "La puce coûterait cher", "conditional"},
		{"fr", "Le retrait du modèle", "void"},
		{"es", "La app cobraría más", "conditional"},
		{"es", "La ingeniería española", "void"},
	}
	for _, tt := range tests {
		var got []string
		for _, h := range cuesOf[tt.lang].find(words(tt.text)) {
			got = append(got, cueNames[h.kind])
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, strings.Join(got, " "), tt.want)
		}
	}
}

func TestReadCues(t *testing.T) {
	for table, problem := range map[string]string{
		"hearsay\ten":          "2 cells",
		"tattle\ten\ta":        "no kind",
		"hearsay\ten\t_ says":  "begin and end",
		"hearsay\ten\tru*":     "letters or more",
		"hearsay\tfr\t*it":     "letters or more",
		"hearsay!\ten\trumour": "",
	} {
		index, err := readCues(table)
		if problem == "" {
			if err != nil || !index["en"].exact["rumour"][0].sure {
				t.Errorf("%q: %v, want a sure cue", table, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", table, err, problem)
		}
	}
}

// What somebody has not confirmed, or will not, is not confirmed by that.
func TestNobodyConfirms(t *testing.T) {
	for _, d := range []Doc{
		{Title: "Orlando Labs has not confirmed reports that it will buy a chip maker", Lang: "en"},
		{Title: "Orlando Labs won't confirm GPT-6 release date", Lang: "en"},
		{Title: "Nvidia yet to confirm delay of its accelerator", Lang: "en"},
		{Title: "Apple refuses to confirm talks with Mistral", Lang: "en"},
		{Title: "Amazon hasn't announced Nova 3 yet", Lang: "en"},
		{Title: "Verzögerung bei Nvidia noch nicht bestätigt", Lang: "de"},
		{Title: "Mistral n'a pas confirmé le rachat de la start-up", Lang: "fr"},
		{Title: "Telefónica no ha confirmado la compra de la empresa", Lang: "es"},
		{Title: "英伟达收购传闻尚未证实", Lang: "zh"},
	} {
		if v := judge(d); v.status == Confirmed || v.status == Denied {
			t.Errorf("%s: %s", d.Title, v.status)
		}
	}
}
