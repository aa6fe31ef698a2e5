package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests read the source as text, because every service shares one
// binary and the compiler would let any package import any other.

const (
	root   = "../.."
	module = "github.com/doxtrail/doxtrail/"
	// maxLines is where a file surely holds two ideas.
	maxLines = 500
)

// layers lists the packages from the bottom up. A package may import its own
// layer and those below it.
var layers = [][]string{
	{"proto/doxtrail/v1"},
	{"pkg/privacy", "pkg/cardlink", "pkg/fingerprint", "pkg/watchlist", "pkg/archive", "pkg/campaign"},
	{"pkg/bus", "pkg/store", "pkg/embedded", "pkg/cursor", "pkg/throttle", "pkg/config", "pkg/haul", "pkg/lease", "pkg/patience", "pkg/audit", "pkg/redirect"},
	{"pkg/service"},
	{"services/provisioner", "services/collector/", "services/normaliser", "services/recorder", "services/reporter", "services/liaison", "services/console"},
	{"services/doxtrail", "deploy"},
}

// doors names, for each outside dependency, the only packages that may import
// it. The longest matching prefix counts.
var doors = map[string][]string{
	"github.com/nats-io/nats.go":                 {"pkg/bus", "deploy/nats"},
	"github.com/nats-io/nats-server":             {"pkg/embedded"},
	"github.com/ebitengine/purego":               {"pkg/embedded"},
	"github.com/ClickHouse/clickhouse-go/v2":     {"pkg/store"},
	"github.com/ClickHouse/clickhouse-go/v2/lib": {"pkg/store", "pkg/embedded"},
	"github.com/ClickHouse/ch-go":                {"pkg/store", "pkg/embedded"},
	"github.com/gotd/td":                         {"services/collector/telegram"},
	"github.com/g8rswimmer/go-twitter":           {"services/collector/twitter/internal/api"},
	"github.com/prometheus/prometheus":           {"deploy"},
	"github.com/spf13/cobra":                     {"services/doxtrail"},
	"go.yaml.in/yaml/v3":                         {"pkg/config", "pkg/watchlist", "deploy"},
	"github.com/nlnwa/whatwg-url":                {"pkg/cardlink"},
	"code.dny.dev/ssrf":                          {"pkg/redirect"},
	"crypto/hpke":                                {"pkg/privacy"},
	"filippo.io/age":                             {"pkg/privacy"},
}

// topLevel is what the repository's first folder may hold.
var topLevel = []string{
	".ci", ".git", ".gitignore", ".golangci.yml", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "DECISIONS.md",
	"LICENSE", "Makefile", "PRIVACY.md", "README.md", "SECURITY.md", "buf.gen.yaml", "buf.yaml", "deploy",
	"docker-compose.yml", "go.mod", "go.sum", "pkg", "proto", "services",
	".tools", "bin", "data", "demo", "demo-live", "profile", // made by make, ignored by git
}

type source struct {
	path    string // slash-separated, from the root
	pkg     string // folder of path
	test    bool
	imports []string
	file    *ast.File
	lines   int
}

func goFiles(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(path, root), string(filepath.Separator)))
		if d.IsDir() {
			if d.Name() == "node_modules" || rel == ".tools" || rel == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, ".pb.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), rel, text, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{path: rel, pkg: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(rel, "_test.go"), file: f, lines: bytes.Count(text, []byte("\n"))}
		for _, i := range f.Imports {
			s.imports = append(s.imports, strings.Trim(i.Path.Value, `"`))
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d source files found: the walk is broken", len(all))
	}
	return all
}

// within says whether pkg is the folder or lies below it.
func within(pkg, folder string) bool {
	folder = strings.TrimSuffix(folder, "/")
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(layer []string) bool {
		return slices.ContainsFunc(layer, func(folder string) bool { return within(pkg, folder) })
	})
}

func isTestSupport(pkg string) bool { return strings.HasSuffix(pkg, "test") }

func TestEveryPackageHasALayer(t *testing.T) {
	for _, s := range goFiles(t) {
		if layerOf(s.pkg) < 0 {
			t.Errorf("%s: a folder that is not in the layout; see ARCHITECTURE.md and DECISIONS.md", s.path)
		}
	}
}

func TestImportsGoDown(t *testing.T) {
	for _, s := range goFiles(t) {
		if s.test || isTestSupport(s.pkg) {
			continue
		}
		for _, i := range s.imports {
			target, ours := strings.CutPrefix(i, module)
			if !ours {
				continue
			}
			if isTestSupport(target) {
				t.Errorf("%s imports test support %s", s.path, target)
			}
			from, to := layerOf(s.pkg), layerOf(target)
			if to > from {
				t.Errorf("%s imports %s, which is above it", s.path, target)
			}
			service := strings.HasPrefix(s.pkg, "services/") && s.pkg != "services/doxtrail"
			if service && to == from && !within(target, s.pkg) && !within(s.pkg, target) {
				t.Errorf("%s imports another service, %s", s.path, target)
			}
		}
	}
}

func TestOutsideDependenciesHaveOneDoor(t *testing.T) {
	for _, s := range goFiles(t) {
		for _, i := range s.imports {
			best := ""
			for prefix := range doors {
				if within(i, prefix) && len(prefix) > len(best) {
					best = prefix
				}
			}
			if best == "" || s.test && within(s.pkg, "pkg/embedded") {
				continue // the façade is tested with the clients it serves
			}
			if !slices.ContainsFunc(doors[best], func(door string) bool { return within(s.pkg, door) }) {
				t.Errorf("%s imports %s; only %v may", s.path, i, doors[best])
			}
		}
	}
}

// fakes are platforms within a process, for tests and the demo.
func fakes() []string {
	return []string{"services/collector/telegram/fake", "services/collector/twitter/fake"}
}

// A fake is no test support by its name, for the demo shows it.
func TestNoServiceImportsAFakePlatform(t *testing.T) {
	for _, s := range goFiles(t) {
		for _, fake := range fakes() {
			if s.test || within(s.pkg, fake) || within(s.pkg, "deploy") {
				continue
			}
			for _, i := range s.imports {
				if target, ours := strings.CutPrefix(i, module); ours && within(target, fake) {
					t.Errorf("%s imports %s, which is for tests and deploy alone", s.path, fake)
				}
			}
		}
	}
}

// Whoever imports an archive, or runs anything but a live collector, makes no request
// to a shortener: there is no client to make it with.
func TestOnlyLiveCollectorsAskShorteners(t *testing.T) {
	for _, s := range goFiles(t) {
		if !within(s.pkg, "services") || within(s.pkg, "services/collector/telegram") || within(s.pkg, "services/collector/twitter") {
			continue
		}
		for _, i := range s.imports {
			if target, ours := strings.CutPrefix(i, module); ours && within(target, "pkg/redirect") {
				t.Errorf("%s imports pkg/redirect, which only live collectors may", s.path)
			}
		}
	}
}

func TestPackageNames(t *testing.T) {
	bad := []string{"util", "utils", "common", "helper", "helpers", "manager", "models", "types", "misc", "base", "shared"}
	for _, s := range goFiles(t) {
		if slices.Contains(bad, s.file.Name.Name) {
			t.Errorf("%s: package %s says nothing about what it gives", s.path, s.file.Name.Name)
		}
	}
}

func TestEveryPackageIsDescribed(t *testing.T) {
	described := map[string]bool{}
	for _, s := range goFiles(t) {
		if !s.test {
			described[s.pkg] = described[s.pkg] || s.file.Doc != nil
		}
	}
	for pkg, ok := range described {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

func TestFilesHoldOneIdea(t *testing.T) {
	for _, s := range goFiles(t) {
		if s.lines > maxLines {
			t.Errorf("%s has %d lines; look for the second idea in it", s.path, s.lines)
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s does not belong on the top level", e.Name())
		}
	}
}

func TestEveryServiceHasTheSameFiles(t *testing.T) {
	for _, dir := range []string{"provisioner", "collector/archive", "collector/telegram", "normaliser", "recorder"} {
		for _, name := range []string{"config.go", "metrics.go", "README.md"} {
			if _, err := os.Stat(filepath.Join(root, "services", dir, name)); err != nil {
				t.Errorf("services/%s lacks %s", dir, name)
			}
		}
	}
}
