package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"newsdesk/bot"
)

// greetedMark begins a line of the file that names a channel which has had its
// hello.
const greetedMark = "# said hello to "

// greeted are the channels that the file says have had their hello.
func greeted(file []byte) (cs []bot.Channel) {
	for line := range strings.Lines(string(file)) {
		if c, ok := strings.CutPrefix(strings.TrimSpace(line), greetedMark); ok {
			cs = append(cs, bot.Channel(c))
		}
	}
	return cs
}

// yaml is the file. A quoted text of Go's is one of YAML's.
func (a answers) yaml() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	q := strconv.QuoteToASCII
	line("# Written by newsdesk setup. docs/newsdesk.example.yaml shows every key.")
	switch {
	case a.redisFromEnv:
		line("# State is kept in the Redis of REDIS_URL.")
	case a.redisURL != "":
		line("redis_url: %s", q(a.redisURL))
	default:
		line("data_dir: %s # one file, newsdesk.db", q(a.dataDir))
	}
	if a.usesDiscord {
		line("\ndiscord:")
		if a.applicationID != "" {
			line("  application_id: %s", q(a.applicationID))
		}
		secret(&b, "token", a.discordToken, "DISCORD_TOKEN")
		if a.discordAPI != "" {
			line("  api_url: %s", q(a.discordAPI))
		}
	}
	if a.usesSlack {
		line("\nslack:")
		secret(&b, "bot_token", a.bot, "SLACK_BOT_TOKEN")
		secret(&b, "app_token", a.app, "SLACK_APP_TOKEN")
		line("  managers: [admins, creator] # who manages a channel: docs/slack.md")
		if a.slackAPI != "" {
			line("  api_url: %s", q(a.slackAPI))
		}
	}
	line("\nweb:\n  listen: %s", q(a.listen))
	if a.webToken != "" {
		line("  token: %s # open /?token=... once in a browser", q(a.webToken))
	}
	if len(a.orders) > 0 {
		line("\nchannels: # more come by /news subscribe in a channel: docs/managers.md")
		for _, o := range a.orders {
			line("  - {channel: %s, min_impact: %d}", q(string(o.channel)), o.minImpact)
		}
	}
	if len(a.greeted) > 0 {
		line("")
	}
	for _, c := range a.greeted {
		line("%s%s", greetedMark, c)
	}
	return []byte(b.String())
}

func secret(b *strings.Builder, key, value, variable string) {
	if value == "" {
		fmt.Fprintf(b, "  # %s: the environment has it, %s\n", key, variable)
		return
	}
	fmt.Fprintf(b, "  %s: %s\n", key, strconv.QuoteToASCII(value))
}

// replace writes a file that only its owner can read, whole or not at all. What
// stood there is kept under the name that it returns, "" where nothing did.
func replace(path string, old, text []byte) (copied string, err error) {
	if old != nil {
		if copied, err = keep(path, old); err != nil {
			return "", fmt.Errorf("keep a copy of %s: %w", path, err)
		}
	}
	return copied, write(path, text)
}

// keep writes old beside path, under a name that nothing has.
func keep(path string, old []byte) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.%d", path, n)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		} else if err != nil {
			return "", err
		}
		_, err = f.Write(old)
		return name, errors.Join(err, f.Sync(), f.Close())
	}
}

func write(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".newsdesk-*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// note remembers in the file that a channel has had its hello.
func (t *talk) note(c bot.Channel) error {
	if slices.Contains(t.file.greeted, c) {
		return nil
	}
	t.file.greeted = append(t.file.greeted, c)
	return write(t.Path, t.file.yaml())
}
