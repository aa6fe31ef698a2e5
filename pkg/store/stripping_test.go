package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// whole is a post with all that a row can hold, a card, another link, a quote of
// another post, a locator and a look that counted.
func (w *world) whole(name, channel string, platform doxtrailv1.Platform, views int64) {
	w.t.Helper()
	p := post{name: name, channel: channel, at: "01-01 10:00:00", platform: platform, links: []string{"x.one c1", "y.two " + name}}
	m := doxtrailv1.Post_builder{
		PostKey: w.key(name), PostNoKey: w.key(name + "-no"), ChannelKey: w.key(channel), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt: proto.Int64(at(w.t, p.at)), PostedPrecisionS: proto.Uint32(1), CollectedAt: proto.Int64(at(w.t, "01-01 11:00:00")),
		Language: proto.String("zh"), Script: proto.String("Hant"), Length: proto.Uint32(12), TextFingerprint: w.key(name + "-text"),
		Counters: doxtrailv1.Counters_builder{
			ViewCount: &views, ForwardCount: proto.Int64(2), ReplyCount: proto.Int64(3), QuoteCount: proto.Int64(4), ReactionCount: proto.Int64(5),
			BookmarkCount: proto.Int64(6), Audience: proto.Int64(70),
		}.Build(),
		Media: []*doxtrailv1.Media{doxtrailv1.Media_builder{
			MediaKey: w.key(name + "-media"), Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum(), SizeBytes: proto.Int64(8), PictureHash: []byte("12345678"),
		}.Build()},
		PersonalData: []*doxtrailv1.PersonalData{doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE.Enum(), Count: proto.Uint32(1)}.Build()},
		Flags:        []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_CAPPED}, ItemKeys: [][]byte{w.key(name + "-item")}, Generation: proto.Uint64(1),
	}.Build()
	w.add(store.KindPosts, platform, m)
	for _, link := range p.links {
		w.link(p, link)
	}
	w.share(p, doxtrailv1.ShareKind_SHARE_KIND_QUOTE, "elsewhere", name+"-source")
	w.locate(w.key(name), doxtrailv1.LocatorKind_LOCATOR_KIND_POST)
	w.seen(seen{channel: channel, post: name, at: "01-01 12:00:00", state: isUp, platform: platform, views: 9})
}

// full lists what still has content, by names.
func (w *world) full() []string {
	w.t.Helper()
	var all []string
	for _, sql := range []string{
		`SELECT DISTINCT concat('post ', toString(post_key)) AS line FROM posts WHERE notEmpty(arrayFilter(x -> isNotNull(x), [toString(language), toString(script),
			toString(length), toString(view_count), toString(forward_count), toString(reply_count), toString(quote_count), toString(reaction_count),
			toString(bookmark_count), toString(audience), toString(text_fingerprint)])) OR notEmpty(arrayConcat(media_keys, [])) OR notEmpty(media_kinds)
			OR notEmpty(media_sizes) OR notEmpty(media_picture_hashes) OR notEmpty(personal_data_kinds) OR notEmpty(personal_data_counts) OR notEmpty(flags)`,
		"SELECT DISTINCT concat('link ', toString(post_key), ' ', toString(host_key)) AS line FROM links",
		`SELECT DISTINCT concat('observation ', toString(post_key)) AS line FROM observations WHERE isNotNull(view_count) OR isNotNull(forward_count)
			OR isNotNull(reply_count) OR isNotNull(reaction_count) OR isNotNull(audience)`,
		"SELECT DISTINCT concat('locator ', toString(target_key)) AS line FROM locators",
	} {
		var rows []struct {
			Line string `ch:"line"`
		}
		// Without FINAL: a row that another stands before is still on the disk.
		if err := w.store.SelectTables(w.t.Context(), &rows, sql+" SETTINGS final = 0", nil); err != nil {
			w.t.Fatal(err)
		}
		for _, r := range rows {
			all = append(all, w.named(r.Line))
		}
	}
	return sorted(all)
}

func (w *world) strip() store.Stripped {
	w.t.Helper()
	n, err := w.store.StripWithdrawn(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// contentOf are the lines of full that go with a post.
func contentOf(name string) []string {
	return []string{"link " + name + " host y.two", "locator " + name, "observation " + name, "post " + name}
}

// sql runs a statement on the views and gives its rows with names for keys.
func (w *world) sql(sql string, params map[string]string) string {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.store.Stream(w.t.Context(), &b, strings.ReplaceAll(sql, "research.", w.store.Research()+"."), params, "tsv"); err != nil {
		w.t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\n")
	return w.named(body)
}

// queryExcept runs a named question and leaves columns out of its answer.
func (w *world) queryExcept(name, columns string) string {
	w.t.Helper()
	q, err := store.Find(name)
	if err != nil {
		w.t.Fatal(err)
	}
	params, err := q.Bind(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.sql("SELECT * EXCEPT ("+columns+") FROM (\n"+q.SQL+"\n)", params)
}

func TestOfAPostThatIsGoneFromXNothingOfItsContentStays(t *testing.T) {
	w := fated(t)
	before := w.full()
	n := w.strip()
	if diff := cmp.Diff(goes(), missing(before, w.full())); diff != "" {
		t.Errorf("gone (-want +got):\n%s", diff)
	}
	posts := uint64(len(goes()) / 4)
	want := store.Stripped{store.KindPosts: posts, store.KindLinks: posts, store.KindObservations: posts, store.KindLocators: posts}
	if diff := cmp.Diff(want, n); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	if n := w.strip(); n.Rows() != 0 {
		t.Errorf("a second time: %v", n)
	}
}

// What figures rest on stays: every question counts the same posts, cards and
// sightings, and what is not known any more is unknown, not 0.
func TestQuestionsCountWhatIsGoneFromX(t *testing.T) {
	w := fated(t)
	ask := func() map[string]string {
		answers := map[string]string{}
		for _, name := range []string{"persistence", "post_states", "first_sightings", "share_edges", "mirror_spread", "platform_lag", "family_overlap", "coverage"} {
			answers[name] = w.query(name, nil)
		}
		// Without the audiences, which are counters.
		answers["card_spread"] = w.queryExcept("card_spread", "reach, audience_known")
		answers["spread_timeline"] = w.queryExcept("spread_timeline", "reach, audience_known")
		answers["channel_spread"] = w.queryExcept("channel_spread", "audience")
		for name, sql := range map[string]string{
			"states":    "SELECT * FROM research.post_states ORDER BY post_key",
			"sightings": "SELECT * FROM research.sightings ORDER BY ALL",
			"shares":    "SELECT * FROM research.shares ORDER BY ALL",
			"looks":     "SELECT post_key, channel_key, state, restrictions, observed_at, source, vantage FROM research.observations ORDER BY ALL",
			"posts":     "SELECT post_key, post_no_key, channel_key, account_key, platform, kind, posted_at, posted_precision_s, edited_at, collected_at, item_keys, generation FROM research.posts ORDER BY ALL",
		} {
			answers[name] = w.sql(sql, nil)
		}
		return answers
	}
	before := ask()
	w.strip()
	if diff := cmp.Diff(before, ask()); diff != "" {
		t.Errorf("answers (-before +after):\n%s", diff)
	}
	got := w.sql("SELECT DISTINCT language, script, length, view_count, forward_count, reply_count, quote_count, reaction_count, bookmark_count, audience, media_keys FROM research.posts"+
		" WHERE post_key IN (SELECT post_key FROM research.post_states WHERE withdrawn) AND platform = 'twitter'", nil)
	if want := "- - - - - - - - - - []"; got != want {
		t.Errorf("what is unknown: %s, want %s", got, want)
	}
}

// What brings rows in again brings them whole; the next call makes that good. What
// came back on X is whole again by its next reading, and stays so.
func TestWhatComesInAgainIsStrippedAgain(t *testing.T) {
	w := fated(t)
	everything := w.full()
	older := backUp(t, w.store)
	w.strip()
	stripped := w.full()

	w.fated()
	if diff := cmp.Diff(everything, w.full()); diff != "" {
		t.Errorf("after a replay (-whole +got):\n%s", diff)
	}
	w.strip()
	if diff := cmp.Diff(stripped, w.full()); diff != "" {
		t.Errorf("stripped after a replay (-want +got):\n%s", diff)
	}
	restore(t, w.store, older)
	if diff := cmp.Diff(stripped, w.full()); diff != "" {
		t.Errorf("after a restore (-want +got):\n%s", diff)
	}

	w.seen(seen{channel: "account-of-gone-twice", post: "gone-twice", at: "01-02 00:00:00", state: isBack, platform: twitter})
	w.insert()
	views := func() string {
		return w.sql("SELECT view_count FROM research.posts WHERE post_key = '"+uuidText(w.key("gone-twice"))+"'", nil)
	}
	w.strip()
	if got := views(); got != "-" {
		t.Errorf("back, and not read again: %s views, want none known", got)
	}
	for read := range int64(5) { // whatever their hashes are
		w.whole("gone-twice", "account-of-gone-twice", twitter, 100+read)
	}
	w.insert()
	w.strip()
	if got := views(); len(got) != 3 {
		t.Errorf("back, and read again: %s views, want 100 to 104", got)
	}
}

// Where no site is listed, every link shows a card of a family of its own.
func TestWithoutAWatchListTheLinksOfAPostThatIsGoneStay(t *testing.T) {
	w := newWorld(t)
	w.whole("p1", "A", twitter, 1)
	w.seen(seen{channel: "A", post: "p1", at: "01-01 13:00:00", state: isGone, source: "compliance", platform: twitter})
	w.insert()
	w.strip()
	if diff := cmp.Diff([]string{"link p1 host x.one", "link p1 host y.two"}, w.full()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE, generation: 1})
	w.site(site{host: "y.two", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, unlisted: true, generation: 1})
	w.insert()
	w.strip()
	if diff := cmp.Diff([]string{"link p1 host x.one", "link p1 host y.two"}, w.full()); diff != "" {
		t.Errorf("left, with one site listed and one no more (-want +got):\n%s", diff)
	}
}

// A column that is added has to be thought of here.
func TestEachColumnOfAPostEitherGoesOrStays(t *testing.T) {
	w := newWorld(t)
	stays := map[string]string{
		"posts":        "post_key post_no_key channel_key account_key platform kind posted_at posted_precision_s edited_at collected_at item_keys generation version recorded_at",
		"observations": "channel_key post_key platform state restrictions observed_at source vantage generation version recorded_at",
	}
	for table, columns := range stays {
		var rows []struct {
			Name string `ch:"name"`
		}
		if err := w.store.SelectTables(t.Context(), &rows, "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '"+table+"'", nil); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Name)
		}
		want := append(strings.Fields(columns), store.StrippedColumns(w.store, store.Kind(table))...)
		if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
			t.Errorf("%s (-here +table):\n%s", table, diff)
		}
	}
}
