package brief

import (
	"strings"
	"testing"
)

func TestLeans(t *testing.T) {
	for s, want := range map[string]bool{
		"Halcyon has cut its price by a third.":                  false,
		"This one says that prices fall.":                        true,
		"But he added that prices fall.":                         true,
		"“This is the end,” Mara Birch said.":                    true,
		"In March it cut prices by a third.":                     true,
		"According to him, prices fall.":                         true,
		"Mara Birch said that she will sell.":                    false,
		"Halcyon's founder, Mara Birch, gave up his shares.":     false,
		"Im März hat sie Orbit 3 verkauft.":                      true,
		"Im Streit hat sie Orbit 3 verkauft.":                    false, // what a noun stands before is not judged
		"Those who only tune a model are left alone.":            false,
		"“Nobody wants to be the last to believe it,” said one.": true,
		"Dann hat sie Orbit 3 verkauft.":                         true,
		"Halcyon hat Orbit 3 verkauft.":                          false,
		"Dazu sagte Halcyon nichts.":                             true,
		"Celui-ci coûte moins cher.":                             true,
		"Depuis, il coûte moins cher.":                           true,
		"Halcyon a baissé ses prix.":                             false,
		"Ella no quiso comentar.":                                true,
		"Halcyon bajó sus precios.":                              false,
		"对此星澜没有回应。":                                              true,
		"星澜今天发布了新的大模型。":                                          false,
	} {
		if got := leans(s); got != want {
			t.Errorf("leans(%q) = %v", s, got)
		}
	}
}

func TestDatelines(t *testing.T) {
	for s, want := range map[string]bool{
		"TALLINN, 28 April 2025.":          true,
		"Paris, le 28 avril 2025.":         true,
		"Berlin, den 28. April 2025.":      true,
		"北京，4月28日。":                        true,
		"Orbit 3 costs 28 euros.":          false,
		"Halcyon Opens Orbit.":             false,
		"星澜今天发布了新的大模型，参数达一万亿。":             false,
		"Halcyon sold 28 chips in Tallinn": false,
	} {
		if got := isDateline(s); got != want {
			t.Errorf("isDateline(%q) = %v", s, got)
		}
	}
}

// TestBriefStandsAlone: a sentence comes only behind the one that it leans on.
func TestBriefStandsAlone(t *testing.T) {
	b := Summarise([]Doc{
		{ID: "1", Source: "A", Title: "Halcyon ships Orbit 3", Text: "TALLINN, 28 April 2025. Halcyon ships its model Orbit 3 to all customers from today. It reads documents in eleven languages."},
		{ID: "2", Source: "B", Title: "Orbit 3 in the trade", Text: "Is this the year of small models? This one says more than 900 million words a day to clients. But he added that nobody had counted them. Wholesalers in Leipzig expect to sell twice as many licences."},
	})
	all := b.Summary + " " + strings.Join(b.Body, " ")
	for _, bad := range []string{"This one says", "But he added", "TALLINN"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q stands in %q", bad, all)
		}
	}
	if i := strings.Index(all, "It reads"); i >= 0 && !strings.HasSuffix(all[:i], "from today. ") {
		t.Errorf("a sentence lost what it leans on: %q", all)
	}
	if !strings.Contains(all, "Wholesalers in Leipzig") {
		t.Errorf("what stands alone is lost: %q", all)
	}
}

// TestBriefTellsWhatIsSoNow: a rumour that came true is told as true, and the
// denial in between is gone; what was said before says who said it.
func TestBriefTellsWhatIsSoNow(t *testing.T) {
	b := Summarise([]Doc{
		{ID: "3", Source: "Halcyon", Kind: "lab", Official: true, Current: true, Authority: 1, Event: "release", Title: "Introducing Orbit 3", Text: "Halcyon releases Orbit 3 today with 900 billion parameters."},
		{ID: "2", Source: "B", Kind: "press", Authority: 0.9, Title: "Halcyon denies Orbit 3 rumour, calls it false", Text: "Halcyon denied on Monday that Orbit 3 exists. A spokesperson said that the 900 billion parameters were not from Halcyon."},
		{ID: "1", Source: "C", Kind: "press", Authority: 0.9, Title: "Rumour: Halcyon is said to prepare Orbit 3", Text: "Orbit 3 may reportedly come with a price of two cents. According to an unconfirmed leak, Orbit 3 was trained on 20,000 chips."},
	})
	all := b.Summary + " " + strings.Join(b.Body, " ")
	if !strings.HasPrefix(b.Standfirst, "Halcyon releases Orbit 3") {
		t.Errorf("it leads with %q", b.Standfirst)
	}
	for _, bad := range []string{"denied on Monday", "not from Halcyon", "may reportedly"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q stands in %q", bad, all)
		}
	}
	if !strings.Contains(all, "According to an unconfirmed leak") {
		t.Errorf("what was said with its source is lost: %q", all)
	}
}
