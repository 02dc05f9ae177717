package bot

// germanDigests are the texts of digests.
var germanDigests = map[string]string{
	"Top story":         "Die wichtigste Meldung",
	"Other stories":     "Weitere Meldungen",
	"What became of it": "Was daraus wurde",

	"%d more ▶":                                           "%d weitere ▶",
	"%d more of lesser impact left out":                   "%d weniger gewichtige fehlen",
	"So far no story reached what this channel asks for.": "Bisher erreichte keine Meldung, was dieser Kanal verlangt.",
	"So far no story reached what this channel asks for. Where none does, nothing is posted.": "Bisher erreichte keine Meldung, was dieser Kanal verlangt. Bleibt es dabei, kommt keiner.",
	"no digest with the id %q was posted in this channel":                                     "in diesem Kanal steht kein Überblick mit der Kennung %q",
	"/news digest now makes one at once":                                                      "/news digest now macht sofort einen",
	"The further stories of a digest that was posted here, as its button asks":                "Die weiteren Meldungen eines Überblicks von hier, wie sein Knopf fragt",

	"The next digest: %s":                                                      "Der nächste Überblick: %s",
	"This is what it would tell so far.":                                       "Das würde er bisher erzählen.",
	"This channel gets no digest":                                              "Dieser Kanal erhält keinen Überblick",
	"This is what one of the last day would tell.":                             "Das würde einer des letzten Tages erzählen.",
	"When the next digest comes and what it would tell so far, or one at once": "Wann der nächste Überblick kommt und was er bisher erzählen würde, oder einer sofort",
	"One at once, for you":                                                     "Einer sofort, nur für die Fragenden",
}
