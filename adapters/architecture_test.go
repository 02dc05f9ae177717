// Package adapters_test holds the tests of the assembled house: who may import
// whom, and the built binary between real feeds and fake platforms.
package adapters_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "newsdesk"

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for i, imp := range p.Imports {
			p.Imports[i] = strings.TrimPrefix(imp, module+"/")
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("go list found %d packages: is this the repository?", len(all))
	}
	return all
}

// within reports whether pkg is one of dirs or below it.
func within(pkg string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return pkg == d || strings.HasPrefix(pkg, d+"/") })
}

// isTestKit reports whether pkg is a kit that only tests may import.
func isTestKit(pkg string) bool { return strings.HasSuffix(path.Base(pkg), "test") }

// TestArrowsPointDown checks the plan of the house: which package may import
// which of ours.
func TestArrowsPointDown(t *testing.T) {
	pure := []string{"news/feed", "news/canon", "news/cluster", "news/impact", "news/topic", "news/brief"}
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if !within(imp, "news", "bot", "adapters", "config") {
				continue
			}
			var allowed bool
			switch from := p.ImportPath; {
			case isTestKit(from):
				allowed = true
			case from == "":
				allowed = imp == "config" || imp == "adapters/commandline"
			case from == "config":
				// A channel's topics are checked against the gazetteer's names.
				allowed = imp == "news" || imp == "bot" || imp == "news/topic"
			case imp == "adapters/commandline": // whoever wires it all is imported by main alone
			case from == "adapters/commandline":
				allowed = !isTestKit(imp)
			case from == "adapters/web":
				allowed = imp == "news" || imp == "bot" || within(imp, pure...) || imp == "adapters/discord" || imp == "adapters/slack"
			case within(from, "adapters"):
				allowed = imp == "news" || imp == "bot" || within(imp, pure...)
			case from == "bot/chart":
				allowed = false
			case within(from, "bot"):
				allowed = imp == "news" || within(imp, pure...) || imp == "bot/chart"
			case within(from, pure...):
				allowed = false
			case from == "news":
				allowed = within(imp, pure...)
			case within(from, "news"):
				allowed = imp == "news" || within(imp, pure...)
			}
			if !allowed || isTestKit(imp) && !isTestKit(p.ImportPath) {
				t.Errorf("%s/%s may not import %s", module, p.ImportPath, imp)
			}
		}
	}
}

// TestLibrariesStayInTheirRooms checks that each library which shapes code is
// used in one place only, where it can be replaced.
func TestLibrariesStayInTheirRooms(t *testing.T) {
	rooms := map[string][]string{
		"github.com/mmcdole/gofeed":             {"news/feed"},
		"github.com/redis/go-redis":             {"adapters/redisstore"},
		"go.etcd.io/bbolt":                      {"adapters/boltstore"},
		"github.com/bwmarrin/discordgo":         {"adapters/discord"},
		"github.com/slack-go/slack":             {"adapters/slack"},
		"github.com/goccy/go-yaml":              {"config"},
		"github.com/alicebob/miniredis":         {},
		"github.com/chromedp/chromedp":          {},
		"github.com/santhosh-tekuri/jsonschema": {},
		"github.com/prometheus":                 {"adapters/web"},
		"github.com/alecthomas/kong":            {""},
	}
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			for lib, dirs := range rooms {
				if !within(imp, lib) {
					continue
				}
				used[lib] = true
				if !within(p.ImportPath, dirs...) {
					t.Errorf("%s/%s may not import %s: it belongs in %q", module, p.ImportPath, imp, dirs)
				}
			}
		}
	}
	for lib, dirs := range rooms {
		if len(dirs) > 0 && !used[lib] {
			t.Errorf("no package imports %s: the rule guards nothing", lib)
		}
	}
}

// TestNamesOfRooms keeps drawers without a name out, and the top level as the
// README shows it.
func TestNamesOfRooms(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains([]string{"util", "utils", "common", "types", "helpers", "internal", "misc"}, path.Base(p.ImportPath)) {
			t.Errorf("package %s: name it for what it owns", p.ImportPath)
		}
	}
	top, err := exec.Command("git", "-C", "..", "ls-files").Output()
	if err != nil {
		t.Skipf("NOT TESTED: no git checkout, the top level is not checked: %v", err)
	}
	allowed := []string{
		"bot", "adapters", "news", "config", "main.go", "go.mod", "go.sum", "Dockerfile", "README.md",
		"compose.yaml", "CHANGELOG.md", "SECURITY.md", "docs", "deploy",
	}
	for _, f := range strings.Fields(string(top)) {
		name, _, _ := strings.Cut(f, "/")
		if _, err := os.Stat(path.Join("..", name)); err == nil && !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) {
			t.Errorf("%s does not belong at the top level", name)
		}
	}
}

// skips are where tests are left out, and why. What rapid discards is drawn anew.
var skips = regexp.MustCompile(`\b(?:t|b|tb)\.Skipf?\((.*)`)

// TestSkipsSayWhatTheyHide checks that a test which is left out says so in
// words that are looked for: NOT TESTED, NOT MEASURED, NOT LEARNT, NOT DRAWN.
func TestSkipsSayWhatTheyHide(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, s := range skips.FindAllStringSubmatch(string(text), -1) {
			found++
			if why := s[1]; !strings.HasPrefix(why, `"NOT `) && why != ")" && why != "without) })" && !strings.HasPrefix(why, "(.*)") {
				t.Errorf("%s: a test is left out for %s", file, why)
			}
		}
		return err
	})
	if err != nil || found < 20 {
		t.Errorf("%d skips, %v", found, err)
	}
}
