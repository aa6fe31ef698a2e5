package look

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/doxtrail/doxtrail/pkg/archive"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// The versions of an edited post, and the times that their ids carry.
const (
	firstID  = "1256194900000000000"
	secondID = "1256194950000000000"
	thirdID  = "1256195000000000000"
	secondAt = 1588335189710
	thirdAt  = 1588335201631
)

func testLook() Look { return Look{At: time.UnixMilli(1700000000000), Vantage: "dc-eu"} }

// want is an observation of account 7 as testLook makes it.
func want(postID string, state State, change func(*doxtrailv1.RawObservation)) *doxtrailv1.RawObservation {
	o := doxtrailv1.RawObservation_builder{
		ChannelId: proto.String("7"), State: state.Enum(), ObservedAt: proto.Int64(1700000000000),
		Source: proto.String("api"), Vantage: proto.String("dc-eu"),
	}.Build()
	if postID != "" {
		o.SetPostId(postID)
	}
	if change != nil {
		change(o)
	}
	return o
}

func restricted(vantage string, kinds ...doxtrailv1.RestrictionKind) func(*doxtrailv1.RawObservation) {
	return func(o *doxtrailv1.RawObservation) {
		o.SetVantage(vantage)
		o.SetRestrictions(kinds)
	}
}

func diff(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// readPost reads a post of account 7 with further members.
func readPost(t *testing.T, members string) *archive.TweetPost {
	t.Helper()
	body := fmt.Sprintf(`{"data":[{"id":%q,"author_id":"7","created_at":"2020-05-01T12:00:00.000Z","text":"x"%s}]}`, firstID, members)
	page, err := archive.NewTweetReader().Read([]byte(body), time.UnixMilli(1))
	if err != nil || len(page.Posts) != 1 {
		t.Fatal(err)
	}
	return &page.Posts[0]
}

func TestPost(t *testing.T) {
	for _, tc := range []struct {
		name, members string
		was, state    State
		change        func(*doxtrailv1.RawObservation)
	}{
		{"never looked at", "", Unknown, Up, nil},
		{"up before", "", Up, Up, nil},
		{"edited before", "", Edited, Up, nil},
		{"gone before", "", Gone, Back, nil},
		{"private before", "", Private, Back, nil},
		{"restricted before", "", Restricted, Back, nil},
		{"with counters", `,"public_metrics":{"retweet_count":2,"like_count":0}`, Up, Up, func(o *doxtrailv1.RawObservation) {
			o.SetCounters(doxtrailv1.Counters_builder{ForwardCount: proto.Int64(2), ReactionCount: proto.Int64(0)}.Build())
		}},
		{"withheld in countries", `,"withheld":{"country_codes":["TR","HK"]}`, Gone, Restricted, restricted("hk+tr", law)},
		{"withheld for copyright", `,"withheld":{"copyright":true,"country_codes":[]}`, Up, Restricted, restricted("dc-eu", copyright)},
		{"withheld for both", `,"withheld":{"copyright":true,"country_codes":["DE"],"scope":"tweet"}`, Up, Restricted, restricted("de", copyright, law)},
		{"withheld everywhere for copyright", `,"withheld":{"country_codes":["XY"]}`, Up, Restricted, restricted("xy", copyright)},
		{"withheld everywhere", `,"withheld":{"country_codes":["XX"]}`, Up, Restricted, restricted("xx", law)},
		{"withheld, nobody says where", `,"withheld":{"scope":"user"}`, Up, Restricted, restricted("dc-eu", other)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			diff(t, testLook().Post(readPost(t, tc.members), tc.was), want(firstID, tc.state, tc.change))
		})
	}
}

func TestPostOfALaterVersionIsThePost(t *testing.T) {
	body := fmt.Sprintf(`{"data":{"id":%q,"author_id":"7","text":"x","edit_history_post_ids":[%q,%q]}}`, secondID, firstID, secondID)
	page, err := archive.NewTweetReader().Read([]byte(body), time.UnixMilli(1))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, testLook().Post(&page.Posts[0], Up), want(firstID, Up, nil))
}

func TestCountersAreNotShared(t *testing.T) {
	p := readPost(t, `,"public_metrics":{"retweet_count":2}`)
	testLook().Post(p, Up).GetCounters().SetForwardCount(9)
	if n := p.Raw.GetCounters().GetForwardCount(); n != 2 {
		t.Errorf("the post has %d", n)
	}
}

func TestEdits(t *testing.T) {
	edit := func(at int64) *doxtrailv1.RawObservation {
		return want(firstID, Edited, func(o *doxtrailv1.RawObservation) { o.SetObservedAt(at) })
	}
	for _, tc := range []struct {
		name     string
		versions []string
		want     []*doxtrailv1.RawObservation
	}{
		{"never", []string{firstID}, nil},
		{"once", []string{firstID, secondID}, []*doxtrailv1.RawObservation{edit(secondAt)}},
		{"twice", []string{firstID, secondID, thirdID}, []*doxtrailv1.RawObservation{edit(secondAt), edit(thirdAt)}},
		{"an id without a time", []string{firstID, "12"}, nil},
		{"no versions", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := readPost(t, `,"public_metrics":{"retweet_count":2}`)
			p.VersionIDs = tc.versions
			diff(t, testLook().Edits(p), tc.want)
			// Another look at another time is the same observation.
			later := Look{At: time.UnixMilli(1800000000000), Vantage: "dc-eu"}
			diff(t, later.Edits(p), tc.want)
		})
	}
}

func TestProblem(t *testing.T) {
	for _, tc := range []struct {
		kind string
		want *doxtrailv1.RawObservation
	}{
		{archive.ProblemNotFound, want("5", Gone, nil)},
		{archive.ProblemNotAuthorised, want("5", Private, nil)},
		{archive.ProblemDisallowed, want("5", Restricted, restricted("dc-eu", terms))},
		{archive.ProblemUnavailable, nil},
		{archive.ProblemOther, nil},
		{"not-authorized-for-field", nil},
		{"", nil},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			got, ok := testLook().Problem(archive.TweetProblem{Kind: tc.kind}, "7", "5")
			if ok != (tc.want != nil) {
				t.Errorf("got %v", ok)
			}
			diff(t, got, tc.want)
		})
	}
	account, _ := testLook().Problem(archive.TweetProblem{Kind: archive.ProblemNotFound}, "7", "")
	diff(t, account, want("", Gone, nil))
}

func TestAsked(t *testing.T) {
	for parameter, asked := range map[string]bool{
		"id": true, "ids": true, "username": true, "usernames": true, "referenced_posts.id": false, "author_id": false, "pinned_post_id": false, "": false,
	} {
		if Asked(archive.TweetProblem{Parameter: parameter}) != asked {
			t.Errorf("parameter %q", parameter)
		}
	}
}

func TestCompliance(t *testing.T) {
	for _, tc := range []struct {
		action, reason string
		want           *doxtrailv1.RawObservation
	}{
		{"delete", "deleted", want("5", Gone, nil)},
		{"delete", "deactivated", want("5", Gone, nil)},
		{"delete", "bounced", want("5", Gone, restricted("dc-eu", terms))},
		{"delete", "suspended", want("5", Gone, restricted("dc-eu", terms))},
		{"delete", "protected", want("5", Private, nil)},
		{"delete", "scrub_geo", nil},
		{"delete", "invented", want("5", Gone, nil)},
		{"delete", "", want("5", Gone, nil)},
		{"", "deleted", nil},
		{"undelete", "deleted", nil},
	} {
		t.Run(tc.action+" "+tc.reason, func(t *testing.T) {
			got, ok := testLook().Compliance(tc.action, tc.reason, "7", "5")
			if ok != (tc.want != nil) {
				t.Errorf("got %v", ok)
			}
			if tc.want != nil {
				tc.want.SetSource("compliance")
			}
			diff(t, got, tc.want)
		})
	}
}

func TestCountries(t *testing.T) {
	var all []string
	for a := 'A'; a <= 'Z'; a++ {
		all = append(all, "B"+string(a))
	}
	twenty := strings.ToLower(strings.Join(all[:20], "+"))
	for _, tc := range []struct {
		name  string
		codes []string
		want  string
	}{
		{"none", nil, ""},
		{"one", []string{"HK"}, "hk"},
		{"in any order and case, twice", []string{"TR", "hk", "HK"}, "hk+tr"},
		{"no codes", []string{"Invented Person", "", "1a", "é", "H K"}, ""},
		{"twenty", all[:20], twenty},
		{"twenty-one", all[:21], twenty + "+more"},
		{"all", all, twenty + "+more"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Countries(tc.codes)
			diff(t, got, tc.want)
			if len(got) > 64 {
				t.Errorf("%d characters", len(got))
			}
		})
	}
}

func TestAccount(t *testing.T) {
	followers := func(o *doxtrailv1.RawObservation) {
		o.SetCounters(doxtrailv1.Counters_builder{Audience: proto.Int64(12)}.Build())
	}
	for _, tc := range []struct {
		name    string
		account archive.TweetAccount
		was     State
		want    *doxtrailv1.RawObservation
	}{
		{"up", archive.TweetAccount{ID: "7", Followers: 12}, Unknown, want("", Up, followers)},
		{"back", archive.TweetAccount{ID: "7", Followers: 12}, Gone, want("", Back, followers)},
		{"followers unknown", archive.TweetAccount{ID: "7", Followers: -1}, Up, want("", Up, nil)},
		{"protected", archive.TweetAccount{ID: "7", Followers: 12, Protected: true, Withheld: []string{"HK"}}, Up, want("", Private, followers)},
		{"withheld", archive.TweetAccount{ID: "7", Followers: -1, Withheld: []string{"HK"}}, Gone, want("", Restricted, restricted("hk", law))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			diff(t, testLook().Account(tc.account, tc.was), tc.want)
		})
	}
}

func TestChannel(t *testing.T) {
	account := doxtrailv1.ChannelKind_CHANNEL_KIND_ACCOUNT.Enum()
	diff(t, Channel(archive.TweetAccount{ID: "7", Name: "inventeda", CreatedAt: 5}), doxtrailv1.RawChannel_builder{
		ChannelId: proto.String("7"), Name: proto.String("inventeda"), Kind: account, CreatedAt: proto.Int64(5),
	}.Build())
	diff(t, Channel(archive.TweetAccount{ID: "7"}), doxtrailv1.RawChannel_builder{ChannelId: proto.String("7"), Kind: account}.Build())
}
