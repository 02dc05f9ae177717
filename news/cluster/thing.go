package cluster

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	arxivID = regexp.MustCompile(`\d{4}\.\d{4,5}|[a-z-]+/\d{7}`)
	showing = regexp.MustCompile(`(?i)^(show|launch) hn\b`)
)

// Thing returns the paper, repository, model page or project that an article
// presents by its URL and title, "" for none. What presents different things
// tells different stories.
func Thing(rawURL, title string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	path := strings.ToLower(strings.Trim(u.Path, "/"))
	switch host {
	case "arxiv.org":
		if id := arxivID.FindString(path); id != "" {
			return "arxiv " + id
		}
	case "github.com", "huggingface.co", "gitlab.com", "codeberg.org":
		parts := strings.SplitN(path, "/", 3)
		if len(parts) >= 2 && parts[0] != "blog" && parts[0] != "papers" {
			return host + "/" + parts[0] + "/" + parts[1]
		}
	}
	if title != "" && mayShow(title[0]) && showing.MatchString(title) {
		if host != "" {
			return host + "/" + path
		}
		return strings.ToLower(title)
	}
	return ""
}

// mayShow reports whether a title that shows something may begin so, in any
// case that Unicode knows.
func mayShow(first byte) bool {
	return first == 's' || first == 'S' || first == 'l' || first == 'L' || first >= utf8.RuneSelf
}
