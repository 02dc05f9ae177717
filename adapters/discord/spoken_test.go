package discord

import (
	"reflect"
	"testing"

	"newsdesk/bot"
)

func TestAnswersNameCommandsAsDiscordHasThem(t *testing.T) {
	table := []bot.Command{{Name: ""}, {Name: "top"}, {Name: "help"}, {Name: "resume", Manager: true}}
	p := Platform{Options: Options{Commands: table}, named: commandsOf(table)}
	before := bot.Card{
		Title: "/news top [today|week]", Text: "Words after /news find stories, as in /news top week; see /news help. /news topics and https://x.example/news top stay.",
		Sections: []bot.Section{{Lines: []bot.Line{{Text: "/news [QUERY]"}, {Text: "/news help [COMMAND]"}}}},
		Buttons:  []bot.Button{{Label: "/news top", Line: "top"}}, Footer: "More: /news help COMMAND, or /news resume",
	}
	got := p.spoken(before)
	want := bot.Card{
		Title: "/desk top [today|week]", Text: "Words after /news find stories, as in /desk top week; see /desk help. /news topics and https://x.example/news top stay.",
		Sections: []bot.Section{{Lines: []bot.Line{{Text: "/news [QUERY]"}, {Text: "/desk help [COMMAND]"}}}},
		Buttons:  []bot.Button{{Label: "/desk top", Line: "top"}}, Footer: "More: /desk help COMMAND, or /desk-channel resume",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the card reads\n%+v, want\n%+v", got, want)
	}
	if before.Buttons[0].Label != "/news top" || before.Sections[0].Lines[1].Text != "/news help [COMMAND]" {
		t.Error("the card of other platforms changed with it")
	}
}
