package bot

// germanDigests are the texts of digests.
var germanDigests = map[string]string{
	"Top story":         "Die wichtigste Meldung",
	"Other stories":     "Weitere Meldungen",
	"What became of it": "Was daraus wurde",
}
