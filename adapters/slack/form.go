package slack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"newsdesk/bot"
)

const (
	// docs.slack.dev/reference/views/modal-views
	modalTextMax = 24 // of its title and its buttons
	metadataMax  = 3000
	// docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
	writtenMax = 3000
	// docs.slack.dev/reference/block-kit/blocks/input-block
	inputLabelMax = 2000
	// fieldErrorMax is of our own: Slack names no limit, and a sentence or two
	// is all there is.
	fieldErrorMax = 500
)

// formID marks and dates the form of our modals.
const formID = idPrefix + "form"

// A matter is what a modal is about. Slack keeps it beside the modal, tells
// nobody but the bot, and gives it back with what was filled in.
type matter struct {
	Line    string `json:"line"`
	Channel string `json:"channel"`
	// URL takes the answer for half an hour from the question on, where there is
	// one, and Whispered says that it may replace the private message below.
	URL       string `json:"url,omitempty"`
	Whispered bool   `json:"whispered,omitempty"`
	Home      string `json:"home,omitempty"` // the line of the page that it was asked on, where that was one
}

// drawForm draws a form as a modal; ok is false where Slack would not take it.
func drawForm(f bot.Form, m matter) (v slack.ModalViewRequest, ok bool) {
	v = slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formID, PrivateMetadata: string(encode(m)),
		Title: plainObject(text(f.Title, plainText, modalTextMax)), Submit: plainObject(text(f.Submit, plainText, modalTextMax)),
	}
	if v.Title.Text == "" || v.Submit.Text == "" || len(f.Fields) == 0 || length(v.PrivateMetadata) > metadataMax {
		return v, false
	}
	for _, field := range f.Fields {
		name := text(cmp.Or(field.Label, field.Name), plainText, inputLabelMax)
		e, required, ok := drawField(field)
		if !ok || name == "" {
			return v, false
		}
		b := slack.NewInputBlock(field.Name, plainObject(name), nil, e)
		b.Optional = !required
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b)
	}
	return v, true
}

// drawField draws where a value is written or chosen. Of one of several one is
// chosen always; all else may be empty. What is suggested is chosen where it is
// every value that there is, as with topics, and written where others may be
// named, as with time zones: a select of Slack takes no text.
func drawField(f bot.Field) (e slack.BlockElement, required, ok bool) {
	if f.Suggest && f.Many {
		return drawSuggested(f)
	}
	if len(f.Choices) == 0 {
		w := slack.NewPlainTextInputBlockElement(nil, f.Name)
		if w.InitialValue = f.Value; length(f.Value) > writtenMax {
			return nil, false, false
		}
		if hint := text(f.Hint, plainText, placeholderMax); hint != "" {
			w.Placeholder = plainObject(hint)
		}
		return w, false, true
	}
	values := strings.Split(f.Value, ",")
	var options, chosen []*slack.OptionBlockObject
	for _, c := range f.Choices {
		name := text(cmp.Or(c.Label, c.Value), plainText, optionMax)
		if name == "" || c.Value == "" || length(c.Value) > optionValueMax || len(options) == optionsMax {
			return nil, false, false
		}
		o := slack.NewOptionBlockObject(c.Value, plainObject(name), nil)
		options = append(options, o)
		if slices.Contains(values, c.Value) {
			chosen = append(chosen, o)
		}
	}
	if f.Many {
		s := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, nil, f.Name, options...)
		s.InitialOptions = chosen
		return s, false, true
	}
	s := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, f.Name, options...)
	if len(chosen) > 0 {
		s.InitialOption = chosen[0]
	}
	return s, len(chosen) > 0, true
}

// drawSuggested draws a menu of many choices, which is asked for as it is opened.
func drawSuggested(f bot.Field) (e slack.BlockElement, required, ok bool) {
	id, atOnce := menuPrefix+f.Command+":"+f.Name, 0
	if len(f.Chosen) > optionsMax || len(id) > actionIDMax {
		return nil, false, false
	}
	s := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeExternal, nil, id)
	s.MinQueryLength = &atOnce
	if hint := text(f.Hint, plainText, placeholderMax); hint != "" {
		s.Placeholder = plainObject(hint)
	}
	for _, c := range f.Chosen {
		name := text(cmp.Or(c.Label, c.Value), plainText, optionMax)
		if name == "" || c.Value == "" || length(c.Value) > optionValueMax {
			return nil, false, false
		}
		s.InitialOptions = append(s.InitialOptions, slack.NewOptionBlockObject(c.Value, plainObject(name), nil))
	}
	return s, false, true
}

// opens opens a form as the answer to a question, and reports whether that was
// done. A trigger is good for three seconds.
func (p *Platform) opens(ctx context.Context, q question, at *workspace, f bot.Form, received time.Time) bool {
	m := matter{Line: f.Line, Channel: q.invocation.Channel.ID(), URL: q.responseURL, Whispered: q.whispered}
	if q.home != nil {
		m.Home = cmp.Or(q.home.line, bot.HomeLine)
	}
	v, ok := drawForm(f, m)
	if !ok {
		p.Logger.Warn("slack would not take a form", "title", f.Title)
		return false
	}
	ctx, cancel := context.WithDeadline(ctx, received.Add(ackTime))
	defer cancel()
	err := p.in(ctx, bot.In(at.space, localID(q.invocation.Channel)), func(w *workspace) error {
		return w.client.call(ctx, methodView, func(ctx context.Context) error {
			_, err := w.client.api.OpenViewContext(ctx, q.trigger, v)
			return err
		})
	})
	if err != nil {
		p.Logger.Info("a form was not opened; its card is sent", "channel", q.invocation.Channel, "err", err)
	}
	return err == nil
}

// fromForm reads what was filled in; ok is false for modals of somebody else.
// A modal with the same values is one question, however often it is submitted;
// one that was kept open is another once something in it was mended.
func fromForm(c slack.InteractionCallback) (question, bool) {
	var m matter
	if c.Type != slack.InteractionTypeViewSubmission || c.View.CallbackID != formID ||
		json.Unmarshal([]byte(c.View.PrivateMetadata), &m) != nil || m.Channel == "" || c.View.State == nil {
		return question{}, false
	}
	q := question{responseURL: m.URL, whispered: m.Whispered, submitted: true, invocation: bot.Invocation{
		ID:      "view:" + c.View.ID,
		Channel: bot.Channel(platformName + ":" + m.Channel),
		User:    c.User.ID, Space: c.Team.ID,
		Line: cmp.Or(m.Line, bot.NoButton), Fields: map[string]string{}, Home: m.Home != "",
	}, team: c.Team.ID}
	if m.Home != "" {
		q.home = &home{line: m.Home} // it may have been drawn anew meanwhile
	}
	for name, block := range c.View.State.Values {
		var values []string
		for _, a := range block { // one alone
			values = []string{cmp.Or(a.Value, a.SelectedOption.Value)}
			for i, o := range a.SelectedOptions {
				values = append(values[:i], o.Value)
			}
		}
		q.invocation.Fields[name] = strings.TrimSpace(typed(strings.Join(values, ",")))
	}
	said := sha256.Sum256(encode(q.invocation.Fields)) // whose keys are in order
	q.invocation.ID += ":" + base64.RawURLEncoding.EncodeToString(said[:9])
	return q.placed(m.Channel), true
}

// A stay keeps a modal open and says at its fields what is wrong:
// docs.slack.dev/surfaces/modals#displaying_errors.
type stay struct {
	Action string            `json:"response_action"`
	Errors map[string]string `json:"errors"` // by block_id
}

func stayWith(wrong []bot.Wrong) stay {
	s := stay{"errors", map[string]string{}}
	for _, w := range wrong {
		s.Errors[w.Field] = text(w.Text, plainText, fieldErrorMax)
	}
	return s
}

// whisper sends an answer to one person in a channel, where the question has no
// response_url any more.
func (p *Platform) whisper(ctx context.Context, q question, at *workspace, a answer) error {
	id := localID(q.invocation.Channel)
	return p.in(ctx, bot.In(at.space, id), func(w *workspace) error {
		return w.client.call(ctx, methodWhisper, func(ctx context.Context) error {
			_, err := w.client.api.PostEphemeralContext(ctx, id, q.invocation.User,
				slack.MsgOptionText(a.Text, false), slack.MsgOptionBlocks(a.Blocks...), slack.MsgOptionLinkNames(false))
			return err
		})
	})
}
