package bot

// germanAdvice are the texts of what is suggested to who orders the news of a channel.
var germanAdvice = map[string]string{
	"A suggestion for %s": "Ein Vorschlag für %s",
	"Suggestion":          "Vorschlag",
	"Set it to %s":        "Auf %s setzen",
	"Without %s":          "Ohne %s",
	"Newsdesk · at most one in %d days, and the same one once":                                                                 "Newsdesk · höchstens einer in %d Tagen, und derselbe nur einmal",
	"A least impact of %s would halve the volume":                                                                              "Eine Mindestrelevanz von %s würde die Menge halbieren",
	"A least impact of %s would more than halve the volume":                                                                    "Eine Mindestrelevanz von %s würde die Menge mehr als halbieren",
	"(%d → %d last week)":                                                                                                      "(%d → %d letzte Woche)",
	"(%d → %d last week, which reached the daily limit on %d days)":                                                            "(%d → %d letzte Woche, in der die Tagesgrenze an %d Tagen erreicht war)",
	"and keep all %d stories that were marked useful":                                                                          "und die %d Meldung behalten, die als nützlich markiert wurde|und alle %d Meldungen behalten, die als nützlich markiert wurden",
	"and leave out %d stories that were marked noise":                                                                          "und %d Meldung weglassen, die als Rauschen markiert wurde|und %d Meldungen weglassen, die als Rauschen markiert wurden",
	"Nothing came last week: with a least impact of %s it would have been %d stories.":                                         "Letzte Woche kam nichts: Mit einer Mindestrelevanz von %s wären es %d Meldungen gewesen.",
	"One story came last week: with a least impact of %s it would have been %d.":                                               "Letzte Woche kam eine Meldung: Mit einer Mindestrelevanz von %s wären es %d gewesen.",
	"All %d votes on stories about %s alone call them noise: without the topic last week would have brought %d instead of %d.": "Alle %d Stimmen zu Meldungen allein über %s nennen sie Rauschen: Ohne das Thema hätte die letzte Woche %d statt %d gebracht.",
	"nobody knows any more what this button asks":                                                                              "niemand weiß mehr, was diese Schaltfläche fragt",
	"this suggestion is too old":                                                                                               "dieser Vorschlag ist zu alt",
	"what the channel gets was changed since":                                                                                  "was der Kanal erhält, wurde seither geändert",
	"/news settings in the channel shows what it gets now":                                                                     "/news settings im Kanal zeigt, was er jetzt erhält",
	"/news settings in the channel shows what can be changed":                                                                  "/news settings im Kanal zeigt, was sich ändern lässt",
	"a channel is changed by people who manage it":                                                                             "einen Kanal ändert, wer ihn verwaltet",
	"a channel is changed by people who manage it, and who does cannot be found out: %s":                                       "einen Kanal ändert, wer ihn verwaltet, und wer das tut, lässt sich nicht feststellen: %s",
}
