package topic

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// families are the names under which models are released in versions.
const families = `gpt|claude(?:[- ](?:opus|sonnet|haiku))?|opus|sonnet|haiku|gemini|gemma|llama|grok|qwen|qwq|kimi[- ]k|deepseek|mistral(?:[- ](?:large|medium|small))?|mixtral|phi|nova|glm|minimax|hunyuan|ernie|yi|command[- ][ra]|sora|veo|imagen|dall-e|stable[- ]diffusion|flux|whisper|codex|falcon|olmo|granite|nemotron|jamba|dbrx|gen|midjourney|firefly|doubao|seed|step|internlm|baichuan|ling|cogview|wan`

// versioned finds a family and its version, with the tiers behind it; bare
// finds version names that need their maker beside them.
var (
	versioned = regexp.MustCompile(`(?i)\b(` + families + `)[- ]?(?:v|r|m|x)?[- ]?(\d+(?:\.\d+)*[a-z]?)((?:[- ]?(?:mini|nano|pro|max|ultra|flash|lite|turbo|opus|sonnet|haiku|instruct|thinking|preview|codex|coder|vl|omni|air|plus|oss|high))*)\b`)
	letter    = regexp.MustCompile(`(?i)\b(deepseek)[- ]?([rv])(\d+(?:\.\d+)?)\b`)
	bare      = regexp.MustCompile(`\b([RVK])(\d(?:\.\d+)?)\b`)
	series    = regexp.MustCompile(`\bo([134])(-mini|-pro|-preview)?\b`)
)

// Models returns the model versions that a text names, in a form that tells
// versions apart whatever their spelling: "gpt-5.1", "claude-opus-4.5",
// "deepseek-r2". Versions that no gazetteer lists are found by their pattern.
// Each comes once, in alphabetical order.
func Models(text string) []string {
	if !mayName(text) {
		return nil
	}
	var out []string
	add := func(parts ...string) {
		m := strings.Trim(strings.ReplaceAll(strings.ToLower(strings.Join(parts, "-")), " ", "-"), "-")
		for strings.Contains(m, "--") {
			m = strings.ReplaceAll(m, "--", "-")
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	for _, m := range letter.FindAllStringSubmatch(text, -1) {
		add(m[1], m[2]+m[3])
	}
	rest := letter.ReplaceAllString(text, " ")
	for _, m := range versioned.FindAllStringSubmatch(rest, -1) {
		// A year or a count behind a name is no version.
		if len(m[2]) < 4 || strings.Contains(m[2], ".") {
			add(m[1], m[2], m[3])
		}
	}
	lower := strings.ToLower(text)
	if strings.Contains(lower, "deepseek") || strings.Contains(text, "深度求索") {
		for _, m := range bare.FindAllStringSubmatch(rest, -1) {
			if m[1] != "K" {
				add("deepseek", m[1]+m[2])
			}
		}
	}
	if strings.Contains(lower, "openai") || strings.Contains(lower, "gpt") {
		for _, m := range series.FindAllStringSubmatch(rest, -1) {
			add("openai", "o"+m[1]+m[2])
		}
	}
	slices.Sort(out)
	return out
}

// mayName reports whether a version may stand in text: a number behind a letter,
// a hyphen or a space.
func mayName(text string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for i := 1; i < len(text); i++ {
		if before := text[i-1]; digit(text[i]) && !digit(before) {
			if before == '-' || before == ' ' || before >= utf8.RuneSelf || before|0x20 >= 'a' && before|0x20 <= 'z' {
				return true
			}
		}
	}
	return false
}
