package campaign

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The archives are read back here by the plainest means and counted again:
// what they say must be what the ledger says.

func TestArchivesSayWhatTheLedgerSays(t *testing.T) {
	c := New(11, Size{Posts: 4000, Channels: 14, Accounts: 80, Cards: 20})
	files, err := c.WriteArchives(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]Figures)
	for _, f := range c.Truth(c.Sites()).Files {
		want[f.Name] = f.Figures
	}
	for _, f := range files {
		r := &readBack{sites: set(c.Sites()), texts: make(map[string]string)}
		content := unpack(t, f.Path)
		if f.Format == TelegramDesktop {
			r.telegram(t, content)
		} else {
			r.twarc(content)
		}
		if diff := cmp.Diff(want[f.Name], r.Figures); diff != "" {
			t.Errorf("%s (-ledger +file):\n%s", f.Name, diff)
		}
	}
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r io.Reader = bytes.NewReader(content)
	switch {
	case strings.HasSuffix(path, ".gz"):
		r, err = gzip.NewReader(r)
	case strings.HasSuffix(path, ".zip"):
		var z *zip.Reader
		if z, err = zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
			r, err = z.File[0].Open()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if content, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return content
}

type readBack struct {
	Figures
	sites map[string]bool
	texts map[string]string
}

// post counts a record that is a post; urls by role.
func (r *readBack) post(key, text string, urls map[string][]string) {
	r.Records++
	if first, repeated := r.texts[key]; repeated {
		r.Duplicates++
		if first != text {
			r.Conflicts++
		}
		return
	}
	r.texts[key] = text
	r.Posts++
	links, cards := make(map[[3]string]bool), make(map[string]bool)
	for role, list := range urls {
		for _, url := range list {
			host, path := canonical(url)
			links[[3]string{role, host, path}] = true
			if r.sites[host] && !set(sitePages())[path] {
				cards[path] = true
			}
		}
	}
	r.Links += len(links)
	r.Sightings += len(cards)
}

func canonical(url string) (host, path string) {
	_, rest, _ := strings.Cut(url, "://")
	if rest == "" {
		rest = url
	}
	rest, _, _ = strings.Cut(rest, "#")
	for _, tracking := range []string{"?utm_", "?fbclid", "?s="} {
		rest, _, _ = strings.Cut(rest, tracking)
	}
	host, path, _ = strings.Cut(rest, "/")
	host = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(host), "www."), "m.")
	return host, "/" + path
}

var anyURL = regexp.MustCompile(`https?://[!-~]+`)

func (r *readBack) telegram(t *testing.T, content []byte) {
	t.Helper()
	type message struct {
		ID       json.Number
		Type     string
		Text     any
		Entities []tgEntity   `json:"text_entities"`
		Buttons  [][]tgButton `json:"inline_bot_buttons"`
	}
	type chat struct {
		Type     string
		ID       json.Number
		Messages []message
	}
	type list struct{ List []chat }
	var export struct {
		chat
		Chats list
		Left  list `json:"left_chats"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(content, []byte(`\x0B`), []byte(`\u000b`)), &export); err != nil {
		t.Fatal(err)
	}
	for _, c := range append(append(export.Chats.List, export.Left.List...), export.chat) {
		for _, m := range c.Messages {
			switch {
			case c.Type != "public_channel" || m.Type != "message":
				r.Records++
				r.NonPosts++
				continue
			}
			entities := m.Entities
			if entities == nil {
				entities = entitiesOf(t, m.Text)
			}
			text, urls := "", []string(nil)
			for _, e := range entities {
				text += e.Text
				switch {
				case e.Type == "link":
					urls = append(urls, e.Text)
				case e.Href != "":
					urls = append(urls, e.Href)
				}
			}
			for _, url := range anyURL.FindAllString(text, -1) {
				urls = append(urls, strings.TrimRight(url, ".)"))
			}
			for _, row := range m.Buttons {
				urls = append(urls, row[0].Data)
			}
			r.post(c.ID.String()+"/"+m.ID.String(), text, map[string][]string{"link": urls})
		}
	}
}

// entitiesOf reads the old shape: a string, or strings and objects mixed.
func entitiesOf(t *testing.T, text any) []tgEntity {
	t.Helper()
	list, mixed := text.([]any)
	if !mixed {
		list = []any{text}
	}
	var out []tgEntity
	for _, item := range list {
		e := tgEntity{Type: "plain"}
		if s, ok := item.(string); ok {
			e.Text = s
		} else {
			b, err := json.Marshal(item)
			if err == nil {
				err = json.Unmarshal(b, &e)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, e)
	}
	return out
}

// readPost is what is read of a Twitter post.
type readPost struct {
	Type       string
	ID         string
	AuthorID   string `json:"author_id"`
	Text       string
	Entities   xEntities
	References []readPost `json:"referenced_tweets"`
}

func (r *readBack) twarc(content []byte) {
	for line := range bytes.Lines(content) {
		var one struct {
			readPost
			Data     json.RawMessage
			Includes struct{ Tweets []readPost }
		}
		if err := json.Unmarshal(line, &one); err != nil {
			r.Records++
			r.Rejected++
			continue
		}
		var posts []readPost
		switch {
		case one.AuthorID != "": // flattened
			posts = []readPost{one.readPost}
			for _, ref := range one.References {
				if ref.Text != "" {
					one.Includes.Tweets = append(one.Includes.Tweets, ref)
				}
			}
		case one.Data == nil:
			r.Records++
			r.NonPosts++
			continue
		case one.Data[0] == '[':
			_ = json.Unmarshal(one.Data, &posts)
		default:
			posts = make([]readPost, 1)
			_ = json.Unmarshal(one.Data, &posts[0])
		}
		for _, p := range append(posts, one.Includes.Tweets...) {
			r.post(p.ID, p.Text, linksBeside(p, one.Includes.Tweets))
		}
	}
}

// linksBeside are the URLs of a post, by role, with those of what it passes on.
func linksBeside(p readPost, included []readPost) map[string][]string {
	out := map[string][]string{"link": urlsOf(p)}
	for _, ref := range p.References {
		for _, other := range included {
			switch {
			case other.ID != ref.ID:
			case ref.Type == "retweeted":
				out["link"] = urlsOf(other)
			case ref.Type == "quoted":
				out["quoted"] = urlsOf(other)
			}
		}
	}
	return out
}

func urlsOf(p readPost) []string {
	var out []string
	for _, u := range p.Entities.URLs {
		if u.Unwound != "" {
			out = append(out, u.Unwound)
			continue
		}
		out = append(out, u.Expanded)
	}
	return out
}
