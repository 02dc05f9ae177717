package slack

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"newsdesk/bot"
)

func TestPreferredLanguage(t *testing.T) {
	for header, want := range map[string]bot.Lang{
		"": bot.English, "de": bot.German, "de-AT,de;q=0.9,en;q=0.8": bot.German, "en-GB,en;q=0.9,de;q=0.8": bot.English,
		"fr,de;q=0.5": bot.German, "de;q=0.3, en;q=0.7": bot.English, "fr": bot.English, "*": bot.English, "d e;;": bot.English,
	} {
		if got := preferred(header); got != want {
			t.Errorf("%q prefers %d, want %d", header, got, want)
		}
	}
}

// TestInstallPagesInGerman: what begins on the install page is answered in the
// language of the browser.
func TestInstallPagesInGerman(t *testing.T) {
	h := openHall(t, false)
	h.slack.Visit(teamOne)
	for _, test := range []struct{ path, lang, want, html string }{
		{InstallPath, "de-DE,de;q=0.9", "<h1>Newsdesk ist in One installiert</h1>", `<html lang="de">`},
		{InstallPath, "en", "<h1>Newsdesk is installed in One</h1>", `<html lang="en">`},
		{CallbackPath, "de", "Auf der Seite dieses Bots beginnen", "Von vorn beginnen</a>"},
		{CallbackPath + "?error=access_denied", "de", "Nichts wurde geändert", "Von vorn beginnen</a>"},
		{CallbackPath + "?error=<b>", "de", "Slack hat die Installation beendet: &lt;b&gt;.", `<html lang="de">`},
		{CallbackPath + "?state=x", "de", "Dieser Link stammt nicht von diesem Bot", `<html lang="de">`},
	} {
		b := newBrowser(t)
		b.Transport = speaks{test.lang}
		if _, text, _ := b.visit(h.pages.URL + test.path); !strings.Contains(text, test.want) || !strings.Contains(text, test.html) {
			t.Errorf("%s in %s: %s", test.path, test.lang, text)
		}
	}
}

// speaks has a browser prefer languages.
type speaks struct{ languages string }

func (s speaks) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Language", s.languages)
	return http.DefaultTransport.RoundTrip(r)
}

// TestPagesAreTranslated holds the texts of the pages against their German.
func TestPagesAreTranslated(t *testing.T) {
	used := map[string]bool{}
	for _, file := range []string{"install.go", "installpage.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		text := func(e ast.Expr) {
			if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, _ := strconv.Unquote(l.Value); s != "" {
					used[s] = true
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "phrase" {
					text(n.Args[0])
				} else if ok && name.Name == "failed" {
					text(n.Args[1])
				}
			case *ast.FuncDecl:
				if n.Name.Name == "unfit" {
					ast.Inspect(n, func(n ast.Node) bool {
						if r, ok := n.(*ast.ReturnStmt); ok {
							text(r.Results[0])
						}
						return true
					})
				}
			}
			return true
		})
	}
	for s := range used {
		if germanPages[s] == "" {
			t.Errorf("no German for %q", s)
		}
	}
	for s, german := range germanPages {
		if !used[s] {
			t.Errorf("German for %q, which no page says", s)
		}
		if strings.Count(s, "%") != strings.Count(german, "%") {
			t.Errorf("%q and %q tell of different things", s, german)
		}
	}
}
