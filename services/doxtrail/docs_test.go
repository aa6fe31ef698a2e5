package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// documented finds command lines in the papers: what follows the name of the
// binary, or that of a container that runs it, up to what the shell takes.
var documented = regexp.MustCompile("(?:bin/doxtrail|[$`] ?doxtrail|dt run --rm(?: -\\S+)* (?:command|maintenance|collector-telegram --config \\S+)) ((?:\"[^\"\n]*\"|'[^'\n]*'|[^`\n#<>|(\"'])+)")

// quoted finds an argument in quotes.
var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)

// stands puts something in the place of what a reader has to fill in.
var stands = strings.NewReplacer("SERVICE", "recorder", "SEQUENCE", "1")

// Whoever copies a command from the papers gets past its flags and arguments.
func TestCommandsOfThePapersAreUnderstood(t *testing.T) {
	for _, paper := range []string{"README.md", "ARCHITECTURE.md", "PRIVACY.md", "SECURITY.md", "deploy/README.md", "deploy/embedded/README.md"} {
		text, err := os.ReadFile("../../" + paper)
		if err != nil {
			t.Fatal(err)
		}
		found := documented.FindAllStringSubmatch(string(text), -1)
		for _, line := range found {
			words := strings.Fields(stands.Replace(quoted.ReplaceAllString(line[1], "QUOTED")))
			if len(words) == 1 {
				continue // only its name
			}
			cmd, rest, err := newRoot().Find(words)
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err == nil {
				err = cmd.ValidateArgs(cmd.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: doxtrail %s: %v", paper, strings.TrimSpace(line[1]), err)
			}
		}
		if paper == "README.md" && len(found) < 10 || paper == "deploy/README.md" && len(found) < 10 {
			t.Errorf("%s: only %d commands were found", paper, len(found))
		}
	}
}

// Whoever copies the configuration of live collection from the README, as it
// stands, has one that is taken.
func TestTheReadmesConfigurationOfLiveCollectionIsTaken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n### Set it up\n")
	if !found {
		t.Fatal("the README does not say how to set live collection up")
	}
	s := &testStudy{t: t, dir: t.TempDir()}
	for _, name := range []string{"doxtrail.yaml", "watchlist.yaml"} {
		_, rest, found := strings.Cut(section, "\n    # "+name+"\n")
		if !found {
			t.Fatalf("the README has no %s", name)
		}
		var file strings.Builder
		for line := range strings.Lines(rest) {
			if strings.TrimSpace(line) == "" {
				break
			}
			file.WriteString(strings.TrimPrefix(line, "    "))
		}
		s.write(name, file.String())
	}
	r := s.run("check-config")
	if r.code != exitDone || r.stdout != "ok: 1 family, 1 watched channel\n" {
		t.Errorf("exit %d, %q\n%s", r.code, r.stdout, r.stderr)
	}
	cfg, err := (&options{config: s.path("doxtrail.yaml")}).load()
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.CollectorTelegram.Enabled() || cfg.CollectorTelegram.TermsBasis == "" || cfg.LegalBasis.Expires == "" {
		t.Error("the README's configuration lets nothing be collected")
	}
}

// Whoever copies what the README says of X has a configuration that may collect.
func TestTheReadmesConfigurationOfXIsTaken(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n    # doxtrail.yaml, beside legal_basis\n")
	if !found {
		t.Fatal("the README does not say how to set X up")
	}
	section, _, _ := strings.Cut(rest, "\n\n")
	s := &testStudy{t: t, dir: t.TempDir()}
	s.write("doxtrail.yaml", strings.ReplaceAll("\n"+section, "\n    ", "\n")+"\n")
	cfg, err := (&options{config: s.path("doxtrail.yaml")}).load()
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.CollectorTwitter.Live() {
		t.Errorf("the README's configuration lets nothing be collected: %v", cfg.CollectorTwitter.Refusal())
	}
}
