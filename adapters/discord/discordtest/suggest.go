package discordtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// A Choice is one that the person sees while typing.
type Choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Suggest types in the option Focus of v, whose text so far is among its
// Options, and returns the choices that the bot offers. It waits until the bot
// has registered the option as one with autocomplete: Discord asks about no
// other.
func (s *Server) Suggest(ctx context.Context, v Invocation) ([]Choice, error) {
	if !waitFor(ctx, func() bool { return s.reachable() && s.completes(v) }) {
		return nil, fmt.Errorf("no bot has registered an option %q with autocomplete", v.Focus)
	}
	s.mu.Lock()
	i := s.newInteraction(v)
	s.interactions[i.id] = i
	s.mu.Unlock()
	if _, err := s.ask(ctx, i); errors.Is(err, ErrNoReply) {
		return nil, errors.New("loading options failed")
	} else if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.choices, nil
}

// completes reports whether the option that v types in is registered so.
func (s *Server) completes(v Invocation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, raw := range s.commands {
		var c command
		if json.Unmarshal(raw, &c) != nil || c.Name != v.Command {
			continue
		}
		options := c.Options
		if v.Subcommand != "" {
			options = nil
			for _, o := range c.Options {
				if o.Name == v.Subcommand {
					options = o.Options
				}
			}
		}
		for _, o := range options {
			if o.Name == v.Focus {
				return o.Autocomplete
			}
		}
	}
	return false
}

// readChoices checks against discord.com/developers/docs/interactions/application-commands#autocomplete.
func readChoices(data json.RawMessage) ([]Choice, *refusal) {
	var d struct {
		Choices []Choice `json:"choices"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, malformed("data", "MODEL_TYPE_CONVERT", err.Error())
	}
	f := form{}
	if d.Choices == nil {
		f.add("data.choices", "BASE_TYPE_REQUIRED", "This field is required")
	}
	if len(d.Choices) > 25 {
		f.add("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	for n, c := range d.Choices {
		at := "data.choices." + strconv.Itoa(n)
		f.text(at+".name", c.Name, 1, 100)
		f.text(at+".value", c.Value, 1, 100)
	}
	if len(f.problems) > 0 {
		return nil, f.refusal()
	}
	return d.Choices, nil
}
