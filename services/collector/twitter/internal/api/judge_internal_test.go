package api

import (
	"testing"

	twitter "github.com/g8rswimmer/go-twitter/v2"
)

func TestWhatTheLibraryDoesNotSendIsNoTrouble(t *testing.T) {
	c := &twitter.Client{}
	_, err := c.TweetLookup(t.Context(), nil, twitter.TweetLookupOpts{})
	if fault := judge(&errand{method: MethodPosts}, err); fault == nil || fault.Kind != Refused {
		t.Errorf("%v is %v", err, fault)
	}
}
