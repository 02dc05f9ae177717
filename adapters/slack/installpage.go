package slack

import (
	"fmt"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"newsdesk/bot"
)

// A said is a text of a page, in English, with what stands in it: it is shown in
// the language of the browser.
type said struct {
	text string
	args []any
}

func phrase(text string, args ...any) said { return said{text, args} }

func (s said) in(l bot.Lang) string {
	text := s.text
	if other := germanPages[text]; l == bot.German && other != "" {
		text = other
	}
	return fmt.Sprintf(text, s.args...)
}

// A page is what a browser is told.
type page struct {
	title said
	text  []said
	again bool // with a way to begin again
}

// notInstalledPage tells why nothing was installed.
func notInstalledPage(why said) page {
	return page{phrase("Newsdesk was not installed"), []said{why}, true}
}

var pageTemplate = template.Must(template.New("").Parse(`<!doctype html>
<html lang="{{.Lang}}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
{{range .Text}}<p>{{.}}</p>
{{end}}{{if .Again}}<p><a href="` + InstallPath + `">{{.Again}}</a></p>
{{end}}</html>
`))

// show answers with a page, in the language that the browser prefers among the
// bot's.
func (p *Platform) show(w http.ResponseWriter, r *http.Request, status int, pg page) {
	l := preferred(r.Header.Get("Accept-Language"))
	drawn := struct {
		Lang, Title string
		Text        []string
		Again       string
	}{Lang: bot.Locales[l], Title: pg.title.in(l)}
	for _, t := range pg.text {
		drawn.Text = append(drawn.Text, t.in(l))
	}
	if pg.again {
		drawn.Again = phrase("Begin again").in(l)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", drawn.Lang)
	w.WriteHeader(status)
	if err := pageTemplate.Execute(w, drawn); err != nil {
		p.Logger.Debug("a page was not sent", "err", err)
	}
}

// preferred is the first language of an Accept-Language header, in the order of
// its weights, that the bot speaks; English where it speaks none.
func preferred(header string) bot.Lang {
	tags, _, _ := language.ParseAcceptLanguage(header) // one that is malformed names none
	for _, t := range tags {
		base, _ := t.Base()
		if l := bot.LangOf(t.String()); l != bot.English || base.String() == bot.Locales[bot.English] {
			return l
		}
	}
	return bot.English
}

// germanPages are the German of the pages. As in all German of the bot nobody is
// addressed: infinitives, no Sie and no du.
var germanPages = map[string]string{
	"Begin again":                           "Von vorn beginnen",
	"Newsdesk was not installed":            "Newsdesk wurde nicht installiert",
	"Begin on this bot's own page":          "Auf der Seite dieses Bots beginnen",
	"This installation was finished before": "Diese Installation wurde schon abgeschlossen",
	"Newsdesk is in %s already":             "Newsdesk ist schon in %s",
	"Newsdesk is installed in %s":           "Newsdesk ist in %s installiert",
	"Slack says that the installation was cancelled, or that you may not install apps there. Nothing was changed. If the workspace wants an administrator's approval, ask for it and begin again.": "Slack meldet, dass die Installation abgebrochen wurde oder dass dort keine Apps installiert werden dürfen. Nichts wurde geändert. Wo der Workspace die Zustimmung der Administration verlangt, diese einholen und von vorn beginnen.",
	"Slack ended the installation: %s. Nothing was changed.": "Slack hat die Installation beendet: %s. Nichts wurde geändert.",
	"This installation was begun on a page of Slack, and nothing proves that you want it. Installations for a whole organisation begin there and are not taken: install the app in one workspace. Nothing was changed here.": "Diese Installation wurde auf einer Seite von Slack begonnen, und nichts belegt, dass sie gewollt ist. Installationen für eine ganze Organisation beginnen dort und werden nicht angenommen: die App in einem Workspace installieren. Hier wurde nichts geändert.",
	"More than %d minutes went by since the installation was begun. Nothing was changed.":                                                          "Seit dem Beginn der Installation sind mehr als %d Minuten vergangen. Nichts wurde geändert.",
	"This installation was begun in another browser, or this one keeps no cookies. Nothing was changed.":                                           "Diese Installation wurde in einem anderen Browser begonnen, oder dieser behält keine Cookies. Nichts wurde geändert.",
	"The page was opened a second time. What it did the first time stands, and nothing was changed now.":                                           "Die Seite wurde ein zweites Mal geöffnet. Was beim ersten Mal geschah, gilt, und jetzt wurde nichts geändert.",
	"This link was not made by this bot. Nothing was changed.":                                                                                     "Dieser Link stammt nicht von diesem Bot. Nichts wurde geändert.",
	"The database of this bot does not answer. Nothing was changed. Please begin again in a moment.":                                               "Die Datenbank dieses Bots antwortet nicht. Nichts wurde geändert. Bitte gleich von vorn beginnen.",
	"Slack says that this installation was finished before, or took too long. Nothing was changed.":                                                "Slack meldet, dass diese Installation schon abgeschlossen wurde oder zu lange gedauert hat. Nichts wurde geändert.",
	"Slack does not know this app by its client ID, its secret or this address. Tell who runs this bot: the log says which. Nothing was changed.":  "Slack kennt diese App nicht unter ihrer Client-ID, ihrem Secret oder dieser Adresse. Wer den Bot betreibt, findet im Protokoll, woran es liegt. Nichts wurde geändert.",
	"Slack cannot be reached, or is busy. Nothing was changed. Please begin again in a moment.":                                                    "Slack ist nicht erreichbar oder überlastet. Nichts wurde geändert. Bitte gleich von vorn beginnen.",
	"Slack refused to install the app. Tell who runs this bot: the log says why.":                                                                  "Slack hat die Installation der App abgelehnt. Wer den Bot betreibt, findet den Grund im Protokoll.",
	"Slack's answer did not arrive. Please begin again: it does no harm.":                                                                          "Die Antwort von Slack kam nicht an. Bitte von vorn beginnen: Es schadet nicht.",
	"Its token stands in this bot's configuration (slack.bot_token), which goes on as before. Nothing was changed.":                                "Das Token steht in der Konfiguration dieses Bots (slack.bot_token) und gilt weiter. Nichts wurde geändert.",
	"The database of this bot did not take the installation. Please begin again in a moment: it does no harm.":                                     "Die Datenbank dieses Bots hat die Installation nicht angenommen. Bitte gleich von vorn beginnen: Es schadet nicht.",
	"You can close this page. In Slack, open the channel that shall get news and type %[1]s subscribe; %[1]s help shows the rest.":                 "Diese Seite kann geschlossen werden. In Slack den Kanal öffnen, der Nachrichten erhalten soll, und %[1]s subscribe eingeben; %[1]s help zeigt alles Weitere.",
	"The bot joins public channels by itself. Into a private one somebody has to invite it: /invite @Newsdesk.":                                    "Öffentlichen Kanälen tritt der Bot selbst bei. In einen privaten muss ihn jemand einladen: /invite @Newsdesk.",
	"Slack did not grant all that was asked for, so that something will not work: %s.":                                                             "Slack hat nicht alles gewährt, was erbeten war, sodass etwas nicht funktionieren wird: %s.",
	"This was installed for a whole organisation, which this bot does not take: install the app in one workspace of it. The token was given back.": "Dies wurde für eine ganze Organisation installiert, was dieser Bot nicht annimmt: die App in einem ihrer Workspaces installieren. Das Token wurde zurückgegeben.",
	"Slack's answer names no workspace, or no token of a bot. Tell who runs this bot to look at the app's scopes.":                                 "Die Antwort von Slack nennt keinen Workspace oder kein Token eines Bots. Wer den Bot betreibt, sollte die Scopes der App prüfen.",
}
