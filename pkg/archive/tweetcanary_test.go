package archive

import (
	"fmt"
	"strings"
	"testing"
)

// canaryBody has a canary wherever X tells of a person, or of what a post is about,
// in a member that nothing needs.
const canaryBody = `{"data": [{"id": "1256195000000000000", "author_id": "30", "created_at": "2020-05-01T12:30:00.000Z", "text": "own words",
	"conversation_id": "canary", "source": "canary", "reply_settings": "canary", "card_uri": "canary", "community_id": "canary",
	"article": {"title": "canary"}, "geo": {"place_id": "canary", "coordinates": {"coordinates": ["canary"]}},
	"context_annotations": [{"domain": {"name": "canary"}, "entity": {"name": "canary"}}],
	"entities": {"urls": [{"url": "https://t.co/u", "expanded_url": "https://cards.example/card/1", "display_url": "canary", "title": "canary",
	  "description": "canary", "media_key": "canary", "images": [{"url": "canary"}]}],
	 "mentions": [{"username": "canary", "id": "canary"}], "hashtags": [{"tag": "canary"}], "cashtags": [{"tag": "canary"}],
	 "annotations": [{"type": "canary", "text": "canary"}]},
	"note_tweet": {"text": "own words", "entities": {"mentions": [{"username": "canary"}]}},
	"edit_controls": {"editable_until": "canary"}, "withheld": {"country_codes": ["canary"], "scope": "canary"},
	"attachments": {"media_keys": ["3_1"], "media_source_tweet_id": ["canary"]}}],
	"includes": {
	"users": [{"id": "30", "username": "inventedc", "name": "canary", "description": "canary", "location": "canary", "url": "canary",
	  "profile_image_url": "canary", "profile_banner_url": "canary", "verified_type": "canary", "pinned_tweet_id": "canary", "entities": {"url": {"urls": [{"expanded_url": "canary"}]}}},
	 {"id": "99", "username": "canary", "created_at": "2015-01-01T00:00:00.000Z"}],
	"media": [{"media_key": "3_1", "type": "canary", "url": "canary", "preview_image_url": "canary", "alt_text": "canary", "variants": [{"url": "canary"}]}],
	"places": [{"full_name": "canary"}], "polls": [{"options": [{"label": "canary"}]}], "topics": [{"name": "canary"}]},
	"errors": [{"title": "canary", "detail": "canary", "type": "https://api.x.com/2/problems/canary", "resource_type": "canary", "parameter": "canary",
	  "reason": "canary", "disconnect_type": "canary", "section": "canary"}],
	"title": "canary", "detail": "canary", "type": "canary", "connection_issue": "canary", "reason": "canary", "registration_url": "canary",
	"meta": {"result_count": 1, "sent": "canary", "summary": {"canary": 1}, "previous_token": "canary"}}`

func TestTweetReaderTakesOnlyWhatIsNeeded(t *testing.T) {
	if n := strings.Count(canaryBody, "canary"); n < 60 {
		t.Fatalf("%d canaries", n)
	}
	for _, body := range []string{canaryBody, renamed(canaryBody), strings.Replace(canaryBody, `"data": [`, `"x": [`, 1)} {
		p := page(t, body)
		said := fmt.Sprintf("%+v", *p)
		for _, list := range [][]TweetPost{p.Posts, p.Included} {
			for _, post := range list {
				said += fmt.Sprint(post.Raw, post.Withheld, post.WithheldScope)
			}
		}
		for _, channel := range p.Channels {
			said += channel.String()
		}
		if strings.Contains(said, "canary") {
			t.Errorf("a canary came out: %s", said)
		}
		if strings.Contains(body, `"data"`) != strings.Contains(said, "own words") {
			t.Error("the post's own words are missing")
		}
	}
}
