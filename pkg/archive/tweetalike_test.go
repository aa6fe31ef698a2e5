package archive

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// alike fails unless both readers give the same posts and channels of a body
// that has one object.
func alike(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, body string,
) {
	t.Helper()
	p, err := NewTweetReader().Read([]byte(body), time.UnixMilli(readMillis))
	if err != nil {
		return
	}
	rec := &recorder{}
	if _, err := Read(context.Background(), memorySource([]byte(body+"\n")), Options{Format: formatTwarc2}, rec); err != nil {
		return // not even a look at it
	}
	want, got := map[string]bool{}, map[string]bool{}
	for _, post := range rec.posts {
		post.ClearCollectedAt()
		post.ClearRepeatedInFile()
		want[canonical(post)] = true
	}
	for _, list := range [][]TweetPost{p.Posts, p.Included} {
		for _, post := range list {
			raw := proto.CloneOf(post.Raw)
			raw.ClearCollectedAt()
			got[canonical(raw)] = true
		}
	}
	for _, c := range rec.channels {
		want[canonical(c)] = true
	}
	for _, c := range p.Channels {
		got[canonical(c)] = true
	}
	if len(want) != len(got) {
		t.Fatalf("%d records from the archive, %d live", len(want), len(got))
	}
	for record := range want {
		if !got[record] {
			t.Fatalf("a record of the archive is missing live")
		}
	}
}

func canonical(m proto.Message) string {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	return fmt.Sprintf("%T %x %v", m, b, err)
}

// TestTweetReaderGivesWhatArchivesGive makes pages of posts that refer to each
// other in every way, edited, repeated, with and without their authors.
func TestTweetReaderGivesWhatArchivesGive(t *testing.T) {
	for _, body := range []string{searchPage, flattenedLine, wholeBody, renamed(wholeBody)} {
		alike(t, strings.TrimSpace(oneLine(body)))
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprint(1256194900000000000 + rapid.Uint64Range(0, 9).Draw(t, "id")*4194304000)
		})
		author := rapid.SampledFrom([]string{"1", "2", "3"})
		post := rapid.Custom(func(t *rapid.T) string {
			own := id.Draw(t, "own")
			s := fmt.Sprintf(`{"id":%q,"author_id":%q,"text":%q`, own, author.Draw(t, "author"),
				rapid.SampledFrom([]string{"a", "b &amp; c", "https://t.co/a", ""}).Draw(t, "text"))
			if kind := rapid.SampledFrom([]string{"", "retweeted", "quoted", "replied_to"}).Draw(t, "kind"); kind != "" {
				s += fmt.Sprintf(`,"referenced_tweets":[{"type":%q,"id":%q}]`, kind, id.Draw(t, "referred"))
			}
			if rapid.Bool().Draw(t, "edited") {
				s += fmt.Sprintf(`,"edit_history_tweet_ids":[%q,%q]`, id.Draw(t, "first"), own)
			}
			if rapid.Bool().Draw(t, "linked") {
				s += `,"entities":{"urls":[{"url":"https://t.co/a","expanded_url":"https://cards.example/card/1"}]}`
			}
			return s + `,"public_metrics":{"retweet_count":` + fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "count")) + `}}`
		})
		var users []string
		for _, u := range rapid.SliceOfDistinct(author, rapid.ID[string]).Draw(t, "users") {
			users = append(users, fmt.Sprintf(`{"id":%q,"username":"invented%s"}`, u, u))
		}
		body := fmt.Sprintf(`{"data":[%s],"includes":{"tweets":[%s],"users":[%s]}}`,
			strings.Join(rapid.SliceOfN(post, 0, 6).Draw(t, "posts"), ","), strings.Join(rapid.SliceOfN(post, 0, 6).Draw(t, "included"), ","),
			strings.Join(users, ","))
		alike(t, body)
		alike(t, renamed(body))
	})
}
