package normaliser

import (
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestShares(t *testing.T) {
	b := newBench(t, harbour)
	k := b.keyer
	type shareOf = doxtrailv1.Share_builder
	raw := func(kind doxtrailv1.ShareKind, change func(*doxtrailv1.RawShare_builder)) []*doxtrailv1.RawShare {
		r := doxtrailv1.RawShare_builder{Kind: &kind}
		change(&r)
		return []*doxtrailv1.RawShare{r.Build()}
	}
	const (
		forward = doxtrailv1.ShareKind_SHARE_KIND_FORWARD
		repost  = doxtrailv1.ShareKind_SHARE_KIND_REPOST
		quote   = doxtrailv1.ShareKind_SHARE_KIND_QUOTE
		reply   = doxtrailv1.ShareKind_SHARE_KIND_REPLY
		link    = doxtrailv1.ShareKind_SHARE_KIND_LINK
	)
	tests := map[string]struct {
		platform doxtrailv1.Platform
		shares   []*doxtrailv1.RawShare
		text     string
		want     []shareOf
	}{
		"a forward of a post, with its time": {
			telegram, raw(forward, func(r *doxtrailv1.RawShare_builder) {
				r.ChannelId, r.PostId, r.PostedAt = ptr("4100000002"), ptr("5"), ptr(int64(1_588_000_000_000))
			}), "", []shareOf{{
				Kind: ptr(forward), SourceChannelKey: k.Channel(telegram, "4100000002").Bytes(), SourcePostKey: k.Post(telegram, "4100000002", "5").Bytes(),
				SourcePostNoKey: k.PostNo(telegram, "5").Bytes(), SourcePostedAt: ptr(int64(1_588_000_000_000)),
			}},
		},
		"a forward of which only the channel's name is known": {
			telegram, raw(forward, func(r *doxtrailv1.RawShare_builder) { r.ChannelName = ptr("Pier_News") }), "",
			[]shareOf{{Kind: ptr(forward), SourceChannelKey: k.ChannelName(telegram, "pier_news").Bytes()}},
		},
		"a forward from a person keeps nothing of them": {
			telegram, raw(forward, func(r *doxtrailv1.RawShare_builder) {
				r.IsPerson, r.ChannelId, r.ChannelName, r.PostId = ptr(true), ptr("9100000001"), ptr("fong_ka_ming"), ptr("5")
			}), "", []shareOf{{Kind: ptr(forward), SourceIsPerson: ptr(true)}},
		},
		"a reply in the same channel": {
			telegram, raw(reply, func(r *doxtrailv1.RawShare_builder) { r.ChannelId, r.PostId = ptr("4100000001"), ptr("70") }), "",
			[]shareOf{{
				Kind: ptr(reply), SourceChannelKey: k.Channel(telegram, "4100000001").Bytes(),
				SourcePostKey: k.Post(telegram, "4100000001", "70").Bytes(), SourcePostNoKey: k.PostNo(telegram, "70").Bytes(),
			}},
		},
		"a number without a channel names no post where numbers repeat": {
			telegram, raw(reply, func(r *doxtrailv1.RawShare_builder) { r.PostId = ptr("70") }), "",
			[]shareOf{{Kind: ptr(reply), SourcePostNoKey: k.PostNo(telegram, "70").Bytes()}},
		},
		"a repost on Twitter needs no channel": {
			twitter, raw(repost, func(r *doxtrailv1.RawShare_builder) { r.PostId = ptr("1255000000000000001") }), "",
			[]shareOf{{
				Kind: ptr(repost), SourcePostKey: k.Post(twitter, "", "1255000000000000001").Bytes(),
				SourcePostNoKey: k.PostNo(twitter, "1255000000000000001").Bytes(),
			}},
		},
		"a quote on Twitter": {
			twitter, raw(quote, func(r *doxtrailv1.RawShare_builder) {
				r.ChannelId, r.PostId = ptr("7700000002"), ptr("1255000000000000001")
			}), "", []shareOf{{
				Kind: ptr(quote), SourceChannelKey: k.Channel(twitter, "7700000002").Bytes(), SourcePostKey: k.Post(twitter, "", "1255000000000000001").Bytes(),
				SourcePostNoKey: k.PostNo(twitter, "1255000000000000001").Bytes(),
			}},
		},
		"a share of which nothing is known says so": {
			telegram, []*doxtrailv1.RawShare{{}}, "", []shareOf{{}},
		},
		"a link from Twitter to a post on Telegram": {
			twitter, nil, "https://t.me/Pier_News/5", []shareOf{{
				Kind: ptr(link), SourceChannelKey: k.ChannelName(telegram, "pier_news").Bytes(),
				SourcePostKey: k.Post(telegram, "@pier_news", "5").Bytes(), SourcePostNoKey: k.PostNo(telegram, "5").Bytes(),
			}},
		},
		"a link from Telegram to a post on Twitter": {
			telegram, nil, "https://x.com/pier_watch/status/1255000000000000001", []shareOf{{
				Kind: ptr(link), SourceChannelKey: k.ChannelName(twitter, "pier_watch").Bytes(),
				SourcePostKey: k.Post(twitter, "", "1255000000000000001").Bytes(), SourcePostNoKey: k.PostNo(twitter, "1255000000000000001").Bytes(),
			}},
		},
		"a link to a channel": {
			telegram, nil, "https://t.me/pier_news", []shareOf{{Kind: ptr(link), SourceChannelKey: k.ChannelName(telegram, "pier_news").Bytes()}},
		},
		"a link to a post of a private channel joins by its number": {
			telegram, nil, "https://t.me/c/4100000002/5", []shareOf{{
				Kind: ptr(link), SourceChannelKey: k.Channel(telegram, "4100000002").Bytes(),
				SourcePostKey: k.Post(telegram, "4100000002", "5").Bytes(), SourcePostNoKey: k.PostNo(telegram, "5").Bytes(),
			}},
		},
		"an invitation and a search are none": {telegram, nil, "https://t.me/+AbCdEf123 https://x.com/search?q=fong", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			post, postKey, channel := telegramPost, k.Post(telegram, "4100000001", "77"), k.Channel(telegram, "4100000001")
			if tc.platform == twitter {
				post, postKey, channel = twitterPost, k.Post(twitter, "", "1256000000000000077"), k.Channel(twitter, "7700000001")
			}
			b.mustPost(tc.platform, post(func(r *doxtrailv1.RawPost_builder) { r.Text, r.Shares = &tc.text, tc.shares }))
			var want []*doxtrailv1.Share
			for _, w := range tc.want {
				w.PostKey, w.ChannelKey = postKey.Bytes(), channel.Bytes()
				w.PostedAt, w.Generation = ptr(int64(1_588_334_400_000)), ptr(uint64(1))
				want = append(want, w.Build())
			}
			same(t, "shares", of[*doxtrailv1.Share](t, b.rows, bus.KindShares), want)
			for _, r := range b.rows {
				if r.platform != tc.platform {
					t.Errorf("a row of kind %s stands under platform %v", r.kind, r.platform)
				}
			}
		})
	}
}
