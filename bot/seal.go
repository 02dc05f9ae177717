package bot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"newsdesk/news"
)

// A sealed line is what a button asks that nobody can type: another page of an
// answer, to share it, or words that no button has room for. It reads
//
//	~ until "." proof "." verb page " " words
//	~ until "." proof "." verb page "=" key
//
// with until in seconds as a number of base 36, and the proof an HMAC over all
// else, the person and the channel. It holds all there is to know, but for words
// that would make it longer than LineMost: the Store keeps those under the key.
// So it works after a restart and on every replica.
const sealMark = "~"

// The verbs of sealed lines.
const (
	verbPage  = "p" // shows a page of the answer to words
	verbShare = "s" // shows it to everybody in the channel
	verbForm  = "f" // opens a form, and is what the form asks once it is filled in
	verbAsk   = "a" // asks the words
	verbTake  = "t" // takes the suggestion of that delivery, page 2 takes it back
)

const (
	// sealTime is how long a sealed line works: as long as the private message
	// with its button may stand on a screen.
	sealTime = 24 * time.Hour
	// keepTime is how long words are kept for it, by the engine's clock.
	keepTime = sealTime + time.Hour
	// keepMost is of how many bytes: more than anybody means.
	keepMost = 4000
	proofLen = 9  // bytes
	keyLen   = 12 // bytes
)

var proofs = base64.RawURLEncoding

// seal seals a line for one person in one channel.
func seal(secret []byte, line string, c Channel, user string, until time.Time) string {
	ends := strconv.FormatInt(until.Unix(), 36)
	return sealMark + ends + "." + proof(secret, ends+"."+line, c, user) + "." + line
}

// wordsKey is what words are kept under.
func wordsKey(secret []byte, words string) string {
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "words:%s", words)
	return proofs.EncodeToString(h.Sum(nil)[:keyLen])
}

// A sealer returns the sealed line of a button with that verb to that page,
// "" where there can be none: then the answer has no such button.
type sealer func(verb string, page int) string

// noSeal seals nothing: the buttons of others' answers are no use.
func noSeal(string, int) string { return "" }

// sealer makes the sealer of what inv was answered to these words. They are
// kept at most once, and only for a button, by keep.
func (b *Bot) sealer(ctx context.Context, inv Invocation, words string, keep func(key, words string) error) sealer {
	words = Clean(words, false, len(words)) // adapters take no less away: the proof would not fit
	kept := ""
	try := func(verb string, page int) (string, error) {
		secret, err := b.secret(ctx)
		if err != nil {
			return "", err
		}
		head, until := verb+strconv.Itoa(page), b.o.Now().Add(sealTime)
		line := seal(secret, strings.TrimSpace(head+" "+words), inv.here(), inv.User, until)
		if len(line) <= LineMost {
			return line, nil
		}
		if len(words) > keepMost {
			return "", fmt.Errorf("the question has %d bytes", len(words))
		}
		if kept == "" {
			key := wordsKey(secret, words)
			if err := keep(key, words); err != nil {
				return "", err
			}
			kept = key
		}
		return seal(secret, head+"="+kept, inv.here(), inv.User, until), nil
	}
	return func(verb string, page int) string {
		line, err := try(verb, page)
		if err != nil {
			b.o.Logger.Warn("an answer may lack a button to turn its pages, to share it or to ask on", "err", err)
		}
		return line
	}
}

// keep has the store keep words under a key.
func (b *Bot) keep(ctx context.Context, key, words string) error {
	ctx, cancel := context.WithTimeout(ctx, onceWait)
	defer cancel()
	return b.o.Store.Keep(ctx, key, words, keepTime)
}

// A keeping has the store keep the words of several buttons at the same time,
// while more of the answer is made. One goroutine asks it; wait ends it.
type keeping struct {
	b      *Bot
	ctx    context.Context
	asked  map[string]bool // keys
	wg     sync.WaitGroup
	mu     sync.Mutex
	failed map[string]error // by key
}

func (b *Bot) keeping(ctx context.Context) *keeping {
	return &keeping{b: b, ctx: ctx, asked: map[string]bool{}, failed: map[string]error{}}
}

// keep begins to keep words under a key, once.
func (k *keeping) keep(key, words string) error {
	if k.asked[key] {
		return nil
	}
	k.asked[key] = true
	k.wg.Go(func() {
		if err := k.b.keep(k.ctx, key, words); err != nil {
			k.b.o.Logger.Warn("an answer may lack a button", "err", err)
			k.mu.Lock()
			defer k.mu.Unlock()
			k.failed[key] = err
		}
	})
	return nil
}

// wait waits until the words are kept, and returns how to ask whether those of
// a sealed line could not be.
func (k *keeping) wait() func(line string) error {
	k.wg.Wait()
	return func(line string) error {
		if _, key, ok := strings.Cut(line, "="); ok && strings.HasPrefix(line, sealMark) {
			return k.failed[key]
		}
		return nil
	}
}

// short seals what the buttons ask that not every platform has room for.
// Where that cannot be they stay as they are.
func (b *Bot) short(ctx context.Context, buttons []Button, inv Invocation) {
	kept, lines := b.keeping(ctx), make([]string, len(buttons))
	for i, button := range buttons {
		if len(button.Line) > LineMost && !strings.HasPrefix(button.Line, sealMark) {
			lines[i] = b.sealer(ctx, inv, button.Line, kept.keep)(verbAsk, 1)
		}
	}
	lost := kept.wait()
	for i, line := range lines {
		if line != "" && lost(line) == nil {
			buttons[i].Line = line
		}
	}
}

func proof(secret []byte, body string, c Channel, user string) string {
	h := hmac.New(sha256.New, secret)
	for _, s := range []string{"button", string(c), user, body} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return proofs.EncodeToString(h.Sum(nil)[:proofLen])
}

// A sealed is a sealed line that was opened.
type sealed struct {
	verb  string
	page  int    // from 1
	words string // after /news
	key   string // what they are kept under, "" where they are there
	proof string
}

var (
	errForged  = errors.New("the button is not the bot's own")
	errExpired = errors.New("the button is too old")
)

// unseal reads a sealed line. Its error is errForged, or errExpired beside
// what the line asked once.
func unseal(secret []byte, line string, c Channel, user string, now time.Time) (sealed, error) {
	ends, rest, ok := strings.Cut(strings.TrimPrefix(line, sealMark), ".")
	given, words, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || !hmac.Equal([]byte(given), []byte(proof(secret, ends+"."+words, c, user))) {
		return sealed{}, errForged
	}
	until, err := strconv.ParseInt(ends, 36, 64)
	head, words, _ := strings.Cut(words, " ")
	head, key, _ := strings.Cut(head, "=")
	if err != nil || head == "" {
		return sealed{}, errForged
	}
	page, err := strconv.Atoi(head[1:])
	if err != nil || page < 1 || page > pagesMost {
		return sealed{}, errForged
	}
	s := sealed{verb: head[:1], page: page, words: words, key: key, proof: given}
	if now.After(time.Unix(until, 0)) {
		return s, errExpired
	}
	return s, nil
}

// secret returns the store's secret, which never changes: where several ask for
// it at first, all of them read the same.
func (b *Bot) secret(ctx context.Context) ([]byte, error) {
	b.mu.Lock()
	key := b.key
	b.mu.Unlock()
	if key != nil {
		return key, nil
	}
	ctx, cancel := context.WithTimeout(ctx, onceWait)
	defer cancel()
	key, err := b.o.Store.Secret(ctx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.key = key
	return key, nil
}

// open reads the sealed line of a pressed button; its errors are for people
// where the button is at fault.
func (b *Bot) open(ctx context.Context, inv Invocation) (sealed, error) {
	secret, err := b.secret(ctx)
	if err != nil {
		return sealed{}, fmt.Errorf("open a button: %w", err)
	}
	s, err := unseal(secret, inv.Line, inv.here(), inv.User, b.o.Now())
	if s.key != "" {
		words, kept := b.o.Store.Kept(ctx, s.key)
		switch {
		case kept == nil:
			s.words = words
		case errors.Is(kept, news.ErrNotFound) && err == nil:
			return s, &UsageError{Sentence: say("nobody knows any more what this button asks"), Hint: say("ask again")}
		case err == nil:
			return s, fmt.Errorf("open a button: %w", kept)
		}
	}
	switch {
	case errors.Is(err, errExpired) && s.verb == verbTake:
		return s, &UsageError{Sentence: say("this suggestion is too old"), Hint: say("/news settings in the channel shows what can be changed")}
	case errors.Is(err, errExpired):
		return s, &UsageError{Sentence: say("this button is more than a day old"), Hint: say("ask again"), Line: s.words}
	case err != nil:
		return s, &UsageError{Sentence: say("this is no button of mine"), Hint: say("nothing was changed; see /news help for what can be asked")}
	}
	return s, nil
}

// share notes that the answer of a sealed line is shared, which happens once.
// It is asked when the answer is there: one that could not be found was not
// shared.
func (b *Bot) share(ctx context.Context, s sealed) error {
	first, err := b.o.Store.Once(ctx, "share:"+s.proof, sealTime)
	if err == nil && !first {
		return &UsageError{Sentence: say("this was shared already"), Hint: say("it stands in the channel")}
	}
	return writing(err)
}
