package cardlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestPost(t *testing.T) {
	telegram := func(name, id, post string) PostRef {
		return PostRef{Platform: doxtrailv1.Platform_PLATFORM_TELEGRAM, ChannelName: name, ChannelID: id, PostID: post}
	}
	twitter := func(name, id, post string) PostRef {
		return PostRef{Platform: doxtrailv1.Platform_PLATFORM_TWITTER, ChannelName: name, ChannelID: id, PostID: post}
	}
	for _, test := range []struct {
		url  string
		want PostRef
	}{
		{"t.me/Some_Channel", telegram("Some_Channel", "", "")},
		{"https://t.me/some_channel/12", telegram("some_channel", "", "12")},
		{"https://t.me/some_channel/12?single&comment=5", telegram("some_channel", "", "12")},
		{"https://t.me/some_channel/3/12", telegram("some_channel", "", "12")},
		{"https://t.me/s/some_channel", telegram("some_channel", "", "")},
		{"https://t.me/s/some_channel/12", telegram("some_channel", "", "12")},
		{"https://t.me/c/1234567890/12", telegram("", "1234567890", "12")},
		{"https://t.me/c/1234567890/3/12", telegram("", "1234567890", "12")},
		{"http://telegram.me/some_channel/12", telegram("some_channel", "", "12")},
		{"https://telegram.dog/some_channel", telegram("some_channel", "", "")},
		{"https://some_channel.t.me/12", telegram("some_channel", "", "12")},
		{"https://some-channel.t.me/12", PostRef{}},
		{"https://www.t.me/@some_channel", telegram("some_channel", "", "")},
		{"tg://resolve?domain=some_channel&post=12", telegram("some_channel", "", "12")},
		{"tg://privatepost?channel=1234567890&post=12", telegram("", "1234567890", "12")},
		{"https://t.me/+AbCdEf_gh-1", PostRef{}},
		{"https://t.me/joinchat/AbCdEf", PostRef{}},
		{"https://t.me/share/url?url=https://mirror.example", PostRef{}},
		{"https://t.me/", PostRef{}},
		{"https://t.me/s", PostRef{}},
		{"https://t.me/c/some_channel", PostRef{}},
		{"https://t.me/1abc", PostRef{}},
		{"https://x.com/someone", twitter("someone", "", "")},
		{"https://x.com/someone/status/1234567890123456789", twitter("someone", "", "1234567890123456789")},
		{"https://twitter.com/someone/status/123/photo/1?s=20", twitter("someone", "", "123")},
		{"https://mobile.twitter.com/someone/statuses/123", twitter("someone", "", "123")},
		{"https://x.com/i/status/123", twitter("", "", "123")},
		{"https://x.com/i/web/status/123", twitter("", "", "123")},
		{"https://x.com/i/user/123", twitter("", "123", "")},
		{"https://x.com/someone/with_replies", twitter("someone", "", "")},
		{"https://x.com/@someone", twitter("someone", "", "")},
		{"https://x.com/search?q=a", PostRef{}},
		{"https://x.com/hashtag/a", PostRef{}},
		{"https://x.com/i/lists/123", PostRef{}},
		{"https://x.com/", PostRef{}},
		{"https://x.com/a_name_that_is_too_long", PostRef{}},
		{"https://mirror.example/someone/status/123", PostRef{}},
		{"https://notx.com/someone/status/123", PostRef{}},
		{"https://t.me.example/some_channel/12", PostRef{}},
	} {
		got, ok := canonical(t, test.url).Post()
		if diff := cmp.Diff(got, test.want); diff != "" || ok != (test.want != PostRef{}) {
			t.Errorf("post of %q: %v (-got +want):\n%s", test.url, ok, diff)
		}
	}
}
