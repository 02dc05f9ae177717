package bot

// germanHome are the texts of a person's own page.
var germanHome = map[string]string{
	"News in your channels":                                                                              "Nachrichten in den eigenen Kanälen",
	"Of the channels that you are in, these get news.":                                                   "Von den eigenen Kanälen erhalten diese Nachrichten.",
	"None of the channels that you are in gets news yet.":                                                "Noch keiner der eigenen Kanäle erhält Nachrichten.",
	"which channels you are in cannot be found out: %s":                                                  "welche Kanäle die eigenen sind, ließ sich nicht feststellen: %s",
	"To order news for a channel, invite the bot there with /invite @Newsdesk, and say /news subscribe.": "Für Nachrichten in einem Kanal den Bot mit /invite @Newsdesk dorthin einladen und /news subscribe sagen.",
	"Direct messages": "Direktnachrichten",
	"More channels ▶": "Mehr Kanäle ▶",
	"%d channels":     "%d Kanal|%d Kanäle",
	"Close":           "Schließen",
	"End: %s":         "Beenden: %s",
	"you are not in this channel any more, or the bot is not": "der Kanal ist keiner der eigenen mehr, oder der Bot ist nicht mehr darin",
}
