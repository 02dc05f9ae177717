package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"newsdesk/bot"
)

// The App Home, a page that each person has: docs.slack.dev/surfaces/app-home.
//
// It lists the channels that the person is in, by users.conversations: one call
// in a minute and person, however many channels have orders, and none in a
// workspace without any. Of private channels Slack tells those that the bot is
// in, too. Public ones that the person is not in are left out, as a guest may
// not see them. Where a button is pressed it is asked again.

const (
	// docs.slack.dev/reference/views/home-tab-views
	homeBlocksMax = 100
	// homeTotal bounds the characters of its blocks' JSON. Slack takes 250 KB, and
	// a character has up to four bytes, or six where slack-go escapes it.
	homeTotal = 40_000
	// partSlots and partRoom are kept for each part that comes after one: a line
	// above it, its title, a list and its buttons.
	partSlots = 4
	partRoom  = 1000
	// homeWithin is how long a page may take to be drawn.
	homeWithin = time.Minute
	// homeTries is how often it is sent: to draw a page twice does no harm.
	homeTries = 3
	// homePrefix begins the id of the block of a page's buttons:
	// homePrefix number ":" the id of the channel that they ask in.
	homePrefix = idPrefix + "home:"
)

// A home is the page on which a button stands.
type home struct {
	line string // bot.Home.Line
	hash string // of the page as the person saw it, "" for whatever it is
}

// fromHome reads where a button of the page asks: ok is false for what stands
// elsewhere. The person's own direct messages are named by their mark alone.
func fromHome(c slack.InteractionCallback, a *slack.BlockAction) (at home, channel string, ok bool) {
	if c.View.Type != slack.VTHomeTab {
		return home{}, "", false
	}
	rest, _ := strings.CutPrefix(a.BlockID, homePrefix)
	if _, channel, _ = strings.Cut(rest, ":"); channel == "" {
		channel = bot.PersonMark + c.User.ID
	}
	return home{c.View.PrivateMetadata, c.View.Hash}, channel, true
}

// opensHome reads the event of somebody who opens their page.
func opensHome(e slackevents.EventsAPIEvent) (user string, at home, ok bool) {
	opened, is := e.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent)
	if !is || opened.Tab != "home" || !isUser(opened.User) {
		return "", home{}, false
	}
	if opened.View != nil {
		at.hash = opened.View.Hash
	}
	return opened.User, at, true
}

// drawHome draws the page within Slack's limits.
func drawHome(h bot.Home) slack.HomeTabViewRequest {
	v := slack.HomeTabViewRequest{Type: slack.VTHomeTab, CallbackID: formID, PrivateMetadata: h.Line}
	all := builder{left: homeTotal, slots: homeBlocksMax}
	for i, part := range h.Parts {
		part.Card.Image = ""         // as in every private answer
		rest := len(h.Parts) - i - 1 // which an answer of any length leaves room for
		b := builder{left: min(all.left-rest*partRoom, blocksTotal), slots: max(0, min(all.slots-rest*partSlots-1, blocksMax))}
		blocks := b.card(part.Card, "")
		if i > 0 && len(blocks) > 0 {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewDividerBlock())
			all.slots--
		}
		name(blocks, i, part.Channel)
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, blocks...)
		all.slots -= len(blocks)
		all.left -= size(blocks)
	}
	if len(v.Blocks.BlockSet) == 0 {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, plainSection(ellipsis, nil))
	}
	return v
}

// name writes into the ids of a part's buttons which channel they ask in, and
// makes them differ from those of other parts.
func name(blocks []slack.Block, part int, c bot.Channel) {
	id := localID(c)
	if _, direct := c.Person(); direct {
		id = ""
	}
	for _, block := range blocks {
		actions, ok := block.(*slack.ActionBlock)
		if !ok {
			continue
		}
		actions.BlockID = homePrefix + strconv.Itoa(part) + ":" + id
		for _, e := range actions.Elements.ElementSet {
			if b, ok := e.(*slack.ButtonBlockElement); ok {
				b.ActionID = idPrefix + strconv.Itoa(part) + "." + strings.TrimPrefix(b.ActionID, idPrefix)
			}
		}
	}
}

// visited draws the page of somebody who opened it. Where another was drawn since
// they did, that is the newer one.
func (p *Platform) visited(ctx context.Context, h bot.Handler, team, user string, on home) {
	ctx, cancel := context.WithTimeout(ctx, homeWithin)
	defer cancel()
	at, err := p.located(ctx, team)
	if err == nil {
		err = p.receives(ctx, h, at.space, user, on, nil, "")
	}
	if err != nil && !hasCode(err, "hash_conflict") {
		p.Logger.Warn("a person's Home was not drawn", "team", firstLine(team), "err", err)
	}
}

// replied answers a question from the page: by a form, or on the page drawn
// anew. Where that cannot be, by direct message, with no buttons: they are good
// for the page alone.
func (p *Platform) replied(ctx context.Context, h bot.Handler, q question, at *workspace, r bot.Reply, received time.Time) {
	ctx, cancel := context.WithTimeout(ctx, homeWithin)
	defer cancel()
	if r.Form != nil && q.trigger != "" && p.opens(ctx, q, at, *r.Form, received) {
		return
	}
	user, asked := q.invocation.User, bot.In(at.space, localID(q.invocation.Channel))
	err := p.receives(ctx, h, at.space, user, *q.home, &r.Card, asked)
	if hasCode(err, "hash_conflict") {
		q.home.hash = ""
		err = p.receives(ctx, h, at.space, user, *q.home, &r.Card, asked)
	}
	if err == nil {
		return
	}
	p.Logger.Warn("an answer could not be shown on a person's Home; it is sent as a direct message", "channel", asked, "err", err)
	me, card := bot.Person(at.space, user), r.Card
	card.Buttons, card.Menu = nil, nil
	if _, err := p.Post(ctx, bot.Post{Key: bot.DeliveryID(me, "home", q.invocation.ID), Channel: me, Card: card}); err != nil {
		p.Logger.Error("the answer did not reach slack", "channel", asked, "err", err)
	}
}

// receives has the bot make a person's page, and draws it.
func (p *Platform) receives(ctx context.Context, h bot.Handler, space, user string, on home, answer *bot.Card, asked bot.Channel) error {
	host, ok := h.(bot.Host)
	if !ok {
		return errors.New("the bot has no page for people")
	}
	page := host.Home(ctx, bot.Visit{
		Space: space, User: user, Locale: p.locale(ctx, space, user), Line: on.line, Answer: answer, Asked: asked,
		Sees: func(ctx context.Context) (names map[bot.Channel]string, why string) {
			return p.sees(ctx, space, user)
		},
		Rights: func(c bot.Channel) bot.Rights { return rights{p, c, user} },
	})
	v := drawHome(page)
	for tries := 1; ; tries++ {
		err := p.in(ctx, bot.Person(space, user), func(w *workspace) error { return w.publish(ctx, user, v, on.hash) })
		e, definite := asSendError(err)
		if err == nil || tries == homeTries || definite && (e.Outcome != bot.Throttled || e.RetryAfter > busyWait) {
			return err
		}
		wait := time.Duration(tries) * answerAgain
		if definite {
			wait = max(wait, e.RetryAfter)
		}
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// publish makes one views.publish request.
func (p *workspace) publish(ctx context.Context, user string, v slack.HomeTabViewRequest, hash string) error {
	req := slack.PublishViewContextRequest{UserID: user, View: v}
	if hash != "" {
		req.Hash = &hash
	}
	return p.client.call(ctx, methodPublish, func(ctx context.Context) error {
		_, err := p.client.api.PublishViewContext(ctx, req)
		return err
	})
}

// sees returns the channels of a space that a person is in, as far as the bot may
// tell them of, by name; why is a clause for people where Slack does not tell.
func (p *Platform) sees(ctx context.Context, space, user string) (names map[bot.Channel]string, why string) {
	var in map[string]string
	err := p.in(ctx, bot.Person(space, user), func(w *workspace) (err error) {
		in, err = w.channelsOf(ctx, user)
		return err
	})
	if err != nil {
		p.Logger.Warn("slack does not tell which channels a person is in", "space", space, "err", err)
		return nil, untold(err)
	}
	names = make(map[bot.Channel]string, len(in))
	for id, name := range in {
		names[bot.In(space, id)] = name
	}
	return names, ""
}

// channelsOf asks Slack which channels a person is in, or remembers. Of one with
// more than five pages of them the rest is left out.
func (p *workspace) channelsOf(ctx context.Context, user string) (map[string]string, error) {
	return p.asked.places.get(p.space+" "+user, func() (map[string]string, error) {
		in := map[string]string{}
		q := &slack.GetConversationsForUserParameters{UserID: user, Types: []string{"public_channel", "private_channel"}, Limit: 999, ExcludeArchived: true}
		for range channelPages {
			var page []slack.Channel
			err := p.client.call(ctx, methodChannels, func(ctx context.Context) (err error) {
				page, q.Cursor, err = p.client.api.GetConversationsForUserContext(ctx, q)
				return err
			})
			if err != nil {
				return nil, err
			}
			for _, c := range page {
				p.remember(&c)
				in[c.ID] = "#" + cmp.Or(firstLine(c.Name), c.ID)
			}
			if q.Cursor == "" {
				break
			}
		}
		return in, nil
	})
}

// strange is the answer to a person who asks from their page about a channel that
// they are not in any more, or of which that cannot be told; ok is false for others.
func (p *Platform) strange(ctx context.Context, space string, inv bot.Invocation) (r bot.Reply, ok bool) {
	if _, direct := inv.Channel.Person(); direct {
		return r, false
	}
	names, why := p.sees(ctx, space, inv.User)
	if why == "" && names[inv.Channel] != "" {
		return r, false
	}
	return bot.Reply{Card: bot.GoneCard(inv.Locale, why), Private: true}, true
}

// locale is a person's own, "" where the app has no scope to ask for it.
func (p *Platform) locale(ctx context.Context, space, user string) (locale string) {
	if !p.administered() {
		return ""
	}
	err := p.in(ctx, bot.Person(space, user), func(w *workspace) error {
		u, err := w.person(ctx, user)
		locale = u.locale
		return err
	})
	if err != nil {
		p.Logger.Debug("a person's language is not known", "err", fmt.Sprint(err))
	}
	return locale
}
