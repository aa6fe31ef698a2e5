package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const watchedFamilies = `
families:
  - {label: harbour, sites: [harbour-leaks.example, docs.hosting.test]}
  - {label: pier, sites: [quay.github.io]}
`

// runLinks runs `doxtrail links` on a text.
func runLinks(t *testing.T, list, text string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	s := &testStudy{t: t, dir: t.TempDir()}
	s.temp = s.dir
	if list != "" {
		s.write("watchlist.yaml", list)
		s.write("doxtrail.yaml", "watchlist: watchlist.yaml\n")
	}
	before, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	cmd := s.command(ctx, append([]string{"links"}, args...)...)
	var out, notes bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &out, &notes
	_ = cmd.Run() // the exit code says it
	after, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Errorf("%d files before, %d after: something was stored", len(before), len(after))
	}
	return out.String(), notes.String(), cmd.ProcessState.ExitCode()
}

func shownLinks(t *testing.T, out string) []shownLink {
	t.Helper()
	var links []shownLink
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	for {
		var link shownLink
		err := decoder.Decode(&link)
		if err == io.EOF {
			return links
		}
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, link)
	}
}

func TestLinksAreShown(t *testing.T) {
	t.Parallel()
	out, notes, code := runLinks(t, watchedFamilies, strings.Join([]string{
		"見hxxps://www.harbour-leaks[.]example/card?a=1&b=2。",
		"nothing here",
		"HarbourLeaks dot org\r",
		"https://harb0ur-leaks.test, quay.pages.dev and harborleaks.org",
		"https://web.archive.org/web/2020/https://docs.hosting.test/a mirror.example/harbour-leaks",
	}, "\n"))
	if code != exitDone || notes != "" {
		t.Fatalf("exit %d\n%s", code, notes)
	}
	want := []shownLink{
		{1, 3, 51, "hxxps://www.harbour-leaks[.]example/card?a=1&b=2", "harbour-leaks.example", "harbour-leaks.example", "www.harbour-leaks.example/card?a=1&b=2", "exact", "host", "harbour", []string{"scheme", "bracket_dot"}},
		{3, 0, 20, "HarbourLeaks dot org", "harbourleaks.org", "harbourleaks.org", "harbourleaks.org/", "lookalike", "hyphens", "harbour", []string{"spaced_dot"}},
		{4, 0, 26, "https://harb0ur-leaks.test", "harb0ur-leaks.test", "harb0ur-leaks.test", "harb0ur-leaks.test/", "lookalike", "letters", "harbour", []string{}},
		{4, 28, 42, "quay.pages.dev", "quay.pages.dev", "pages.dev", "quay.pages.dev/", "permutation", "suffix", "pier", []string{}},
		{4, 47, 62, "harborleaks.org", "harborleaks.org", "harborleaks.org", "harborleaks.org/", "near", "edit", "harbour", []string{}},
		{5, 0, 60, "https://web.archive.org/web/2020/https://docs.hosting.test/a", "web.archive.org", "archive.org", "web.archive.org/web/2020/https:/docs.hosting.test/a", "none", "", "", []string{}},
		{5, 0, 60, "https://web.archive.org/web/2020/https://docs.hosting.test/a", "docs.hosting.test", "hosting.test", "docs.hosting.test/a", "exact", "host", "harbour", []string{"embedded"}},
		{5, 61, 89, "mirror.example/harbour-leaks", "mirror.example", "mirror.example", "mirror.example/harbour-leaks", "none", "", "", []string{}},
	}
	if diff := cmp.Diff(shownLinks(t, out), want); diff != "" {
		t.Errorf("links (-got +want):\n%s", diff)
	}
	if !strings.Contains(out, `?a=1&b=2"`) || strings.Contains(out, "null") {
		t.Errorf("not as it stands: %s", out)
	}
}

func TestLinksWithoutAWatchList(t *testing.T) {
	t.Parallel()
	out, notes, code := runLinks(t, "", "harbour-leaks dot org mirror.example/x")
	links := shownLinks(t, out)
	if code != exitDone || notes != "" || len(links) != 1 || links[0].URL != "mirror.example/x" || links[0].Level != "none" {
		t.Errorf("exit %d, %s%s", code, out, notes)
	}
	if out, notes, code := runLinks(t, watchedFamilies, ""); code != exitDone || out != "" || notes != "" {
		t.Errorf("of no text: exit %d, %s%s", code, out, notes)
	}
}

func TestLinksOfBadLines(t *testing.T) {
	t.Parallel()
	const person = "fong-ka-ming"
	text := "a.example\n" +
		strings.Repeat(person, maxLinkLine/len(person)+1) + " b.example\n" +
		"c.example/" + person + "\xff\n" +
		strings.Repeat("d", maxLinkLine-len(" e.example")) + " e.example\r\n" +
		"f.example"
	out, notes, code := runLinks(t, watchedFamilies, text)
	var hosts []string
	for _, link := range shownLinks(t, out) {
		hosts = append(hosts, link.Host)
	}
	if diff := cmp.Diff(hosts, []string{"a.example", "e.example", "f.example"}); diff != "" || code != exitDone {
		t.Errorf("exit %d, hosts (-got +want):\n%s", code, diff)
	}
	want := "line 2: longer than 256 KiB: it was not read; break it into several lines\n" +
		"line 3: not UTF-8: it was not read; save the text as UTF-8\n"
	if diff := cmp.Diff(notes, want); diff != "" {
		t.Errorf("notes (-got +want):\n%s", diff)
	}
	_, notes, _ = runLinks(t, watchedFamilies, strings.Repeat("\xff\n", maxRefused+3))
	if lines := strings.Count(notes, "\n"); lines != maxRefused+1 || !strings.HasSuffix(notes, "\nand 3 lines more\n") {
		t.Errorf("%d lines of notes: %s", lines, notes)
	}
}

func TestLinksSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list string
		args []string
		want string
	}{
		"an address as an argument": {watchedFamilies, []string{"https://mirror.example"}, "doxtrail: nothing but flags may follow; see `doxtrail links --help`\n"},
		"a broken watch list":       {"families: [{label: a}]", nil, "doxtrail: check watch list:\nfamilies[0].sites: names no site\n"},
	} {
		out, notes, code := runLinks(t, tc.list, "mirror.example", tc.args...)
		if out != "" || notes != tc.want || code != exitUsage {
			t.Errorf("%s: exit %d, %s%s", name, code, out, notes)
		}
	}
}
