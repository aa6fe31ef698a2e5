package archive

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// wholeBody has every field that is read, in the older spelling.
const wholeBody = `{"data": [
	{"id": "1256195000000000000", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "lang": "en",
	 "text": "RT @inventeda: cut &amp; sho…", "referenced_tweets": [{"type": "retweeted", "id": "1256194900000000000"}],
	 "edit_history_tweet_ids": ["1256195000000000000"],
	 "public_metrics": {"retweet_count": 8, "reply_count": 0, "like_count": 0, "quote_count": 3}},
	{"id": "1256194950000000000", "author_id": "20", "created_at": "2020-05-01T12:20:00.000Z", "possibly_sensitive": true,
	 "text": "later &lt;text&gt;", "edit_history_tweet_ids": ["1256194930000000000", "1256194940000000000", "1256194950000000000"],
	 "edit_controls": {"edits_remaining": "3"}, "in_reply_to_user_id": "10", "referenced_tweets": [{"type": "replied_to", "id": "1256194900000000000"}],
	 "withheld": {"copyright": true, "country_codes": ["HK", "TR", "hk", "hK", "Hk", 7, "long"], "scope": "tweet"},
	 "attachments": {"media_keys": ["3_1"], "poll_ids": ["1"]},
	 "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4, "bookmark_count": 5, "impression_count": 6}}],
	"includes": {
	"tweets": [{"id": "1256194900000000000", "author_id": "10", "created_at": "2020-05-01T12:10:00.000Z", "text": "cut",
	 "note_tweet": {"text": "whole https://t.co/u", "entities": {"urls": [{"url": "https://t.co/u", "expanded_url": "https://cards.example/card/1"}]}}}],
	"users": [{"id": "10", "username": "inventeda", "created_at": "2015-01-01T00:00:00.000Z", "public_metrics": {"followers_count": 100}},
	 {"id": "20", "username": "inventedb", "protected": true, "withheld": {"country_codes": ["DE"], "scope": "user"}},
	 {"id": "99", "username": "onlymentioned"}],
	"media": [{"media_key": "3_1", "type": "photo", "alt_text": "a picture"}]},
	"errors": [{"value": "5", "resource_id": "5", "parameter": "referenced_tweets.id", "resource_type": "tweet", "title": "Not Found Error",
	 "detail": "Could not find a tweet.", "type": "https://api.twitter.com/2/problems/resource-not-found"}],
	"matching_rules": [{"id": 1256194900000000001, "tag": "wl:a:v1"}, {"id": "2", "tag": null}],
	"meta": {"newest_id": "1256195000000000000", "oldest_id": "1256194950000000000", "result_count": 2, "next_token": "n"}}`

// renamed writes a body in the newer spelling.
func renamed(body string) string {
	return strings.NewReplacer(
		"referenced_tweets", "referenced_posts", `"retweeted"`, `"reposted"`, "edit_history_tweet_ids", "edit_history_post_ids",
		"note_tweet", "note_post", "retweet_count", "repost_count", `"tweets"`, `"posts"`, `"tweet"`, `"post"`, "pinned_tweet_id", "pinned_post_id",
		"api.twitter.com", "api.x.com",
	).Replace(body)
}

const readMillis = 1588400000000

// page reads a body that must give no error.
func page(t *testing.T, body string) *TweetPage {
	t.Helper()
	p, err := NewTweetReader().Read([]byte(body), time.UnixMilli(readMillis))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTweetReaderReadsBothSpellings(t *testing.T) {
	account := doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT.Enum()
	original := doxtrailv1.RawPost_builder{
		ChannelId: proto.String("10"), ChannelName: proto.String("inventeda"), ChannelKind: account, PostId: proto.String(idA),
		Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(), PostedAt: proto.Int64(1588335000000), CollectedAt: proto.Int64(readMillis),
		Text: proto.String("whole https://t.co/u"),
		Links: []*doxtrailv1.RawLink{doxtrailv1.RawLink_builder{
			Url: proto.String("https://cards.example/card/1"), Replaces: proto.String("https://t.co/u"),
			Source: doxtrailv1.LinkSource_LINK_SOURCE_ENTITY.Enum(), ExpandedBy: doxtrailv1.LinkExpansion_LINK_EXPANSION_PLATFORM.Enum(),
		}.Build()},
		Counters: doxtrailv1.Counters_builder{Audience: proto.Int64(100)}.Build(),
	}.Build()
	share := func(kind doxtrailv1.ShareKind) []*doxtrailv1.RawShare {
		return []*doxtrailv1.RawShare{doxtrailv1.RawShare_builder{
			Kind: kind.Enum(), ChannelId: proto.String("10"), ChannelName: proto.String("inventeda"),
			PostId: proto.String(idA), PostedAt: proto.Int64(1588335000000),
		}.Build()}
	}
	repost := proto.CloneOf(original)
	repost.SetChannelId("30")
	repost.ClearChannelName()
	repost.SetPostId(idC)
	repost.SetKind(doxtrailv1.PostKind_POST_KIND_REPOST)
	repost.SetPostedAt(1588336200000)
	repost.SetLanguage("en")
	repost.SetShares(share(doxtrailv1.ShareKind_SHARE_KIND_REPOST))
	repost.ClearCounters()
	edited := doxtrailv1.RawPost_builder{
		ChannelId: proto.String("20"), ChannelName: proto.String("inventedb"), ChannelKind: account, PostId: proto.String("1256194930000000000"),
		Kind: doxtrailv1.PostKind_POST_KIND_REPLY.Enum(), PostedAt: proto.Int64(1588335184942), EditedAt: proto.Int64(1588335600000),
		CollectedAt: proto.Int64(readMillis), Text: proto.String("later <text>"),
		Shares: share(doxtrailv1.ShareKind_SHARE_KIND_REPLY),
		Media: []*doxtrailv1.RawMedia{
			doxtrailv1.RawMedia_builder{MediaId: proto.String("3_1"), Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum()}.Build(),
			doxtrailv1.RawMedia_builder{Kind: doxtrailv1.MediaKind_MEDIA_KIND_POLL.Enum()}.Build(),
		},
		Counters: doxtrailv1.Counters_builder{
			ForwardCount: proto.Int64(1), ReplyCount: proto.Int64(2), ReactionCount: proto.Int64(3), QuoteCount: proto.Int64(4),
			BookmarkCount: proto.Int64(5), ViewCount: proto.Int64(6),
		}.Build(),
		Flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_SENSITIVE, doxtrailv1.PostFlag_POST_FLAG_WITHHELD},
	}.Build()
	want := &TweetPage{
		Posts: []TweetPost{
			{Raw: repost, ID: idC, VersionIDs: []string{idC}, Reposts: 8, Quotes: 3, Original: idA},
			{
				Raw: edited, ID: idB, VersionIDs: []string{"1256194930000000000", "1256194940000000000", idB}, Reposts: 1, Quotes: 4,
				Withheld: []string{"HK", "TR"}, WithheldScope: "post", Copyright: true,
			},
		},
		Included: []TweetPost{{Raw: original, ID: idA, VersionIDs: []string{idA}, Reposts: -1, Quotes: -1}},
		Channels: []*doxtrailv1.RawChannel{
			doxtrailv1.RawChannel_builder{ChannelId: proto.String("20"), Name: proto.String("inventedb"), Kind: account}.Build(),
			doxtrailv1.RawChannel_builder{
				ChannelId: proto.String("10"), Name: proto.String("inventeda"), Kind: account, CreatedAt: proto.Int64(1420070400000),
			}.Build(),
		},
		Accounts: []TweetAccount{
			{ID: "20", Name: "inventedb", Followers: -1, Protected: true, Withheld: []string{"DE"}},
			{ID: "10", Name: "inventeda", Followers: 100, CreatedAt: 1420070400000},
		},
		Problems: []TweetProblem{{Kind: ProblemNotFound, ResourceType: "post", ResourceID: "5", Parameter: "referenced_posts.id"}},
		Rules:    []TweetRule{{ID: "1256194900000000001", Tag: "wl:a:v1"}, {ID: "2"}},
		Meta:     TweetMeta{NewestID: idC, OldestID: idB, NextToken: "n", Count: 2},
	}
	diff(t, "older spelling", page(t, wholeBody), want)
	diff(t, "newer spelling", page(t, renamed(wholeBody)), want)
}

func TestTweetReaderReadsTheSameInBothSpellings(t *testing.T) {
	for name, body := range map[string]string{
		"a search": searchPage, "a flattened post": flattenedLine,
		"a long post of a stream": `{"data": {"id": "1256195000000000000", "author_id": "30", "text": "cut",
	"referenced_tweets": [{"type": "retweeted", "id": "1256194900000000000"}], "edit_history_tweet_ids": ["1256195000000000000"]},
	"includes": {"tweets": [{"id": "1256194900000000000", "author_id": "10", "text": "cut", "public_metrics": {"retweet_count": 4, "quote_count": 2},
	 "note_tweet": {"text": "the whole text https://t.co/n", "entities": {"urls": [{"url": "https://t.co/n", "expanded_url": "https://cards.example/n"}]}},
	 "withheld": {"country_codes": ["HK"], "scope": "tweet"}}]},
	"matching_rules": [{"id": 5, "tag": null}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			older, newer := page(t, body), page(t, renamed(body))
			if len(older.Posts) == 0 || renamed(body) == body {
				t.Fatal("nothing to compare")
			}
			diff(t, "newer spelling", newer, older)
		})
	}
}

func TestTweetReaderKeepsNothingOfTheLastBody(t *testing.T) {
	r, at := NewTweetReader(), time.UnixMilli(readMillis)
	body := []byte(wholeBody)
	first, err := r.Read(body, at)
	if err != nil {
		t.Fatal(err)
	}
	want := page(t, wholeBody)
	clear(body)
	plain := `{"data":[` + simpleTweet("12", "7", "a") + "," + simpleTweet("13", "7", "b") + "," + simpleTweet("14", "7", "c") + `]}`
	second, err := r.Read([]byte(plain), at)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "the first page after another was read", first, want)
	diff(t, "the second page", second, page(t, plain))
	third, err := r.Read([]byte(wholeBody), at)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "the first body again", third, want)
}

func TestTweetReaderReadsProfiles(t *testing.T) {
	p := page(t, `{"data": [{"id": "1", "username": "inventeda", "name": "A Name", "created_at": "2015-01-01T00:00:00.000Z", "protected": true,
	 "public_metrics": {"followers_count": 12}, "withheld": {"country_codes": ["HK"]}, "pinned_tweet_id": "5"}, {"username": "inventedb", "id": "2"}],
	 "includes": {"tweets": [`+simpleTweet("5", "1", "pinned")+`], "users": [{"id": "1", "username": "inventeda"}]},
	 "errors": [{"value": "inventedc", "detail": "x", "title": "Not Found Error", "resource_type": "user", "parameter": "usernames", "resource_id": "inventedc",
	 "type": "https://api.twitter.com/2/problems/resource-not-found"}]}`)
	diff(t, "accounts", p.Accounts, []TweetAccount{
		{ID: "1", Name: "inventeda", CreatedAt: 1420070400000, Followers: 12, Protected: true, Withheld: []string{"HK"}},
		{ID: "2", Name: "inventedb", Followers: -1},
	})
	diff(t, "problems", p.Problems, []TweetProblem{{Kind: ProblemNotFound, ResourceType: "user", ResourceID: "inventedc", Parameter: "usernames"}})
	if len(p.Posts) != 0 || len(p.Included) != 1 || len(p.Channels) != 1 || p.Others != 0 || p.Disconnect != "" || p.Meta.Count != -1 {
		t.Errorf("got %+v", p)
	}
}

func TestTweetReaderSaysWhyAStreamEnded(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"disconnect type", `{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","detail":"x","type":"https://api.x.com/2/problems/operational-disconnect"}]}`, "UpstreamOperationalDisconnect"},
		{"type before the disconnect type", `{"errors":[{"type":"https://api.x.com/2/problems/operational-disconnect","disconnect_type":"ForceDisconnect"}]}`, "ForceDisconnect"},
		{"title alone", `{"errors":[{"title":"slow-reader"}]}`, "SlowReader"},
		{"type alone", `{"errors":[{"type":"https://api.twitter.com/2/problems/operational-disconnect"}]}`, "OperationalDisconnect"},
		{"connection issue", `{"title":"ConnectionException","detail":"This stream is currently at the maximum allowed connection limit.","connection_issue":"TooManyConnections","type":"https://api.twitter.com/2/problems/streaming-connection"}`, "TooManyConnections"},
		{"a word nobody wrote down", `{"errors":[{"disconnect_type":"Invented Person"}]}`, ProblemOther},
		{"a title nobody wrote down", `{"title":"Invented Person","detail":"lives at"}`, ProblemOther},
		{"an empty report", `{"errors":[{}]}`, ProblemOther},
		{"a report that is no object", `{"errors":["x"]}`, ProblemOther},
		{"a report about a post", `{"errors":[{"value":"1","type":"https://api.x.com/2/problems/resource-not-found"}]}`, ""},
		{"the second report says", `{"errors":[{"title":"x"},{"disconnect_type":"SlowReader"}]}`, "SlowReader"},
		{"data is null", `{"data":null,"errors":[{"disconnect_type":"SlowReader"}]}`, "SlowReader"},
		{"data is there", `{"errors":[{"disconnect_type":"SlowReader"}],"data":` + simpleTweet(idA, "1", "x") + `}`, ""},
		{"a report that stands alone", `{"errors":{"disconnect_type":"SlowReader"}}`, "SlowReader"},
		{"a sentence about what was asked", `{"title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}`, ""},
		{"empty page", `{"meta":{"result_count":0}}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := page(t, tc.body)
			if p.Disconnect != tc.want {
				t.Errorf("got %q", p.Disconnect)
			}
			if strings.Contains(tc.body, `"data":{`) != (len(p.Posts) == 1) {
				t.Errorf("%d posts", len(p.Posts))
			}
		})
	}
}

func TestTweetReaderTakesNoWordOfTheWire(t *testing.T) {
	p := page(t, `{"data":`+simpleTweet(idA, "1", "x")+`,"errors":[{"type":"https://x.example/invented-person","resource_type":"person","parameter":"name","value":"`+
		strings.Repeat("9", maxToken+1)+`"}]}`)
	diff(t, "problems", p.Problems, []TweetProblem{{Kind: ProblemOther, ResourceType: ProblemOther, Parameter: ProblemOther}})
	p = page(t, `{"title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found"}`)
	diff(t, "a problem without a list", p.Problems, []TweetProblem{{Kind: ProblemNotFound}})
}

func TestTweetTime(t *testing.T) {
	at, ok := TweetTime(idA)
	if !ok || at.UnixMilli() != 1588335177789 {
		t.Errorf("got %v", at)
	}
	if _, ok := TweetTime("20"); ok {
		t.Error("an id of 2006 has a time")
	}
}
