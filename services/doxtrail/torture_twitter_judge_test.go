//go:build torture

package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/fake"
)

// twitterRows is what tables say of X, by keys.
type twitterRows struct {
	posts map[string]livePost
	looks map[string]int // "key state source" to looks
	edits map[string]int // "key milliseconds" to rows
	gaps  []twitterGap
}

// twitterGap is a time that nobody looked at.
type twitterGap struct {
	Query    string `json:"query"`
	From, To int64
}

func (s *twitterStudy) rows() twitterRows {
	s.t.Helper()
	out := twitterRows{posts: map[string]livePost{}, looks: map[string]int{}, edits: map[string]int{}}
	each := func(statement string, read func(line []byte) error) {
		for line := range strings.Lines(s.must("sql", "--operator", "--format", "jsonl", statement)) {
			if err := read([]byte(line)); err != nil {
				s.t.Fatalf("%v in %s", err, line)
			}
		}
	}
	each(`SELECT toString(post_key) AS key, toUInt32(count()) AS n, toString(max(edited_at)) AS edited FROM doxtrail.posts FINAL GROUP BY key`, func(line []byte) error {
		var row struct {
			livePost
			Key string `json:"key"`
		}
		err := json.Unmarshal(line, &row)
		out.posts[row.Key] = row.livePost
		return err
	})
	each(`SELECT toString(post_key) AS key, toString(state) AS look, toString(source) AS word, toString(toUnixTimestamp64Milli(observed_at)) AS at
		FROM doxtrail.observations FINAL`, func(line []byte) error {
		var row struct{ Key, Look, Word, At string }
		err := json.Unmarshal(line, &row)
		out.looks[row.Key+" "+row.Look+" "+row.Word]++
		if row.Look == "edited" {
			out.edits[row.Key+" "+row.At]++
		}
		return err
	})
	each(`SELECT toString(query_key) AS query, toUInt64(toUnixTimestamp64Milli(ifNull(from_at, toDateTime64(0, 3)))) AS "from",
		toUInt64(toUnixTimestamp64Milli(ifNull(to_at, now64(3)))) AS "to" FROM doxtrail.coverage FINAL WHERE state = 'gap' AND platform = 'twitter'`, func(line []byte) error {
		var row twitterGap
		text := regexp.MustCompile(`"(\d+)"`).ReplaceAll(line, []byte("$1"))
		err := json.Unmarshal(text, &row)
		out.gaps = append(out.gaps, row)
		return err
	})
	return out
}

// keyOf is the key of a post of X, as the normaliser makes it.
func (s *twitterStudy) keyOf() func(account, post string) string {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	keyer := ring.Keyer()
	return func(account, post string) string {
		return uuid.UUID(keyer.Post(doxtrailv1.Platform_PLATFORM_TWITTER, account, post)).String()
	}
}

// gapQueries are the keys of what coverage says of the stream: of posts, which search
// finds afterwards, and of reposts, which it does not.
func (s *twitterStudy) gapQueries() (posts, reposts string) {
	s.t.Helper()
	ring, err := privacy.OpenRing(s.path("keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	key := func(query string) string {
		return uuid.UUID(ring.Keyer().Query(doxtrailv1.Platform_PLATFORM_TWITTER, query)).String()
	}
	return key("stream"), key("stream reposts")
}

// gapAt says whether coverage names a time as not looked at.
func (r twitterRows) gapAt(query string, at time.Time) bool {
	const second = 1000 // search reads whole seconds
	for _, g := range r.gaps {
		if g.Query == query && g.From-second <= at.UnixMilli() && at.UnixMilli() <= g.To+second {
			return true
		}
	}
	return false
}

// verdictOnX is what is wrong, and how much of what was served nobody could keep.
type verdictOnX struct {
	faults      []string
	lost, named int
}

// compare holds the tables against what the fake served. Lost are posts that were
// sent to a process which died with them in hand, and were gone before anybody could
// ask again; named are reposts that lie in a gap of coverage.
func (s *twitterStudy) compare(rows twitterRows) (v verdictOnX) {
	s.t.Helper()
	key, truth := s.keyOf(), s.fake.Truth()
	postGap, repostGap := s.gapQueries()
	fault := func(format string, args ...any) { v.faults = append(v.faults, fmt.Sprintf(format, args...)) }
	known := map[string]bool{}
	first := map[string]fake.PostTruth{}
	for _, p := range truth.Posts {
		first[p.ID] = p
		k := key(p.Account, p.First)
		known[k] = true
		row, there := rows.posts[k]
		came := len(p.Delivered) > 0 || p.Served&^(fake.Streamed|fake.Included) != 0
		last := p.ID == p.Versions[len(p.Versions)-1]
		switch {
		case there && row.Rows != 1:
			fault("%s has %d rows", p.ID, row.Rows)
		case there && came && p.ID != p.First:
			if n := rows.edits[fmt.Sprintf("%s %d", k, p.At.UnixMilli())]; n != 1 && (n != 0 || last && p.State == fake.Up) {
				fault("%s: one edit is %d observations (%s)", p.ID, n, p.State)
			}
		case there:
		case p.State != fake.Up && came:
			v.lost++
		case p.State != fake.Up, !last:
		case p.Kind == "repost" && rows.gapAt(repostGap, p.At):
			v.named++
		case p.Kind != "repost" && rows.gapAt(postGap, p.At):
			v.named++
		case p.Kind == "repost" && !came && len(p.Matched) == 0: // nobody looked for it
		default:
			fault("%s (%s, came %t, matched %d rules) has no row and lies in no gap", p.ID, p.Kind, came, len(p.Matched))
		}
		if there {
			s.compareTold(p, k, rows, fault)
		}
	}
	s.compareCompliance(truth, first, rows, fault)
	for k := range rows.posts {
		if !known[k] {
			fault("a row is of no post that ever was")
		}
	}
	return v
}

// missing is how many looks of whatever source did not show a post.
func (r twitterRows) missing(k string) (n int) {
	for _, state := range []string{"gone", "private", "restricted"} {
		for _, source := range []string{"api", "compliance"} {
			n += r.looks[k+" "+state+" "+source]
		}
	}
	return n
}

// compareTold holds looks against what lookups answered: an absence that X told, and
// that lasts, is an observation. Who tells it first, a lookup or a compliance job, is
// chance.
func (s *twitterStudy) compareTold(p fake.PostTruth, k string, rows twitterRows, fault func(string, ...any)) {
	if len(p.Told) > 0 && rows.missing(k) == 0 && p.ID == p.First && p.State != fake.Up {
		fault("%s: an absence was told %d times and is no observation", p.ID, len(p.Told))
	}
}

// compareCompliance holds looks against the results of compliance jobs. What a lookup
// told before is not told again.
func (s *twitterStudy) compareCompliance(truth fake.Truth, posts map[string]fake.PostTruth, rows twitterRows, fault func(string, ...any)) {
	key := s.keyOf()
	times, of := map[string]int{}, map[string]string{}
	for _, c := range truth.Compliance {
		p, ok := posts[c.ID]
		if !ok || c.Reason == "scrub_geo" {
			continue
		}
		k := key(p.Account, p.First)
		times[k]++
		of[k] = fmt.Sprintf("%s, a %s of %d versions, last told as %s, told by %d lookups, now %s", p.ID, p.Kind, len(p.Versions), c.Reason, len(p.Told), p.State)
	}
	for k, n := range times {
		if _, there := rows.posts[k]; !there {
			continue
		}
		got := rows.looks[k+" gone compliance"] + rows.looks[k+" private compliance"]
		if got > n || rows.missing(k) == 0 {
			fault("compliance told a post %d times (%s): %d such observations, and %d of all", n, of[k], got, rows.missing(k))
		}
	}
}

// judge waits until the tables hold what was served, and then looks at how it was
// asked for.
func (w *twitterWorld) judge(t *testing.T, patience time.Duration) {
	t.Helper()
	var v verdictOnX
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(time.Second) {
		if v = w.s.compare(w.s.rows()); len(v.faults) == 0 {
			break
		}
	}
	for _, f := range v.faults[:min(len(v.faults), 20)] {
		t.Error(f)
	}
	if n := len(v.faults); n > 20 {
		t.Errorf("and %d more", n-20)
	}
	truth, calls := w.s.fake.Truth(), w.s.fake.Calls()
	t.Logf("%d posts, %d events, %d compliance results, %d came and went unread, %d named in gaps, %d calls, %d faults",
		len(truth.Posts), len(truth.Events), len(truth.Compliance), v.lost, v.named, len(calls), len(v.faults))
	for _, f := range tooFast(calls, func(c fake.Call) (string, time.Time) { return c.Method, c.At }, w.s.rates) {
		t.Error(f)
	}
	if err := fake.CheckTokens(calls); err != nil {
		t.Error(err)
	}
	w.spent(t)
}

// spent compares the collector's own meter with what X would charge.
func (w *twitterWorld) spent(t *testing.T) {
	t.Helper()
	var st status
	if err := json.Unmarshal([]byte(w.s.must("status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if len(st.TwitterCollectors) != 1 || st.TwitterCollectors[0].Spending == nil {
		t.Fatalf("status says nothing of the budget: %+v", st.TwitterCollectors)
	}
	if st.Failed > 0 {
		list := w.s.must("deadletters", "list")
		t.Errorf("%d records failed:\n%s", st.Failed, list[:min(len(list), 4000)])
	}
	spent, billed := st.TwitterCollectors[0].Spending, w.s.fake.Reads()
	cost := 5000*int64(billed.Posts) + 10_000*int64(billed.Users) + 5000*int64(billed.Counts)
	t.Logf("spent %s of %s by our meter, %d posts and %d users by X's", spent.Money, spent.MoneyLimit, billed.Posts, billed.Users)
	if int64(spent.Money) < cost || spent.Reads < int64(billed.Posts) {
		t.Errorf("the meter has %d millionths and %d reads, X charges %d and %d", spent.Money, spent.Reads, cost, billed.Posts)
	}
	if spent.Money > spent.MoneyLimit {
		t.Errorf("%s were spent of %s", spent.Money, spent.MoneyLimit)
	}
}

// numbers are ids of posts.
var numbers = regexp.MustCompile(`\b\d{18,19}\b`)

// readable looks for what no log may hold.
func (w *twitterWorld) readable(t *testing.T) {
	t.Helper()
	text := w.logs.String()
	for _, word := range append([]string{twitterToken, "retweets_of", "/2/tweets", "/2/users", "harbour-leaks.example/", "passer_", "Bearer "}, w.s.handles...) {
		if n := strings.Count(text, word); n > 0 {
			t.Errorf("a word of the kind %.4s... stands %d times in the log", word, n)
		}
	}
	if n := len(numbers.FindAllString(text, -1)); n > 0 {
		t.Errorf("%d numbers in the log are like ids", n)
	}
	t.Logf("%d bytes of log", len(text))
}
