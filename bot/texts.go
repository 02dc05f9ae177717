package bot

// english has the forms of texts that count: for one, and for any other
// number. All other texts stand where they are used.
var english = map[string]string{
	"%d stories":                "%d story|%d stories",
	"%d stories in all":         "%d story in all|%d stories in all",
	"%s: %d stories":            "%[1]s: %[2]d story|%[1]s: %[2]d stories",
	"%d stories today":          "%d story today|%d stories today",
	"%d stories, the latest %s": "%d story, the latest %s|%d stories, the latest %s",
	"Its digests would have had %d stories of the last week to tell, the greatest first.": "Its digests would have had %d story of the last week to tell.|Its digests would have had %d stories of the last week to tell, the greatest first.",
	"%d articles":                      "%d article|%d articles",
	"%d sources":                       "%d source|%d sources",
	"%d feeds":                         "%d feed|%d feeds",
	"%s: %d feeds":                     "%[1]s: %[2]d feed|%[1]s: %[2]d feeds",
	"%d feeds cannot be read":          "%d feed cannot be read|%d feeds cannot be read",
	"%d channels receive nothing":      "%d channel receives nothing|%d channels receive nothing",
	"%d messages were given up":        "%d message was given up|%d messages were given up",
	"%d channels":                      "%d channel|%d channels",
	"%d topics":                        "%d topic|%d topics",
	"%d failures":                      "%d failure|%d failures",
	"%d days ago":                      "%d day ago|%d days ago",
	"Catching up: %d stories since %s": "Catching up: %d story since %s|Catching up: %d stories since %s",
	"Without %s:%s there would be %d stories.":                   "Without %[1]s:%[2]s there would be %[3]d story.|Without %[1]s:%[2]s there would be %[3]d stories.",
	"Without the other conditions there would be %d stories.":    "Without the other conditions there would be %d story.|Without the other conditions there would be %d stories.",
	"and keep all %d stories that were marked useful":            "and keep the %d story that was marked useful|and keep all %d stories that were marked useful",
	"and leave out %d stories that were marked noise":            "and leave out %d story that was marked noise|and leave out %d stories that were marked noise",
	"%s: %d stories this week":                                   "%[1]s: %[2]d story this week|%[1]s: %[2]d stories this week",
	"%d topics and stories are followed already; %d is the most": "%[1]d topic or story is followed already; %[2]d is the most|%[1]d topics and stories are followed already; %[2]d is the most",
}
