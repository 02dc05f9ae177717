package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// What Slack refuses in blocks: docs.slack.dev/reference/block-kit.

// totalMax is where msg_blocks_too_long begins. It is documented nowhere and
// was seen at about 13,200 characters (slackapi/bolt-js#2509); they are counted
// here over the JSON of all blocks, the strictest reading.
const totalMax = 13200

// width counts characters as the strictest reader does.
func width(s string) int { return len(utf16.Encode([]rune(s))) }

// An object is one JSON object.
type object = map[string]any

// A judgement collects what is wrong with blocks.
type judgement struct {
	problems  []string
	blockIDs  map[string]bool
	actionIDs map[string]bool
	ready     func(file string) bool // it was uploaded, and may be shown there
}

func (j *judgement) add(at, format string, args ...any) {
	j.problems = append(j.problems, fmt.Sprintf("[ERROR] %s [json-pointer:%s]", fmt.Sprintf(format, args...), at))
}

// checkBlocks reads the argument blocks.
func checkBlocks(raw string, ready func(file string) bool) (blocks []any, code string, problems []string) {
	if err := json.Unmarshal([]byte(raw), &blocks); err != nil {
		return nil, "invalid_blocks_format", nil
	}
	if code, problems = judgeBlocks(blocks, ready); code != "" {
		return nil, code, problems
	}
	return blocks, "", nil
}

func judgeBlocks(blocks []any, ready func(file string) bool) (code string, problems []string) {
	j := &judgement{blockIDs: map[string]bool{}, actionIDs: map[string]bool{}, ready: ready}
	if len(blocks) > 50 {
		j.add("/blocks", "no more than 50 items allowed")
	}
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		o, ok := b.(object)
		if !ok {
			j.add(at, "must be an object")
			continue
		}
		j.block(at, o)
	}
	if len(j.problems) > 0 {
		return "invalid_blocks", j.problems
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(blocks); err != nil || width(buf.String()) > totalMax {
		return "msg_blocks_too_long", nil
	}
	return "", nil
}

func (j *judgement) block(at string, b object) {
	kind, _ := b["type"].(string)
	if id, ok := b["block_id"]; ok {
		s, isString := id.(string)
		switch {
		case !isString || s == "":
			j.add(at+"/block_id", "must be a string of at least 1 character")
		case j.blockIDs[s]:
			j.add(at+"/block_id", "block_id already exists: %q", s)
		}
		j.blockIDs[s] = true
		j.length(at+"/block_id", s, 255)
	}
	switch kind {
	case "header":
		j.only(at, b, "type", "block_id", "text")
		j.text(at+"/text", b["text"], 150, "plain_text")
	case "divider":
		j.only(at, b, "type", "block_id")
	case "section":
		j.only(at, b, "type", "block_id", "text", "fields", "accessory", "expand")
		if b["text"] == nil && b["fields"] == nil {
			j.add(at, "missing required field: text or fields")
		}
		if b["text"] != nil {
			j.text(at+"/text", b["text"], 3000, "plain_text", "mrkdwn")
		}
		if b["fields"] != nil {
			for i, f := range j.list(at+"/fields", b["fields"], 10) {
				j.text(fmt.Sprintf("%s/fields/%d", at, i), f, 2000, "plain_text", "mrkdwn")
			}
		}
		if b["accessory"] != nil {
			j.element(at+"/accessory", b["accessory"], "button", "image")
		}
	case "context":
		j.only(at, b, "type", "block_id", "elements")
		for i, e := range j.list(at+"/elements", b["elements"], 10) {
			at := fmt.Sprintf("%s/elements/%d", at, i)
			if o, ok := e.(object); ok && o["type"] == "image" {
				j.element(at, e, "image")
				continue
			}
			j.text(at, e, 3000, "plain_text", "mrkdwn")
		}
	case "actions":
		j.only(at, b, "type", "block_id", "elements")
		for i, e := range j.list(at+"/elements", b["elements"], 25) {
			j.element(fmt.Sprintf("%s/elements/%d", at, i), e, "button", "external_select")
		}
	case "image":
		j.only(at, b, "type", "block_id", "image_url", "slack_file", "alt_text", "title")
		j.image(at, b)
		if b["title"] != nil {
			j.text(at+"/title", b["title"], 2000, "plain_text")
		}
	default:
		j.add(at+"/type", "unsupported type: %s", kind)
	}
}

// element checks an interactive element or a picture.
func (j *judgement) element(at string, v any, kinds ...string) {
	e, ok := v.(object)
	kind, _ := e["type"].(string)
	if !ok || !slices.Contains(kinds, kind) {
		j.add(at+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == "image" {
		j.only(at, e, "type", "image_url", "alt_text")
		j.image(at, e)
		return
	}
	if kind == "external_select" {
		j.only(at, e, "type", "action_id", "placeholder", "min_query_length", "initial_option", "confirm", "focus_on_load")
		if e["placeholder"] != nil {
			j.text(at+"/placeholder", e["placeholder"], 150, "plain_text")
		}
		if n, ok := e["min_query_length"]; ok {
			if f, isNumber := n.(float64); !isNumber || f < 0 || f != float64(int(f)) {
				j.add(at+"/min_query_length", "must be a whole number")
			}
		}
		if e["action_id"] == nil {
			j.add(at+"/action_id", "missing required field: action_id") // stricter: nothing could be told of it
		}
	} else {
		j.only(at, e, "type", "text", "action_id", "url", "value", "style", "accessibility_label")
		j.text(at+"/text", e["text"], 75, "plain_text")
	}
	if id, ok := e["action_id"]; ok {
		s, _ := id.(string)
		if s == "" {
			j.add(at+"/action_id", "must be more than 0 characters")
		}
		if j.actionIDs[s] {
			j.add(at+"/action_id", "action_id already exists: %q", s)
		}
		j.actionIDs[s] = true
		j.length(at+"/action_id", s, 255)
	}
	for name, most := range map[string]int{"value": 2000, "url": 3000, "accessibility_label": 75} {
		if v, ok := e[name]; ok {
			s, isString := v.(string)
			if !isString || s == "" {
				j.add(at+"/"+name, "must be more than 0 characters")
			}
			j.length(at+"/"+name, s, most)
		}
	}
	if u, ok := e["url"].(string); ok {
		j.address(at+"/url", u)
	}
	if style, ok := e["style"]; ok && style != "primary" && style != "danger" {
		j.add(at+"/style", "value must be one of: primary, danger")
	}
}

func (j *judgement) image(at string, o object) {
	u, _ := o["image_url"].(string)
	if v, ok := o["slack_file"]; ok {
		// docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
		f, _ := v.(object)
		id, _ := f["id"].(string)
		if _, both := o["image_url"]; both || len(f) != 1 || id == "" || !j.ready(id) {
			j.add(at+"/slack_file", "invalid slack file")
		}
	} else {
		j.length(at+"/image_url", u, 3000)
		j.address(at+"/image_url", u)
	}
	alt, _ := o["alt_text"].(string)
	if alt == "" {
		j.add(at+"/alt_text", "missing required field: alt_text")
	}
	j.length(at+"/alt_text", alt, 2000)
	// Slack fetches every picture before it takes the message. The names that
	// RFC 2606 reserves for that lead nowhere.
	if p, err := url.Parse(u); err == nil && strings.HasSuffix(p.Hostname(), ".invalid") {
		j.add(at+"/image_url", "downloading image failed")
	}
}

func (j *judgement) address(at, s string) {
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		j.add(at, "invalid url")
	}
}

// text checks a text object.
func (j *judgement) text(at string, v any, most int, kinds ...string) {
	o, ok := v.(object)
	if !ok {
		j.add(at, "missing required field: text")
		return
	}
	kind, _ := o["type"].(string)
	if !slices.Contains(kinds, kind) {
		j.add(at+"/type", "must be one of: %s", strings.Join(kinds, ", "))
	}
	switch kind {
	case "mrkdwn":
		j.only(at, o, "type", "text", "verbatim")
	default:
		j.only(at, o, "type", "text", "emoji")
	}
	s, isString := o["text"].(string)
	if !isString || s == "" {
		j.add(at+"/text", "must be more than 0 characters")
	}
	j.length(at+"/text", s, most)
}

func (j *judgement) list(at string, v any, most int) []any {
	l, ok := v.([]any)
	switch {
	case !ok || len(l) == 0:
		j.add(at, "must provide at least 1 item")
	case len(l) > most:
		j.add(at, "no more than %d items allowed", most)
	}
	return l
}

func (j *judgement) length(at, s string, most int) {
	if width(s) > most {
		j.add(at, "must be less than %d characters", most+1)
	}
}

// only refuses properties that Slack does not know there.
func (j *judgement) only(at string, o object, names ...string) {
	for name := range o {
		if !slices.Contains(names, name) {
			j.add(at, "invalid additional property: %s", name)
		}
	}
}

// checkMetadata reads the argument metadata. Slack publishes no limit to its
// size; a bot that needs more than metadataMax puts too much into it.
func checkMetadata(raw string) (*Metadata, string) {
	var o object
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		return nil, "invalid_metadata_format"
	}
	kind, _ := o["event_type"].(string)
	payload, ok := o["event_payload"].(object)
	if kind == "" || !ok || len(o) != 2 {
		return nil, "invalid_metadata_schema"
	}
	if len(raw) > metadataMax {
		return nil, "metadata_too_large"
	}
	return &Metadata{EventType: kind, EventPayload: payload}, ""
}

const metadataMax = 4000
