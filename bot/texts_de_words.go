package bot

// germanMistakes say what was not understood.
var germanMistakes = map[string]string{
	"That was not understood":                         "Das war nicht verständlich",
	"Search for it":                                   "Danach suchen",
	"%s has no option %q":                             "%s hat keine Option „%s“",
	"%s has no value":                                 "%s hat keinen Wert",
	"%s is for people who manage this channel":        "%s ist nur für alle, die diesen Kanal verwalten",
	"%s is given twice":                               "%s ist zweimal angegeben",
	"%s is given twice, by name and as %q":            "%s ist zweimal angegeben, mit Namen und als „%s“",
	"%s must be a time span, not %q":                  "%s muss eine Zeitspanne sein, nicht „%s“",
	"%s must be a whole number from %d to %d, not %q": "%s muss eine ganze Zahl von %d bis %d sein, nicht „%s“",
	"%s must be one of %s, not %q":                    "%s muss einer dieser Werte sein: %s, nicht „%s“",
	"%s needs the %s":                                 "%s braucht noch eine Angabe: %s",
	"%s or %s":                                        "%s oder %s",
	"%s takes nothing more, but there is %q":          "%s nimmt nichts weiter an, aber da steht „%s“",
	"/news status names what was":                     "/news status nennt, was aufgegeben wurde",
	"as in %s":                                        "zum Beispiel %s",
	"ask one of them":                                 "eine dieser Personen kann helfen",
	"did you mean %s:%s? To search for the words themselves, put them in quotes": "gemeint war vielleicht %s:%s. Um nach den Wörtern selbst zu suchen, sie in Anführungszeichen setzen",
	"did you mean %s?":       "gemeint war vielleicht %s",
	"did you mean /news %s?": "gemeint war vielleicht /news %s",
	"give it once":           "bitte nur einmal angeben",
	"give one as in %s":      "bitte einen angeben, zum Beispiel %s",
	"ids stand at the end of each entry of a list, as in /news top week; very old stories are forgotten": "die Kennungen stehen am Ende jedes Eintrags einer Liste, wie in /news top week; sehr alte Meldungen sind vergessen",
	"it is used as %s":                                      "so wird der Befehl benutzt: %s",
	"no story has an article at %s":                         "zu keiner Meldung gehört ein Artikel mit der Adresse %s",
	"nothing with the id %q was given up in this channel":   "nichts mit der Kennung „%s“ wurde in diesem Kanal aufgegeben",
	"search for the words of its headline instead":          "stattdessen nach den Wörtern der Überschrift suchen",
	"see /news help":                                        "alle stehen unter /news help",
	"there is no command %q":                                "es gibt keinen Befehl „%s“",
	"there is no option %q":                                 "es gibt keine Option „%s“",
	"there is no story %q":                                  "es gibt keine Meldung „%s“",
	"to search for these words, put the first in quotes":    "um nach diesen Wörtern zu suchen, das erste in Anführungszeichen setzen",
	`hours, days or weeks, as in 12h, 7d or 2w, or "today"`: "Stunden, Tage oder Wochen, zum Beispiel 12h, 7d oder 2w, oder „today“",
}

// germanCommands are the summaries of commands and options, at most 100
// characters each.
var germanCommands = map[string]string{
	"Find stories, best first; without a query, the top of the day":                       "Meldungen finden, die besten zuerst; ohne Suchwörter das Top des Tages",
	`Words, names or topics; "words in quotes" stand side by side`:                        "Wörter, Namen oder Themen; „Wörter in Anführungszeichen“ stehen nebeneinander",
	"Only stories about this topic, such as deepseek; several with commas":                "Nur Meldungen zu diesem Thema, etwa deepseek; mehrere mit Kommas",
	"Only stories with news in this time: 12h, 7d, 2w or today":                           "Nur Meldungen mit Neuem in dieser Zeit: 12h, 7d, 2w oder today",
	"Only stories of at least this impact, 0 to 100":                                      "Nur Meldungen von mindestens dieser Relevanz, 0 bis 100",
	"Only stories that are this certain":                                                  "Nur Meldungen mit diesem Grad an Gewissheit",
	"The stories of the highest impact":                                                   "Die Meldungen mit der höchsten Relevanz",
	"Of the last day, week or month; today where not given":                               "Vom letzten Tag (today), der Woche (week) oder dem Monat (month); sonst today",
	"One story in full: brief, status, figures, sources, related stories":                 "Eine Meldung vollständig: Text, Status, Zahlen, Quellen, verwandte Meldungen",
	"The story's id, as in the footer of its card, or the address of one of its articles": "Die Kennung der Meldung, wie unten auf ihrer Karte, oder die Adresse eines ihrer Artikel",
	"Why a story has its impact and its status, part by part":                             "Warum eine Meldung ihre Relevanz und ihren Status hat, Teil für Teil",
	"Stories that are close to a story":                                                   "Meldungen, die einer Meldung nahe sind",
	"Which topics make more news than usual":                                              "Welche Themen häufiger in den Nachrichten sind als sonst",
	"One topic, such as deepseek: how many stories on each day of four weeks":             "Ein Thema, etwa deepseek: wie viele Meldungen an jedem Tag von vier Wochen",
	"How the bot is: version, stories, feeds, channels that receive nothing":              "Wie es dem Bot geht: Version, Meldungen, Feeds, Kanäle, die nichts erhalten",
	"Post to this channel again, once what kept the bot out is mended":                    "Wieder in diesem Kanal posten, sobald behoben ist, was den Bot aussperrte",
	"Post again here what was given up or held":                                           "Hier erneut posten, was aufgegeben oder zurückgehalten wurde",
	"The delivery's id, as /news status names it here":                                    "Die Kennung der Zustellung, wie /news status sie hier nennt",
	"What can be asked, or one command with its options and examples":                     "Was sich fragen lässt, oder ein Befehl mit seinen Optionen und Beispielen",
	"The command to explain":                                                              "Der Befehl, um den es geht",
	"Stories in full, trends, sources, status, help":                                      "Ganze Meldungen, Trends, Quellen, Status, Hilfe",
}

// germanWords are names: of statuses, kinds of source and of delivery, parts
// of an impact, magnitudes, units, days and months.
var germanWords = map[string]string{
	"rumour": "Gerücht", "reported": "berichtet", "confirmed": "bestätigt", "denied": "dementiert",

	"lab": "Labor", "press": "Presse", "newsletter": "Newsletter", "research": "Forschung",
	"policy": "Politik", "chips": "Chips", "community": "Community",

	"story": "Meldung", "digest": "Überblick", "follow-up": "Nachtrag", "edit": "Aktualisierung", "catch-up": "Nachgeholtes",

	"coverage": "Verbreitung", "authority": "Autorität", "velocity": "Tempo", "prominence": "Bekanntheit",
	"event": "Ereignis", "magnitude": "Größenordnung", "novelty": "Neuheit", "interest": "Interesse",
	"decay": "Abklingen", "status": "Status", "limit": "Obergrenze",

	"thousand": "Tsd.", "million": "Mio.", "billion": "Mrd.", "trillion": "Bio.", "quadrillion": "Brd.",
	"parameters": "Parameter", "tokens": "Token", "users": "Nutzer", "points": "Punkte",

	"Monday": "Montag", "Tuesday": "Dienstag", "Wednesday": "Mittwoch", "Thursday": "Donnerstag",
	"Friday": "Freitag", "Saturday": "Samstag", "Sunday": "Sonntag",
	"January": "Januar", "February": "Februar", "March": "März", "April": "April", "May": "Mai", "June": "Juni", "July": "Juli",
	"August": "August", "September": "September", "October": "Oktober", "November": "November", "December": "Dezember",
}

// germanReasons are the reasons of an impact's parts, as package impact gives
// them, how those of a status begin, as package brief does, and a moment of a
// story's timeline.
var germanReasons = map[string]string{
	"one outlet so far": "bisher ein Medium",
	"no outlet":         "kein Medium",
	"%d outlets, worth %.1f independent voices":                              "%d Medien, so viel wert wie %.1f unabhängige Stimmen",
	"%d outlets, worth %.1f independent voices; of little weight: 1 copy":    "%d Medien, so viel wert wie %.1f unabhängige Stimmen; von geringem Gewicht: 1 Kopie",
	"%d outlets, worth %.1f independent voices; of little weight: %d copies": "%d Medien, so viel wert wie %.1f unabhängige Stimmen; von geringem Gewicht: %d Kopien",
	"the best source is %s":                                              "die beste Quelle ist %s",
	"no second outlet within six hours":                                  "kein zweites Medium innerhalb von sechs Stunden",
	"%d outlets within six hours":                                        "%d Medien innerhalb von sechs Stunden",
	"it names nobody known":                                              "nennt niemanden von Bekanntheit",
	"it is about %s":                                                     "es geht um %s",
	"readers seldom care for news like it":                               "solche Nachrichten interessieren Leser selten",
	"readers care for news like it, from such sources":                   "solche Nachrichten aus solchen Quellen interessieren Leser",
	"some readers care for news like it":                                 "solche Nachrichten interessieren manche Leser",
	"no figure that stands out":                                          "keine Zahl, die heraussticht",
	"nothing like it in the last days":                                   "nichts Ähnliches in den letzten Tagen",
	"the subject was in the news like this before":                       "das Thema war schon ähnlich in den Nachrichten",
	"unconfirmed: what it would change counts less":                      "unbestätigt: was es ändern würde, zählt weniger",
	"reported, not confirmed by its subject":                             "berichtet, von den Betroffenen nicht bestätigt",
	"its subject denies it":                                              "die Betroffenen dementieren es",
	"what is denied can matter no more than this":                        "Dementiertes kann nicht mehr Gewicht haben",
	"opinion and round-ups can matter no more than this":                 "Meinungen und Rundblicke können nicht mehr Gewicht haben",
	"what somebody shows or asks can matter no more than this":           "was jemand vorzeigt oder fragt, kann nicht mehr Gewicht haben",
	"small releases of software can matter no more than this":            "kleine Software-Veröffentlichungen können nicht mehr Gewicht haben",
	"one voice of little standing tells it, about somebody little known": "eine einzelne Stimme von geringem Ansehen berichtet es, über jemanden von geringer Bekanntheit",
	"one independent voice can carry no more than this":                  "eine einzelne unabhängige Stimme trägt nicht mehr",
	"still told 1 day after its peak, with nothing new":                  "noch 1 Tag nach dem Höhepunkt im Gespräch, ohne Neues",
	"still told %d days after its peak, with nothing new":                "noch %d Tage nach dem Höhepunkt im Gespräch, ohne Neues",

	"a court case":                     "ein Gerichtsverfahren",
	"%d outlets report it":             "%d Medien berichten es",
	"an acquisition":                   "eine Übernahme",
	"money raised or invested":         "eine Finanzierung oder Investition",
	"law or regulation":                "Gesetz oder Regulierung",
	"a security matter":                "eine Frage der Sicherheit",
	"an outage":                        "ein Ausfall",
	"people come or go":                "Personen kommen oder gehen",
	"business figures":                 "Geschäftszahlen",
	"chips and computing power":        "Chips und Rechenleistung",
	"a deal":                           "ein Abkommen",
	"a model or its release":           "ein Modell oder seine Veröffentlichung",
	"research":                         "Forschung",
	"a product or feature":             "ein Produkt oder eine Funktion",
	"opinion, a guide or a round-up":   "Meinung, Anleitung oder Rundblick",
	"a small release of software":      "eine kleine Software-Veröffentlichung",
	"somebody shows or asks something": "jemand zeigt oder fragt etwas",
	"no particular kind of event":      "kein besonderes Ereignis",

	"denied":                          "dementiert",
	"announced or confirmed":          "angekündigt oder bestätigt",
	"published by its subject itself": "von den Betroffenen selbst veröffentlicht",
	"told as hearsay":                 "als Hörensagen berichtet",
	"reported as fact":                "als Tatsache berichtet",
}
