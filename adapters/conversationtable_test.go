package adapters_test

import (
	"regexp"
	"strings"

	"newsdesk/bot"
)

// An example is one question. Its answer has what want matches.
type example struct {
	name    string // of the golden
	line    string // the words after /news; GIVEN is the id of a delivery that was given up
	want    string
	mistake bool   // and is answered as one
	typed   bool   // it can only be typed, not filled in as options
	locale  string // BCP 47; English where empty
	before  func(c *conversation)
}

// cases are all questions, in the order in which they are asked.
func cases() []example { return append(storyCases(), orderCases()...) }

// storyCases are those of readers, and of who looks after a channel.
func storyCases() []example {
	out := []example{
		{name: "search-none", line: "", want: "Top of the day"},
		{name: "search-topic-name", line: "deepseek", want: "DeepSeek: 3 stories this week"},
		{name: "search-all-filters", line: "deepseek r2 since:7d min:60 status:rumour topic:deepseek", want: "R2 said to launch"},
		{name: "search-phrase", line: `"export controls" since:7d min:60`, want: "H20"},
		{name: "search-phrase-topic", line: `"open weights" since:7d min:60`, want: "Nothing matches Open weights"},
		{name: "search-phrase-of-text", line: `"licence to sell"`, want: "H20"},
		{name: "search-topic", line: "topic:openai status:confirmed", want: "o3 by 80"},
		{name: "search-topics", line: "topic:openai,anthropic", want: "Anthropic raises"},
		{name: "search-typo", line: "deepseak", want: "R2 said to launch"},
		{name: "search-alias", line: "R2", want: "R2 said to launch"},
		{name: "search-german-story", line: "ki-verordnung", want: "Bundestag"},
		{name: "search-chinese", line: "阿里", want: "Qwen3"},
		{name: "search-since-hours", line: "since:12h", want: "All news"},
		{name: "search-since-today", line: "since:today min:70", want: "R2 said to launch"},
		{name: "search-since-weeks", line: "since:2w status:denied", want: "Meta denies"},
		{name: "search-reported", line: "status:reported min:60", want: "Anthropic raises"},
		{name: "search-rumour", line: "status:rumour", want: "R2 said to launch"},
		{name: "search-pages", line: "since:90d", want: "Page 1 of 3"},
		{name: "search-nothing", line: "zaphod beeblebrox", want: "Nothing matches"},
		{name: "search-nothing-so-high", line: "deepseek min:99", want: "Without min:99"},
		{name: "search-nothing-of-many", line: "deepseek min:90 status:denied since:30m", want: "Without the other conditions"},
		{name: "search-nothing-by-topic", line: "topic:deepseek query:denied", want: "Nothing matches"},
		{name: "search-nothing-by-status", line: "anthropic status:denied", want: "Without status:denied"},
		{name: "search-nothing-since", line: "anthropic since:1h", want: "Without since:1h"},
		{name: "search-nothing-conditions", line: "topic:mistral min:99 status:rumour", want: "Nothing matches"},
		{name: "search-hostile", line: "<!channel> @everyone <@U0PERSON001> **bold** [x](https://evil.example)", want: "Nothing matches|stor"},
		{name: "search-long", line: strings.TrimSpace(strings.Repeat("reasoning ", 19)), want: "stor|Nothing matches"},
		{name: "mistake-span", line: "since:soon", want: "since", mistake: true, typed: true},
		{name: "mistake-number", line: "min:high", want: "min", mistake: true, typed: true},
		{name: "mistake-range", line: "min:101", want: "100", mistake: true, typed: true},
		{name: "mistake-status", line: "status:maybe", want: "rumour", mistake: true, typed: true},
		{name: "mistake-option", line: "deepseek staus:rumour", want: "status", mistake: true, typed: true},
		{name: "mistake-period", line: "top decade", want: "today, week", mistake: true, typed: true},
		{name: "mistake-foreign-option", line: "top id:k3j2", want: "id:", mistake: true, typed: true},
		{name: "mistake-missing", line: "story", want: "id", mistake: true, typed: true},
		{name: "top", line: "top", want: "Top of the day"},
		{name: "top-today", line: "top today", want: "Top of the day"},
		{name: "top-week", line: "top week", want: "Top of the week"},
		{name: "top-month", line: "top month", want: "Top of the month"},
		{name: "story", line: "story k3j2", want: "9 independent of 10"},
		{name: "story-by-address", line: "story https://verge.example/deepseek-r2", want: "R2 said to launch"},
		{name: "story-denied", line: "story m3ta", want: "rumour, then reported"},
		{name: "story-german", line: "story d0us", want: "Bundesnetzagentur"},
		{name: "story-chinese", line: "story q3w8", want: "2350"},
		{name: "story-long", line: "story long", want: "Reasoning models"},
		{name: "story-whole", line: "story hear", want: "Witness 1"},
		{name: "story-hostile", line: "story k3jh", want: "FREE"},
		{name: "story-bare", line: "story bare", want: "Untitled"},
		{name: "story-unknown", line: "story nope", want: "no story", mistake: true},
		{name: "story-unknown-address", line: "story https://verge.example/nowhere", want: "no story has an article", mistake: true},
		{name: "why", line: "why k3j2", want: "What would change it"},
		{name: "why-denied", line: "why m3ta", want: "denied"},
		{name: "why-long", line: "why long", want: "What would change it"},
		{name: "why-bare", line: "why bare", want: "Nothing about it adds points"},
		{name: "related", line: "related k3j2", want: "Ascend"},
		{name: "related-none", line: "related arx1", want: "No other story"},
		{name: "timeline", line: "timeline k3j2", want: "The Verge"},
		{name: "timeline-long", line: "timeline long", want: "Long Reads"},
		{name: "digest", line: "digest", want: "gets no digest"},
		{name: "digest-now", line: "digest now", want: "AI news digest"},
		{name: "digest-unknown", line: "digest id:nope", want: "No digest with the id", mistake: true},
		{name: "sources", line: "sources", want: "3 feeds"},
		{name: "sources-of-story", line: "sources k3j2", want: "copies The Verge"},
		{name: "sources-of-whole", line: "sources hear", want: "Number 1"},
		{name: "trends", line: "trends", want: "Trends"},
		{name: "trends-topic", line: "trends deepseek", want: "DeepSeek"},
		{name: "trends-unknown", line: "trends zaphod", want: "no topic", mistake: true},
		{name: "following-nothing", line: "following", want: "You follow nothing", before: (*conversation).unfollow},
		{name: "unfollow-nothing", line: "unfollow all", want: "You follow nothing"},
		{name: "unfollow-unknown", line: "unfollow deepseek", want: "do not follow", mistake: true},
		{name: "follow", line: "follow deepseek", want: "You follow DeepSeek"},
		{name: "follow-min", line: "follow openai,export-controls min:70", want: "You follow OpenAI and Export controls|impact 70"},
		{name: "follow-story", line: "follow k3j2", want: "You follow DeepSeek R2"},
		{name: "follow-unknown", line: "follow zaphod", want: "no topic and no story", mistake: true},
		{name: "following", line: "following", want: "You follow|Stop all", before: (*conversation).followSome},
		{name: "unfollow", line: "unfollow deepseek", want: "do not follow DeepSeek any more", before: (*conversation).followSome},
		{name: "unfollow-all", line: "unfollow all", want: "nothing any more", before: (*conversation).followSome},
		{name: "useful", line: "useful k3j2", want: "Noted as useful"},
		{name: "noise", line: "noise k3j2", want: "Noted as noise"},
		{name: "noise-unknown", line: "noise nope", want: "no story", mistake: true},
		{name: "status", line: "status", want: "given up"},
		{name: "retry", line: "retry GIVEN", want: "posted again"},
		{name: "retry-unknown", line: "retry ID", want: "was given up in this channel", mistake: true},
		{name: "resume-nothing", line: "resume", want: "Nothing holds this channel back"},
		{name: "status-suspended", line: "status", want: "receives? nothing", before: (*conversation).suspend},
		{name: "resume", line: "resume", want: "receives again"},
		{name: "help", line: "help", want: "What you can ask"},
		{name: "help-search", line: "help search", want: `/news \[QUERY\]`},
		{name: "mistake-help", line: "help nothing", want: "help", mistake: true, typed: true},

		{name: "de-search", line: "deepseek since:90d min:50", locale: "de", want: "DeepSeek.*Meldung"},
		{name: "de-nothing", line: "topic:deepseek min:99", locale: "de", want: "Keine Treffer"},
		{name: "de-top", line: "top week", locale: "de", want: "Top der Woche"},
		{name: "de-story", line: "story k3j2", locale: "de", want: "Relevanz"},
		{name: "de-why", line: "why m3ta", locale: "de", want: "dementiert"},
		{name: "de-timeline", line: "timeline k3j2", locale: "de", want: "The Verge"},
		{name: "de-sources", line: "sources k3j2", locale: "de", want: "unabhängig"},
		{name: "de-trends", line: "trends", locale: "de", want: "Trends"},
		{name: "de-following", line: "following", locale: "de", want: "nichts"},
		{name: "de-status", line: "status", locale: "de", want: "Meldungen"},
		{name: "de-help", line: "help", locale: "de", want: "/news"},
		{name: "de-unknown", line: "story nope", locale: "de", want: "keine Meldung", mistake: true},
	}
	for _, c := range bot.Table()[1:] {
		out = append(out, example{name: "help-" + c.Name, line: "help " + c.Name, want: "/(news|desk|desk-channel) " + c.Name})
	}
	return out
}

// followSome makes the person follow two topics.
func (c *conversation) followSome() {
	c.ask("follow deepseek", "")
	c.ask("follow openai min:60", "")
}

func (c *conversation) unfollow() { c.ask("unfollow all", "") }

// suspend makes the platform have refused the channel.
func (c *conversation) suspend() {
	c.w.deliver() // what was retried
	c.w.giveUp(c.s.channel, "oai5", bot.Result{State: bot.Pending, Suspend: true, Error: "suspended: the bot may not write in this channel"})
}

// A press is a kind of button, by its label. Pressing one is answered with what
// want matches, to the person alone unless it shares.
type press struct {
	name, label string
	want        string
	share       bool // for all to see
	turns       bool // in the place of its message
	page        bool // it opens a page, and is not pressed
	mistake     bool
	opens       bool // a form
}

func (p press) is(b button) bool {
	return regexp.MustCompile(`^(?:`+p.label+`)$`).MatchString(b.label) && p.page == (b.line == "")
}

var presses = []press{
	{name: "more", label: "More", want: "Last news"},
	{name: "why", label: "Why", want: "What would change it"},
	{name: "related", label: "Related", want: "Related to|No other story"},
	{name: "sources", label: "Sources", want: `\d independent of|feeds`},
	{name: "timeline", label: "Timeline", want: "Timeline: "},
	{name: "follow", label: "Follow", want: "You follow"},
	{name: "open", label: "Open", page: true},
	{name: "share", label: "Share", want: ".", share: true},
	{name: "pages-forth", label: "More stories ▶", want: "Page 2 of", turns: true},
	{name: "pages-back", label: "◀ Back", want: "Page 1 of", turns: true},
	{name: "more-on", label: `Story \d`, want: "Last news"},
	{name: "back", label: "Back", want: "Last news"},
	{name: "useful", label: "👍 Useful|Useful after all", want: "Noted as useful"},
	{name: "noise", label: "👎 Noise|Noise after all", want: "Noted as noise"},
	{name: "stop", label: "Stop", want: "You do not follow .* any more"},
	{name: "stop-following", label: "Stop following", want: "You do not follow .* any more"},
	{name: "stop-one", label: "Stop: .+", want: "You do not follow .* any more"},
	{name: "stop-all", label: "Stop all", want: "You follow nothing any more"},
	{name: "follow-again", label: "Follow again", want: "You follow"},
	{name: "follow-topic", label: "Follow [^a].*", want: "You follow"},
	{name: "what-i-follow", label: "What I follow", want: "You follow"},
	{name: "search-for-it", label: "Search for it", want: "Nothing matches|stor"},
	{name: "search-without", label: "Search without them", want: "stor"},
	{name: "without", label: "Without (topic|since|min|status)", want: "stor"},
	{name: "digest-now", label: "Ask again", want: "AI news digest"},
	{name: "digest-more", label: `\d+ more ▶`, want: "Page 2 of 2"},
	{name: "help", label: "Help", want: "What you can ask|/news"},
	{name: "how-to-search", label: "How to search", want: `/news \[QUERY\]`},
	{name: "all-commands", label: "All commands", want: "What you can ask"},
	{name: "help-example", label: "/(news|desk).*", want: "."},
	{name: "top-day", label: "Top of the day", want: "Top of the day"},
	{name: "top-week", label: "Top of the week", want: "Top of the week"},
	{name: "status", label: "Status", want: "Newsdesk"},
	{name: "save", label: "Save", want: "Saved|gets already", turns: true},
	{name: "threshold", label: `From \d+: .+`, want: "Not (saved|changed) yet", turns: true},
	{name: "form-what", label: "What …", want: "^What", opens: true},
	{name: "form-when", label: "When …", want: "^When", opens: true},
	{name: "form-how", label: "How …", want: "^How", opens: true},
	{name: "form-more", label: "More settings …", want: "^More settings", opens: true},
	{name: "change", label: "Change: .+", want: "Not changed yet"},
	{name: "add", label: "Add (news at once|a digest)", want: "Not (saved|changed) yet"},
	{name: "pause-day", label: "Pause for a day", want: "Paused until"},
	{name: "pause-week", label: "for a week", want: "Paused until"},
	{name: "go-on", label: "Go on now", want: "pause has ended|not suspended"},
	{name: "settings", label: "Settings", want: "What this channel gets|gets no news"},
	{name: "end", label: "End: .+", want: "Ended"},
	{name: "end-all", label: "End all", want: "Ended"},
	{name: "advised", label: `Set it to \d+`, want: "Saved"},
	{name: "undo", label: "Undo: .+", want: "Saved|gets already", turns: true},
}
