package bot

// A Card is a message that no platform has rendered yet. All its text is
// plain: an adapter escapes what its platform would take for markup, and
// shortens what is too long for it. An empty field is left out.
type Card struct {
	Title    string
	URL      string // of Title, http or https
	Text     string // one to three sentences below the title
	Badges   []Badge
	Facts    []Fact
	Sections []Section
	Footer   string
	Image    string // URL of a picture
	Picture  *Picture
	Buttons  []Button
	Menu     *Menu
	Tone     Tone
	Lang     Lang   // of its words, for those that an adapter adds
	Mention  string // the platform's ID of the role or group that is mentioned: the only mention there is
	Form     *Form  // of an answer: see Reply.Form
	// Tags are the names that it may be filed under where a channel has such:
	// the status and the topics of its story, as people read them.
	Tags []string `json:"-"`
}

// A Form asks a person for several values at once.
type Form struct {
	Title  string  // at most 24 characters
	Submit string  // on its button, at most 24 characters
	Line   string  // the Line of the Invocation that it becomes
	Fields []Field // one to five
}

// A Field is one value of a Form: chosen where there are Choices, else written.
type Field struct {
	Name    string   // of the Option that it sets
	Label   string   // at most 45 characters
	Hint    string   // an example of what to write, at most 100 characters
	Value   string   // what stands there; several with commas
	Choices []Choice // at most ChoicesMost
	Many    bool     // any number of Choices, or of what is suggested, may be chosen, none too
	Suggest bool     // Handler.Suggest knows values of the option
	Command string   // with Suggest: the name of the Command whose option it is
	Chosen  []Choice // with Suggest and Many: the values of Value; only what is suggested is a value
}

// A Picture is one that the bot drew. It takes the place of Image.
type Picture struct {
	PNG []byte
	Alt string // what it shows, in words, for those who do not see it
}

// A Badge is a short mark such as the impact or the status.
type Badge struct {
	Label string // "Impact", "Status"
	Value string // "81", "rumour"
	Meter int    // percent of a bar to draw beside it; 0 draws none
}

// A Fact is a labelled value: "Sources" "The Verge, Heise (+3)".
type Fact struct {
	Label, Value string
}

// A Section is a titled list.
type Section struct {
	Title string
	Lines []Line
}

// A Line is one entry of a section.
type Line struct {
	Mark   string // what buttons call the entry, before it in place of a bullet: "1"
	Text   string // the entry itself, plain
	URL    string // where Text leads
	Note   string // short, beside Text: "81 · rumour · 9 sources · 3 h ago"
	Detail string // one to three sentences below it
	// Channel is what the entry is, where it is one: its own platform shows it as
	// it mentions channels, others show Text. Nobody is notified of it.
	Channel Channel `json:",omitempty"`
}

// A Button asks a command or opens a page.
type Button struct {
	Label  string
	Line   string // the words of the command it asks, as after /news: "why k3j2"
	URL    string // or the page it opens
	Accent bool
}

// LineMost is how many characters of a Line there is room for on every
// platform in a message without a key: Discord takes a hundred, of which its
// adapter needs some.
const LineMost = 95

// A Menu lets a person choose among what an option suggests as they type. It
// is drawn where a platform has such a thing, and left out elsewhere: what it
// asks can be typed, too.
type Menu struct {
	Label   string // what stands in it before anything is typed: "Another topic"
	Command string // a Command's name
	Option  string // the Option that is chosen, and suggested by Handler.Suggest
}

// A Tone colours a card.
type Tone int

// The tones: by impact, and for answers that are no story.
const (
	Plain    Tone = iota
	Low           // impact below 40
	Medium        // 40 to 59
	High          // 60 to 79
	Critical      // 80 and up
	Mistake       // the person's command could not be read
	Failure       // the bot failed
)
