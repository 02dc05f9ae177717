package bot

import (
	"math"
	"slices"

	"newsdesk/news"
)

// paced is the head of a list: what was understood, how much of it there was
// this week, and how that compares with the weeks before.
func paced(l Lang, head string, p news.Pace) string {
	s := l.T("%s: %d stories this week", head, p.Week)
	if than := comparison(l, p); than != "" {
		s += ", " + than
	}
	return s
}

// comparison says how a week compares with what is usual, "" where nobody
// knows what is.
func comparison(l Lang, p news.Pace) string {
	switch times := float64(p.Week) / p.Usual; {
	case p.Thin, p.Usual == 0 && p.Week == 0:
		return ""
	case p.Usual == 0:
		return l.T("usually none")
	case times < 0.75:
		return l.T("fewer than usual")
	case times <= 1.25:
		return l.T("as usual")
	case times < 1.75:
		return l.T("more than usual")
	case times < 2.5:
		return l.T("twice the usual")
	case times < 10.5:
		return l.T("%s times the usual", l.word(numbers[int(math.Round(times))]))
	}
	return l.T("more than ten times the usual")
}

var numbers = [...]string{3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}

// one is the id of the one topic that a query is about, "" where there is none
// or are several.
func one(q news.Query, r news.Result) string {
	ids := slices.Concat(q.Topics, r.Topics)
	if len(ids) != 1 {
		return ""
	}
	t, ok := findTopic(ids[0])
	if !ok {
		return ""
	}
	return t.ID
}

func followButton(l Lang, topic string) Button {
	return Button{Label: l.T("Follow %s", topicNames([]string{topic}, 1)[0]), Line: cmdFollow + " " + topic}
}

// topicMenu offers other topics to a command.
func topicMenu(l Lang, command string) *Menu {
	return &Menu{Label: l.T("Another topic"), Command: command, Option: "topic"}
}
