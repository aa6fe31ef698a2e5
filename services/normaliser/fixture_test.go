package normaliser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	"github.com/doxtrail/doxtrail/pkg/watchlist"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	telegram = doxtrailv1.Platform_PLATFORM_TELEGRAM
	twitter  = doxtrailv1.Platform_PLATFORM_TWITTER
)

func testRing(t testing.TB) *privacy.Ring {
	t.Helper()
	ring, err := privacy.CreateRing(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// testLocators seals to the ring's custodian.
func testLocators(t testing.TB, ring *privacy.Ring) *locators {
	t.Helper()
	custodian, err := ring.CustodianPublicKey()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLocators(custodian, Defaults().LocatorDays)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// harbour is the watch list of most tests.
const harbour = `
families:
  - label: harbour-leaks
    sites: [harbour-leaks.example, harbour-leaks.test]
    pages: [/list]
  - label: pier-cards
    sites: [cards.pier.example]
channels:
  - {label: tg-1, platform: telegram, id: "4100000001"}
`

// fatal is what helpers need of a test, so that property tests have them too.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func parseList(t fatal, text string) *watchlist.List {
	t.Helper()
	list, err := watchlist.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// effective is the first generation of a watch list.
func effective(t fatal, text string) *watchlist.Effective {
	t.Helper()
	next, _ := watchlist.Next(nil, parseList(t, text))
	return next
}

// row is one record that a converter added.
type row struct {
	kind     bus.Kind
	platform doxtrailv1.Platform
	record   []byte
}

// recorded takes rows and keeps them.
type recorded []row

func (r *recorded) add(kind bus.Kind, platform doxtrailv1.Platform, record []byte) {
	*r = append(*r, row{kind, platform, append([]byte(nil), record...)})
}

// message makes an empty record of a kind.
func message(t fatal, kind bus.Kind) proto.Message {
	t.Helper()
	switch kind {
	case bus.KindPosts:
		return &doxtrailv1.Post{}
	case bus.KindLinks:
		return &doxtrailv1.Link{}
	case bus.KindShares:
		return &doxtrailv1.Share{}
	case bus.KindChannels:
		return &doxtrailv1.Channel{}
	case bus.KindChannelAliases:
		return &doxtrailv1.ChannelAlias{}
	case bus.KindObservations:
		return &doxtrailv1.Observation{}
	case bus.KindCoverage:
		return &doxtrailv1.Coverage{}
	case bus.KindImports:
		return &doxtrailv1.Import{}
	case bus.KindSites:
		return &doxtrailv1.Site{}
	case bus.KindDecisions:
		return &doxtrailv1.Decision{}
	case bus.KindLocators:
		return &doxtrailv1.Locator{}
	case bus.KindLocatorKeys:
		return &doxtrailv1.LocatorKey{}
	default:
		t.Fatalf("a row of kind %s was not expected", kind)
		return nil
	}
}

// decode reads a row as strictly as it can be read.
func (r row) decode(t fatal) proto.Message {
	t.Helper()
	m := message(t, r.kind)
	if err := proto.Unmarshal(r.record, m); err != nil {
		t.Fatalf("row of kind %s: %v", r.kind, err)
	}
	return m
}

// of decodes the rows of one kind, in their order.
func of[M proto.Message](t fatal, rows recorded, kind bus.Kind) []M {
	t.Helper()
	var out []M
	for _, r := range rows {
		if r.kind == kind {
			out = append(out, r.decode(t).(M))
		}
	}
	return out
}

// bench is a converter with what a test needs beside it.
type bench struct {
	t         testing.TB
	ring      *privacy.Ring
	keyer     *privacy.Keyer
	converter *converter
	rows      recorded
}

func newBench(t testing.TB, list string) *bench {
	t.Helper()
	ring := testRing(t)
	return &bench{t: t, ring: ring, keyer: ring.Keyer(), converter: newConverter(ring, effective(t, list), 500)}
}

// post converts one post and forgets the rows of the last.
func (b *bench) post(platform doxtrailv1.Platform, raw *doxtrailv1.RawPost) (postFacts, error) {
	b.t.Helper()
	b.rows = nil
	return b.converter.post(platform, encoded(b.t, raw), &b.rows)
}

// mustPost converts one post that has no fault.
func (b *bench) mustPost(platform doxtrailv1.Platform, raw *doxtrailv1.RawPost) postFacts {
	b.t.Helper()
	facts, err := b.post(platform, raw)
	if err != nil {
		b.t.Fatalf("convert: %v", err)
	}
	return facts
}

func encoded(t fatal, m proto.Message) []byte {
	t.Helper()
	record, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func ptr[T any](v T) *T { return &v }

// telegramPost is a post that lacks nothing but what a test adds.
func telegramPost(change func(*doxtrailv1.RawPost_builder)) *doxtrailv1.RawPost {
	b := doxtrailv1.RawPost_builder{
		ChannelId: ptr("4100000001"), PostId: ptr("77"), PostedAt: ptr(int64(1_588_334_400_000)),
		Kind: ptr(doxtrailv1.PostKind_POST_KIND_ORIGINAL),
	}
	if change != nil {
		change(&b)
	}
	return b.Build()
}

// twitterPost is the same on Twitter.
func twitterPost(change func(*doxtrailv1.RawPost_builder)) *doxtrailv1.RawPost {
	return telegramPost(func(b *doxtrailv1.RawPost_builder) {
		b.ChannelId, b.PostId = ptr("7700000001"), ptr("1256000000000000077")
		if change != nil {
			change(b)
		}
	})
}

// withText is a change to a post.
func withText(text string) func(*doxtrailv1.RawPost_builder) {
	return func(b *doxtrailv1.RawPost_builder) { b.Text = &text }
}

// marked is a link that a platform marked.
func marked(url string, source doxtrailv1.LinkSource) *doxtrailv1.RawLink {
	return doxtrailv1.RawLink_builder{
		Url: &url, Source: &source, ExpandedBy: ptr(doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE),
	}.Build()
}

// same fails the test if two messages, or lists of them, differ in a field or
// in what is absent.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want, protocmp.Transform()); diff != "" {
		t.Errorf("%s (-got +want)\n%s", what, diff)
	}
}
