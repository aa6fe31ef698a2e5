package store_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	isUp         = doxtrailv1.ObservationState_OBSERVATION_STATE_UP
	isEdited     = doxtrailv1.ObservationState_OBSERVATION_STATE_EDITED
	isGone       = doxtrailv1.ObservationState_OBSERVATION_STATE_GONE
	isRestricted = doxtrailv1.ObservationState_OBSERVATION_STATE_RESTRICTED
	isPrivate    = doxtrailv1.ObservationState_OBSERVATION_STATE_PRIVATE
	isBack       = doxtrailv1.ObservationState_OBSERVATION_STATE_BACK
)

// seen is one later look at a post, or at its channel where post is "".
type seen struct {
	channel, post, at string
	state             doxtrailv1.ObservationState
	vantage           string
	source            string // "": api
	platform          doxtrailv1.Platform
	views             int64 // 0: unknown
	why               doxtrailv1.RestrictionKind
}

func (w *world) seen(s seen) {
	w.t.Helper()
	m := doxtrailv1.Observation_builder{
		ChannelKey: w.key(s.channel), PostKey: w.key(s.post), State: s.state.Enum(), ObservedAt: proto.Int64(at(w.t, s.at)),
		Source: proto.String(cmp.Or(s.source, "api")), Vantage: proto.String(s.vantage),
	}
	if s.views > 0 {
		m.ViewCount = proto.Int64(s.views)
	}
	if s.why != 0 {
		m.Restrictions = []doxtrailv1.RestrictionKind{s.why}
	} else if s.state == isRestricted {
		m.Restrictions = []doxtrailv1.RestrictionKind{doxtrailv1.RestrictionKind_RESTRICTION_KIND_TERMS, doxtrailv1.RestrictionKind_RESTRICTION_KIND_LAW}
	}
	w.add(store.KindObservations, cmp.Or(s.platform, telegram), m.Build())
}

// What became of a post, look by look. It is of 01-01 00:00, read at 00:10.
func TestStatesOfAPost(t *testing.T) {
	up, edited, gone, restricted, private, back := isUp, isEdited, isGone, isRestricted, isPrivate, isBack
	post := func(state doxtrailv1.ObservationState, at, vantage string) seen {
		return seen{post: "p", at: at, state: state, vantage: vantage}
	}
	channel := func(state doxtrailv1.ObservationState, at, vantage string) seen {
		return seen{at: at, state: state, vantage: vantage}
	}
	cases := []struct {
		name  string
		looks []seen
		want  string // state, restrictions, last seen up, first seen down, looks, looks down, confirmed
	}{
		{"never looked at again", nil, "up [] 00:10 - 0 0 false"},
		{"an edit is no look", []seen{post(edited, "00:30", "a")}, "up [] 00:30 - 0 0 false"},
		{"still up", []seen{post(up, "03:00", "a"), post(up, "01:00", "a")}, "up [] 03:00 - 2 0 false"},
		{"one look that shows it gone", []seen{post(up, "01:00", "a"), post(gone, "02:00", "a")}, "gone [] 01:00 02:00 2 1 false"},
		{"a second one too soon", []seen{post(gone, "02:00", "a"), post(gone, "07:59", "a")}, "gone [] 00:10 02:00 2 2 false"},
		{"a second one six hours later", []seen{post(gone, "02:00", "a"), post(gone, "08:00", "a")}, "gone [] 00:10 02:00 2 2 true"},
		{"a second one from elsewhere", []seen{post(gone, "02:00", "a"), post(gone, "02:01", "b")}, "gone [] 00:10 02:00 2 2 true"},
		{"at one moment up for one, gone for the other", []seen{post(up, "02:00", "a"), post(gone, "02:00", "b")}, "up [] 02:00 - 2 0 false"},
		{"back in between", []seen{post(gone, "02:00", "a"), post(back, "05:00", "a"), post(gone, "09:00", "a")}, "gone [] 05:00 09:00 3 1 false"},
		{"edited in between", []seen{post(gone, "02:00", "a"), post(edited, "05:00", "a"), post(gone, "09:00", "b")}, "gone [] 05:00 09:00 2 1 false"},
		{"restricted, which is not gone", []seen{post(up, "01:00", "a"), post(restricted, "02:00", "a")}, "restricted ['terms','law'] 01:00 - 2 0 false"},
		{"restricted no more", []seen{post(restricted, "01:00", "a"), post(up, "02:00", "a")}, "up [] 02:00 - 2 0 false"},
		{"gone, then restricted, then gone", []seen{post(gone, "01:00", "a"), post(restricted, "02:00", "b"), post(gone, "09:00", "b")}, "gone [] 00:10 09:00 3 1 false"},
		{"its channel private", []seen{channel(private, "02:00", "a")}, "private [] 00:10 02:00 1 1 false"},
		{"its channel private for long", []seen{channel(private, "02:00", "a"), channel(private, "04:00", "a"), channel(private, "08:00", "a")}, "private [] 00:10 02:00 2 2 true"},
		{"its channel private and back", []seen{channel(private, "02:00", "a"), channel(back, "04:00", "a")}, "up [] 00:10 - 0 0 false"},
		{"its channel private, gone for another", []seen{channel(private, "02:00", "a"), post(gone, "03:00", "b")}, "gone [] 00:10 02:00 2 2 true"},
		{"its channel private, but it is there", []seen{channel(private, "02:00", "a"), post(up, "03:00", "b")}, "up [] 03:00 - 2 0 false"},
		{"its channel restricted", []seen{channel(restricted, "02:00", "a")}, "restricted ['terms','law'] 00:10 - 1 0 false"},
		{"the platform's own word", []seen{{post: "p", at: "02:00", state: gone, source: "compliance"}}, "gone [] 00:10 02:00 1 1 true"},
		{"the platform's own word, and it came back", []seen{{post: "p", at: "02:00", state: gone, source: "compliance"}, post(up, "03:00", "a"), post(gone, "04:00", "a")}, "gone [] 03:00 04:00 3 1 false"},
		{"the platform's own word about its channel", []seen{{at: "02:00", state: private, source: "compliance"}}, "private [] 00:10 02:00 1 1 true"},
		{"its channel up says nothing of it", []seen{post(gone, "02:00", "a"), channel(up, "03:00", "a"), post(gone, "08:30", "a")}, "gone [] 00:10 02:00 2 2 true"},
	}
	w := newWorld(t)
	w.site(site{host: "one", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_SITE})
	for n, tc := range cases {
		name, id, alias := fmt.Sprintf("p%02d", n), fmt.Sprintf("channel %d", n), fmt.Sprintf("name of %d", n)
		w.add(store.KindChannelAliases, telegram, doxtrailv1.ChannelAlias_builder{AliasKey: w.key(alias), ChannelKey: w.key(id)}.Build())
		w.postOf(name, id)
		for _, look := range tc.looks {
			look.at = "01-01 " + look.at + ":00"
			if look.channel = id; look.post == "" {
				look.channel = alias
			} else {
				look.post = name
			}
			w.seen(look)
		}
	}
	w.insert()
	lines := strings.Split(w.query("post_states", nil), "\n")
	if len(lines) != len(cases) {
		t.Fatalf("%d lines of %d posts", len(lines), len(cases))
	}
	for n, tc := range cases {
		_, told, _ := strings.Cut(lines[n], "2020-01-01T00:00:00Z ")
		if got := strings.NewReplacer("2020-01-01T", "", ":00Z", "").Replace(told); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// postOf is a post with a card, of 01-01 00:00, read at 00:10.
func (w *world) postOf(name, channel string) {
	w.t.Helper()
	w.post(post{name: name, channel: channel, at: "01-01 00:00:00", collected: "01-01 00:10:00", platform: telegram, links: []string{"one /c1"}})
}
