package watchlist

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `
families:
  - label: harbour-leaks
    sensitive: true
    sites: [harbour-leaks.example, docs.hosting.test]
    pages: [/, /list, /about.html]
    patterns: ["harbour-*"]
    terms: [harbour]
  - label: pier-cards
    sites:
      - pier-cards.example
channels:
  - label: tg-news-1
    platform: telegram
    id: 1234
    reason: carries cards since May
  - label: x-1
    platform: twitter
    name: "@Pier_Watch"
  - label: x-2
    platform: twitter
    id: 5678
    name: Pier_Talk
`

func TestParseReadsEveryKey(t *testing.T) {
	got, err := Parse(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := &List{
		Families: []Family{
			{
				Label: "harbour-leaks", Sensitive: true, Sites: []string{"harbour-leaks.example", "docs.hosting.test"},
				Pages: []string{"/", "/list", "/about.html"}, Patterns: []string{"harbour-*"}, Terms: []string{"harbour"},
			},
			{Label: "pier-cards", Sites: []string{"pier-cards.example"}},
		},
		Channels: []Channel{
			{Label: "tg-news-1", Platform: "telegram", ID: "1234", Reason: "carries cards since May"},
			{Label: "x-1", Platform: "twitter", Name: "@Pier_Watch"},
			{Label: "x-2", Platform: "twitter", ID: "5678", Name: "Pier_Talk"},
		},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestAnEmptyFileIsAnEmptyList(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "families: []\n", "families:\nchannels:\n"} {
		list, err := Parse(strings.NewReader(text))
		if err != nil || len(list.Families) != 0 || len(list.Channels) != 0 {
			t.Errorf("%q gives %v, %v", text, list, err)
		}
	}
}

func TestParseIsStrict(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":          {"families:\n  - label: a\n    sits: [a.example]\n", "line 3: unknown key; known are label, sensitive, sites, pages, patterns, terms"},
		"an unknown key above":    {"match: any\n", "line 1: unknown key; known are families, channels"},
		"two unknown keys":        {"a: 1\nb: 2\n", "line 1: unknown key; known are families, channels, signals\nline 2: unknown key"},
		"a name for a key":        {"channels:\n  - s3cret. s3cret: a\n", "line 2: unknown key; known are label, platform, id, name, reason"},
		"a key that stands twice": {"families:\n  - label: a\n    label: b\n", "line 3: key stands twice"},
		"a wrong type":            {"families:\n  - label: a\n    sensitive: s3cret\n", "line 3: wrong type of value"},
		"a list for a value":      {"families: s3cret\n", "line 1: wrong type of value"},
		"no YAML":                 {"families:\n\t- s3cret: [\n", "line 2: not valid YAML"},
		"a second document":       {"families: []\n---\nfamilies: [s3cret]\n", "more than one document"},
		"a huge file":             {strings.Repeat("# s3cret\n", maxBytes/9+1), "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want one with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error repeats a value: %v", err)
			}
		})
	}
}

func TestValidateReportsEveryFaultWithItsKeyPath(t *testing.T) {
	_, err := Parse(strings.NewReader(`
families:
  - label: "s3cret name"
    sites: [https://s3cret.example/a, s3cret.example:80, com.hk, s3cret, "", "a\\b.example", "a b.example"]
    pages: [list, ""]
    terms: [" "]
  - label: a
    sites: [cards.example]
  - label: a
    sites: [WWW.Cards.Example., other.example]
  - label: empty
channels:
  - {label: c, platform: telegram, id: "-1001234"}
  - {label: c, platform: Telegram, id: "5"}
  - {label: d, platform: s3cret, id: "5"}
  - {label: e, platform: twitter, id: "5", name: s3cret}
  - {label: f, platform: twitter}
  - {label: g, platform: twitter, name: "https://x.com/s3cret"}
  - {label: h, platform: twitter, name: Some_Body}
  - {label: i, platform: twitter, name: "@some_body"}
  - {label: j, platform: twitter, id: "6", name: "@some_body"}
  - {label: k, platform: twitter, id: "5", name: another}
  - {label: l, platform: telegram, id: s3cret, name: "s3cret/1"}
`))
	if err == nil {
		t.Fatal("a faulty list was accepted")
	}
	host := ": is no host: write it like harbour-leaks.example, without scheme, port and path"
	want := strings.Join([]string{
		"check watch list:",
		"families[0].label: must be 1 to 64 letters, digits and hyphens",
		"families[0].sites[0]" + host,
		"families[0].sites[1]" + host,
		"families[0].sites[2]: is a public suffix: name the sites below it",
		"families[0].sites[3]" + host,
		"families[0].sites[4]" + host,
		"families[0].sites[5]" + host,
		"families[0].sites[6]" + host,
		"families[0].pages[0]: is no path: it starts with /",
		"families[0].pages[1]: is no path: it starts with /",
		"families[0].terms[0]: is empty",
		"families[2].label: stands at families[1].label already",
		"families[2].sites[0]: stands at families[1].sites[0] already",
		"families[3].sites: names no site",
		"channels[0].id: must be digits only, for telegram without the leading -100",
		"channels[1].label: stands at channels[0].label already",
		"channels[1].platform: is none of facebook, instagram, telegram, twitter, web, wechat",
		"channels[2].platform: is none of facebook, instagram, telegram, twitter, web, wechat",
		"channels[4]: needs an id or a name",
		"channels[5].name: is no handle: write it without address and spaces",
		"channels[7]: stands at channels[6] already",
		"channels[8]: stands at channels[6] already",
		"channels[9]: stands at channels[3] already",
		"channels[10].id: must be digits only, for telegram without the leading -100",
		"channels[10].name: is no handle: write it without address and spaces",
	}, "\n")
	if diff := cmp.Diff(err.Error(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "watchlist.yaml")
	if _, err := Load(path); err == nil || strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want one without the path", err)
	}
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := Load(path)
	if err != nil || len(list.Families) != 2 {
		t.Errorf("loaded %v, %v", list, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("families: [{label: a, sites: [a.example]}]\n")
	f.Add("a: &a [*a]\n")
	f.Add("channels: [{label: a, platform: web, id: x}]\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		if err := list.Validate(); err != nil {
			t.Fatalf("accepted and not valid: %v", err)
		}
		first, changed := Next(nil, list)
		if !changed || first.Generation != 1 {
			t.Fatalf("first list is generation %d", first.Generation)
		}
		if again, changed := Next(first, list); changed || again != first {
			t.Fatal("the same list is a change")
		}
		for _, s := range first.Sites {
			back, err := canonicalSite(s.Host)
			if err != nil || back.Host != s.Host || back.Whole != s.Whole {
				t.Fatalf("canonical form of a canonical host differs: %v", err)
			}
		}
	})
}
