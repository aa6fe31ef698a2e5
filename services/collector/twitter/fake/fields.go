package fake

import (
	"net/url"
	"slices"
	"strings"
)

// set is a set of words.
type set map[string]bool

// asked is what a request wants to see. Whoever asks for nothing gets ids and
// texts only.
type asked struct{ post, user, media, expand set }

// What may be asked for, in the old spelling. X refuses other words.
const (
	postFields = "article attachments author_id card_uri community_id context_annotations conversation_id created_at " +
		"display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang matched_media_notes " +
		"media_metadata non_public_metrics note_tweet organic_metrics possibly_sensitive promoted_metrics public_metrics " +
		"referenced_tweets reply_settings scopes source suggested_source_links text withheld paid_partnership"
	userFields = "affiliation confirmed_email connection_status created_at description entities id is_identity_verified " +
		"location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected " +
		"public_metrics receives_your_dm subscription subscription_type url username verified verified_followers_count " +
		"verified_type withheld"
	mediaFields = "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url " +
		"promoted_metrics public_metrics type url variants width"
	expansions = "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet " +
		"attachments.poll_ids author_id author_screen_name edit_history_tweet_ids entities.mentions.username " +
		"entities.note.mentions.username geo.place_id in_reply_to_user_id pinned_tweet_id most_recent_tweet_id affiliation.user_id " +
		"referenced_tweets.id referenced_tweets.id.author_id referenced_tweets.id.attachments.media_keys " +
		"referenced_tweets.id.attachments.media_source_tweet"
)

// readFields reads what a request asks for; both spellings are understood. If
// something is unknown, parameter and value name it.
func readFields(q url.Values) (a asked, parameter, value string) {
	for _, d := range []struct {
		into              *set
		parameters, known string
	}{
		{&a.post, "tweet.fields post.fields", postFields},
		{&a.user, "user.fields", userFields},
		{&a.media, "media.fields", mediaFields},
		{&a.expand, "expansions", expansions},
	} {
		*d.into = set{}
		known := strings.Fields(d.known)
		for _, parameter := range strings.Fields(d.parameters) {
			for word := range strings.SplitSeq(q.Get(parameter), ",") {
				if word == "" {
					continue
				}
				old := oldSpelling(word)
				if !slices.Contains(known, old) {
					return asked{}, parameter, word
				}
				(*d.into)[old] = true
			}
		}
	}
	// An expansion brings the field along that it follows.
	for expansion, field := range map[string]string{
		"author_id": "author_id", "referenced_tweets.id": "referenced_tweets", "attachments.media_keys": "attachments",
		"in_reply_to_user_id": "in_reply_to_user_id",
	} {
		if a.expand[expansion] {
			a.post[field] = true
		}
	}
	return a, "", ""
}

func oldSpelling(word string) string {
	return strings.NewReplacer(
		"referenced_posts", "referenced_tweets", "edit_history_post_ids", "edit_history_tweet_ids", "note_post", "note_tweet",
		"pinned_post_id", "pinned_tweet_id", "most_recent_post_id", "most_recent_tweet_id", "media_source_post", "media_source_tweet",
	).Replace(word)
}
