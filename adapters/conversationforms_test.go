package adapters_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"newsdesk/bot"
)

// awaited are the commands of the contract that this release does not have.
var awaited = []string{}

// TestConversationIsComplete checks that each command, each of its options, and
// each form that is documented stands in the conversation.
func TestConversationIsComplete(t *testing.T) {
	asked := map[string]bool{} // the words of each example, and "command option:" or "command choice"
	names := map[string]bool{}
	for _, q := range cases() {
		if names[q.name] {
			t.Errorf("two cases are called %s", q.name)
		}
		names[q.name] = true
		asked["/news "+q.line] = true
		asked["/news "+strings.Replace(q.line, " k3j2", " ID", 1)] = true
		call, err := bot.ParseLine(bot.Table(), q.line)
		if err != nil {
			continue
		}
		asked[call.Command] = true
		for name, value := range call.Options {
			asked[call.Command+" "+name+":"] = true
			asked[call.Command+" "+name+":"+value] = true
		}
	}
	need := func(what, key string) {
		t.Helper()
		if !asked[key] {
			t.Errorf("no case asks for %s: %q", what, key)
		}
	}
	for _, c := range bot.Table() {
		need("the command", c.Name)
		for _, e := range c.Examples {
			need("an example of its help", e)
		}
		for _, o := range c.Options {
			need("an option", c.Name+" "+o.Name+":")
			for _, choice := range o.Choices {
				need("a choice", c.Name+" "+o.Name+":"+choice)
			}
		}
	}
	var missing []string
	for source, forms := range documented(t) {
		for _, f := range forms {
			command, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(f, "/news")), " ")
			if strings.ToLower(command) != command || strings.ContainsAny(command, "[:|") {
				command, rest = "", command+" "+rest
			}
			if !slices.ContainsFunc(bot.Table(), func(c bot.Command) bool { return c.Name == command }) {
				if !slices.Contains(awaited, command) {
					t.Errorf("%s documents %q, which is no command", source, f)
				}
				missing = append(missing, command)
				continue
			}
			need(source+"'s "+f, command)
			for _, o := range regexp.MustCompile(`([a-z]+):`).FindAllStringSubmatch(rest, -1) {
				need(source+"'s "+f, command+" "+o[1]+":")
			}
			for _, list := range regexp.MustCompile(`[a-z]+(?:\|[a-z]+)+`).FindAllString(rest, -1) {
				for choice := range strings.SplitSeq(list, "|") {
					need(source+"'s "+f, "/news "+command+" "+choice)
				}
			}
		}
	}
	if len(missing) > 0 {
		for _, a := range awaited {
			if !slices.Contains(missing, a) {
				t.Errorf("the command %s is there by now: take it off the list of those awaited, and write its cases", a)
			}
		}
	}
}

// documented returns the forms of commands that README.md and the contract,
// which is no part of this repository, show.
func documented(t *testing.T) map[string][]string {
	out := map[string][]string{}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.ReplaceAll(string(readme), `\|`, "¦"), "\n") {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| `/news"), "|"); ok && strings.HasPrefix(line, "| `/news") {
			for _, f := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch("`/news"+cell, -1) {
				out["README.md"] = append(out["README.md"], strings.ReplaceAll(f[1], "¦", "|"))
			}
		}
	}
	if len(out["README.md"]) < 5 {
		t.Errorf("README.md shows no more than %q: has its table moved?", out["README.md"])
	}
	contract, err := os.ReadFile("../../shared/CONTRACT.md")
	if err != nil {
		t.Log("NOT CHECKED against the contract: there is none beside this repository")
		return out
	}
	_, section, _ := strings.Cut(string(contract), "\n## Commands\n")
	for _, f := range regexp.MustCompile(`(?m)(?:^    |   )(/news\S*(?: \S+)*)`).FindAllStringSubmatch(section, -1) {
		out["the contract"] = append(out["the contract"], strings.TrimSpace(f[1]))
	}
	if len(out["the contract"]) < 10 {
		t.Errorf("the contract shows no more than %q: has its table moved?", out["the contract"])
	}
	return out
}
