package setup

import (
	"errors"
	"regexp"
	"strings"

	"newsdesk/bot"
)

// discordToken is the form of a bot's token, unlike that of the client secret
// and the public key, which stand beside it:
// discord.com/developers/docs/reference#authentication.
var discordToken = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// untried reports whether err tells nothing about the token that was sent: the
// platform could not be reached, or would not answer now.
func untried(err error) bool {
	e, ok := errors.AsType[*bot.SendError](err)
	return ok && e.Outcome == bot.Throttled
}

// What is done about tokens that could not be tried.
const (
	tryAgain     = "again"
	keepUntested = "keep"
	pasteOther   = "paste"
)

// untriedTokens asks what to do about tokens that could not be tried because of
// err: again, keep, skip, or where the person pasted them, paste.
func (t *talk) untriedTokens(platform, host string, err error, pasted bool) (string, error) {
	t.say("  ! %s. That says nothing about the token.", inWords(err))
	t.say("Has this machine a network and a name server, and may it reach %s?", host)
	question, choices := "Try again, keep it untested, or go on without "+platform+"? (again/keep/skip)", []string{tryAgain, keepUntested, skip}
	if pasted {
		question, choices = "Try again, keep it untested, paste another, or go on without "+platform+"? (again/keep/paste/skip)", append(choices, pasteOther)
	}
	for {
		a, err := t.ask(question, tryAgain)
		if err != nil {
			return "", err
		}
		for _, c := range choices {
			if strings.EqualFold(a, c) {
				return c, nil
			}
		}
		t.say("Please answer with one of these words; Enter tries again.")
	}
}

// token asks for a token. Enter takes last, where there is one: a person who
// mended something else need not look for it again.
func (t *talk) token(question, last string) (string, error) {
	if last == "" {
		return t.ask(question, "")
	}
	a, err := t.ask(question+"; Enter takes the same again", "")
	if a == "" {
		a = last
	}
	return a, err
}

func (t *talk) askDiscord() error {
	yes, err := t.yes("Post to Discord?", true)
	if err != nil || !yes {
		return err
	}
	if t.DiscordToken != "" {
		t.say("The token is that of DISCORD_TOKEN, and is not written to the file.")
	} else {
		t.say("1. Open https://discord.com/developers/applications, New Application, and give it a name.")
		t.say("2. On its page Bot press Reset Token and copy the token. Leave the three privileged intents off.")
	}
	token, kept := "", false
	for t.discord == nil {
		if token == "" {
			token = t.DiscordToken
		}
		if token == "" {
			if token, err = t.ask("Token of the bot (or skip)", ""); err != nil {
				return err
			}
			if token == "" || token == skip {
				t.say("Without Discord.")
				return nil
			}
		}
		err := errors.New("that is no token of a bot, which has three parts with dots between them; the client secret and the public key are others")
		var p Discord
		if discordToken.MatchString(token) {
			p, err = t.Discord(token)
		}
		var id string
		if err == nil {
			id, err = p.Application(t.ctx)
		}
		if untried(err) {
			choice, err := t.untriedTokens("Discord", "discord.com", err, t.DiscordToken == "")
			switch {
			case err != nil:
				return err
			case choice == skip:
				t.say("Without Discord.")
				return nil
			case choice == pasteOther:
				token = ""
			}
			if kept = choice == keepUntested; !kept {
				continue
			}
		} else if err != nil {
			found := []string{err.Error()}
			if p != nil {
				if said := p.Check(t.ctx, "discord:"); len(said) > 0 {
					found = said
				}
			}
			t.problems(found)
			if t.DiscordToken != "" {
				t.say("Without Discord: set DISCORD_TOKEN to a token that works, or unset it, and run newsdesk setup again.")
				return nil
			}
			token = ""
			continue
		}
		t.discord, t.file.usesDiscord, t.file.applicationID, t.file.discordAPI = p, true, id, t.DiscordAPI
		if t.file.envDiscord = t.DiscordToken != ""; !t.file.envDiscord {
			t.file.discordToken = token
		}
	}
	if kept {
		t.say("The token is kept untested; newsdesk check tries it.\n3. Invite the bot to your server: docs/discord.md says how.")
	} else {
		t.problems(t.discord.Check(t.ctx, "discord:"))
		t.say("The token works; the application id is %s.", t.file.applicationID)
		t.say("3. Invite the bot to your server, with no more permissions than it needs:\n   %s", t.Invite(t.file.applicationID))
	}
	return t.askChannel(t.discord, kept, "Link or id of the first channel (Copy Link in its menu; or skip)", discordChannel)
}

func (t *talk) askSlack() error {
	yes, err := t.yes("Post to Slack?", false)
	if err != nil || !yes {
		return err
	}
	t.say("1. In another terminal: newsdesk manifest slack > manifest.json")
	t.say("2. Open https://api.slack.com/apps, Create New App, From a manifest, choose the workspace and paste that file; then Install to Workspace.")
	t.say("3. Copy the Bot User OAuth Token (xoxb-) from OAuth & Permissions.")
	t.say("4. On Basic Information, App-Level Tokens, generate one with connections:write and copy it (xapp-).")
	if t.SlackBotToken != "" {
		t.say("The bot token is that of SLACK_BOT_TOKEN, and is not written to the file.")
	}
	if t.SlackAppToken != "" {
		t.say("The app-level token is that of SLACK_APP_TOKEN, and is not written to the file.")
	}
	botToken, appToken, kept := t.SlackBotToken, t.SlackAppToken, false
	for asked := false; t.slack == nil; {
		if t.SlackBotToken == "" && (botToken == "" || !asked) {
			if botToken, err = t.token("Bot token xoxb- (or skip)", botToken); err != nil {
				return err
			}
			if botToken == "" || botToken == skip {
				t.say("Without Slack.")
				return nil
			}
		}
		if _, err := t.Slack(botToken, ""); err != nil {
			t.problems([]string{err.Error()})
			if botToken = ""; t.SlackBotToken != "" {
				t.say("Without Slack: mend that, and run newsdesk setup again.")
				return nil
			}
			continue
		}
		if t.SlackAppToken == "" && (appToken == "" || !asked) {
			if appToken, err = t.token("App-level token xapp- (or skip)", appToken); err != nil {
				return err
			}
			if appToken == "" || appToken == skip {
				t.say("Without Slack, where nobody could ask the bot anything.")
				return nil
			}
		}
		asked = true
		p, err := t.Slack(botToken, appToken)
		if err != nil {
			t.problems([]string{err.Error()})
			if appToken = ""; t.SlackAppToken != "" {
				t.say("Without Slack: mend that, and run newsdesk setup again.")
				return nil
			}
			continue
		}
		var found []string
		if err = p.Reach(t.ctx); !untried(err) {
			found = p.Check(t.ctx, "slack:")
		}
		if untried(err) {
			choice, err := t.untriedTokens("Slack", "slack.com", err, t.SlackBotToken == "" || t.SlackAppToken == "")
			switch {
			case err != nil:
				return err
			case choice == skip:
				t.say("Without Slack.")
				return nil
			}
			asked = choice != pasteOther
			if kept = choice == keepUntested; !kept {
				continue
			}
		} else if t.problems(found) {
			if t.SlackBotToken != "" && t.SlackAppToken != "" {
				t.say("Without Slack: mend that, and run newsdesk setup again.")
				return nil
			}
			t.say("Mend that.")
			asked = false
			continue
		}
		t.slack, t.file.usesSlack, t.file.slackAPI = p, true, t.SlackAPI
		if t.file.envSlackBot = t.SlackBotToken != ""; !t.file.envSlackBot {
			t.file.bot = botToken
		}
		if t.file.envSlackApp = t.SlackAppToken != ""; !t.file.envSlackApp {
			t.file.app = appToken
		}
	}
	if kept {
		t.say("The tokens are kept untested; newsdesk check tries them.")
	} else {
		t.say("The tokens work.")
	}
	return t.askChannel(t.slack, kept, "Link or id of the first channel (Copy link in its menu; or skip)", slackChannel)
}

// askChannel asks for a channel until the bot may post there; where the tokens
// are kept untested, so is the channel.
func (t *talk) askChannel(p bot.Platform, kept bool, question string, read func(string) (string, bool)) error {
	last := ""
	for {
		answer, err := t.ask(question, last)
		if err != nil {
			return err
		}
		if answer == "" || answer == skip {
			t.say("No channel yet: who manages one can subscribe it later (docs/managers.md).")
			return nil
		}
		id, ok := read(answer)
		if !ok {
			t.say("  ! %q is neither a link to a channel nor its id", answer)
			continue
		}
		c := bot.Channel(p.Name() + ":" + id)
		if kept {
			t.say("The channel is kept untested, too.")
		} else if t.problems(p.Check(t.ctx, c)) {
			t.say("Mend that and press Enter, or name another channel.")
			last = id
			continue
		}
		if !kept {
			t.say("The bot may post there.")
		}
		n, err := t.number("Least impact of a story that is posted there, 0 to 100", 50, 100)
		t.file.orders = append(t.file.orders, order{c, n})
		return err
	}
}

var (
	discordLink = regexp.MustCompile(`^(?:https?://(?:[a-z]+\.)?discord(?:app)?\.com/channels/[0-9]+/|<#|discord:)?([0-9]{5,20})(?:/[0-9]*|>)?$`)
	slackLink   = regexp.MustCompile(`^(?:https?://[a-z0-9.-]+\.slack\.com/(?:archives|client/[TE][A-Z0-9]+)/|slack:)?([CG][A-Z0-9]{2,20})(?:[/?].*)?$`)
)

// discordChannel reads a channel's id or a link to it.
func discordChannel(s string) (id string, ok bool) { return first(discordLink, s) }

// slackChannel reads a channel's id or a link to it.
func slackChannel(s string) (id string, ok bool) { return first(slackLink, s) }

func first(re *regexp.Regexp, s string) (string, bool) {
	if m := re.FindStringSubmatch(s); m != nil {
		return m[1], true
	}
	return "", false
}
