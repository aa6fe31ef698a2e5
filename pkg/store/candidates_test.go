package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/store"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// holding is a post in which kinds of personal data were found, each twice.
func (w *world) holding(name string, platform doxtrailv1.Platform, flags []doxtrailv1.PostFlag, kinds ...doxtrailv1.PersonalDataKind) {
	w.t.Helper()
	m := doxtrailv1.Post_builder{
		PostKey: w.key(name), PostNoKey: w.key(name + "-no"), ChannelKey: w.key("A"), Kind: doxtrailv1.PostKind_POST_KIND_ORIGINAL.Enum(),
		PostedAt: proto.Int64(at(w.t, "01-01 10:00:00")), PostedPrecisionS: proto.Uint32(1), Flags: flags, Length: proto.Uint32(80), Generation: proto.Uint64(2),
	}
	for _, kind := range kinds {
		m.PersonalData = append(m.PersonalData, doxtrailv1.PersonalData_builder{Kind: kind.Enum(), Count: proto.Uint32(2)}.Build())
	}
	w.add(store.KindPosts, platform, m.Build())
}

func TestCandidatesAreWhatLooksLikeACardAndIsNone(t *testing.T) {
	const (
		phone   = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
		hkid    = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID
		address = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS
		name    = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME
	)
	w := newWorld(t)
	w.site(site{host: "one.example", family: "red", match: doxtrailv1.SiteMatch_SITE_MATCH_HOST, generation: 1})
	w.holding("two", telegram, nil, phone, hkid)
	w.holding("three", telegram, []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_VIA_BOT, doxtrailv1.PostFlag_POST_FLAG_BOUNTY}, phone, hkid, address)
	w.holding("of X", twitter, nil, phone, hkid, address, name)
	w.post(post{name: "known", channel: "A", at: "01-01 10:00:00", platform: telegram, links: []string{"one.example /c1"}})
	w.holding("known", telegram, nil, phone, hkid, address)
	w.post(post{name: "start page", channel: "A", at: "01-01 10:00:00", platform: telegram, links: []string{"one.example /"}})
	w.holding("start page", telegram, nil, phone, hkid, address)
	w.insert()

	of := func(params map[string]string) string { return w.query("card_candidates", params) }
	const (
		onX   = "of X twitter A - 2020-01-01T10:00:00Z ['address','hkid','name','phone'] 8 [] 0 80"
		start = "start page telegram A - 2020-01-01T10:00:00Z ['address','hkid','phone'] 6 [] 0 80"
		three = "three telegram A - 2020-01-01T10:00:00Z ['address','hkid','phone'] 6 ['bounty'] 0 80"
	)
	if diff := cmp.Diff(sorted([]string{onX, start, three}), sorted(strings.Split(of(nil), "\n"))); diff != "" {
		t.Error(diff)
	}
	if got := of(map[string]string{"kinds": "4"}); got != onX {
		t.Errorf("with four kinds: %s", got)
	}
	if err := w.store.SetAccountsOfX(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if got := of(map[string]string{"kinds": "4"}); got != strings.Replace(onX, " A ", " - ", 1) {
		t.Errorf("without the terms: %s", got)
	}
}

// Where no site is listed every link is studied as if it were a card's; none is known
// to be one, so that a link makes no post less of a candidate.
func TestCandidatesWithoutAWatchListMayHaveLinks(t *testing.T) {
	w := newWorld(t)
	w.post(post{name: "linked", channel: "A", at: "01-01 10:00:00", platform: telegram, links: []string{"one.example /c1"}})
	w.holding("linked", telegram, nil, doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE,
		doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID, doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS)
	w.insert()
	want := "linked telegram A - 2020-01-01T10:00:00Z ['address','hkid','phone'] 6 [] 0 80"
	if got := w.query("card_candidates", nil); got != want {
		t.Errorf("candidates are %q, want %q", got, want)
	}
}
