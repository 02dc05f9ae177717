package discord

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// The commands that the table becomes: Discord cannot have a bare query beside
// subcommands, and who sees a command can be said of a whole one alone.
const (
	searchCommand  = "news"         // the command without a name
	deskCommand    = "desk"         // every other one, as a subcommand
	channelCommand = "desk-channel" // those for who manages a channel
)

// Limits of a command:
// discord.com/developers/docs/interactions/application-commands#application-command-object.
const (
	optionsMax     = 25
	descriptionLen = 100
	choicesMax     = 25
	choiceMax      = 100
	commandMax     = 8000 // names, descriptions and choice values in sum
	wordsMax       = 200  // characters of a free-text option; ours
)

// Commands returns what Discord is to register for the table: /news for the
// command without a name, /desk with a subcommand for each other one, and
// /desk-channel with those that are for who manages a channel, which Discord
// shows to people with Manage Server. The first two may be used anywhere: in
// servers, in direct messages with the bot, and wherever a person is who
// installed the app for themselves.
func Commands(table []bot.Command) []*discordgo.ApplicationCommand {
	var search, desk, channel *discordgo.ApplicationCommand
	for _, c := range table {
		switch {
		case c.Name == "":
			search = newCommand(searchCommand, c.Summary)
			search.Options = options(c.Options)
		case c.Manager:
			if channel == nil {
				channel = managed(newCommand(channelCommand, "What this channel gets, for people who manage it"))
			}
			addSubcommand(channel, c)
		default:
			if desk == nil {
				desk = newCommand(deskCommand, "Stories in full, trends, sources, status, help")
			}
			addSubcommand(desk, c)
		}
	}
	var out []*discordgo.ApplicationCommand
	for _, c := range []*discordgo.ApplicationCommand{search, desk, channel} {
		if c != nil {
			out = append(out, c)
		}
	}
	return out
}

func addSubcommand(to *discordgo.ApplicationCommand, c bot.Command) {
	if len(to.Options) < optionsMax {
		to.Options = append(to.Options, &discordgo.ApplicationCommandOption{
			Type: discordgo.ApplicationCommandOptionSubCommand, Name: c.Name,
			Description: described(c.Summary, c.Name), DescriptionLocalizations: localized(c.Summary), Options: options(c.Options),
		})
	}
}

func newCommand(name, summary string) *discordgo.ApplicationCommand {
	local := localized(summary)
	return &discordgo.ApplicationCommand{
		Type: discordgo.ChatApplicationCommand, Name: name, Description: described(summary, name),
		DescriptionLocalizations: &local,
		Contexts:                 &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM, discordgo.InteractionContextPrivateChannel},
		IntegrationTypes:         &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall, discordgo.ApplicationIntegrationUserInstall},
	}
}

// managing is what people need who manage the bot in a server; administrators
// have it.
const managing = discordgo.PermissionManageGuild

// managed makes c one for people who manage a server the bot is in. A person's
// direct messages are their own, and Discord asks for no permission there.
func managed(c *discordgo.ApplicationCommand) *discordgo.ApplicationCommand {
	need := int64(managing)
	c.DefaultMemberPermissions = &need
	c.Contexts = &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM}
	c.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall}
	return c
}

func described(summary, name string) string { return cmp.Or(plain(summary, descriptionLen), name) }

// localized is a summary in the languages other than English that the bot
// speaks; Discord shows it to readers who have set them. What nobody has
// translated has none.
func localized(summary string) map[discordgo.Locale]string {
	if german := bot.German.Word(summary); german != summary {
		return map[discordgo.Locale]string{discordgo.German: plain(german, descriptionLen)}
	}
	return nil
}

// options puts the required ones first, as Discord wants.
func options(of []bot.Option) []*discordgo.ApplicationCommandOption {
	var out []*discordgo.ApplicationCommandOption
	for _, o := range of {
		d := &discordgo.ApplicationCommandOption{
			Type: discordgo.ApplicationCommandOptionString, Name: o.Name,
			Description: described(o.Summary, o.Name), DescriptionLocalizations: localized(o.Summary), Required: o.Required,
		}
		if o.Kind == bot.Whole {
			d.Type = discordgo.ApplicationCommandOptionInteger
			if o.Most > o.Least {
				least := float64(o.Least)
				d.MinValue, d.MaxValue = &least, float64(o.Most)
			}
		}
		switch o.Kind {
		case bot.Words:
			d.MaxLength = wordsMax
		case bot.Role:
			d.Type = discordgo.ApplicationCommandOptionRole
		}
		d.Autocomplete = o.Suggest && len(o.Choices) == 0 && o.Kind != bot.Role // Discord takes one of them
		if n := len(o.Choices); n > 0 && n <= choicesMax && d.Type == discordgo.ApplicationCommandOptionString {
			d.MaxLength = 0
			for _, c := range o.Choices {
				d.Choices = append(d.Choices, &discordgo.ApplicationCommandOptionChoice{Name: plain(c, choiceMax), Value: c})
			}
		}
		if len(out) < optionsMax {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *discordgo.ApplicationCommandOption) int {
		return boolToInt(b.Required) - boolToInt(a.Required)
	})
	return out
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A manifest is what newsdesk manifest discord prints.
type manifest struct {
	Application string          `json:"application_id,omitempty"`
	Invite      string          `json:"invite_url"`
	Scopes      []string        `json:"scopes"`
	Permissions string          `json:"permissions"` // the bits in sum
	Names       []string        `json:"permission_names"`
	Intents     []string        `json:"gateway_intents"`
	Notes       []string        `json:"notes"`
	Commands    json.RawMessage `json:"commands"`
}

// Manifest returns, as JSON, what an administrator needs on Discord's
// developer page: the address that invites the bot with its scopes and
// permissions, and the commands that the bot registers by itself.
func Manifest(table []bot.Command, applicationID string) []byte {
	var bits int64
	m := manifest{
		Application: applicationID, Scopes: []string{"bot", "applications.commands"}, Intents: []string{"GUILDS"},
		Notes: []string{
			"No privileged intent is needed.",
			"The bot registers the commands itself when it starts; they are here to be read.",
			"On the page Installation let people install the app for themselves, too (User Install), and they have /news and /desk in every server and direct message.",
			"A forum takes a post per story; an announcement channel has its messages published.",
			"Leave Interactions Endpoint URL empty for commands over the gateway: one that is set takes them away from it. " +
				"For discord.transport: http set it to https://YOUR.HOST" + InteractionsPath + " while the bot runs.",
		},
	}
	if applicationID == "" {
		m.Notes = append(m.Notes, "Set discord.application_id, or put it into the invite address in place of APPLICATION_ID.")
	}
	for _, w := range wanted {
		bits |= w.bit
		m.Names = append(m.Names, w.name)
	}
	m.Permissions = strconv.FormatInt(bits, 10)
	m.Invite = "https://discord.com/oauth2/authorize?client_id=" + url.QueryEscape(cmp.Or(applicationID, "APPLICATION_ID")) +
		"&scope=bot+applications.commands&permissions=" + m.Permissions
	m.Commands = commandJSON(Commands(table))
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		panic(err) // only strings and JSON of our own
	}
	return out.Bytes()
}
