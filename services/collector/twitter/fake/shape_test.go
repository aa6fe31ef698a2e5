package fake

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// everything asks for all that a collector wants.
func everything() []string {
	return []string{
		"tweet.fields", "author_id,created_at,lang,entities,note_tweet,referenced_tweets,public_metrics,attachments,withheld,edit_controls,in_reply_to_user_id",
		"expansions", "author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys,in_reply_to_user_id",
		"user.fields", "created_at,protected,public_metrics,withheld", "media.fields", "alt_text,type,url",
	}
}

func TestShapesInBothSpellings(t *testing.T) {
	for _, tc := range []struct {
		spelling                                             Spelling
		referenced, history, note, reposts, included, repost string
	}{
		{Tweet, "referenced_tweets", "edit_history_tweet_ids", "note_tweet", "retweet_count", "tweets", "retweeted"},
		{Post, "referenced_posts", "edit_history_post_ids", "note_post", "repost_count", "posts", "reposted"},
	} {
		t.Run(tc.included, func(t *testing.T) {
			s := start(t, Options{Spelling: tc.spelling})
			author := s.Account(AccountSpec{Username: "invented_a", Followers: 77})
			long := s.Post("invented_a", strings.Repeat("卡 ", 200)+"https://cards.example/end", Counted(Counters{Reposts: 4, Quotes: 2}), Photo("1", "a list"))
			repost := s.Repost("invented_b", long)
			s.Withhold(long, "DE", "FR")
			s.WithholdAccount("invented_a", "DE")
			r := get(t, s, "/2/tweets", append(everything(), "ids", long+","+repost)...)
			list := r.list(t)
			if len(list) != 2 || len(r.Includes[tc.included]) != 1 || len(r.Includes["users"]) != 2 || len(r.Includes["media"]) != 1 {
				t.Fatalf("got %s", r.text)
			}
			post, share := list[0], list[1]
			note, _ := post[tc.note].(map[string]any)
			text, _ := note["text"].(string)
			short, _ := post["text"].(string)
			if utf8.RuneCountInString(short) != 280 || !strings.HasPrefix(text, "卡 卡") || !strings.Contains(text, "https://t.co/") {
				t.Errorf("long post: %v", post)
			}
			entities, _ := note["entities"].(map[string]any)
			urls, _ := entities["urls"].([]any)
			if len(urls) != 1 || post["entities"] != nil {
				t.Fatalf("entities: %v", post)
			}
			link, _ := urls[0].(map[string]any)
			if link["expanded_url"] != "https://cards.example/end" || string([]rune(text)[int(link["start"].(float64)):int(link["end"].(float64))]) != link["url"] {
				t.Errorf("link: %v", link)
			}
			metrics, _ := post["public_metrics"].(map[string]any)
			if metrics[tc.reposts] != 5.0 || metrics["quote_count"] != 2.0 {
				t.Errorf("metrics: %v", metrics)
			}
			want := map[string]any{"copyright": false, "country_codes": []any{"DE", "FR"}, "scope": "tweet"}
			if diff := cmp.Diff(want, post["withheld"]); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]any{long}, post[tc.history]); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]any{map[string]any{"type": tc.repost, "id": long}}, share[tc.referenced]); diff != "" {
				t.Error(diff)
			}
			if text, _ := share["text"].(string); !strings.HasPrefix(text, "RT @invented_a: 卡") || utf8.RuneCountInString(text) != 140 {
				t.Errorf("text of the repost: %q", text)
			}
			user := r.Includes["users"][0]
			if user["id"] != author || user["withheld"] == nil || user["public_metrics"].(map[string]any)["followers_count"] != 77.0 {
				t.Errorf("user: %v", user)
			}
			if m := r.Includes["media"][0]; m["media_key"] != "3_1" || m["alt_text"] != "a list" {
				t.Errorf("media: %v", m)
			}
		})
	}
}

func TestNothingIsSentThatWasNotAskedFor(t *testing.T) {
	s := start(t, Options{})
	id := s.Post("invented_a", "see https://cards.example/a", Leads("https://cards.example/a", "https://mirror.test/", "A title", "A description"))
	r := get(t, s, "/2/tweets", "ids", id)
	if o := r.list(t)[0]; len(o) != 3 || o["edit_history_tweet_ids"] == nil || r.Includes != nil {
		t.Errorf("got %s", r.text)
	}
	r = get(t, s, "/2/tweets/"+id, "expansions", "author_id,referenced_posts.id")
	if r.one(t)["author_id"] == nil || len(r.Includes["users"]) != 1 {
		t.Errorf("an expansion does not bring its field along: %s", r.text)
	}
	r = get(t, s, "/2/tweets/"+id, "post.fields", "entities,edit_history_post_ids,referenced_posts")
	entities, _ := r.one(t)["entities"].(map[string]any)
	link, _ := entities["urls"].([]any)[0].(map[string]any)
	if link["unwound_url"] != "https://mirror.test/" || link["title"] != "A title" || link["display_url"] != "cards.example/a" {
		t.Errorf("got %v", link)
	}
}
