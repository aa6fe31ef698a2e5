package api

import (
	"net/url"
	"strings"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

// What is asked for is what the reader of pages uses: no profile texts, no places,
// no counters that only the author may see. What the library has no name for is
// sent as typed.

func postFields() []twitter.TweetField {
	return []twitter.TweetField{
		twitter.TweetFieldID, twitter.TweetFieldText, twitter.TweetFieldAuthorID, twitter.TweetFieldCreatedAt,
		twitter.TweetFieldLanguage, twitter.TweetFieldEntities, twitter.TweetFieldAttachments,
		twitter.TweetFieldReferencedTweets, twitter.TweetFieldInReplyToUserID, twitter.TweetFieldConversationID,
		twitter.TweetFieldPublicMetrics, twitter.TweetFieldPossiblySensitve, twitter.TweetFieldWithHeld,
		"note_tweet", "edit_history_tweet_ids", "edit_controls",
	}
}

func userFields() []twitter.UserField {
	return []twitter.UserField{
		twitter.UserFieldID, twitter.UserFieldUserName, twitter.UserFieldCreatedAt, twitter.UserFieldProtected,
		twitter.UserFieldPublicMetrics, twitter.UserFieldWithHeld, "verified_type",
	}
}

func mediaFields() []twitter.MediaField {
	return []twitter.MediaField{
		twitter.MediaFieldMediaKey, twitter.MediaFieldType, twitter.MediaFieldURL, twitter.MediaFieldPreviewImageURL,
	}
}

func expansions() []twitter.Expansion {
	return []twitter.Expansion{
		twitter.ExpansionAuthorID, twitter.ExpansionAttachmentsMediaKeys,
		twitter.ExpansionReferencedTweetsID, twitter.ExpansionReferencedTweetsIDAuthorID,
	}
}

// fieldParams is the same for requests that the library does not make.
func fieldParams() url.Values {
	return url.Values{
		"tweet.fields": {list(postFields())}, "user.fields": {list(userFields())},
		"media.fields": {list(mediaFields())}, "expansions": {list(expansions())},
	}
}

func list[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return strings.Join(all, ",")
}

// rename spells the names of fields the new way.
func rename(query url.Values) {
	if fields, ok := query["tweet.fields"]; ok {
		query.Del("tweet.fields")
		query["post.fields"] = fields
	}
	newer := strings.NewReplacer(
		"referenced_tweets", "referenced_posts",
		"edit_history_tweet_ids", "edit_history_post_ids",
		"note_tweet", "note_post",
	)
	for _, key := range []string{"post.fields", "expansions"} {
		for i, value := range query[key] {
			query[key][i] = newer.Replace(value)
		}
	}
}
