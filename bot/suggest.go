package bot

import "context"

// Suggest implements Handler.
func (b *Bot) Suggest(context.Context, Typing) []Choice { return nil }
