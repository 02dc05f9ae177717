package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"newsdesk/bot"
)

// A commandRequest is the body of POST /api/command.
type commandRequest struct {
	Text    string      `json:"text"`    // "/news deepseek", or the words after /news alone
	User    string      `json:"user"`    // "web" where empty
	Channel bot.Channel `json:"channel"` // the first of the preview's where empty
	ID      string      `json:"id"`      // the same twice is answered once; random where empty
	Draw    bool        `json:"draw"`    // the answer brings HTML for the preview page
	Pressed string      `json:"pressed"` // the ID of the answer whose button was pressed; none where empty
	// Fields are the values of a form that was filled in; Text is its line.
	Fields map[string]string `json:"fields"`
}

// A commandAnswer is the answer of POST /api/command.
type commandAnswer struct {
	Private  bool     `json:"private"`  // otherwise it stands in the channel, for all to see
	Replaces bool     `json:"replaces"` // it takes the place of the answer whose button was pressed
	Card     cardJSON `json:"card"`
	Text     string   `json:"text"` // the card as plain text
	// Form is to be filled in; Card says what to do without it.
	Form *formJSON `json:"form,omitempty"`
	// Errors say what is wrong with Fields, where anything is: then nothing was
	// done. Card says the same.
	Errors  []errorJSON `json:"errors,omitempty"`
	Drawing *drawing    `json:"drawing,omitempty"`
}

// The longest texts of a command, in bytes.
const (
	maxLine = 1000
	maxName = 100 // a user's, or an id's
)

// idPrefix begins the ID of an answer, which no delivery's key does.
const idPrefix = "web-"

// command answers one command. The web's people are its operators: each
// manages every channel.
func (s *Server) command(w http.ResponseWriter, r *http.Request) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return &mistake{http.StatusUnsupportedMediaType, "send the command as JSON, with Content-Type: application/json"}
	}
	var req commandRequest
	if err := readJSON(w, r, &req); err != nil {
		return err
	}
	inv, err := s.invocation(req)
	if err != nil {
		return err
	}
	inv.Locale = firstLanguage(r.Header.Get("Accept-Language"))
	h := s.running()
	if h == nil {
		return &mistake{http.StatusServiceUnavailable, "the bot is still starting: try again in a moment"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), commandTimeout)
	defer cancel()
	reply, ok := h.Handle(ctx, inv)
	if !ok {
		return &mistake{http.StatusConflict, fmt.Sprintf("the command with id %q was answered before: use a new id to ask again", inv.ID)}
	}
	answer := commandAnswer{Private: reply.Private || reply.Replace, Card: newCardJSON(reply.Card), Form: newFormJSON(reply.Form), Text: plain(reply.Card)}
	for _, w := range reply.Wrong {
		answer.Errors = append(answer.Errors, errorJSON(w))
	}
	answer.Replaces = reply.Replace && req.Pressed != "" && !s.board.has(inv.Channel, bot.MessageID(req.Pressed))
	asked := strings.TrimSpace("/news " + reply.Asked)
	if !answer.Private {
		s.board.add(inv.Channel, message{ID: bot.MessageID(inv.ID), Card: reply.Card, At: s.o.Now(), Asked: asked})
	}
	if req.Draw {
		v := view{ID: inv.ID, At: s.o.Now(), Asked: asked, Private: answer.Private}
		d, err := v.draw(reply.Card, "")
		if err != nil {
			return err
		}
		answer.Drawing = &d
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// readJSON reads one JSON object of at most maxBody bytes.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.Join(err, errors.New("something follows the object"))
	} else if errors.Is(err, io.EOF) {
		err = errors.New("it is empty")
	}
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return &mistake{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is too long: at most %d bytes, please", maxBody)}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return badRequest("%q is a %s in the body: want a %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return badRequest(`the body is not the JSON that is expected, such as {"text":"/news deepseek"}: %v`, err)
}

// invocation checks a request and turns it into what a handler understands.
func (s *Server) invocation(req commandRequest) (bot.Invocation, error) {
	none := bot.Invocation{}
	line, err := words(req.Text)
	if err != nil {
		return none, err
	}
	if err := checkFields(req.Fields); err != nil {
		return none, err
	}
	if req.Channel == "" {
		req.Channel = s.o.Channels[0]
	}
	if err := checkChannel(req.Channel); err != nil {
		return none, badRequest("%v", err)
	}
	if req.User == "" {
		req.User = webUser
	}
	if req.ID == "" {
		req.ID = rand.Text()
	}
	if len(req.User) > maxName || len(req.ID) > maxName || len(req.Pressed) > maxName+len(idPrefix) {
		return none, badRequest("user, id and pressed may have up to %d bytes", maxName)
	}
	if err := checkChannel(bot.Person("web", req.User)); err != nil { // where what they follow would go
		return none, badRequest("user %q: it may have up to %d letters, digits, dots, dashes and underscores", req.User, maxChannelName)
	}
	return bot.Invocation{ID: idPrefix + req.ID, Channel: req.Channel, User: req.User, Space: "web", Manager: true, Speaker: true, Line: line, Fields: req.Fields}, nil
}

// commandNames are what a command may begin with: /news everywhere, and what
// Discord has beside it, where the same words follow.
var commandNames = []string{"/news", "/desk", "/desk-channel"}

// words returns what follows /news, or another of Discord's commands.
func words(text string) (string, error) {
	if len(text) > maxLine {
		return "", badRequest("text is %d bytes long: at most %d, please", len(text), maxLine)
	}
	if !utf8.ValidString(text) {
		return "", badRequest("text is not UTF-8")
	}
	text = strings.Join(strings.Fields(text), " ")
	if !strings.HasPrefix(text, "/") {
		if text == "" {
			return "", badRequest(`text is empty: want a command, as in {"text":"/news deepseek"}`)
		}
		return text, nil
	}
	first, rest, _ := strings.Cut(text, " ")
	if first = strings.ToLower(first); !slices.Contains(commandNames, first) {
		return "", badRequest("%s is no command here: commands begin with /news, as in /news help", first)
	}
	return rest, nil
}

// firstLanguage is the language that an Accept-Language header prefers.
func firstLanguage(h string) string {
	tag, _, _ := strings.Cut(h, ",")
	tag, _, _ = strings.Cut(tag, ";")
	if tag = strings.TrimSpace(tag); tag == "*" || len(tag) > 35 {
		return ""
	}
	return tag
}
