package discord

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/bwmarrin/discordgo"
)

// A scope is where commands are registered: in all servers and direct
// messages, or in one server, where they appear at once.
type scope struct{ app, guild string }

func (s scope) endpoint() string {
	if s.guild != "" {
		return discordgo.EndpointApplicationGuildCommands(s.app, s.guild)
	}
	return discordgo.EndpointApplicationGlobalCommands(s.app)
}

// commands are those of the table, for this scope.
func (s scope) commands(all []*discordgo.ApplicationCommand) []*discordgo.ApplicationCommand {
	if s.guild == "" {
		return all
	}
	var out []*discordgo.ApplicationCommand
	for _, c := range all {
		here := *c
		here.Contexts, here.IntegrationTypes = nil, nil // only a command of all servers has them
		out = append(out, &here)
	}
	return out
}

// register makes Discord's commands those of the table: in the servers that
// Guilds names, or in all where it names none. In a server that has both a
// person would see each command twice, so those of the other kind go.
func (p *Platform) register(ctx context.Context) error {
	if len(p.Commands) == 0 {
		return nil
	}
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	want := Commands(p.Commands)
	if len(p.Guilds) == 0 {
		return p.registerIn(ctx, scope{app: app}, want)
	}
	for _, g := range p.Guilds {
		if in := p.registerIn(ctx, scope{app, g}, want); in != nil {
			err = errors.Join(err, fmt.Errorf("in server %s: %w", g, in))
		}
	}
	return errors.Join(err, p.registerIn(ctx, scope{app: app}, nil))
}

// sweepMost is how many servers are looked through for commands that are not
// theirs any more: each costs a request that posts wait for.
const sweepMost = 100

// sweep withdraws the commands of servers that Guilds does not name any more,
// once the gateway has told which servers there are.
func (p *Platform) sweep(ctx context.Context) error {
	app, err := p.application(ctx)
	if err != nil {
		return err
	}
	joined, _ := p.known.joined()
	joined = slices.DeleteFunc(joined, func(g string) bool { return slices.Contains(p.Guilds, g) })
	if len(joined) > sweepMost {
		p.Logger.Info("the bot is in too many servers to look for commands that were registered in one alone", "servers", len(joined))
		return nil
	}
	for _, g := range joined {
		if err := p.registerIn(ctx, scope{app, g}, nil); err != nil {
			return fmt.Errorf("in server %s: %w", g, err)
		}
	}
	return nil
}

// registerIn makes the commands of a scope those of want. What is the same is
// left alone, as only two hundred new ones a day are allowed, and every write
// makes people's apps load the command again:
// discord.com/developers/docs/interactions/application-commands#registering-a-command.
func (p *Platform) registerIn(ctx context.Context, in scope, want []*discordgo.ApplicationCommand) error {
	want = in.commands(want)
	var have []*discordgo.ApplicationCommand
	if err := p.client.get(ctx, in.endpoint()+"?with_localizations=true", &have); err != nil {
		return fmt.Errorf("read the registered commands: %w", err)
	}
	gone, changed := difference(in.commands(have), want) // of the same fields
	for _, w := range append(gone, changed...) {
		endpoint := in.endpoint()
		if w.id != "" {
			endpoint += "/" + w.id
		}
		_, err := p.client.do(ctx, request{method: w.method, endpoint: endpoint, body: w.body, patience: findPatience})
		if w.method == http.MethodDelete && hasCode(err, codeUnknownCommand) {
			err = nil // gone is gone
		}
		if err != nil {
			return fmt.Errorf("register the command %s: %w", w.name, err)
		}
		p.Logger.Info("a command was registered with discord, or withdrawn", "command", w.name, "method", w.method, "server", in.guild)
	}
	return nil
}

// A write is one change of a registered command. Repeating it is harmless: a
// name that exists is replaced.
type write struct {
	method, name, id string
	body             any
}

// entryPoint is the type of the command that opens an activity, which Discord
// makes and this bot leaves alone.
const entryPoint = 4

// difference returns what makes have want: first what goes, so that there is
// room, then what changes and what is new.
func difference(have, want []*discordgo.ApplicationCommand) (gone, changed []write) {
	find := func(in []*discordgo.ApplicationCommand, c *discordgo.ApplicationCommand) *discordgo.ApplicationCommand {
		i := slices.IndexFunc(in, func(o *discordgo.ApplicationCommand) bool { return o.Name == c.Name && o.Type == c.Type })
		if i < 0 {
			return nil
		}
		return in[i]
	}
	for _, h := range have {
		if h.Type != entryPoint && find(want, h) == nil {
			gone = append(gone, write{method: http.MethodDelete, name: h.Name, id: h.ID})
		}
	}
	for _, w := range want {
		h := find(have, w)
		switch {
		case h == nil:
			changed = append(changed, write{method: http.MethodPost, name: w.Name, body: commandTree(w)})
		case !bytes.Equal(mustJSON(commandTree(h)), mustJSON(commandTree(w))):
			changed = append(changed, write{method: http.MethodPatch, name: w.Name, id: h.ID, body: edited(commandTree(h), commandTree(w))})
		}
	}
	return gone, changed
}

// edited is the body that makes have want: what have has and want has not is
// named, since a field that is left out stays as it was.
func edited(have, want map[string]any) map[string]any {
	body := map[string]any{}
	for name := range have {
		if body[name] = nil; name == "options" {
			body[name] = []any{}
		}
	}
	for name, v := range want {
		body[name] = v
	}
	delete(body, "type") // it cannot be changed
	return body
}

// commandJSON writes commands as a developer gives them, with those fields
// alone that are set.
func commandJSON(commands []*discordgo.ApplicationCommand) json.RawMessage {
	tree := []any{}
	for _, c := range commands {
		tree = append(tree, commandTree(c))
	}
	return mustJSON(tree)
}

// assigned are the fields that Discord gives, and those that are of the past.
var assigned = []string{"id", "application_id", "guild_id", "version", "default_permission", "dm_permission", "nsfw"}

// commandTree is a command without what is empty and what Discord assigns, so
// that two are alike where they make no difference.
func commandTree(c *discordgo.ApplicationCommand) map[string]any {
	var tree map[string]any
	if err := json.Unmarshal(mustJSON(c), &tree); err != nil {
		panic(err)
	}
	for _, name := range assigned {
		delete(tree, name)
	}
	for _, name := range []string{"contexts", "integration_types"} { // sets, in whatever order
		list, _ := tree[name].([]any)
		slices.SortFunc(list, func(a, b any) int { return cmp.Compare(a.(float64), b.(float64)) })
	}
	// Discord takes a number by its own description, and returns a string.
	if bits, ok := tree[permissionsKey].(string); ok {
		tree[permissionsKey] = json.Number(bits)
	}
	tree, _ = stripped(tree).(map[string]any)
	return tree
}

const permissionsKey = "default_member_permissions"

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // a choice that is neither string nor number: none of ours
	}
	return raw
}

// stripped drops empty values.
func stripped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			switch value = stripped(value); {
			case value == nil, value == false:
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
