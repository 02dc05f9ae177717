package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

// The words of Options.Managers, beside the IDs of user groups and persons.
const (
	Admins   = "admins"   // who administrates or owns the workspace
	Creator  = "creator"  // who made the channel
	Everyone = "everyone" // who asks there
)

const (
	// askedFor is how long what Slack said of a person or a group counts: who has
	// just lost a right has it for no longer.
	askedFor = time.Minute
	// askedMax bounds how many persons are remembered, and placesMax of how many
	// the channels, of which one may have thousands.
	askedMax  = 10_000
	placesMax = 500
)

// parseManagers checks a rule and puts first what needs no question, last what
// needs the most.
func parseManagers(rule []string) ([]string, error) {
	if len(rule) == 0 {
		rule = []string{Admins, Creator}
	}
	for _, who := range rule {
		if cost(who) < 0 {
			return nil, fmt.Errorf("slack: managers: %q: want admins, creator, everyone, the ID of a user group (S...) or of a person (U...)", who)
		}
	}
	rule = slices.Clone(rule)
	slices.SortStableFunc(rule, func(a, b string) int { return cmp.Compare(cost(a), cost(b)) })
	return slices.Compact(rule), nil
}

// administered reports whether the rule asks who administrates the workspace,
// so that the app may look at people.
func (o Options) administered() bool { return slices.Contains(o.Managers, Admins) }

// cost orders the entries of a rule; it is negative for what is none.
func cost(who string) int {
	switch {
	case who == Everyone:
		return 0
	case isUser(who):
		return 1
	case who == Creator:
		return 2
	case isGroup(who):
		return 3
	case who == Admins:
		return 4
	}
	return -1
}

// isGroup reports whether s is an id of a user group.
func isGroup(s string) bool {
	return len(s) >= 2 && len(s) <= 32 && s[0] == 'S' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// entitle lets the invocation ask what the person may do. In a direct message,
// which is the person's own, that is known.
func (p *Platform) entitle(inv *bot.Invocation) {
	if !inv.Manager {
		inv.Rights = rights{p, inv.Channel, inv.User}
	}
}

// Manages reports whether the rule names a person who is in the channel: only
// who asks there needs not be asked for that.
func (p *Platform) Manages(ctx context.Context, c bot.Channel, user string) (ok bool, why string) {
	return rights{p, c, user}.ask(ctx, "who manages a channel", func(w *workspace, ctx context.Context, channel, user string) (bool, error) {
		if in, err := w.member(ctx, channel, user, "public_channel", "private_channel"); !in {
			return false, err
		}
		return w.manages(ctx, channel, user)
	})
}

// Called is the name of a channel, with its #.
func (p *Platform) Called(ctx context.Context, c bot.Channel) (name string, err error) {
	err = p.in(ctx, c, func(w *workspace) error {
		ch, err := w.info(ctx, localID(c))
		if err == nil && ch.Name == "" {
			err = fmt.Errorf("slack does not say what channel %s is called", c)
		}
		if err == nil {
			name = "#" + ch.Name
		}
		return err
	})
	return name, err
}

// rights are those of one person in one channel. They are asked of Slack, with
// the token of the channel's workspace.
type rights struct {
	platform *Platform
	channel  bot.Channel
	user     string
}

var (
	_ bot.Rights  = rights{}
	_ bot.Steward = (*Platform)(nil)
)

// Manages reports whether the rule names the person. Where a part of the rule
// cannot be told and no other names them, it says why.
func (r rights) Manages(ctx context.Context) (ok bool, why string) {
	return r.ask(ctx, "who manages a channel", (*workspace).manages)
}

// Speaks reports whether the person may write in the channel: a member of one
// that is open to its members, or whom its posting permissions name. What a
// workspace's preference says of its general channel Slack tells no bot.
func (r rights) Speaks(ctx context.Context) (ok bool, why string) {
	return r.ask(ctx, "who may write in a channel", (*workspace).speaks)
}

// ask asks the channel's workspace about the person. An error is a no, and why
// is what the person is told of it; the log has the rest.
func (r rights) ask(ctx context.Context, what string, of func(w *workspace, ctx context.Context, channel, user string) (bool, error)) (ok bool, why string) {
	err := r.platform.in(ctx, r.channel, func(w *workspace) (err error) {
		ok, err = of(w, ctx, localID(r.channel), r.user)
		return err
	})
	if ok || err == nil {
		return ok, ""
	}
	r.platform.Logger.Warn("slack does not tell "+what+", so that somebody is refused", "channel", r.channel, "err", err)
	return false, untold(err)
}

// untold says in a clause for people why Slack does not tell something.
func untold(err error) string {
	var no *answerError
	if errors.As(err, &no) && no.needed != "" {
		return fmt.Sprintf("the app lacks the scope %s: install it again with what newsdesk manifest slack prints", no.needed)
	}
	if e, definite := asSendError(err); definite && e.Reason != "" {
		return strings.TrimSuffix(e.Reason, ".")
	}
	return "Slack does not answer: try again in a minute"
}

// manages goes through the rule until an entry names the person. The error is
// the first of the entries that cannot be told, where none does.
func (p *workspace) manages(ctx context.Context, channel, user string) (bool, error) {
	var untold error
	for _, who := range p.Managers {
		named, err := p.named(ctx, who, channel, user)
		if named {
			return true, nil
		}
		untold = cmp.Or(untold, err)
	}
	return false, untold
}

// named reports whether an entry of the rule means the person.
func (p *workspace) named(ctx context.Context, who, channel, user string) (bool, error) {
	switch {
	case who == Everyone:
		return true, nil
	case who == Creator:
		made, err := p.creator(ctx, channel)
		return err == nil && made == user, err
	case who == Admins:
		u, err := p.person(ctx, user)
		return err == nil && (u.admin || u.owner), err
	case isGroup(who):
		members, err := p.group(ctx, who)
		return err == nil && slices.Contains(members, user), err
	}
	return who == user, nil
}

func (p *workspace) speaks(ctx context.Context, channel, user string) (bool, error) {
	ch, err := p.info(ctx, channel)
	var no *answerError
	if errors.As(err, &no) && no.needed == "mpim:read" {
		return true, nil // several people's direct messages, of which nobody else has a button
	}
	if err != nil || ch.IsArchived {
		return false, err
	}
	// Only who is in a private channel has its buttons.
	if !ch.IsPrivate && !ch.IsGroup {
		if member, err := p.member(ctx, channel, user, "public_channel"); !member {
			return false, err
		}
	}
	var only slack.RestrictedTo
	if ch.Properties != nil {
		only = ch.Properties.PostingRestrictedTo
	}
	switch open := len(only.Type)+len(only.User) == 0; {
	case open && !ch.IsReadOnly, slices.Contains(only.Type, "everyone"), slices.Contains(only.User, user):
		return true, nil
	case open:
		only.Type = []string{"admin"} // read-only, and it is not told for whom
	case len(only.Type) == 0:
		return false, nil
	}
	u, err := p.person(ctx, user)
	return err == nil && u.among(only.Type), err
}

// channelPages bounds how many pages of a person's channels are read.
const channelPages = 5

// member reports whether the person is in the channel, which is of one of the
// types. A person has fewer channels than a channel has members.
func (p *workspace) member(ctx context.Context, channel, user string, types ...string) (bool, error) {
	q := &slack.GetConversationsForUserParameters{UserID: user, Types: types, Limit: 999, ExcludeArchived: true}
	for range channelPages {
		var page []slack.Channel
		err := p.client.call(ctx, methodChannels, func(ctx context.Context) (err error) {
			page, q.Cursor, err = p.client.api.GetConversationsForUserContext(ctx, q)
			return err
		})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(page, func(c slack.Channel) bool { return c.ID == channel }) {
			return true, nil
		}
		if q.Cursor == "" {
			return false, nil
		}
	}
	return false, fmt.Errorf("slack: %s: more than %d pages", methodChannels, channelPages)
}

// A person is what counts of one.
type person struct {
	admin, owner, guest bool
	locale              string // BCP 47
}

// among reports whether one of the types of people who may post means u. Slack
// documents none: "ra" and "regular" are taken for all but guests, and a type
// that is not known here for nobody.
func (u person) among(types []string) bool {
	return slices.ContainsFunc(types, func(kind string) bool {
		switch kind {
		case "admin":
			return u.admin || u.owner
		case "owner":
			return u.owner
		case "ra", "regular":
			return !u.guest
		}
		return false
	})
}

// person asks Slack about a person, or remembers. Somebody of another
// organisation has no office here.
func (p *workspace) person(ctx context.Context, user string) (person, error) {
	return p.asked.people.get(p.space+" "+user, func() (u person, err error) {
		var info *slack.User
		err = p.client.call(ctx, methodUser, func(ctx context.Context) (err error) {
			info, err = p.client.api.GetUserInfoContext(ctx, user)
			return err
		})
		if err != nil {
			return u, err
		}
		if info.Deleted || info.IsStranger || info.IsBot {
			return person{guest: true, locale: info.Locale}, nil
		}
		return person{locale: info.Locale, admin: info.IsAdmin, owner: info.IsOwner || info.IsPrimaryOwner, guest: info.IsRestricted || info.IsUltraRestricted}, nil
	})
}

// group asks Slack who is in a user group, or remembers. A group is of one
// workspace, and ids are of one in all of Slack: in a workspace where the app
// was installed, that of another has no members.
func (p *workspace) group(ctx context.Context, id string) (members []string, err error) {
	return p.asked.groups.get(p.space+" "+id, func() (members []string, err error) {
		err = p.client.call(ctx, methodGroup, func(ctx context.Context) (err error) {
			members, err = p.client.api.GetUserGroupMembersContext(ctx, id)
			return err
		})
		if p.space != platformName && hasCode(err, "no_such_subteam") {
			return nil, nil
		}
		return members, err
	})
}

// asked is what Slack said lately, by workspace and id.
type asked struct {
	people  recent[person]
	groups  recent[[]string]
	handles recent[map[string]string] // the user groups of a workspace, by handle
	places  recent[map[string]string] // the channels that a person is in, by id
}

func newAsked() *asked {
	return &asked{
		people: recent[person]{now: time.Now, most: askedMax}, groups: recent[[]string]{now: time.Now, most: askedMax},
		places: recent[map[string]string]{now: time.Now, most: placesMax}, handles: recent[map[string]string]{now: time.Now, most: placesMax},
	}
}

// recent remembers answers for askedFor, and no errors.
type recent[V any] struct {
	now  func() time.Time
	most int

	mu sync.Mutex
	of map[string]told[V]
}

type told[V any] struct {
	value V
	until time.Time
}

// get returns the answer of before, or that of ask.
func (r *recent[V]) get(key string, ask func() (V, error)) (V, error) {
	r.mu.Lock()
	known, ok := r.of[key]
	r.mu.Unlock()
	if ok && r.now().Before(known.until) {
		return known.value, nil
	}
	began := r.now()
	v, err := ask()
	if err != nil {
		return v, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil || len(r.of) >= r.most {
		r.of = map[string]told[V]{}
	}
	r.of[key] = told[V]{v, began.Add(askedFor)}
	return v, nil
}
