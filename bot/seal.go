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
	"time"
)

// A sealed line is what a button asks that nobody can type: another page of an
// answer, or to share it. It reads
//
//	~ until "." proof "." verb page " " words
//
// with until in seconds as a number of base 36, and the proof an HMAC over all
// else, the person and the channel. It holds all there is to know, so that it
// works after a restart and on every replica. Before it is sealed the line is
// "~" verb page " " words.
const sealMark = "~"

// The verbs of sealed lines.
const (
	verbPage  = "p" // shows a page of the answer to words
	verbShare = "s" // shows it to everybody in the channel
	verbForm  = "f" // opens a form, and is what the form asks once it is filled in
)

const (
	// sealTime is how long a sealed line works: as long as the private message
	// with its button may stand on a screen.
	sealTime = 24 * time.Hour
	proofLen = 9 // bytes
)

var proofs = base64.RawURLEncoding

// unsealed writes a line to be sealed. It holds
// nothing that adapters or platforms take away: the proof would not fit.
func unsealed(verb string, page int, words string) string {
	return strings.TrimSpace(sealMark + verb + strconv.Itoa(page) + " " + Clean(words, false, len(words)))
}

// seal seals an unsealed line for one person in one channel.
func seal(secret []byte, line string, c Channel, user string, until time.Time) string {
	body := strconv.FormatInt(until.Unix(), 36) + "." + strings.TrimPrefix(line, sealMark)
	ends, words, _ := strings.Cut(body, ".")
	return sealMark + ends + "." + proof(secret, body, c, user) + "." + words
}

// Asked is what a button's line asks, as a person would type it after /news: of
// a sealed line, the words within.
func Asked(line string) string {
	if strings.HasPrefix(line, sealMark) {
		_, line, _ = strings.Cut(line, " ")
	}
	return line
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
	if err != nil || head == "" {
		return sealed{}, errForged
	}
	page, err := strconv.Atoi(head[1:])
	if err != nil || page < 1 || page > pagesMost {
		return sealed{}, errForged
	}
	s := sealed{verb: head[:1], page: page, words: words, proof: given}
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
	s, err := unseal(secret, inv.Line, inv.Channel, inv.User, b.o.Now())
	switch {
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

// sealAll seals the lines of buttons that want it; without the secret these
// buttons are left out, and the answer comes all the same.
func (b *Bot) sealAll(ctx context.Context, buttons []Button, inv Invocation) []Button {
	var out []Button
	for _, button := range buttons {
		if strings.HasPrefix(button.Line, sealMark) {
			secret, err := b.secret(ctx)
			if err != nil {
				b.o.Logger.Warn("the store does not answer; an answer has no buttons to turn its pages and to share it", "err", err)
				continue
			}
			button.Line = seal(secret, button.Line, inv.Channel, inv.User, b.o.Now().Add(sealTime))
		}
		out = append(out, button)
	}
	return out
}
