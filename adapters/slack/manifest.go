package slack

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/slack-go/slack/slackevents"

	"newsdesk/bot"
)

// Limits of a manifest: docs.slack.dev/reference/app-manifest.
const (
	hintMax        = 1000
	descriptionMax = 2000
)

// commandName is the one slash command; what follows it are words.
const commandName = "/news"

type manifest struct {
	Metadata struct {
		MajorVersion int `json:"major_version"`
	} `json:"_metadata"`
	Display struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		Background  string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		BotUser struct {
			DisplayName  string `json:"display_name"`
			AlwaysOnline bool   `json:"always_online"`
		} `json:"bot_user"`
		AppHome struct {
			HomeTab     bool `json:"home_tab_enabled"`
			MessagesTab bool `json:"messages_tab_enabled"`
			ReadOnly    bool `json:"messages_tab_read_only_enabled"`
		} `json:"app_home"`
		SlashCommands []slashCommand `json:"slash_commands"`
	} `json:"features"`
	OAuth struct {
		Redirects []string `json:"redirect_urls,omitempty"`
		Scopes    struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings struct {
		Events        *eventSubscriptions `json:"event_subscriptions"`
		Interactivity struct {
			IsEnabled  bool   `json:"is_enabled"`
			RequestURL string `json:"request_url,omitempty"`
			OptionsURL string `json:"message_menu_options_url,omitempty"`
		} `json:"interactivity"`
		OrgDeploy     bool `json:"org_deploy_enabled"`
		SocketMode    bool `json:"socket_mode_enabled"`
		TokenRotation bool `json:"token_rotation_enabled"`
	} `json:"settings"`
}

type eventSubscriptions struct {
	RequestURL string   `json:"request_url,omitempty"`
	Bot        []string `json:"bot_events"`
}

type slashCommand struct {
	Command      string `json:"command"`
	URL          string `json:"url,omitempty"`
	Description  string `json:"description"`
	UsageHint    string `json:"usage_hint"`
	ShouldEscape bool   `json:"should_escape"`
}

// An App is what a manifest is for.
type App struct {
	Commands []bot.Command
	// URL is how Slack reaches Endpoints, with TransportHTTP: https:// and a
	// host. Empty means Socket Mode.
	URL string
	// Public is where the browsers of those find the bot who install the app in
	// workspaces of their own; "" where nobody does.
	Public   string
	Managers []string // as in Options
}

// Manifest returns the app's manifest as JSON, to be pasted at
// api.slack.com/apps, New App, From a manifest. It asks for the least scopes
// for what the app is to do; the app token is made by hand afterwards. The
// error is that of a rule of managers.
//
// Token rotation stays off: it cannot be switched off again, and would end
// slack.bot_token after twelve hours. The bot renews the tokens of installed
// workspaces where somebody has switched it on.
func Manifest(a App) ([]byte, error) {
	managers, err := parseManagers(a.Managers)
	if err != nil {
		return nil, err
	}
	table := a.Commands
	var m manifest
	m.Metadata.MajorVersion = 1
	m.Display.Name = "Newsdesk"
	m.Display.Description = "AI-industry news: few stories, each once, with its reasons"
	m.Display.Background = "#1d2733"
	m.Features.BotUser.DisplayName = "Newsdesk"
	m.Features.BotUser.AlwaysOnline = true
	// Where direct messages stand, and commands can be typed in reply; and the page
	// of each person, which is drawn when they open it: it needs no scope.
	m.Features.AppHome.MessagesTab, m.Features.AppHome.HomeTab = true, true
	m.Settings.Events = &eventSubscriptions{Bot: []string{string(slackevents.AppHomeOpened)}}
	m.Features.SlashCommands = []slashCommand{{
		Command:     commandName,
		Description: text(description(table), plainText, descriptionMax),
		UsageHint:   text(hint(table), plainText, hintMax),
	}}
	for _, s := range scopesOf(managers) {
		m.OAuth.Scopes.Bot = append(m.OAuth.Scopes.Bot, s.name)
	}
	m.Settings.Interactivity.IsEnabled = true
	if m.Settings.SocketMode = a.URL == ""; a.URL != "" {
		m.Features.SlashCommands[0].URL = a.URL + PathCommands
		m.Settings.Interactivity.RequestURL, m.Settings.Interactivity.OptionsURL = a.URL+PathInteractions, a.URL+PathInteractions
		m.Settings.Events.RequestURL = a.URL + PathEvents
	}
	if a.Public != "" {
		m.OAuth.Redirects = []string{strings.TrimRight(a.Public, "/") + CallbackPath}
		m.Settings.Events.Bot = append(m.Settings.Events.Bot, string(slackevents.AppUninstalled), string(slackevents.TokensRevoked))
	}
	out, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("slack: a manifest of our own making: %v", err))
	}
	return append(out, '\n'), nil
}

// description says what the command without words does.
func description(table []bot.Command) string {
	for _, c := range table {
		if c.Name == "" {
			return c.Summary
		}
	}
	return "What happens in the AI industry"
}

// hint is what Slack shows beside the command while it is typed: the search's
// own arguments, then the words that begin the others.
func hint(table []bot.Command) string {
	var search, others []string
	for _, c := range table {
		if c.Name != "" {
			others = append(others, c.Name)
			continue
		}
		for _, o := range c.Options {
			if o.Positional {
				search = append(search, o.Name)
			} else {
				search = append(search, o.Name+":")
			}
		}
	}
	words := "[" + strings.Join(search, "] [") + "]"
	if len(search) == 0 {
		words = ""
	}
	return joined(" | ", words, strings.Join(others, " | "))
}
