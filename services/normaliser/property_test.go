package normaliser

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// drawnPost is a post of random parts and every value of it that names
// somebody or finds something.
type drawnPost struct {
	platform doxtrailv1.Platform
	raw      *doxtrailv1.RawPost
	values   []string
}

// value draws a part that is long enough not to stand in 16 random bytes by
// chance, and notes it.
func (d *drawnPost) value(t *rapid.T, name, pattern string) *string {
	v := rapid.StringMatching(pattern).Draw(t, name)
	d.values = append(d.values, v)
	return &v
}

func (d *drawnPost) maybe(t *rapid.T, name, pattern string) *string {
	if !rapid.Bool().Draw(t, name+" given") {
		return nil
	}
	return d.value(t, name, pattern)
}

// address draws a link of any sort and notes its host and path.
func (d *drawnPost) address(t *rapid.T, name string) string {
	host := rapid.SampledFrom([]string{
		"www.harbour-leaks.example", "cards.pier.example", "news.example", "t.me", "x.com", "web.archive.org/web/2020/https://mirror.test",
	}).Draw(t, name+" host")
	path := *d.value(t, name+" path", `[a-zA-Z][a-zA-Z0-9_]{7,14}`)
	tail := rapid.SampledFrom([]string{"", "/4711", "/status/1256000000000004711", ".html", "/方家明", "?id=fongkaming"}).Draw(t, name+" tail")
	d.values = append(d.values, host)
	return rapid.SampledFrom([]string{"https://", "hxxp://", ""}).Draw(t, name+" scheme") + host + "/" + path + tail
}

func drawPost(t *rapid.T) *drawnPost {
	d := &drawnPost{platform: rapid.SampledFrom([]doxtrailv1.Platform{telegram, twitter}).Draw(t, "platform")}
	text := *d.value(t, "text", `[方家明住在碼頭街 a-z]{12,60}`)
	for range rapid.IntRange(0, 4).Draw(t, "links in the text") {
		text += " " + d.address(t, "link")
	}
	r := doxtrailv1.RawPost_builder{
		ChannelName: d.value(t, "channel name", `[a-z]{3}_[A-Za-z0-9]{6,12}`), PostId: d.value(t, "post", `[1-9][0-9]{9,18}`),
		ChannelId: d.maybe(t, "channel", `[1-9][0-9]{9,12}`), AccountId: d.maybe(t, "account", `[1-9][0-9]{9,12}`),
		Language: d.maybe(t, "language", `[a-z]{4,9}`), Text: &text,
		PostedAt: ptr(rapid.Int64Range(0, 1<<42).Draw(t, "time")),
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "marked links") {
		l := marked(d.address(t, "marked"), rapid.SampledFrom([]doxtrailv1.LinkSource{entity, textLink, button, preview, quoted}).Draw(t, "source"))
		if rapid.Bool().Draw(t, "short") {
			l.SetReplaces("https://t.co/" + *d.value(t, "short link", `[a-zA-Z0-9]{10}`))
			text += " " + l.GetReplaces()
		}
		if rapid.Bool().Draw(t, "asked") {
			l.SetResolves("https://t.co/" + *d.value(t, "resolved link", `[a-zA-Z0-9]{10}`))
			l.SetState(doxtrailv1.LinkState(rapid.Int32Range(0, 6).Draw(t, "state")))
			text += " " + l.GetResolves()
		}
		if i > 0 && rapid.Bool().Draw(t, "again") {
			l.SetUrl(r.Links[0].GetUrl())
		}
		r.Links = append(r.Links, l)
	}
	for range rapid.IntRange(0, 2).Draw(t, "shares") {
		r.Shares = append(r.Shares, doxtrailv1.RawShare_builder{
			Kind: ptr(doxtrailv1.ShareKind_SHARE_KIND_FORWARD), ChannelId: d.maybe(t, "shared channel", `[1-9][0-9]{9,12}`),
			ChannelName: d.maybe(t, "shared name", `[a-z]{3}_[a-z0-9]{6,12}`), PostId: d.maybe(t, "shared post", `[1-9][0-9]{9,18}`),
			IsPerson: ptr(rapid.Bool().Draw(t, "a person")),
		}.Build())
	}
	for range rapid.IntRange(0, 2).Draw(t, "media") {
		r.Media = append(r.Media, doxtrailv1.RawMedia_builder{MediaId: d.maybe(t, "file", `[A-Za-z0-9_-]{10,20}`)}.Build())
	}
	for range rapid.IntRange(0, 2).Draw(t, "items") {
		r.ItemIds = append(r.ItemIds, *d.value(t, "item", `[1-9][0-9]{9,18}`))
	}
	d.raw = r.Build()
	return d
}

// convert gives the rows of a post from a converter of its own.
func convert(t fatal, ring *privacy.Ring, list string, d *drawnPost) recorded {
	t.Helper()
	var rows recorded
	if _, err := newConverter(ring, effective(t, list), 500).post(d.platform, encoded(t, d.raw), &rows); err != nil {
		t.Fatalf("convert: %v", err)
	}
	return rows
}

func TestNothingOfAPostIsReadableInItsRows(t *testing.T) {
	ring := testRing(t)
	rapid.Check(t, func(t *rapid.T) {
		d := drawPost(t)
		for _, r := range convert(t, ring, harbour, d) {
			for _, v := range d.values {
				// Parts of a value are as bad as the whole.
				for part := range parts(v) {
					if bytes.Contains(bytes.ToLower(r.record), []byte(part)) {
						t.Fatalf("a row of kind %s holds a part of a value", r.kind)
					}
				}
			}
		}
	})
}

// parts gives every run of six bytes of a value, in small letters. Fewer could
// stand in a key by chance.
func parts(value string) map[string]struct{} {
	const run = 6
	value = strings.ToLower(value)
	out := map[string]struct{}{}
	for i := 0; i+run <= len(value); i++ {
		out[value[i:i+run]] = struct{}{}
	}
	return out
}

func TestTwoConvertersGiveTheSameRows(t *testing.T) {
	ring := testRing(t)
	used := newConverter(ring, effective(t, harbour), 500)
	rapid.Check(t, func(t *rapid.T) {
		d := drawPost(t)
		var again recorded
		if _, err := used.post(d.platform, encoded(t, d.raw), &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(again, convert(t, ring, harbour, d), cmp.AllowUnexported(row{})); diff != "" {
			t.Fatalf("rows of a used converter and of a new one (-got +want)\n%s", diff)
		}
	})
}

// Where a link is marked twice the first place is kept, so only links that
// stand once are put in another order.
func TestTheOrderOfMarkedLinksDoesNotMatter(t *testing.T) {
	ring := testRing(t)
	rapid.Check(t, func(t *rapid.T) {
		d := drawPost(t)
		links := d.raw.GetLinks()
		for i, l := range links {
			for _, other := range links[:i] {
				if other.GetUrl() == l.GetUrl() {
					l.SetSource(other.GetSource())
				}
			}
		}
		before := convert(t, ring, harbour, d)
		d.raw.SetLinks(rapid.Permutation(links).Draw(t, "order"))
		if diff := cmp.Diff(sortedRows(convert(t, ring, harbour, d)), sortedRows(before)); diff != "" {
			t.Fatalf("rows in another order (-got +want)\n%s", diff)
		}
	})
}

func sortedRows(rows recorded) []string {
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		out = append(out, string(r.kind)+" "+string(r.record))
	}
	slices.Sort(out)
	return out
}

// FuzzPost gives the converter what a collector would never send.
func FuzzPost(f *testing.F) {
	f.Add([]byte(nil), false)
	f.Add([]byte{0x0a, 0xff}, true)
	f.Add(encoded(f, telegramPost(withText("看 https://harbour-leaks.example/card/方家明 t.me/pier_news/5"))), false)
	f.Add(encoded(f, twitterPost(func(r *doxtrailv1.RawPost_builder) {
		r.Text = ptr("https://t.co/abc")
		r.Links = []*doxtrailv1.RawLink{marked("https://web.archive.org/web/2020/https://harbour-leaks.example/1", quoted), {}}
		r.Shares = []*doxtrailv1.RawShare{{}}
		r.Media = []*doxtrailv1.RawMedia{{}}
		r.Counters = &doxtrailv1.Counters{}
	})), true)
	ring := testRing(f)
	c := newConverter(ring, effective(f, harbour), 20)
	f.Fuzz(func(t *testing.T, record []byte, onTwitter bool) {
		platform := telegram
		if onTwitter {
			platform = twitter
		}
		var rows recorded
		facts, err := c.post(platform, record, &rows)
		posts, links := of[*doxtrailv1.Post](t, rows, bus.KindPosts), of[*doxtrailv1.Link](t, rows, bus.KindLinks)
		if err != nil {
			if len(rows) != 0 {
				t.Fatalf("a fault left %d rows", len(rows))
			}
			return
		}
		if len(posts) != 1 || len(links) > 20 || facts.links > uint64(len(links)) || facts.sightings > facts.links {
			t.Fatalf("%d posts, %d links, %d counted, %d sightings", len(posts), len(links), facts.links, facts.sightings)
		}
		for _, r := range rows {
			if len(r.record) > bus.MaxRecordBytes && len(record) <= bus.MaxRecordBytes {
				t.Fatalf("a row of kind %s has %d bytes", r.kind, len(r.record))
			}
			r.decode(t)
		}
	})
}
