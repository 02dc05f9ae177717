package bot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"newsdesk/news"
)

// A Desk answers what people ask about the news. news.Desk is one.
type Desk interface {
	// Search returns one page of the stories that match.
	Search(ctx context.Context, q news.Query) (news.Result, error)
	// Story returns one story, or an error that is news.ErrNotFound.
	Story(ctx context.Context, id string) (news.Story, error)
	// Related returns up to n stories that are close to s, the closest first.
	Related(ctx context.Context, s news.Story, n int) ([]news.Story, error)
	// Trends returns up to n topics that make news in the last days, the most
	// surprising first; only the one called so, where topic is not empty.
	Trends(days, n int, topic string) []news.Trend
	// Suggest returns up to n completions of what is typed, from memory.
	Suggest(typed string, n int) []news.Suggestion
	// Past returns what stories were that turned since the given time, at most
	// ten days ago, from memory.
	Past(since time.Time) []news.Past
	// Sources returns every source with the state of its feeds.
	Sources(ctx context.Context) ([]news.SourceState, error)
}

// A Ledger is the part of a Store that commands read and write.
type Ledger interface {
	Once(ctx context.Context, key string, ttl time.Duration) (first bool, err error)
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	Suspensions(ctx context.Context) (map[Channel]Suspension, error)
	Resume(ctx context.Context, c Channel) error
	Delivery(ctx context.Context, id string) (Delivery, error)
	Retry(ctx context.Context, id string) error
	Enqueue(ctx context.Context, ds []Delivery) (added int, err error)
	Orders
	SaveSubscription(ctx context.Context, s Subscription) error
	DeleteSubscription(ctx context.Context, c Channel, id string) (bool, error)
	SaveVote(ctx context.Context, v Vote) error
	Votes(ctx context.Context, c Channel, since time.Time) ([]Vote, error)
	Secret(ctx context.Context) ([]byte, error)
	Keep(ctx context.Context, key, text string, ttl time.Duration) error
	Kept(ctx context.Context, key string) (string, error)
}

// Options make a Bot. Desk and Store are needed; zero values of the others
// have the defaults that stand beside them.
type Options struct {
	Desk    Desk
	Store   Ledger
	Table   []Command        // Table(); a command that the bot does not know is a failure
	Halted  func() []Halt    // platforms that refuse the bot; nil where nobody knows
	Now     func() time.Time // time.Now
	Logger  *slog.Logger     // slog.Default()
	Version string           // shown by status

	Book *Book // shared with the Dispatcher and the Deliverer; one of Store alone where nil
	// Check is that of the channel's Platform: what the bot lacks there. nil
	// where nobody knows.
	Check func(ctx context.Context, c Channel) []string
	// Manages is that of the channel's Platform where it is a Steward. nil where
	// nobody knows: then nobody does.
	Manages func(ctx context.Context, c Channel, user string) (ok bool, why string)
}

// A Bot answers people. It is a Handler, keeps no state of its own but the
// store's secret, and is safe for concurrent use.
type Bot struct {
	o      Options
	mu     sync.Mutex
	key    []byte            // the store's secret, once it was read
	charts map[string][]byte // what was drawn lately, by what it shows
}

// New makes a Bot.
func New(o Options) *Bot {
	if o.Table == nil {
		o.Table = Table()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Book == nil {
		o.Book = NewBook(o.Store, nil)
	}
	return &Bot{o: o}
}

const (
	// answerTime is how long finding an answer may take: a handful of round
	// trips to a store that takes two seconds for each.
	answerTime = 20 * time.Second
	// onceTime is how long a redelivered invocation is recognised: longer
	// than any platform redelivers.
	onceTime = time.Hour
	// onceWait is how long a store that does not answer may delay a person. One
	// that is slow is waited for: adapters announce the answer meanwhile, and a
	// question that comes twice would be answered twice.
	onceWait = 6 * time.Second
	// langWait is how long a store may take to say which language a channel speaks.
	langWait = time.Second
)

// A handler answers one command whose options are checked.
type handler func(b *Bot, ctx context.Context, q question) (Card, error)

var handlers = map[string]handler{
	cmdSearch:    (*Bot).search,
	cmdTop:       (*Bot).top,
	cmdStory:     (*Bot).story,
	cmdWhy:       (*Bot).why,
	cmdRelated:   (*Bot).related,
	cmdTrends:    (*Bot).trends,
	cmdTimeline:  (*Bot).timeline,
	cmdSources:   (*Bot).sources,
	cmdFollow:    (*Bot).follow,
	cmdUnfollow:  (*Bot).unfollow,
	cmdFollowing: (*Bot).following,
	cmdUseful:    (*Bot).useful,
	cmdNoise:     (*Bot).noise,
	cmdStatus:    (*Bot).status,
	cmdSubscribe: (*Bot).subscribe,
	cmdSettings:  (*Bot).settings,
	cmdEnd:       (*Bot).unsubscribe,
	cmdPause:     (*Bot).pause,
	cmdDigest:    (*Bot).digest,
	cmdResume:    (*Bot).resume,
	cmdRetry:     (*Bot).retry,
	cmdHelp:      (*Bot).help,
}

// A question is an invocation that was understood.
type question struct {
	Invocation
	lang    Lang
	options map[string]string
	page    int                             // of a list, from 1
	seal    sealer                          // of buttons that ask for more of the answer
	sealed  func(verb, words string) string // other words for a button; "" where there can be none
	now     time.Time
}

// Handle implements Handler. A person's mistake is answered with a sentence
// and a hint, anything else that goes wrong with a reference number that
// stands in the log beside the full error. A store that is down costs no
// answer, only the promise that a redelivered question is answered once.
func (b *Bot) Handle(ctx context.Context, inv Invocation) (Reply, bool) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	// A form that is wrong is told so as often as it comes, see answer.
	if len(inv.Fields) == 0 && b.twice(ctx, inv) {
		return Reply{}, false
	}
	l := b.lang(ctx, inv)
	r, err := b.answer(ctx, inv, l)
	if errors.Is(err, errTwice) {
		return Reply{}, false
	}
	if usage, ok := errors.AsType[*UsageError](err); ok {
		r = Reply{Card: MistakeCard(l, usage), Private: true, Asked: r.Asked}
	} else if err != nil {
		ref := reference()
		b.o.Logger.Error("a question was not answered", "reference", ref, "channel", inv.Channel, "user", inv.User,
			"line", inv.Line, "call", inv.Call, "err", err)
		r = Reply{Card: failed(l, ref, err), Private: true, Asked: r.Asked}
	}
	if r.Private {
		b.short(ctx, r.Card.Buttons, inv)
	}
	r.Card.Lang = l
	return r, true
}

// lang is the language of who asks, and of the channel where the platform does
// not tell it: a store that does not say at once how that is set now is not
// waited for.
func (b *Bot) lang(ctx context.Context, inv Invocation) Lang {
	if inv.Locale != "" {
		return LangOf(inv.Locale)
	}
	ctx, cancel := context.WithTimeout(ctx, langWait)
	defer cancel()
	orders, err := b.o.Book.standing(ctx)
	if err != nil {
		orders = b.o.Book.lately()
	}
	return channelLang(orders.of(inv.Channel), inv.Channel)
}

// errTwice reports that a form came again that was done.
var errTwice = errors.New("this came before")

// twice reports whether this is a redelivery.
func (b *Bot) twice(ctx context.Context, inv Invocation) bool {
	if inv.ID == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, onceWait)
	defer cancel()
	first, err := b.o.Store.Once(ctx, "inv:"+inv.Channel.Platform()+":"+inv.ID, onceTime)
	if err != nil {
		b.o.Logger.Warn("the store does not answer; a question may be answered twice", "channel", inv.Channel, "err", err)
		return false
	}
	return !first
}

// answer finds the command, checks that it is permitted, and runs it.
func (b *Bot) answer(ctx context.Context, inv Invocation, l Lang) (r Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &bug{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	r, page := Reply{Private: true, Asked: inv.Line}, 1
	call, typed := inv.Call, inv.Call.Command == "" && len(inv.Call.Options) == 0
	line, s := inv.Line, sealed{}
	if typed && strings.HasPrefix(line, sealMark) {
		s, err = b.open(ctx, inv)
		r.Asked = s.words
		if err != nil {
			return r, err
		}
		if s.verb == verbTake {
			r.Replace = true
			r.Card, err = b.take(ctx, inv, s, l)
			return r, err
		}
		line, page = s.words, s.page
		r.Replace, r.Private = s.verb == verbPage || s.verb == verbForm, s.verb != verbShare
	}
	if typed {
		if call, err = ParseLine(b.o.Table, line); err != nil {
			return r, err
		}
	}
	cmd, call, err := resolve(b.o.Table, call)
	if err != nil {
		return r, err
	}
	if cmd.Manager {
		ok, why := inv.Manages(ctx)
		switch {
		case why != "":
			return r, &UsageError{
				Sentence: say("%s is for people who manage this channel, and who does cannot be found out: %s", cmd.Title(), l.trouble(why)),
				Hint:     say("nothing was changed"),
			}
		case !ok:
			return r, &UsageError{
				Sentence: say("%s is for people who manage this channel", cmd.Title()),
				Hint:     say("ask one of them"),
			}
		}
		inv.Manager = true
	}
	h := handlers[cmd.Name]
	if h == nil {
		return r, &bug{fmt.Errorf("command %q stands in the table and has no handler", cmd.Name)}
	}
	for name, v := range inv.Fields {
		if s.verb != verbForm {
			return r, &UsageError{Sentence: say("this is no form of mine"), Hint: say("nothing was changed; see /news help for what can be asked")}
		}
		if o, _ := cmd.option(name); strings.TrimSpace(v) == "" {
			v = o.Empty
		}
		call.Options[name] = v
	}
	keep := func(key, words string) error { return b.keep(ctx, key, words) }
	if len(inv.Fields) > 0 {
		if r.Wrong = wrongFields(l, call.Options, inv.Fields); len(r.Wrong) > 0 {
			again := CallLine(b.o.Table, rightFields(call, r.Wrong))
			r.Card, r.Replace = wrongCard(l, r.Wrong, call.Options[optForm], b.sealer(ctx, inv, again, keep)(verbForm, 1)), false
			return r, nil
		}
		if b.twice(ctx, inv) {
			return r, errTwice
		}
		if cmd, call, err = resolve(b.o.Table, call); err != nil {
			return r, err
		}
	}
	q := question{inv, l, call.Options, page, noSeal, func(string, string) string { return "" }, b.o.Now()}
	kept := b.keeping(ctx)
	if r.Private {
		q.seal = b.sealer(ctx, inv, CallLine(b.o.Table, call), keep)
		q.sealed = func(verb, words string) string { return b.sealer(ctx, inv, words, kept.keep)(verb, 1) }
	}
	r.Card, err = h(b, ctx, q)
	lost := kept.wait()
	if err != nil {
		return r, err
	}
	if !r.Private {
		ok, why := inv.Speaks(ctx)
		switch {
		case why != "":
			return r, &UsageError{Sentence: say("who may write in this channel cannot be found out: %s", l.trouble(why)), Hint: say("nothing was shared")}
		case !ok:
			return r, &UsageError{Sentence: say("only who may write in this channel may share here"), Hint: say("nothing was shared")}
		}
		if err := b.share(ctx, s); err != nil {
			return r, err
		}
	}
	switch {
	case !r.Private:
		r.Card.Menu = nil
	case cmd.Shareable && len(r.Card.Sections)+len(r.Card.Facts) > 0 && inv.Space != "" && !inv.Home && (inv.Speaker || inv.Rights != nil):
		if line := q.seal(verbShare, page); line != "" {
			r.Card.Buttons = append(r.Card.Buttons, Button{Label: l.T("Share"), Line: line})
		}
	}
	r.Form, r.Card.Form = r.Card.Form, nil
	if r.Form != nil && lost(r.Form.Line) != nil {
		return r, fmt.Errorf("a form: %w", lost(r.Form.Line))
	}
	// A button whose line could not be sealed is left out.
	r.Card.Buttons = slices.DeleteFunc(r.Card.Buttons, func(b Button) bool { return b.Line == "" && b.URL == "" || lost(b.Line) != nil })
	return r, nil
}

// reference returns a number under which a person can ask about a failure.
func reference() string {
	var raw [4]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}
