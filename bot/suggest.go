package bot

import (
	"context"
	"slices"
	"strings"
)

// choiceMost is how many characters a Choice may have.
const choiceMost = 100

// Suggest implements Handler. Where a command wants a topic it offers topics,
// where it wants a story stories, and to a search or a follower both.
func (b *Bot) Suggest(_ context.Context, t Typing) (out []Choice) {
	defer func() {
		if p := recover(); p != nil {
			b.o.Logger.Error("nothing was suggested", "command", t.Command, "option", t.Option, "text", t.Text, "err", p)
			out = nil
		}
	}()
	cmd, ok := find(b.o.Table, t.Command)
	if !ok {
		return nil
	}
	o, ok := cmd.option(t.Option)
	if !ok || !o.Suggest {
		return nil
	}
	if o.Name == "zone" {
		return zones(t.Text)
	}
	stories := o.Name != "topics" && o.Name != "topic" || cmd.Name == cmdFollow
	topics := o.Name != "id"
	// Of several topics with commas the last one is being typed.
	before, typed := "", t.Text
	if i := strings.LastIndexByte(typed, ','); i >= 0 && strings.HasPrefix(o.Name, "topic") {
		before, typed = typed[:i+1], typed[i+1:]
	}
	for _, s := range b.o.Desk.Suggest(strings.TrimSpace(typed), suggestionsRead) {
		c := Choice{Label: s.Text}
		switch {
		case s.Topic != "" && topics:
			c.Value = before + s.Topic
			if o.Name == "query" {
				c.Value = s.Text
			}
		case s.Story != "" && stories:
			c.Value = before + s.Story
			if o.Name == "query" {
				c.Value = cutWords(s.Text, choiceMost)
			}
		default:
			continue
		}
		c.Label = cutWords(c.Label, choiceMost)
		if len([]rune(c.Value)) > choiceMost || c.Label == "" {
			continue
		}
		if out = append(out, c); len(out) == ChoicesMost {
			break
		}
	}
	return slices.Clip(out)
}

// zones are the Zones whose continent or city begins with what is typed.
func zones(typed string) (out []Choice) {
	typed = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(typed), " ", "_"))
	for _, z := range Zones {
		_, city, _ := strings.Cut(strings.ToLower(z), "/")
		if len(out) < ChoicesMost && (strings.HasPrefix(strings.ToLower(z), typed) || strings.HasPrefix(city, typed)) {
			out = append(out, Choice{Label: z, Value: z})
		}
	}
	return out
}

// suggestionsRead is how many suggestions are asked for where only topics, or
// only stories, are of use.
const suggestionsRead = 4 * ChoicesMost

// cutWords keeps the first words of s that fit into n characters, and of a
// first word that is longer its beginning.
func cutWords(s string, n int) string {
	s = Clean(s, false, 4*n)
	rs := []rune(s)
	if len(rs) <= n {
		return s
	}
	cut := string(rs[:n])
	if i := strings.LastIndexByte(cut, ' '); i > 0 && rs[n] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut)
}
