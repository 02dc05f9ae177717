package bot

// germanDigests are the texts of digests.
var germanDigests = map[string]string{
	"Top story":         "Die wichtigste Meldung",
	"Other stories":     "Weitere Meldungen",
	"What became of it": "Was daraus wurde",

	"The next digest: %s":                                                      "Der nächste Überblick: %s",
	"This is what it would tell so far.":                                       "Das würde er bisher erzählen.",
	"This channel gets no digest":                                              "Dieser Kanal erhält keinen Überblick",
	"This is what one of the last day would tell.":                             "Das würde einer des letzten Tages erzählen.",
	"When the next digest comes and what it would tell so far, or one at once": "Wann der nächste Überblick kommt und was er bisher erzählen würde, oder einer sofort",
	"One at once, for you":                                                     "Einer sofort, nur für die Fragenden",
}
