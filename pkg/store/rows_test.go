package store_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	"github.com/doxtrail/doxtrail/pkg/store/storetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestAppendRefusesBadRecordsAndLeavesNoTrace(t *testing.T) {
	good := benchPost(1)
	changed := func(change func(p *doxtrailv1.Post)) []byte {
		p := proto.CloneOf(good)
		change(p)
		return encoded(t, p)
	}
	for _, tc := range []struct {
		name     string
		kind     store.Kind
		platform doxtrailv1.Platform
		record   []byte
		want     string
	}{
		{"bytes that are no record", store.KindPosts, telegram, []byte("\xff\xffThe victim's name"), "does not decode"},
		{"an unknown kind", "posters", telegram, encoded(t, good), "unknown kind"},
		{"no key", store.KindPosts, telegram, changed((*doxtrailv1.Post).ClearPostKey), "post_key: want a key of 16 bytes, have 0"},
		{"a short key", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetChannelKey([]byte("abc")) }), "channel_key: want a key of 16 bytes, have 3"},
		{"a key of zeros", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetAccountKey(make([]byte, 16)) }), "account_key: want a key, have zeros"},
		{"no kind", store.KindPosts, telegram, changed((*doxtrailv1.Post).ClearKind), "kind: want a known value"},
		{"a kind from the future", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetKind(99) }), "kind: want a known value, have 99"},
		{"no time", store.KindPosts, telegram, changed((*doxtrailv1.Post).ClearPostedAt), "posted_at: want milliseconds"},
		{"a time after 2100", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetEditedAt(1 << 60) }), "edited_at: want milliseconds"},
		{"a negative counter", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.GetCounters().SetViewCount(-1) }), "view_count: want no negative"},
		{"a language with a text in it", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetLanguage("Chan Tai Man") }), "language: want ASCII without spaces"},
		{"a fingerprint of another size", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetTextFingerprint([]byte("x")) }), "text_fingerprint: want 16 bytes"},
		{"an unknown flag", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetFlags([]doxtrailv1.PostFlag{77}) }), "flags: want a known value"},
		{"a generation beyond its bits", store.KindPosts, telegram, changed(func(p *doxtrailv1.Post) { p.SetGeneration(1 << 24) }), "generation: want less"},
		{"no platform", store.KindPosts, 0, encoded(t, good), "platform: want one"},
		{"a link without a host", store.KindLinks, telegram, encoded(t, doxtrailv1.Link_builder{PostKey: mixed("p", 1)}.Build()), "links"},
		{"a site without a family", store.KindSites, web, encoded(t, doxtrailv1.Site_builder{
			Match: doxtrailv1.SiteMatch_SITE_MATCH_HOST.Enum(), MatchKey: mixed("h", 1), Host: proto.String("one.example"),
		}.Build()), "family: want one"},
		{"an alias of itself", store.KindChannelAliases, telegram, encoded(t, doxtrailv1.ChannelAlias_builder{
			AliasKey: mixed("c", 1), ChannelKey: mixed("c", 1),
		}.Build()), "alias_key: want another key"},
		{"a range that ends before it begins", store.KindCoverage, telegram, encoded(t, doxtrailv1.Coverage_builder{
			CoverageKey: mixed("v", 1), State: doxtrailv1.CoverageState_COVERAGE_STATE_COMPLETE.Enum(), FromAt: proto.Int64(2000), ToAt: proto.Int64(1000),
		}.Build()), "from_at: want no later"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows := store.NewRows()
			if err := rows.Append(store.KindPosts, telegram, encoded(t, good)); err != nil {
				t.Fatal(err)
			}
			err := rows.Append(tc.kind, tc.platform, tc.record)
			if !errors.Is(err, store.ErrBadRecord) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want a bad record with %q", err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), "victim") || strings.Contains(err.Error(), "Tai")) {
				t.Errorf("error repeats content: %v", err)
			}
			if store.Classify(err) != store.Permanent {
				t.Error("a bad record is not classed as permanent")
			}
			if rows.Len() != 1 {
				t.Errorf("rows: got %d, want the 1 from before", rows.Len())
			}
		})
	}
}

// After any number of refusals the columns must still be of one length: an
// uneven batch would be an insert of nothing.
func TestGoodRecordsAroundBadOnesAreStored(t *testing.T) {
	s := storetest.New(t)
	rows := store.NewRows()
	for n := range uint64(100) {
		if err := rows.Append(store.KindPosts, telegram, encoded(t, benchPost(n))); err != nil {
			t.Fatal(err)
		}
		bad := benchPost(n)
		bad.SetGeneration(1 << 30)
		if err := rows.Append(store.KindPosts, telegram, encoded(t, bad)); err == nil {
			t.Fatal("a bad record was taken")
		}
	}
	if rows.LenOf(store.KindPosts) != 100 {
		t.Fatalf("rows: got %d, want 100", rows.LenOf(store.KindPosts))
	}
	if err := s.Insert(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	rows.Reset()
	if rows.Len() != 0 {
		t.Errorf("rows after Reset: %d", rows.Len())
	}
	var stored []struct {
		N uint64 `ch:"n"`
	}
	if err := s.SelectTables(t.Context(), &stored, "SELECT count() AS n FROM "+s.Tables()+".posts", nil); err != nil {
		t.Fatal(err)
	}
	if stored[0].N != 100 {
		t.Errorf("stored: got %d, want 100", stored[0].N)
	}
}

func encoded(t testing.TB, m proto.Message) []byte {
	t.Helper()
	record, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func FuzzAppend(f *testing.F) {
	f.Add(encoded(f, benchPost(1)))
	f.Add(encoded(f, benchLink(1)))
	f.Add([]byte{})
	rows := store.NewRows()
	f.Fuzz(func(t *testing.T, record []byte) {
		for _, kind := range store.Kinds() {
			before := rows.LenOf(kind)
			err := rows.Append(kind, telegram, record)
			if after := rows.LenOf(kind); (err == nil) != (after == before+1) || (err != nil) != (after == before) {
				t.Fatalf("%s: %d rows became %d with error %v", kind, before, after, err)
			}
		}
		if rows.Len() > 10_000 {
			rows.Reset()
		}
	})
}
