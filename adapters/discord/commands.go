package discord

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// The two commands that the table becomes: Discord cannot have a bare query
// beside subcommands.
const (
	searchCommand = "news" // the command without a name
	deskCommand   = "desk" // every other one, as a subcommand
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
// command without a name, /desk with a subcommand for each other one. They
// may be used in servers and in direct messages with the bot.
func Commands(table []bot.Command) []*discordgo.ApplicationCommand {
	var search, desk *discordgo.ApplicationCommand
	for _, c := range table {
		if c.Name == "" {
			search = newCommand(searchCommand, c.Summary)
			search.Options = options(c.Options)
			continue
		}
		if desk == nil {
			desk = newCommand(deskCommand, "Stories in full, trends, sources, status, help")
		}
		if len(desk.Options) < optionsMax {
			desk.Options = append(desk.Options, &discordgo.ApplicationCommandOption{
				Type: discordgo.ApplicationCommandOptionSubCommand, Name: c.Name,
				Description: described(c.Summary, c.Name), DescriptionLocalizations: localized(c.Summary), Options: options(c.Options),
			})
		}
	}
	var out []*discordgo.ApplicationCommand
	for _, c := range []*discordgo.ApplicationCommand{search, desk} {
		if c != nil {
			out = append(out, c)
		}
	}
	return out
}

func newCommand(name, summary string) *discordgo.ApplicationCommand {
	local := localized(summary)
	return &discordgo.ApplicationCommand{
		Type: discordgo.ChatApplicationCommand, Name: name, Description: described(summary, name),
		DescriptionLocalizations: &local,
		Contexts:                 &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM},
		IntegrationTypes:         &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall},
	}
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

// commandJSON writes commands with those fields alone that are set and that a
// developer gives: what Discord adds, and how it orders, makes no difference.
func commandJSON(commands []*discordgo.ApplicationCommand) json.RawMessage {
	raw, err := json.Marshal(commands)
	if err != nil {
		panic(err) // a choice that is neither string nor number: none of ours
	}
	var tree []any
	if err := json.Unmarshal(raw, &tree); err != nil {
		panic(err)
	}
	for i := range tree {
		tree[i] = stripped(tree[i])
	}
	slices.SortFunc(tree, func(a, b any) int { return cmp.Compare(nameOf(a), nameOf(b)) })
	if raw, err = json.Marshal(tree); err != nil {
		panic(err)
	}
	return raw
}

func nameOf(v any) string {
	m, _ := v.(map[string]any)
	s, _ := m["name"].(string)
	return s
}

// stripped drops empty values, and those that Discord assigns.
func stripped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			switch value = stripped(value); {
			case slices.Contains(assigned, name), value == nil, value == false:
				delete(v, name)
			default:
				v[name] = value
			}
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case []any:
		for i := range v {
			v[i] = stripped(v[i])
		}
		if len(v) == 0 {
			return nil
		}
		return v
	}
	return v
}

var assigned = []string{
	"id", "application_id", "guild_id", "version", "default_permission", "default_member_permissions", "dm_permission",
	"nsfw",
}

// register makes Discord's commands those of the table. It writes only where
// they differ: two hundred writes a day are allowed.
func (p *Platform) register(ctx context.Context) error {
	if len(p.Commands) == 0 {
		return nil
	}
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	endpoint := discordgo.EndpointApplicationGlobalCommands(app)
	want := Commands(p.Commands)
	var have []*discordgo.ApplicationCommand
	if err := p.client.get(ctx, endpoint+"?with_localizations=true", &have); err != nil {
		return fmt.Errorf("read the registered commands: %w", err)
	}
	body := commandJSON(want)
	if bytes.Equal(commandJSON(have), body) {
		return nil
	}
	if _, err := p.client.do(ctx, request{method: http.MethodPut, endpoint: endpoint, body: body}); err != nil {
		return fmt.Errorf("register the commands: %w", err)
	}
	p.Logger.Info("commands registered with discord", "commands", len(want))
	return nil
}

// application returns the application's id.
func (p *Platform) application(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ApplicationID != "" {
		return p.ApplicationID, nil
	}
	var app struct {
		ID string `json:"id"`
	}
	if err := p.client.get(ctx, discordgo.EndpointApplications+"/@me", &app); err != nil {
		return "", fmt.Errorf("ask for the application id: %w", err)
	}
	p.ApplicationID = app.ID
	return app.ID, nil
}
