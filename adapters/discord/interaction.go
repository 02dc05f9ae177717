package discord

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"newsdesk/bot"
)

// A question is an interaction with what discordgo does not read of it.
type question struct {
	*discordgo.Interaction
	thread    bool       // it was asked in a thread
	own       bool       // by the person's own installation, where the bot is not
	submitted submission // of a modal
	received  time.Time
}

// readQuestion reads an interaction as Discord sends it.
func readQuestion(event json.RawMessage, received time.Time) (question, error) {
	q := question{Interaction: &discordgo.Interaction{}, received: received}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(event, &fields); err != nil {
		return q, err
	}
	var kind discordgo.InteractionType
	if err := json.Unmarshal(fields["type"], &kind); err == nil && kind == discordgo.InteractionModalSubmit {
		// discordgo refuses components that it does not know, as these are.
		if err := json.Unmarshal(fields["data"], &q.submitted); err != nil {
			return q, err
		}
		fields["data"] = json.RawMessage("{}")
		var err error
		if event, err = json.Marshal(fields); err != nil {
			return q, err
		}
	}
	if err := json.Unmarshal(event, q.Interaction); err != nil {
		return q, err
	}
	var channel discordgo.Channel
	if err := json.Unmarshal(fields["channel"], &channel); err == nil {
		q.thread = channel.IsThread()
	}
	if data, ok := q.Data.(discordgo.ApplicationCommandInteractionData); ok {
		data.Options = present(data.Options)
		q.Data = data
	}
	_, byServer := q.AuthorizingIntegrationOwners[discordgo.ApplicationIntegrationGuildInstall]
	_, byPerson := q.AuthorizingIntegrationOwners[discordgo.ApplicationIntegrationUserInstall]
	q.own = byPerson && !byServer && q.Context != discordgo.InteractionContextBotDM
	return q, nil
}

// present drops options that are null, which no code below looks for.
func present(options []*discordgo.ApplicationCommandInteractionDataOption) []*discordgo.ApplicationCommandInteractionDataOption {
	options = slices.DeleteFunc(options, func(o *discordgo.ApplicationCommandInteractionDataOption) bool { return o == nil })
	for _, o := range options {
		o.Options = present(o.Options)
	}
	return options
}

// whispered reports whether the pressed button stands in a message that only
// the person sees.
func (q question) whispered() bool {
	return q.Message != nil && q.Message.Flags&discordgo.MessageFlagsEphemeral != 0
}

// speaker reports whether the person may write where the question was asked;
// what may be done in a direct message is the person's own. The permissions of
// an interaction are those in its channel, overwrites included:
// discord.com/developers/docs/resources/guild#guild-member-object.
func (q question) speaker() bool {
	write := int64(discordgo.PermissionSendMessages)
	if q.thread { // where Send Messages has no effect
		write = discordgo.PermissionSendMessagesInThreads
	}
	return q.Member == nil || q.Member.Permissions&(discordgo.PermissionAdministrator|write) != 0
}

// invocation reads a command, a pressed button or a filled in form; ok is false for anything else.
func invocation(i question) (inv bot.Invocation, ok bool) {
	inv = bot.Invocation{
		ID: i.ID, Channel: bot.Channel(platformName + ":" + i.ChannelID), Space: i.GuildID, Locale: string(i.Locale),
		Speaker: i.speaker(),
	}
	switch {
	case i.Member != nil && i.Member.User != nil:
		inv.User = i.Member.User.ID
		inv.Manager = i.Member.Permissions&(discordgo.PermissionAdministrator|managing) != 0
	case i.User != nil:
		inv.User = i.User.ID
		inv.Manager = i.GuildID == "" // a direct message is the person's own
	}
	if i.own {
		// The bot is not in that place: what is asked is the person's own, and
		// nothing there can be set or shown to others.
		inv.Channel, inv.Space, inv.Manager, inv.Speaker = bot.Person(platformName, inv.User), "", false, false
	}
	switch data := i.Data.(type) {
	case discordgo.ApplicationCommandInteractionData:
		given := data.Options
		if hasSubcommands(data.Name) {
			if len(given) != 1 || given[0].Type != discordgo.ApplicationCommandOptionSubCommand {
				return inv, false
			}
			inv.Call.Command, given = given[0].Name, given[0].Options
		}
		inv.Call.Options = values(given, i.GuildID)
		return inv, true
	case discordgo.ModalSubmitInteractionData:
		if inv.Line, ok = ButtonLine(i.submitted.CustomID); !ok || inv.Line == "" {
			inv.Line = bot.NoButton
		}
		inv.Fields = i.submitted.fields(i.GuildID)
		return inv, true
	case discordgo.MessageComponentInteractionData:
		if inv.Line, ok = ButtonLine(data.CustomID); !ok || inv.Line == "" {
			inv.Line = bot.NoButton
		}
		return inv, true
	}
	return inv, false
}

// hasSubcommands reports whether the options of a command stand in a subcommand.
func hasSubcommands(command string) bool { return command == deskCommand || command == channelCommand }

// values reads options as the words a person would type, in that server.
func values(options []*discordgo.ApplicationCommandInteractionDataOption, server string) map[string]string {
	if len(options) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, o := range options {
		switch v := o.Value.(type) {
		case string:
			out[o.Name] = strings.TrimSpace(v)
			if o.Type == discordgo.ApplicationCommandOptionRole {
				out[o.Name] = notEveryone(v, server)
			}
		case float64:
			out[o.Name] = strconv.FormatFloat(v, 'f', -1, 64)
		case nil:
		default:
			out[o.Name] = fmt.Sprint(v)
		}
	}
	return out
}
