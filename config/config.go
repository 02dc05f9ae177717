// Package config owns what an operator can set: the YAML file, the secrets
// from the environment and the built-in catalogue of sources. It is the only
// package that reads YAML.
//
// # Flow
//
//	defaults -> the file, walked key by key against the structs here
//	-> secrets from the environment or from files that it names
//	-> checks that need more than one key -> a Config, or every Problem at once
//
// A file is read to its end even where it is wrong, so that one run names
// all mistakes, each with file, line, column, key, what was expected and the
// nearest right key. A value that could not be read keeps its default while
// the rest is checked. A secret is a [Secret] from the moment it is read: no
// error and no format prints it.
//
// Nothing here is written to disk and nothing is kept between runs; a crash
// loses nothing.
package config

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"time"

	"newsdesk/news/topic"
)

// A Config is everything an operator can set. Its tags are the keys of the
// file. Fill one by [Load]: the zero Config has no defaults.
type Config struct {
	// RedisURL selects the store: redis, rediss, and the two with +sentinel or
	// +cluster. Empty means one file in DataDir. It may hold a password.
	RedisURL Secret    `yaml:"redis_url"`
	DataDir  string    `yaml:"data_dir"`
	Outlets  Outlets   `yaml:"sources"` // see Config.Sources for what comes of it
	Poll     Poll      `yaml:"poll"`
	Discord  Discord   `yaml:"discord"`
	Slack    Slack     `yaml:"slack"`
	Web      Web       `yaml:"web"`
	Channels []Channel `yaml:"channels"` // see Config.Subscriptions
	// Topics names a file of topics to know beside the built-in ones, in the
	// form of news/topic/gazetteer.tsv.
	Topics string `yaml:"topics"`
	LLM    LLM    `yaml:"llm"`

	unready Problems // see Ready
}

// Outlets says which sources are read.
type Outlets struct {
	Catalogue bool     `yaml:"catalogue"` // start from the built-in catalogue
	Add       []Outlet `yaml:"add"`
	Remove    []string `yaml:"remove"` // ids of sources in the catalogue
}

// An Outlet is a source that the operator adds. Where its id is that of a
// source in the catalogue it takes that one's place; a feed that both name
// is read for the added one.
type Outlet struct {
	ID        string   `yaml:"id,omitempty"` // made from Name where empty
	Name      string   `yaml:"name"`
	Kind      string   `yaml:"kind,omitempty"` // "press" where empty
	Site      string   `yaml:"site,omitempty"`
	Lang      string   `yaml:"lang,omitempty"` // "en" where empty
	Authority float64  `yaml:"authority"`      // 0 to 1
	Feed      string   `yaml:"feed,omitempty"`
	Feeds     []string `yaml:"feeds,omitempty"` // where there are more
}

// Poll says how often and how eagerly feeds are read.
type Poll struct {
	Interval     time.Duration `yaml:"interval"`     // between two checks of a feed that says nothing else
	MinInterval  time.Duration `yaml:"min_interval"` // whatever a feed says
	MaxInterval  time.Duration `yaml:"max_interval"` // whatever a feed says, and after failures
	Concurrency  int           `yaml:"concurrency"`  // feeds at once
	AllowPrivate bool          `yaml:"allow_private"`
}

// Discord is the account on Discord; without a Token there is none.
type Discord struct {
	Token         Secret `yaml:"token"`
	ApplicationID string `yaml:"application_id"`
	Transport     string `yaml:"transport"`  // of interactions: "gateway" or "http"
	PublicKey     string `yaml:"public_key"` // hex; required for http
	APIURL        string `yaml:"api_url"`    // without a slash at its end
	GatewayURL    string `yaml:"gateway_url"`
	// Guilds are the servers that alone have the bot's commands, at once, as
	// for a try; all servers and direct messages have them where it is empty.
	Guilds []string `yaml:"guilds"`
}

// Slack is the account on Slack; without a BotToken and a ClientID there is
// none.
type Slack struct {
	BotToken      Secret `yaml:"bot_token"`      // of one workspace
	AppToken      Secret `yaml:"app_token"`      // for Socket Mode
	SigningSecret Secret `yaml:"signing_secret"` // for requests over HTTP
	Transport     string `yaml:"transport"`      // "socket" or "http": how commands come
	// Managers says who manages a channel: "admins", "creator", "everyone", IDs
	// of user groups (S...) and persons (U..., W...).
	Managers []string `yaml:"managers"`
	APIURL   string   `yaml:"api_url"` // with a slash at its end

	// ClientID and ClientSecret let people install the app in any number of
	// workspaces, under Web.PublicURL. EncryptionKey seals their tokens in the
	// store: 32 bytes as hex or base64. Old ones still open what they sealed.
	ClientID          string   `yaml:"client_id"`
	ClientSecret      Secret   `yaml:"client_secret"`
	EncryptionKey     Secret   `yaml:"encryption_key"`
	OldEncryptionKeys []Secret `yaml:"old_encryption_keys"`
}

// Web is the preview and the operator's pages.
type Web struct {
	Listen string `yaml:"listen"` // host:port
	Token  Secret `yaml:"token"`  // required where Listen is not a loopback address
	// PublicURL is where browsers and platforms on the internet reach Listen, as
	// through a load balancer or a tunnel: https:// and a host, without a path;
	// "" where they do not.
	PublicURL string `yaml:"public_url"`
}

// A Channel is a standing order set in the file.
type Channel struct {
	Channel   string   `yaml:"channel"` // platform:id
	MinImpact int      `yaml:"min_impact"`
	Topics    []string `yaml:"topics"`
	Mode      string   `yaml:"mode"`      // "instant" or "digest"
	DigestAt  string   `yaml:"digest_at"` // HH:MM in Zone
	Zone      string   `yaml:"zone"`      // IANA name
	Quiet     string   `yaml:"quiet"`     // HH:MM-HH:MM in Zone
	OnDoubt   string   `yaml:"on_doubt"`  // "hold" or "repost"; "" is hold
	Languages []string `yaml:"languages"` // BCP 47; none are all
	Locale    string   `yaml:"locale"`    // "en" or "de": the language of what is posted; "" is en

	// The others are what /news subscribe calls them, with its values; "" and 0
	// are as there where nothing is said.
	Status    []string `yaml:"status"`
	Kinds     []string `yaml:"kinds"`
	Days      string   `yaml:"days"`
	Empty     string   `yaml:"empty"`
	Cap       int      `yaml:"cap"`
	Card      string   `yaml:"card"`
	Image     string   `yaml:"image"`
	Edits     string   `yaml:"edits"`
	Updates   string   `yaml:"updates"`
	Mention   string   `yaml:"mention"`
	MentionAt int      `yaml:"mention_at"`
}

// options are those keys of a channel that /news subscribe has, too.
func (ch Channel) options() map[string]string {
	o := map[string]string{
		"status": strings.Join(ch.Status, ","), "kinds": strings.Join(ch.Kinds, ","), "days": ch.Days, "empty": ch.Empty, "card": ch.Card,
		"image": ch.Image, "edits": ch.Edits, "updates": ch.Updates, "mention": ch.Mention,
	}
	for name, n := range map[string]int{"cap": ch.Cap, "mention_at": ch.MentionAt} {
		if n != 0 {
			o[name] = strconv.Itoa(n)
		}
	}
	maps.DeleteFunc(o, func(_, v string) bool { return v == "" })
	return o
}

// LLM is an optional endpoint that speaks OpenAI's protocol.
type LLM struct {
	BaseURL string `yaml:"base_url"`
	Model   string `yaml:"model"`
	APIKey  Secret `yaml:"api_key"`
}

// Defaults returns the configuration of an empty file.
func Defaults() Config {
	return Config{
		DataDir: "./data",
		Outlets: Outlets{Catalogue: true},
		Poll: Poll{
			Interval:    10 * time.Minute,
			MinInterval: time.Minute,
			MaxInterval: 6 * time.Hour,
			Concurrency: 32,
		},
		Discord: Discord{Transport: "gateway", APIURL: "https://discord.com/api"},
		Slack:   Slack{APIURL: "https://slack.com/api/", Transport: "socket", Managers: []string{"admins", "creator"}},
		Web:     Web{Listen: "127.0.0.1:8080"},
	}
}

// What a list entry has where it does not say otherwise.
const (
	DefaultAuthority = 0.5 // of an added source
	DefaultMinImpact = 50  // of an instant channel; a digest has 0: it picks the day's best anyway
	DefaultDigestAt  = "09:00"
)

// Load reads the file at path and the environment over the defaults. With an
// empty path there is no file. env is os.LookupEnv or a test's. The error is
// a [Problems] with every mistake; the Config then holds what could be read.
func Load(path string, env func(string) (string, bool)) (Config, error) {
	c, r := Defaults(), newReport(path)
	if path != "" {
		if text, ok := r.readFile(path); ok {
			r.decode(text, &c)
		}
	}
	c.environ(r, env)
	c.complete(r)
	c.check(r)
	if len(r.problems) > 0 { // one run names all
		r.problems = append(r.problems, c.unready...)
	}
	return c, r.err()
}

// Ready returns what keeps a bot with this configuration from running, and
// nothing that works without a platform: channels whose platform has no token.
func (c Config) Ready() error {
	if len(c.unready) == 0 {
		return nil
	}
	return c.unready
}

// maxFile bounds the configuration file, in bytes.
const maxFile = 1 << 20

func (r *report) readFile(path string) (text []byte, ok bool) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		r.addFile("%v", pathless(err))
		return nil, false
	case info.IsDir():
		r.addFile("is a directory: want a YAML file")
		return nil, false
	case info.Size() > maxFile:
		r.addFile("has %d bytes: want a YAML file of at most %d", info.Size(), maxFile)
		return nil, false
	}
	text, err = os.ReadFile(path)
	if err != nil {
		r.addFile("%v", pathless(err))
		return nil, false
	}
	return r.checkText(text)
}

// complete fills in what depends on other keys, before anything is checked.
func (c *Config) complete(r *report) {
	// Who asks for one interval beyond a default bound means it.
	if r.set("poll.interval") {
		if !r.set("poll.min_interval") {
			c.Poll.MinInterval = min(c.Poll.MinInterval, c.Poll.Interval)
		}
		if !r.set("poll.max_interval") {
			c.Poll.MaxInterval = max(c.Poll.MaxInterval, c.Poll.Interval)
		}
	}
	for i := range c.Outlets.Add {
		o, key := &c.Outlets.Add[i], index("sources.add", i)
		if o.ID == "" {
			o.ID = Slug(o.Name)
		}
		if o.Kind == "" {
			o.Kind = "press"
		}
		if o.Lang == "" {
			o.Lang = "en"
		}
		if !r.set(key + ".authority") {
			o.Authority = DefaultAuthority
		}
	}
	topics, err := c.Gazetteer()
	if err != nil {
		topics = topic.Default() // check names the mistake
	}
	for i := range c.Channels {
		ch, key := &c.Channels[i], index("channels", i)
		if ch.Mode == "" {
			ch.Mode = "instant"
			if ch.DigestAt != "" {
				ch.Mode = "digest"
			}
		}
		if ch.Mode == "digest" && ch.DigestAt == "" {
			ch.DigestAt = DefaultDigestAt
		}
		if ch.Mode == "instant" && !r.set(key+".min_impact") {
			ch.MinImpact = DefaultMinImpact
		}
		for j, t := range ch.Topics {
			ch.Topics[j] = TopicID(topics, t)
		}
	}
}
