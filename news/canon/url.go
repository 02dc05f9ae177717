package canon

import (
	"cmp"
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

// firstPage are the query keys whose value 1 is the page without them.
var firstPage = []string{"page", "paged"}

// redirectors carry the page they lead to in their query. Opaque ones (t.co,
// Google News) would need a request and stay what they are.
var redirectors = []struct{ host, path, key string }{
	{"l.facebook.com", "/", "u"},
	{"lm.facebook.com", "/", "u"},
	{"l.instagram.com", "/", "u"},
	{"t.umblr.com", "/", "z"},
	{"slack-redir.net", "/", "url"},
	{"out.reddit.com", "/", "url"},
	{"linkedin.com", "/redir", "url"},
	{"youtube.com", "/redirect", "q"},
	{"duckduckgo.com", "/l", "uddg"},
	{"vk.com", "/away.php", "to"},
	{"link.zhihu.com", "/", "target"},
	{"link.juejin.cn", "/", "target"},
	{"safelinks.protection.outlook.com", "/", "url"},
	{"news.url.google", "/", "url"},
}

var (
	arxiv     = regexp.MustCompile(`^/(?:abs|pdf|html)/((?:[A-Za-z-]+(?:\.[A-Za-z-]+)?/)?\d{4,7}(?:\.\d{4,5})?)(?:v\d+)?(?:\.pdf)?/?$`)
	arxivDOI  = regexp.MustCompile(`(?i)^/10\.48550/arxiv\.(.+)$`)
	ampCache  = regexp.MustCompile(`^/[cvi]/(?:s/)?(.+)$`)
	ampSuffix = regexp.MustCompile(`(?:/amp|\.amp)(?:\.html?)?/?$`)
	badEscape = regexp.MustCompile(`%(?:[^0-9A-Fa-f]|$|.[^0-9A-Fa-f]|.$)`)
)

// rounds bounds how often a URL is taken for the raw form of another. What is
// not settled then is odd enough to be nobody's second link.
const rounds = 8

// URL returns the identity of a URL: two links to one page have the same. It
// is an https URL without the marks of tracking, AMP, mobile hosts and
// trailing slashes; it need not be one that a server answers. ok is false for
// what is no http or https URL with a host. URL(URL(x)) is URL(x).
func URL(raw string) (id string, ok bool) {
	u := parse(raw)
	for range rounds {
		if u == nil {
			return "", false
		}
		next := identity(innermost(u))
		if next == id {
			return id, true
		}
		id = next
		u = parse(id)
	}
	return "", false
}

// parse reads an absolute http or https URL; nil for anything else. A per cent
// sign that escapes nothing, as in "/100%-off", stands for itself.
func parse(raw string) *url.URL {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil {
		for badEscape.MatchString(raw) {
			raw = badEscape.ReplaceAllStringFunc(raw, func(m string) string { return "%25" + m[1:] })
		}
		u, err = url.Parse(raw)
	}
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

// innermost follows redirectors and AMP caches as long as they name a page.
func innermost(u *url.URL) *url.URL {
	for left := -1; ; {
		inner := unwrap(u)
		if inner == "" {
			return u
		}
		if left < 0 {
			left = len(u.String())
		}
		v := parse(inner)
		if v == nil || len(inner) >= left { // each is part of the one around it
			return u
		}
		u, left = v, len(inner)
	}
}

// unwrap returns the page that a redirector or an AMP cache leads to, or "".
func unwrap(u *url.URL) string {
	h := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	switch {
	case strings.HasSuffix(h, ".cdn.ampproject.org"):
		if m := ampCache.FindStringSubmatch(u.EscapedPath()); m != nil {
			return withQuery("https://"+m[1], u)
		}
		return ""
	case strings.HasPrefix(h, "google."):
		if rest, ok := strings.CutPrefix(u.EscapedPath(), "/amp/"); ok {
			return withQuery("https://"+strings.TrimPrefix(rest, "s/"), u)
		}
		if u.Path == "/url" {
			q := u.Query()
			return cmp.Or(q.Get("url"), q.Get("q"))
		}
		return ""
	}
	for _, r := range redirectors {
		if (h == r.host || strings.HasSuffix(h, "."+r.host)) && strings.HasPrefix(u.Path, r.path) {
			return u.Query().Get(r.key)
		}
	}
	return ""
}

// withQuery hands a cache's query on: it is the page's.
func withQuery(page string, u *url.URL) string {
	if u.RawQuery == "" {
		return page
	}
	return page + "?" + u.RawQuery
}

func identity(u *url.URL) string {
	host := canonicalHost(u)
	p := canonicalPath(u)
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
	case "doi.org", "dx.doi.org":
		if m := arxivDOI.FindStringSubmatch(p); m != nil {
			if m := arxiv.FindStringSubmatch("/abs/" + m[1]); m != nil {
				return "https://arxiv.org/abs/" + m[1]
			}
		}
	case "youtube.com", "music.youtube.com", "youtube-nocookie.com":
		id := u.Query().Get("v")
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
	if kept := canonicalQuery(host, u.RawQuery); kept != "" {
		id += "?" + kept
	}
	if strings.HasPrefix(u.Fragment, "!") {
		id += "#" + u.EscapedFragment()
	}
	return id
}

func canonicalHost(u *url.URL) string {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if !plainHost(host) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
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

// plainHost reports whether a host in lower case is one that IDNA leaves as it is.
func plainHost(host string) bool {
	for i := range len(host) {
		if c := host[i]; c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return !strings.HasPrefix(host, ".") && !strings.Contains(host, "xn--")
}

// canonicalPath returns the escaped path without what does not change the
// page; "" for the root. An escaped slash stays one.
func canonicalPath(u *url.URL) string {
	var segments []string
	for _, s := range strings.Split(u.EscapedPath(), "/") {
		plain, err := url.PathUnescape(s)
		if err != nil {
			plain = s
		}
		switch plain {
		case "", ".":
		case "..":
			segments = segments[:max(len(segments)-1, 0)]
		default:
			segments = append(segments, unescapeCommon.Replace(url.PathEscape(plain)))
		}
	}
	p := "/" + strings.Join(segments, "/")
	for {
		before := p
		if strings.Contains(p, "amp") {
			p = ampSuffix.ReplaceAllString(p, "")
		}
		if rest, ok := strings.CutPrefix(p, "/amp/"); ok {
			p = "/" + rest
		}
		p = strings.TrimRight(p, "/")
		dir, base := path.Split(p)
		ext := path.Ext(base)
		name := strings.TrimSuffix(base, ext)
		switch ext := strings.ToLower(ext); {
		case !slices.Contains(pageTypes, ext):
		case name == "index" || name == "default":
			p = dir
		case strings.HasPrefix(ext, ".htm"):
			p = dir + name
		}
		p = strings.TrimRight(p, "/")
		if p == before {
			return p
		}
	}
}

// pageTypes are the endings of documents that a server may stand for a folder.
var pageTypes = []string{".html", ".htm", ".php", ".asp", ".aspx"}

// unescapeCommon undoes the escapes that net/url makes and browsers do not.
var unescapeCommon = strings.NewReplacer("%2C", ",", "%3B", ";")

// canonicalQuery returns the parameters that say what is read, sorted. A key
// without "=" may be all that names the page; one with an empty value is not.
func canonicalQuery(host, raw string) string {
	var kept []string
	for _, pair := range strings.Split(raw, "&") {
		k, v, valued := strings.Cut(pair, "=")
		k, v = unescape(k), unescape(v)
		if k == "" || valued && v == "" || tracks(host, k, v) {
			continue
		}
		pair = url.QueryEscape(k)
		if valued {
			pair += "=" + url.QueryEscape(v)
		}
		kept = append(kept, pair)
	}
	slices.Sort(kept)
	return strings.Join(slices.Compact(kept), "&")
}

// tracks reports whether a parameter does not change what is read.
func tracks(host, key, value string) bool {
	key = strings.ToLower(key)
	switch {
	case value == "1" && slices.Contains(firstPage, key):
		return true
	case key == "s" || key == "t":
		return host == "x.com" || host == "twitter.com"
	case key == "ref" || key == "share":
		return !slices.Contains(refCarriesIdentity, host)
	}
	return slices.ContainsFunc(tracking, func(t string) bool {
		prefix, any := strings.CutSuffix(t, "*")
		return key == t || any && strings.HasPrefix(key, prefix)
	})
}

// unescape decodes a part of a query; one that is malformed stands for itself.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
