package archive

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// Ids whose time is 2020-05-01T12:00:00.xxxZ and later.
const (
	idA = "1256194900000000000"
	idB = "1256194950000000000"
	idC = "1256195000000000000"
)

// oneLine joins a JSON text written over lines.
func oneLine(s string) string {
	return strings.NewReplacer("\n", "", "\t", "").Replace(s) + "\n"
}

// simpleTweet is a small post.
func simpleTweet(id, author, text string) string {
	return fmt.Sprintf(`{"id":%q,"author_id":%q,"created_at":"2020-05-01T12:00:00.000Z","text":%q}`, id, author, text)
}

const searchPage = `{"data": [
	{"id": "1256195000000000000", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "lang": "en",
	 "text": "RT @inventeda: cut &amp; sho…", "referenced_tweets": [{"type": "retweeted", "id": "1256194900000000000"}],
	 "public_metrics": {"retweet_count": 8, "reply_count": 0, "like_count": 0, "quote_count": 0}},
	{"id": "1256194950000000000", "author_id": "20", "created_at": "2020-05-01T12:20:00.000Z", "lang": "zh", "possibly_sensitive": true,
	 "text": "look https://t.co/q", "referenced_tweets": [{"type": "quoted", "id": "1256194900000000000"}, {"type": "replied_to", "id": "1256194800000000000"}],
	 "in_reply_to_user_id": "40", "withheld": {"country_codes": ["XX"]},
	 "attachments": {"media_keys": ["3_1", "7_2"], "poll_ids": ["1"]},
	 "entities": {"urls": [{"url": "https://t.co/q", "expanded_url": "https://x.example/a/status/1256194900000000000", "display_url": "x.example/a/sta…"}]},
	 "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "bookmark_count": 5, "impression_count": 6}}],
	"includes": {
	"tweets": [{"id": "1256194900000000000", "author_id": "10", "created_at": "2020-05-01T12:10:00.000Z", "lang": "en",
	 "text": "whole &amp; full https://t.co/u https://t.co/e &lt;3",
	 "entities": {"urls": [
	 {"url": "https://t.co/u", "expanded_url": "https://short.example/1", "unwound_url": "https://cards.example/card/1", "display_url": "short.example/1"},
	 {"url": "https://t.co/e", "expanded_url": "https://cards.example/card/2", "display_url": "cards.example/ca…"}]},
	 "public_metrics": {"retweet_count": 8, "reply_count": 1, "like_count": 2, "quote_count": 3, "impression_count": 0}}],
	"users": [{"id": "10", "username": "inventeda", "name": "A Name", "created_at": "2015-01-01T00:00:00.000Z", "public_metrics": {"followers_count": 100}},
	 {"id": "20", "username": "inventedb", "public_metrics": {"followers_count": 200}},
	 {"id": "99", "username": "onlymentioned", "public_metrics": {"followers_count": 1}}],
	"media": [{"media_key": "3_1", "type": "photo"}]},
	"errors": [{"value": "1", "detail": "gone", "type": "https://api.x.example/problems/resource-not-found"}],
	"meta": {"result_count": 2, "next_token": "n"},
	"__twarc": {"url": "https://api.x.example/2/tweets/search/all?query=cards&next_token=abc&tweet.fields=id&max_results=100", "version": "2.9.5", "retrieved_at": "2022-03-04T05:06:07+00:00"}}`

func TestTwarcPage(t *testing.T) {
	r, result := read(t, oneLine(searchPage), Options{})
	if c := result.Counts; c.Posts != 3 || c.NonPosts != 1 || c.Records != 4 || !result.Complete {
		t.Fatalf("got %+v, %v", c, result.Faults)
	}
	diff(t, "looks", r.looks, []Look{{
		Platform:  doxtrailv1.Platform_PLATFORM_TWITTER,
		Selection: doxtrailv1.Selection_SELECTION_SEARCH,
		Query:     "/2/tweets/search/all?query=cards",
		LookedAt:  1646370367000,
	}})
	account := doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT.Enum()
	marked := func(url, short string, source doxtrailv1.LinkSource, by doxtrailv1.LinkExpansion) *doxtrailv1.RawLink {
		b := doxtrailv1.RawLink_builder{Url: &url, Source: source.Enum(), ExpandedBy: by.Enum()}
		if short != "" {
			b.Replaces = &short
		}
		return b.Build()
	}
	const (
		entity   = doxtrailv1.LinkSource_LINK_SOURCE_ENTITY
		quoted   = doxtrailv1.LinkSource_LINK_SOURCE_QUOTED
		unwound  = doxtrailv1.LinkExpansion_LINK_EXPANSION_UNWOUND
		platform = doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM
	)
	want := []*doxtrailv1.RawPost{
		doxtrailv1.RawPost_builder{
			ChannelId: proto.String("30"), ChannelKind: account, PostId: proto.String(idC),
			Kind: doxtrailv1.PostKind_POST_KIND_REPOST.Enum(), PostedAt: proto.Int64(1588336200000),
			CollectedAt: proto.Int64(1646370367000), Language: proto.String("en"),
			Text: proto.String("whole & full https://t.co/u https://t.co/e <3"),
			Links: []*doxtrailv1.RawLink{
				marked("https://cards.example/card/1", "https://t.co/u", entity, unwound),
				marked("https://cards.example/card/2", "https://t.co/e", entity, platform),
			},
			Shares: []*doxtrailv1.RawShare{doxtrailv1.RawShare_builder{
				Kind: doxtrailv1.ShareKind_SHARE_KIND_REPOST.Enum(), ChannelId: proto.String("10"),
				ChannelName: proto.String("inventeda"), PostId: proto.String(idA), PostedAt: proto.Int64(1588335000000),
			}.Build()},
		}.Build(),
		doxtrailv1.RawPost_builder{
			ChannelId: proto.String("20"), ChannelName: proto.String("inventedb"), ChannelKind: account, PostId: proto.String(idB),
			Kind: doxtrailv1.PostKind_POST_KIND_QUOTE.Enum(), PostedAt: proto.Int64(1588335600000),
			CollectedAt: proto.Int64(1646370367000), Language: proto.String("zh"),
			Text: proto.String("look https://t.co/q"),
			Links: []*doxtrailv1.RawLink{
				marked("https://x.example/a/status/"+idA, "https://t.co/q", entity, platform),
				marked("https://cards.example/card/1", "", quoted, unwound),
				marked("https://cards.example/card/2", "", quoted, platform),
			},
			Shares: []*doxtrailv1.RawShare{
				doxtrailv1.RawShare_builder{
					Kind: doxtrailv1.ShareKind_SHARE_KIND_REPLY.Enum(), ChannelId: proto.String("40"),
					PostId: proto.String("1256194800000000000"), PostedAt: proto.Int64(1588335153947),
				}.Build(),
				doxtrailv1.RawShare_builder{
					Kind: doxtrailv1.ShareKind_SHARE_KIND_QUOTE.Enum(), ChannelId: proto.String("10"),
					ChannelName: proto.String("inventeda"), PostId: proto.String(idA), PostedAt: proto.Int64(1588335000000),
				}.Build(),
			},
			Media: []*doxtrailv1.RawMedia{
				doxtrailv1.RawMedia_builder{MediaId: proto.String("3_1"), Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum()}.Build(),
				doxtrailv1.RawMedia_builder{MediaId: proto.String("7_2"), Kind: doxtrailv1.MediaKind_MEDIA_KIND_VIDEO.Enum()}.Build(),
				doxtrailv1.RawMedia_builder{Kind: doxtrailv1.MediaKind_MEDIA_KIND_POLL.Enum()}.Build(),
			},
			Counters: doxtrailv1.Counters_builder{
				ForwardCount: proto.Int64(1), ReplyCount: proto.Int64(2), ReactionCount: proto.Int64(3), QuoteCount: proto.Int64(4),
				BookmarkCount: proto.Int64(5), ViewCount: proto.Int64(6), Audience: proto.Int64(200),
			}.Build(),
			Flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_SENSITIVE, doxtrailv1.PostFlag_POST_FLAG_WITHHELD},
		}.Build(),
		doxtrailv1.RawPost_builder{
			ChannelId: proto.String("10"), ChannelName: proto.String("inventeda"), ChannelKind: account, PostId: proto.String(idA),
			Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588335000000),
			CollectedAt: proto.Int64(1646370367000), Language: proto.String("en"),
			Text: proto.String("whole & full https://t.co/u https://t.co/e <3"),
			Links: []*doxtrailv1.RawLink{
				marked("https://cards.example/card/1", "https://t.co/u", entity, unwound),
				marked("https://cards.example/card/2", "https://t.co/e", entity, platform),
			},
			Counters: doxtrailv1.Counters_builder{
				ForwardCount: proto.Int64(8), ReplyCount: proto.Int64(1), ReactionCount: proto.Int64(2), QuoteCount: proto.Int64(3),
				Audience: proto.Int64(100),
			}.Build(),
		}.Build(),
	}
	diff(t, "posts", r.posts, want)
	diff(t, "numbers", r.numbers, []uint64{1, 2, 3})
	diff(t, "channels", r.channels, []*doxtrailv1.RawChannel{
		doxtrailv1.RawChannel_builder{ChannelId: proto.String("20"), Name: proto.String("inventedb"), Kind: account}.Build(),
		doxtrailv1.RawChannel_builder{
			ChannelId: proto.String("10"), Name: proto.String("inventeda"), Kind: account, CreatedAt: proto.Int64(1420070400000),
		}.Build(),
	})
}

const flattenedLine = `{"id": "1256195000000000000", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "text": "RT @inventeda: cut",
	"author": {"id": "30", "username": "inventedc", "public_metrics": {"followers_count": 300}},
	"referenced_tweets": [{"type": "retweeted", "id": "1256194900000000000", "author_id": "10", "created_at": "2020-05-01T12:10:00.000Z",
	 "text": "whole https://t.co/e", "author": {"id": "10", "username": "inventeda", "public_metrics": {"followers_count": 100}},
	 "entities": {"urls": [{"url": "https://t.co/e", "expanded_url": "https://cards.example/card/2"}]},
	 "attachments": {"media": [{"media_key": "16_5", "type": "animated_gif"}], "media_keys": ["16_5"]},
	 "referenced_tweets": [{"type": "replied_to", "id": "1256194800000000000"}]}],
	"__twarc": {"url": "https://api.x.example/2/users/30/tweets?pagination_token=p", "version": "2", "retrieved_at": "2022-03-04T05:06:07Z"}}`

func TestTwarcFlattened(t *testing.T) {
	r, result := read(t, oneLine(flattenedLine)+oneLine(flattenedLine), Options{})
	if c := result.Counts; c.Posts != 2 || c.Duplicates != 2 || c.Conflicts != 0 || len(result.Faults) > 0 {
		t.Fatalf("got %+v, %v", c, result.Faults)
	}
	diff(t, "looks", len(r.looks), 1)
	diff(t, "query", r.looks[0].Query, "/2/users/30/tweets")
	outer, inner := r.posts[0], r.posts[1]
	if outer.GetKind() != doxtrailv1.PostKind_POST_KIND_REPOST || outer.GetText() != "whole https://t.co/e" || len(outer.GetLinks()) != 1 {
		t.Errorf("repost: %v", outer)
	}
	if m := outer.GetMedia(); len(m) != 1 || m[0].GetKind() != doxtrailv1.MediaKind_MEDIA_KIND_ANIMATION {
		t.Errorf("media of the repost: %v", m)
	}
	if outer.GetCounters().GetAudience() != 300 || inner.GetCounters().GetAudience() != 100 {
		t.Errorf("audiences: %v, %v", outer.GetCounters(), inner.GetCounters())
	}
	if inner.GetKind() != doxtrailv1.PostKind_POST_KIND_REPLY || inner.GetPostId() != idA || inner.GetChannelName() != "inventeda" {
		t.Errorf("original: %v", inner)
	}
}

func TestTwarcNewSpelling(t *testing.T) {
	line := `{"data": {"id": "1256195000000000000", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "text": "cut",
	"referenced_posts": [{"type": "reposted", "id": "1256194900000000000"}], "edit_history_post_ids": ["1256195000000000000"]},
	"includes": {"posts": [{"id": "1256194900000000000", "author_id": "10", "text": "cut",
	 "note_post": {"text": "the whole text https://t.co/n", "entities": {"urls": [{"url": "https://t.co/n", "expanded_url": "https://cards.example/n"}]}},
	 "entities": {"urls": [{"url": "https://t.co/n", "expanded_url": "https://cards.example/n"}, {"url": "https://t.co/o", "expanded_url": "https://cards.example/o"}]},
	 "public_metrics": {"repost_count": 4}}]},
	"matching_rules": [{"id": 5, "tag": null}]}`
	r, result := read(t, oneLine(line), Options{})
	if result.Counts.Posts != 2 {
		t.Fatalf("got %+v, %v", result.Counts, result.Faults)
	}
	p := r.posts[0]
	if p.GetKind() != doxtrailv1.PostKind_POST_KIND_REPOST || p.GetText() != "the whole text https://t.co/n" || len(p.GetLinks()) != 2 {
		t.Errorf("got %v", p)
	}
	if n := r.posts[1].GetCounters().GetForwardCount(); n != 4 {
		t.Errorf("forwards %d", n)
	}
	// Without created_at the id tells the time.
	if at := r.posts[1].GetPostedAt(); at != 1588335177789 {
		t.Errorf("posted at %d", at)
	}
}

func TestTwarcEditedPost(t *testing.T) {
	line := fmt.Sprintf(`{"data": [{"id": %q, "author_id": "1", "created_at": "2022-11-01T00:10:00.000Z", "text": "b", "edit_history_tweet_ids": [%q, %q]}], "meta": {}}`, idB, idA, idB)
	r, _ := read(t, line, Options{})
	p := r.posts[0]
	if p.GetPostId() != idA || p.GetPostedAt() != 1588335177789 || p.GetEditedAt() != 1667261400000 {
		t.Errorf("got %v", p)
	}
}

func TestTwarcNonPosts(t *testing.T) {
	for _, tc := range []struct {
		name, line     string
		posts, nonPost uint64
	}{
		{"profiles", `{"data": [{"id": "1", "username": "a", "created_at": "2015-01-01T00:00:00.000Z"}], "meta": {}}`, 0, 1},
		{"a flattened profile", `{"id": "1", "username": "a", "created_at": "2015-01-01T00:00:00.000Z", "__twarc": {}}`, 0, 1},
		{"counts", `{"data": [{"start": "2020-01-01T00:00:00.000Z", "end": "x", "tweet_count": 4}], "meta": {"total_tweet_count": 4}}`, 0, 1},
		{"errors only", `{"errors": [{"title": "x"}, {"title": "y"}]}`, 0, 2},
		{"includes only", `{"includes": {"users": [{"id": "1", "username": "a"}]}}`, 0, 0},
		{"empty page", `{"meta": {"result_count": 0}, "__twarc": {"url": "https://api.x.example/2/tweets/search/recent?query=q", "retrieved_at": "2022-03-04T05:06:07Z"}}`, 0, 0},
		{"data is null", `{"data": null, "errors": [{"title": "x"}]}`, 0, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, tc.line+"\n", Options{Format: formatTwarc2})
			if c := result.Counts; c.Posts != tc.posts || c.NonPosts != tc.nonPost || c.Rejected != 0 {
				t.Errorf("got %+v", c)
			}
			// A look that found nothing is a look.
			if len(r.looks) != 1 {
				t.Errorf("%d looks", len(r.looks))
			}
		})
	}
}
