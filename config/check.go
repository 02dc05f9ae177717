package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked and kept on machines that have none

	"golang.org/x/text/language"

	"newsdesk/bot"
	"newsdesk/news"
)

func (c *Config) check(r *report) {
	c.checkRedis(r)
	if c.DataDir == "" {
		r.add("data_dir", "is empty: want a folder")
	}
	c.checkOutlets(r)
	c.Poll.check(r)
	c.Web.checkPublic(r)
	c.checkAccounts(r)
	c.Web.check(r)
	for i := range c.Channels {
		c.checkChannel(r, &c.Channels[i], index("channels", i))
	}
	if _, err := c.Gazetteer(); err != nil {
		r.add("topics", "%v", err)
	}
	c.LLM.check(r)
}

var redisSchemes = []string{"redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster", "unix"}

// checkRedis looks at the scheme and that there is something behind it; the
// rest is the store's. It shows nothing of the address but the scheme.
func (c *Config) checkRedis(r *report) {
	if c.RedisURL == "" {
		return
	}
	scheme, rest, ok := strings.Cut(c.RedisURL.Reveal(), "://")
	switch {
	case !ok:
		r.add("redis_url", `want an address such as "redis://localhost:6379/0"`)
	case !slices.Contains(redisSchemes, scheme):
		r.add("redis_url", "unknown scheme %q%s want one of %s", scheme, orColon(didYouMean(scheme, redisSchemes)), strings.Join(redisSchemes, ", "))
	default:
		host, _, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], "?")
		if strings.Trim(host, "/") == "" {
			r.add("redis_url", `names no host: want an address such as "redis://localhost:6379/0"`)
		}
	}
}

func orColon(hint string) string {
	if hint == "" {
		return ":"
	}
	return hint
}

func (p Poll) check(r *report) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"poll.interval", p.Interval}, {"poll.min_interval", p.MinInterval}, {"poll.max_interval", p.MaxInterval}} {
		if d.value <= 0 {
			r.add(d.key, `want a duration above 0 such as "10m", got %q`, d.value)
		}
	}
	switch {
	case p.MinInterval > p.MaxInterval:
		r.add("poll.min_interval", "want at most max_interval (%s), got %q", p.MaxInterval, p.MinInterval)
	case p.Interval < p.MinInterval:
		r.add("poll.interval", "want at least min_interval (%s), got %q", p.MinInterval, p.Interval)
	case p.Interval > p.MaxInterval:
		r.add("poll.interval", "want at most max_interval (%s), got %q", p.MaxInterval, p.Interval)
	}
	if p.Concurrency < 1 || p.Concurrency > 1024 {
		r.add("poll.concurrency", "want 1 to 1024, got %d", p.Concurrency)
	}
}

func (c *Config) checkAccounts(r *report) {
	d := &c.Discord
	if strings.HasPrefix(d.Token.Reveal(), "Bot ") {
		r.add("discord.token", `leave out the word "Bot" before the token`)
	}
	// Neither of these two is shown: a token may stand there by mistake.
	if d.ApplicationID != "" && !digits.MatchString(d.ApplicationID) {
		r.add("discord.application_id", "want the number from the page General Information of your application")
	}
	if key, err := hex.DecodeString(d.PublicKey); err != nil || len(key) != 32 && d.PublicKey != "" {
		r.add("discord.public_key", "want the 64 hexadecimal digits from the page General Information of your application")
	}
	switch {
	case !slices.Contains(discordTransports, d.Transport):
		r.add("discord.transport", "unknown transport %q%s want gateway or http", d.Transport, orColon(didYouMean(d.Transport, discordTransports)))
	case d.Transport == "http" && d.PublicKey == "" && !r.isBad("discord.public_key"):
		r.add("discord.transport", "http needs discord.public_key: set it to the 64 hexadecimal digits from the page General Information of your application")
	}
	for i, g := range d.Guilds {
		switch key := index("discord.guilds", i); {
		case !digits.MatchString(g):
			r.add(key, "%q is no server of Discord: want its number, as in \"123456789012345678\" (Copy Server ID)", g)
		case slices.Index(d.Guilds, g) < i:
			r.add(key, "names the server %s again: remove the entry", g)
		}
	}
	checkURL(r, "discord.api_url", d.APIURL, "http", "https")
	checkURL(r, "discord.gateway_url", d.GatewayURL, "ws", "wss")
	d.APIURL = strings.TrimRight(d.APIURL, "/")
	c.checkSlack(r)
}

// checkPublic looks at the address under which the internet finds the bot.
func (w *Web) checkPublic(r *report) {
	if w.PublicURL == "" {
		return
	}
	u, err := url.Parse(w.PublicURL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		r.add("web.public_url", `want https:// and a host without a path, such as "https://bot.example", got %q`, withoutUser(w.PublicURL))
		return
	}
	w.PublicURL = strings.TrimRight(w.PublicURL, "/")
}

func checkURL(r *report, key, value string, schemes ...string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" {
		r.add(key, "want an address that begins with %s://, got %q", strings.Join(schemes, ":// or "), value)
	}
}

func (w *Web) check(r *report) {
	host, port, err := net.SplitHostPort(w.Listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		r.add("web.listen", `want host:port such as "127.0.0.1:8080", got %q`, w.Listen)
		return
	}
	if !loopback(host) && w.Token == "" {
		r.add("web.token", "a token is required where web.listen (%s) is not a loopback address: set it (WEB_TOKEN), or listen on 127.0.0.1", w.Listen)
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

var (
	digits            = regexp.MustCompile(`^[0-9]+$`)
	clock             = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	modes             = []string{string(bot.Instant), string(bot.Digest)}
	discordTransports = []string{"gateway", "http"} // how Discord hands interactions over
	doubts            = []string{string(bot.Hold), string(bot.Repost)}
)

func (c *Config) checkChannel(r *report, ch *Channel, key string) {
	c.checkPlace(r, ch.Channel, key+".channel")
	if ch.MinImpact < 0 || ch.MinImpact > 100 {
		r.add(key+".min_impact", "want 0 to 100, got %d", ch.MinImpact)
	}
	for i, t := range ch.Topics {
		if t == "" {
			r.add(index(key+".topics", i), "is empty: want a topic such as deepseek")
		}
	}
	if !slices.Contains(modes, ch.Mode) {
		r.add(key+".mode", "unknown mode %q%s want instant or digest", ch.Mode, orColon(didYouMean(ch.Mode, modes)))
	}
	if ch.DigestAt != "" {
		if !clock.MatchString(ch.DigestAt) {
			r.add(key+".digest_at", `want a time from "00:00" to "23:59", got %q`, ch.DigestAt)
		} else if ch.Mode == string(bot.Instant) {
			r.add(key+".digest_at", "only a digest has a time: set mode: digest, or leave digest_at out")
		}
	}
	for i, l := range ch.Languages {
		if _, err := language.Parse(l); err != nil {
			r.add(index(key+".languages", i), "no language %q: want a tag such as en, de, fr, es or zh", l)
		}
	}
	if ch.Locale != "" && !slices.Contains(bot.Locales, ch.Locale) {
		r.add(key+".locale", "posts are not written in %q%s want en or de", ch.Locale, orColon(didYouMean(ch.Locale, bot.Locales)))
	}
	if err := bot.CheckSettings(bot.Mode(ch.Mode), ch.options(), func(name string, err error) { r.add(key+"."+name, "%v", err) }); err != nil {
		r.add(key+".mention_at", "%v", err)
	}
	if ch.OnDoubt != "" && !slices.Contains(doubts, ch.OnDoubt) {
		r.add(key+".on_doubt", "unknown choice %q%s want hold (rather no message than two) or repost (rather two than none)", ch.OnDoubt, orColon(didYouMean(ch.OnDoubt, doubts)))
	}
	if ch.Zone != "" {
		if _, err := time.LoadLocation(ch.Zone); err != nil || ch.Zone == "Local" {
			r.add(key+".zone", "unknown time zone %q%s want an IANA name such as Europe/Berlin", ch.Zone, orColon(didYouMean(ch.Zone, zones)))
		}
	}
	if ch.Quiet != "" {
		from, to, ok := strings.Cut(ch.Quiet, "-")
		switch {
		case !ok || !clock.MatchString(from) || !clock.MatchString(to):
			r.add(key+".quiet", `want two times such as "22:00-07:00", got %q`, ch.Quiet)
		case from == to:
			r.add(key+".quiet", "ends when it begins (%s), which would silence the whole day: remove the entry instead", from)
		}
	}
}

// needs notes what only a running bot needs.
func (c *Config) needs(r *report, key, format string, args ...any) {
	n := len(r.problems)
	r.add(key, format, args...)
	c.unready = append(c.unready, r.problems[n:]...)
	r.problems = r.problems[:n]
}

func (c *Config) checkPlace(r *report, name, key string) {
	if name == "" {
		r.add(key, `is required: want platform:id, as in "discord:123456789012345678" or "slack:C0123456789"`)
		return
	}
	ch, err := bot.ParseChannel(name)
	if err != nil {
		r.add(key, "%v", err)
		return
	}
	platforms := []string{"discord", "slack", "web"}
	switch ch.Platform() {
	case "discord":
		if user, person := ch.Person(); person && !digits.MatchString(user) {
			r.add(key, "%q is nobody on Discord: want the person's number, as in \"discord:@123456789012345678\" (Copy User ID)", name)
		} else if !person && !digits.MatchString(ch.ID()) {
			r.add(key, "%q is no channel of Discord: want its number, as in \"discord:123456789012345678\" (Copy Channel ID)", name)
		} else if c.Discord.Token == "" && !r.isBad("discord.token") {
			c.needs(r, key, "%q needs discord.token: set it (DISCORD_TOKEN), or remove the entry", name)
		}
	case "slack":
		if ch.Space() != "slack" {
			c.checkTeam(r, ch, key)
		} else if user, person := ch.Person(); person && !slackUser.MatchString(user) {
			r.add(key, "%q is a person's name: want the id, as in \"slack:@U0123456789\" (Copy member ID in the profile)", name)
		} else if !person && !slackChannel.MatchString(ch.ID()) {
			r.add(key, "%q is a channel's name: want its id, as in \"slack:C0123456789\" (at the foot of its details)", name)
		} else if c.Slack.BotToken == "" && !r.isBad("slack.bot_token") {
			c.needs(r, key, "%q needs slack.bot_token: set it (SLACK_BOT_TOKEN), or remove the entry", name)
		}
	case "web":
	default:
		r.add(key, "unknown platform %q%s want one of %s", ch.Platform(), orColon(didYouMean(ch.Platform(), platforms)), strings.Join(platforms, ", "))
	}
}

// slackChannel is the form of a channel's id: names are in lower case.
var slackChannel = regexp.MustCompile(`^[CGD][A-Z0-9]+$`)

// slackPlace is the form of a channel of an installed workspace.
var slackPlace = regexp.MustCompile(`^slack:T[A-Z0-9]+/([CGD][A-Z0-9]+|@[UW][A-Z0-9]+)$`)

// checkTeam looks at a channel that is named with its workspace.
func (c *Config) checkTeam(r *report, ch bot.Channel, key string) {
	switch {
	case !slackPlace.MatchString(string(ch)):
		r.add(key, "%q is no channel of a workspace: want the ids of both, as in \"slack:T0123456789/C0123456789\"", ch)
	case c.Slack.ClientID == "" && !r.isBad("slack.client_id"):
		c.needs(r, key, "%q needs slack.client_id, by which the app is installed in workspaces: set it, or name the channel of slack.bot_token without its workspace", ch)
	}
}

func (l LLM) check(r *report) {
	checkURL(r, "llm.base_url", l.BaseURL, "http", "https")
	switch {
	case l.BaseURL != "" && l.Model == "":
		r.add("llm.model", "is required with llm.base_url: want the name of a model there")
	case l.BaseURL == "" && l.Model != "":
		r.add("llm.base_url", "is required with llm.model: want the endpoint's address, up to and with /v1")
	}
}

func (c *Config) checkOutlets(r *report) {
	seen := map[string]int{}
	for i, o := range c.Outlets.Add {
		key := index("sources.add", i)
		if o.Name == "" {
			r.add(key+".name", "is required: want the outlet's name")
		}
		if o.ID != "" && o.ID != Slug(o.ID) {
			r.add(key+".id", "want lower-case letters, digits and hyphens, as in %q, got %q", Slug(o.ID), o.ID)
		} else if o.ID == "" && o.Name != "" {
			r.add(key+".id", "is required, as none can be made from the name %q: want lower-case letters, digits and hyphens", o.Name)
		}
		if first, twice := seen[o.ID]; twice && o.ID != "" {
			r.add(key+".id", "the id %q is that of sources.add[%d] too: give each its own id", o.ID, first)
		} else {
			seen[o.ID] = i
		}
		if _, err := news.ParseKind(o.Kind); err != nil {
			r.add(key+".kind", "unknown kind %q%s want one of %s", o.Kind, orColon(didYouMean(o.Kind, kindNames())), strings.Join(kindNames(), ", "))
		}
		if !(o.Authority >= 0 && o.Authority <= 1) {
			r.add(key+".authority", "want 0 to 1, got %v", o.Authority)
		}
		checkURL(r, key+".site", o.Site, "http", "https")
		if o.Feed == "" && len(o.Feeds) == 0 {
			r.add(key+".feed", "is required: want the address of a feed")
		}
		if o.Feed != "" {
			r.addError(key+".feed", checkFeed(o.Feed))
		}
		for j, f := range o.Feeds {
			r.addError(index(key+".feeds", j), checkFeed(f))
		}
	}
	for i, id := range c.Outlets.Remove {
		if !slices.ContainsFunc(Catalogue(), func(s news.Source) bool { return s.ID == id }) {
			r.add(index("sources.remove", i), "the catalogue has no source %q%s `newsdesk sources list` shows all", id, orColon(didYouMean(id, catalogueIDs())))
		}
	}
}

// checkFeed says what is wrong with the address of a feed, without showing
// a password in it.
func checkFeed(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("want a feed's address that begins with https:// or http://, got %q", withoutUser(address))
	case u.User != nil:
		return fmt.Errorf("a feed's address is shown to readers: want it without a user name and password")
	}
	return nil
}

func withoutUser(address string) string {
	if i := strings.LastIndex(address, "@"); i >= 0 {
		return "..." + address[i:]
	}
	return address
}

func kindNames() []string {
	names := make([]string, len(news.Kinds))
	for i, k := range news.Kinds {
		names[i] = string(k)
	}
	return names
}

// zones are those that a slip is compared with; any IANA name is accepted.
var zones = strings.Fields(`
UTC Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi
America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver
America/Halifax America/Lima America/Los_Angeles America/Mexico_City America/New_York
America/Phoenix America/Santiago America/Sao_Paulo America/Toronto America/Vancouver
Asia/Bangkok Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem
Asia/Karachi Asia/Kolkata Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore
Asia/Taipei Asia/Tehran Asia/Tokyo Atlantic/Reykjavik Australia/Brisbane Australia/Melbourne
Australia/Perth Australia/Sydney Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Brussels
Europe/Bucharest Europe/Budapest Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul
Europe/Kyiv Europe/Lisbon Europe/London Europe/Madrid Europe/Moscow Europe/Oslo Europe/Paris
Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw Europe/Zurich
Pacific/Auckland Pacific/Honolulu`)
