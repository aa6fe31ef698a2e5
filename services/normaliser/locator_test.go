package normaliser

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// locating is a bench that keeps locators.
func locating(t testing.TB, list string) *bench {
	t.Helper()
	b := newBench(t, list)
	b.converter.locators = testLocators(t, b.ring)
	return b
}

// located is a locator that was opened.
type located struct {
	kind         doxtrailv1.LocatorKind
	target, part privacy.Key
	value        *doxtrailv1.LocatorValue
}

// opened opens the locators of some rows with the custodian's key, in their order.
func opened(t fatal, ring *privacy.Ring, rows recorded) (list []located) {
	t.Helper()
	custodian, err := ring.CustodianKey()
	if err != nil {
		t.Fatal(err)
	}
	batches := map[string]*privacy.Locators{}
	for _, k := range of[*doxtrailv1.LocatorKey](t, rows, bus.KindLocatorKeys) {
		if string(k.GetCustodianKeyId()) != custodian.ID() {
			t.Fatalf("a data key is for custodian %s", k.GetCustodianKeyId())
		}
		batch, err := privacy.OpenLocators(custodian, keyOf(t, k.GetLocatorKeyId()), k.GetWrapped())
		if err != nil {
			t.Fatal(err)
		}
		batches[string(k.GetLocatorKeyId())] = batch
	}
	for _, l := range of[*doxtrailv1.Locator](t, rows, bus.KindLocators) {
		batch := batches[string(l.GetLocatorKeyId())]
		if batch == nil {
			t.Fatal("a locator has no data key")
		}
		target := keyOf(t, l.GetTargetKey())
		plaintext, err := batch.Open(target, l.GetSealed())
		if err != nil {
			t.Fatal(err)
		}
		value := &doxtrailv1.LocatorValue{}
		if err := proto.Unmarshal(plaintext, value); err != nil {
			t.Fatal(err)
		}
		list = append(list, located{l.GetKind(), target, keyOf(t, l.GetPartKey()), value})
	}
	return list
}

func keyOf(t fatal, b []byte) privacy.Key {
	t.Helper()
	key, err := privacy.KeyFromBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// said are opened locators as text.
func said(list []located) (lines []string) {
	for _, l := range list {
		v := l.value
		parts := []string{strings.ToLower(strings.TrimPrefix(l.kind.String(), "LOCATOR_KIND_"))}
		for _, part := range []string{bus.PlatformToken(v.GetPlatform()), v.GetChannelId(), v.GetChannelName(), v.GetPostId(), v.GetScheme(), v.GetAddress()} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		lines = append(lines, strings.Join(parts, " "))
	}
	return lines
}

func found(kinds ...doxtrailv1.PersonalDataKind) (data []*doxtrailv1.PersonalData) {
	for _, kind := range kinds {
		data = append(data, doxtrailv1.PersonalData_builder{Kind: &kind, Count: ptr(uint32(1))}.Build())
	}
	return data
}

func TestWhatHasLocators(t *testing.T) {
	const (
		phone   = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
		mail    = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL
		address = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS
	)
	post := []string{"channel telegram 4100000001", "post telegram 4100000001 77"}
	for name, tc := range map[string]struct {
		list   string
		change func(*doxtrailv1.RawPost_builder)
		want   []string
	}{
		"a post that says nothing": {harbour, withText("good morning"), nil},
		"any link":                 {harbour, withText("https://news.example/a"), post},
		"a file with an id": {harbour, func(r *doxtrailv1.RawPost_builder) {
			r.Media = []*doxtrailv1.RawMedia{doxtrailv1.RawMedia_builder{MediaId: ptr("AgADqqwerty")}.Build()}
		}, post},
		"a file without an id": {harbour, func(r *doxtrailv1.RawPost_builder) {
			r.Media = []*doxtrailv1.RawMedia{doxtrailv1.RawMedia_builder{SizeBytes: ptr(int64(7))}.Build()}
		}, nil},
		"three kinds of personal data": {harbour, func(r *doxtrailv1.RawPost_builder) { r.PersonalData = found(phone, mail, address) }, post},
		"two kinds, one of them twice": {harbour, func(r *doxtrailv1.RawPost_builder) { r.PersonalData = found(phone, mail, phone) }, nil},
		"two cards, one on two mirrors, and a page": {
			harbour,
			withText("https://harbour-leaks.example/card/1 http://www.harbour-leaks.test/card/1?id=2 harbour-leaks.test/card/1 https://harbour-leaks.example/list https://news.example/card/1"),
			append([]string{
				"url https harbour-leaks.example/card/1", "url http www.harbour-leaks.test/card/1?id=2", "url harbour-leaks.test/card/1", "url https harbour-leaks.example/list",
			}, post...),
		},
		"one page twice":       {harbour, withText("https://harbour-leaks.example/card/1 http://www.harbour-leaks.example/card/1"), append([]string{"url https harbour-leaks.example/card/1"}, post...)},
		"no site is listed":    {"", withText("https://harbour-leaks.example/card/1"), post},
		"the site of a family": {harbour, withText("https://cards.pier.example/x"), append([]string{"url https cards.pier.example/x"}, post...)},
		"a channel with a name": {harbour, func(r *doxtrailv1.RawPost_builder) {
			r.ChannelName, r.Text = ptr("Pier_News"), ptr("https://news.example/a")
		}, []string{"channel telegram 4100000001 Pier_News", "post telegram 4100000001 Pier_News 77"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := locating(t, tc.list)
			b.mustPost(telegram, telegramPost(tc.change))
			if diff := cmp.Diff(said(opened(t, b.ring, b.rows)), tc.want); diff != "" {
				t.Errorf("locators (-got +want)\n%s", diff)
			}
		})
	}
}

func TestALocatorIsFoundByTheKeysOfTheOtherRows(t *testing.T) {
	b := locating(t, harbour)
	facts := b.mustPost(telegram, telegramPost(withText("https://harbour-leaks.example/card/1")))
	link := of[*doxtrailv1.Link](t, b.rows, bus.KindLinks)[0]
	for _, l := range opened(t, b.ring, b.rows) {
		want := located{kind: l.kind, value: l.value}
		switch l.kind {
		case doxtrailv1.LocatorKind_LOCATOR_KIND_POST:
			want.target = facts.post
		case doxtrailv1.LocatorKind_LOCATOR_KIND_CHANNEL:
			want.target = facts.channel
		default:
			want.target, want.part = keyOf(t, link.GetPathKey()), keyOf(t, link.GetHostKey())
		}
		if l.target != want.target || l.part != want.part {
			t.Errorf("%v is found by %s and %s, want %s and %s", l.kind, l.target, l.part, want.target, want.part)
		}
	}
	for _, l := range of[*doxtrailv1.Locator](t, b.rows, bus.KindLocators) {
		if left := time.Until(time.UnixMilli(l.GetExpiresAt())); left < 399*24*time.Hour || left > 400*24*time.Hour || l.GetGeneration() != 1 {
			t.Errorf("a locator lasts %v, of generation %d", left, l.GetGeneration())
		}
	}
}

// A channel's name may come from elsewhere than its posts; a record that adds no name
// is found by no locator that its posts would not have.
func TestAChannelsRecordGivesItsName(t *testing.T) {
	b := locating(t, harbour)
	for _, raw := range []*doxtrailv1.RawChannel{
		doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Name: ptr("Pier_News")}.Build(),
		doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Name: ptr("Pier_Later")}.Build(),
		doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Name: ptr("Pier_News")}.Build(),
		doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000002")}.Build(),
	} {
		if err := b.converter.channel(telegram, encoded(t, raw), &b.rows); err != nil {
			t.Fatal(err)
		}
	}
	list := opened(t, b.ring, b.rows)
	if diff := cmp.Diff(said(list), []string{"channel telegram 4100000001 Pier_News", "channel telegram 4100000001 Pier_Later"}); diff != "" {
		t.Fatalf("locators (-got +want)\n%s", diff)
	}
	if list[0].target != list[1].target || list[0].part == list[1].part {
		t.Error("two names of one channel are not two parts of one target")
	}
}
