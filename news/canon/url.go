package canon

import (
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// tracking are the query keys that say where a reader came from, not what is
// read. Those that end in * are prefixes.
var tracking = strings.Fields(`
	utm_* fbclid gclid dclid gbraid wbraid msclkid yclid twclid ttclid li_fat_id igshid igsh mc_cid mc_eid mkt_tok
	_hsenc _hsmi hsctatracking vero_id oly_enc_id oly_anon_id wickedid s_kwcid ref_src ref_url cmpid ncid ocid icid spm
	smid smtyp guccounter guce_* amp outputtype __twitter_impression ref share cid taid trk sref`)

// refCarriesIdentity are hosts where "ref" or "share" is part of what is read.
var refCarriesIdentity = []string{"github.com", "gitlab.com", "huggingface.co"}

// hostPrefixes are labels that name a rendering of a site, not another site.
var hostPrefixes = []string{"www.", "m.", "mobile.", "amp.", "touch.", "edition."}

var (
	arxiv     = regexp.MustCompile(`^/(?:abs|pdf|html)/((?:[a-z-]+(?:\.[a-z-]+)?/)?\d{4,7}(?:\.\d{4,5})?)(?:v\d+)?(?:\.pdf)?/?$`)
	ampCache  = regexp.MustCompile(`^/[cvi]/(?:s/)?(.+)$`)
	ampSuffix = regexp.MustCompile(`(?:/amp|\.amp)(?:\.html?)?/?$`)
	dots      = regexp.MustCompile(`//+`)
)

// unwraps bounds how many redirectors may be wrapped around one URL.
const unwraps = 4

// URL returns the identity of a URL: two links to one page have the same. It
// is an https URL without the marks of tracking, AMP, mobile hosts and
// trailing slashes; it need not be one that a server answers. ok is false for
// what is no http or https URL with a host. URL(URL(x)) is URL(x).
func URL(raw string) (id string, ok bool) {
	u := parse(raw)
	for range unwraps {
		if u == nil {
			return "", false
		}
		inner := unwrap(u)
		if inner == "" {
			break
		}
		if v := parse(inner); v != nil {
			u = v
		} else {
			break
		}
	}
	if u == nil {
		return "", false
	}
	return identity(u), true
}

// parse reads an absolute http or https URL; nil for anything else.
func parse(raw string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

// unwrap returns the page that a redirector or an AMP cache leads to, or "".
func unwrap(u *url.URL) string {
	h := strings.ToLower(u.Hostname())
	q := u.Query()
	switch {
	case strings.HasSuffix(h, ".cdn.ampproject.org"):
		if m := ampCache.FindStringSubmatch(u.EscapedPath()); m != nil {
			return "https://" + m[1]
		}
	case googleHost(h):
		if rest, ok := strings.CutPrefix(u.EscapedPath(), "/amp/"); ok {
			return "https://" + strings.TrimPrefix(rest, "s/")
		}
		if u.Path == "/url" {
			if t := q.Get("url"); t != "" {
				return t
			}
			return q.Get("q")
		}
	case h == "l.facebook.com" || h == "lm.facebook.com":
		return q.Get("u")
	case h == "t.umblr.com":
		return q.Get("z")
	case h == "slack-redir.net" || h == "www.linkedin.com" && strings.HasPrefix(u.Path, "/redir"):
		return q.Get("url")
	}
	return ""
}

func googleHost(h string) bool {
	return strings.HasPrefix(h, "www.google.") || strings.HasPrefix(h, "google.") || h == "news.url.google"
}

func identity(u *url.URL) string {
	host := canonicalHost(u)
	p := canonicalPath(u)
	q := u.Query()
	switch host {
	case "arxiv.org", "export.arxiv.org":
		host = "arxiv.org"
		if m := arxiv.FindStringSubmatch(p); m != nil {
			return "https://arxiv.org/abs/" + m[1]
		}
	case "youtu.be":
		if id := strings.Trim(p, "/"); id != "" && !strings.Contains(id, "/") {
			return "https://youtube.com/watch?v=" + url.QueryEscape(id)
		}
	case "youtube.com", "music.youtube.com":
		id := q.Get("v")
		for _, short := range []string{"/shorts/", "/live/", "/embed/"} {
			if rest, ok := strings.CutPrefix(p, short); ok {
				id, _, _ = strings.Cut(rest, "/")
			}
		}
		if id != "" {
			return "https://youtube.com/watch?v=" + url.QueryEscape(id)
		}
	}
	id := "https://" + host + p
	if kept := canonicalQuery(host, q); kept != "" {
		id += "?" + kept
	}
	if strings.HasPrefix(u.Fragment, "!") {
		id += "#" + u.EscapedFragment()
	}
	return id
}

func canonicalHost(u *url.URL) string {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	for cut := true; cut; {
		cut = false
		for _, p := range hostPrefixes {
			// "m.example" is a site of its own: what is left must be a domain.
			if rest, ok := strings.CutPrefix(host, p); ok && strings.Contains(rest, ".") && net.ParseIP(host) == nil {
				host, cut = rest, true
			}
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host
}

// canonicalPath returns the escaped path without what does not change the
// page; "" for the root.
func canonicalPath(u *url.URL) string {
	p := u.Path
	if p == "" {
		return ""
	}
	p = path.Clean(dots.ReplaceAllString("/"+p, "/"))
	for {
		before := p
		p = ampSuffix.ReplaceAllString(p, "")
		if rest, ok := strings.CutPrefix(p, "/amp/"); ok {
			p = "/" + rest
		}
		p = strings.TrimRight(p, "/")
		dir, base := path.Split(p)
		if name, ext, ok := strings.Cut(base, "."); ok && slices.Contains([]string{"html", "htm", "php", "asp", "aspx"}, strings.ToLower(ext)) {
			switch {
			case name == "index" || name == "default":
				p = dir
			case strings.HasPrefix(strings.ToLower(ext), "htm"):
				p = dir + name
			}
		}
		p = strings.TrimRight(p, "/")
		if p == before {
			return (&url.URL{Path: p}).EscapedPath()
		}
	}
}

func canonicalQuery(host string, q url.Values) string {
	for key, values := range q {
		k := strings.ToLower(key)
		drop := slices.ContainsFunc(tracking, func(t string) bool {
			if (t == "ref" || t == "share") && slices.Contains(refCarriesIdentity, host) {
				return false
			}
			prefix, any := strings.CutSuffix(t, "*")
			return k == t || any && strings.HasPrefix(k, prefix)
		})
		if k == "s" && host == "x.com" || k == "s" && host == "twitter.com" || !slices.ContainsFunc(values, func(v string) bool { return v != "" }) {
			drop = true
		}
		if drop {
			delete(q, key)
		}
	}
	return q.Encode() // sorts by key
}
