package discordtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The fields that a message, an edit and an answer to an interaction may have.
var (
	createFields = []string{"content", "embeds", "components", "nonce", "enforce_nonce", "flags", "allowed_mentions", "message_reference", "tts", "attachments"}
	editFields   = []string{"content", "embeds", "components", "flags", "allowed_mentions", "attachments"}
	answerFields = []string{"content", "embeds", "components", "flags", "allowed_mentions", "tts", "attachments"}
)

// readPayload reads and checks a message. What is missing is zero.
func readPayload(body []byte, fields []string) (payload, *refusal) {
	var p payload
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil {
		return p, refuse(50109)
	}
	for name := range given {
		if !slices.Contains(fields, name) {
			return p, malformed(name, "UNKNOWN_FIELD", "this fake takes no field that it does not know")
		}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&p); err != nil {
		field := "body"
		if t, ok := err.(*json.UnmarshalTypeError); ok {
			field = t.Field
		}
		return p, malformed(field, "MODEL_TYPE_CONVERT", err.Error())
	}
	f := form{}
	f.message(p)
	if len(f.problems) > 0 {
		return p, f.refusal()
	}
	if create := slices.Contains(fields, "nonce") || slices.Contains(fields, "tts"); create && p.empty() {
		return p, refuse(50006)
	}
	return p, nil
}

// empty reports whether there is nothing that anybody could see.
func (p payload) empty() bool {
	if strings.TrimSpace(p.Content) != "" || len(p.Components) > 0 {
		return false
	}
	for _, e := range p.Embeds {
		if strings.TrimSpace(e.Title+e.Description) != "" || len(e.Fields) > 0 || e.Footer != nil || e.Author != nil || e.Image != nil {
			return false
		}
	}
	return true
}

// A form collects what is wrong with a body.
type form struct{ problems []problem }

type problem struct{ path, code, message string }

func (f *form) add(path, code, format string, args ...any) {
	f.problems = append(f.problems, problem{path, code, fmt.Sprintf(format, args...)})
}

// text checks the length of trimmed text and returns it.
func (f *form) text(path, s string, least, most int) int {
	n := len(utf16.Encode([]rune(strings.TrimSpace(s))))
	switch {
	case n < least:
		f.add(path, "BASE_TYPE_REQUIRED", "This field is required")
	case n > most:
		f.add(path, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", most)
	}
	return n
}

func (f *form) url(path, s string, most int) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		f.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
	}
	f.text(path, s, 1, most)
}

// message checks against discord.com/developers/docs/resources/message.
func (f *form) message(p payload) {
	f.text("content", p.Content, 0, 2000)
	if n := len(p.nonceText()); n > 25 {
		f.add("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 or fewer characters.")
	}
	if len(p.Embeds) > 10 {
		f.add("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
	}
	sum := 0
	for i, e := range p.Embeds {
		sum += f.embed("embeds."+strconv.Itoa(i), e, p.Attachments)
	}
	if sum > 6000 {
		f.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
	}
	if a := p.AllowedMentions; a != nil {
		for i, v := range a.Parse {
			if !slices.Contains([]string{"users", "roles", "everyone"}, v) {
				f.add("allowed_mentions.parse."+strconv.Itoa(i), "BASE_TYPE_CHOICES", "Value must be one of ('everyone', 'roles', 'users').")
			}
		}
	}
	if a := p.AllowedMentions; a != nil && len(a.Roles) > 0 && slices.Contains(a.Parse, "roles") {
		f.add("allowed_mentions.parse", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[\"roles\"] and roles: [ids...] are mutually exclusive.")
	}
	if r := p.Reference; r != nil {
		if _, err := strconv.ParseUint(r.MessageID, 10, 64); err != nil {
			f.add("message_reference.message_id", "NUMBER_TYPE_COERCE", "Value %q is not snowflake.", r.MessageID)
		}
	}
	f.attachments(p)
	f.rows(p.Components)
}

// embed returns how many characters of the sum e uses.
func (f *form) embed(path string, e Embed, files []Attachment) int {
	n := f.text(path+".title", e.Title, 0, 256) + f.text(path+".description", e.Description, 0, 4096)
	if e.URL != "" {
		f.url(path+".url", e.URL, 2048)
	}
	if e.Image != nil && !slices.ContainsFunc(files, func(a Attachment) bool { return e.Image.URL == "attachment://"+a.Filename }) {
		f.url(path+".image.url", e.Image.URL, 2048)
	}
	if e.Color < 0 || e.Color > 0xffffff {
		f.add(path+".color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
	}
	if len(e.Fields) > 25 {
		f.add(path+".fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
	}
	for i, field := range e.Fields {
		at := path + ".fields." + strconv.Itoa(i)
		n += f.text(at+".name", field.Name, 1, 256) + f.text(at+".value", field.Value, 1, 1024)
	}
	if e.Footer != nil {
		n += f.text(path+".footer.text", e.Footer.Text, 1, 2048)
	}
	if e.Author != nil {
		n += f.text(path+".author.name", e.Author.Name, 1, 256)
	}
	return n
}

// rows checks against discord.com/developers/docs/components/reference.
func (f *form) rows(rows []Row) {
	if len(rows) > 5 {
		f.add("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
	}
	ids := map[string]bool{}
	for i, r := range rows {
		at := "components." + strconv.Itoa(i)
		if r.Type != 1 {
			f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,).")
		}
		if n := len(r.Components); n < 1 || n > 5 {
			f.add(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
		}
		for j, b := range r.Components {
			at := at + ".components." + strconv.Itoa(j)
			if b.Type != 2 {
				f.add(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (2,).")
			}
			f.text(at+".label", b.Label, 1, 80)
			switch {
			case b.Style == 5 && b.CustomID == "":
				f.url(at+".url", b.URL, 512)
			case b.Style >= 1 && b.Style <= 4 && b.URL == "":
				f.text(at+".custom_id", b.CustomID, 1, 100)
				if ids[b.CustomID] {
					f.add(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
				}
				ids[b.CustomID] = true
			default:
				f.add(at, "BUTTON_COMPONENT_STYLE", "a link button has a url, any other a custom id")
			}
		}
	}
}

// refusal is the error answer with its tree.
func (f *form) refusal() *refusal {
	r := refuse(50035)
	tree := map[string]any{}
	for _, p := range f.problems {
		node := tree
		for name := range strings.SplitSeq(p.path, ".") {
			next, ok := node[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				node[name] = next
			}
			node = next
		}
		list, _ := node["_errors"].([]any)
		node["_errors"] = append(list, map[string]string{"code": p.code, "message": p.message})
	}
	r.errors = tree
	return r
}

func malformed(path, code, message string) *refusal {
	f := form{}
	f.add(path, code, "%s", message)
	return f.refusal()
}
