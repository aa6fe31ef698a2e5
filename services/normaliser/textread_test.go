package normaliser

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy/privacytest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	kindPhone = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
	kindHKID  = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_HKID
	kindCard  = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD

	signalled = harbour + `
signals:
  bounty: [懸賞]
  call_to_action: [spread this]
`
)

func countOf(kind doxtrailv1.PersonalDataKind, n uint32) *doxtrailv1.PersonalData {
	return doxtrailv1.PersonalData_builder{Kind: &kind, Count: &n}.Build()
}

// row gives the row of a post with a text.
func (b *bench) row(raw func(*doxtrailv1.RawPost_builder)) *doxtrailv1.Post {
	b.t.Helper()
	b.mustPost(telegram, telegramPost(raw))
	rows := of[*doxtrailv1.Post](b.t, b.rows, bus.KindPosts)
	if len(rows) != 1 {
		b.t.Fatalf("%d rows", len(rows))
	}
	return rows[0]
}

func TestKindsOfATextAreCountedAndThoseThePlatformMarkedToo(t *testing.T) {
	b := newBench(t, harbour)
	row := b.row(func(r *doxtrailv1.RawPost_builder) {
		r.Text = ptr("電話 9123 4567，身份證A123456(3)")
		r.PersonalData = []*doxtrailv1.PersonalData{countOf(kindPhone, 3), countOf(kindCard, 1)}
	})
	want := []*doxtrailv1.PersonalData{countOf(kindPhone, 3), countOf(kindHKID, 1), countOf(kindCard, 1)}
	if diff := cmp.Diff(want, row.GetPersonalData(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestSignalsOfTheWatchListAreFlags(t *testing.T) {
	b := newBench(t, signalled)
	for text, want := range map[string][]doxtrailv1.PostFlag{
		"今晚食飯":                     nil,
		"懸賞十萬":                     {doxtrailv1.PostFlag_POST_FLAG_BOUNTY},
		"please Spread This, 懸賞十萬": {doxtrailv1.PostFlag_POST_FLAG_BOUNTY, doxtrailv1.PostFlag_POST_FLAG_CALL_TO_ACTION},
	} {
		if diff := cmp.Diff(want, b.row(withText(text)).GetFlags()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// Where personal data would not be recognised nothing that follows from the text is
// kept, but the links that the platform itself marked are.
func TestATextThatCannotBeReadSafelyLeavesItsLength(t *testing.T) {
	b := newBench(t, signalled)
	const text = "ดูที่นี่ harbour-leaks.example/card/7 懸賞 9123 4567"
	row := b.row(func(r *doxtrailv1.RawPost_builder) {
		r.Text = ptr(text)
		r.Links = []*doxtrailv1.RawLink{doxtrailv1.RawLink_builder{
			Url: ptr("https://harbour-leaks.example/card/8"), Source: ptr(doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK),
		}.Build()}
	})
	if row.GetLength() == 0 || row.HasScript() || len(row.GetPersonalData()) > 0 {
		t.Errorf("the row is %v", row)
	}
	if diff := cmp.Diff([]doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_TEXT_UNREAD}, row.GetFlags()); diff != "" {
		t.Error(diff)
	}
	links := of[*doxtrailv1.Link](t, b.rows, bus.KindLinks)
	if len(links) != 1 || links[0].GetSource() != doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK {
		t.Errorf("%d links", len(links))
	}
}

// The labels do not come from the rules.
func TestKindsOfLabelledTextsReachTheRow(t *testing.T) {
	b := newBench(t, harbour)
	texts := privacytest.NewTexts(7)
	labelled, found := 0, 0
	for range 300 {
		text := texts.Next()
		kinds := map[doxtrailv1.PersonalDataKind]bool{}
		for _, d := range b.row(withText(text.Text)).GetPersonalData() {
			kinds[d.GetKind()] = true
		}
		for _, span := range text.Spans {
			if span.Apart {
				continue
			}
			labelled++
			if kinds[span.Kind] {
				found++
			}
		}
	}
	if labelled < 100 || found*10 < labelled*9 {
		t.Errorf("of %d values that are labelled, the kinds of %d are in rows", labelled, found)
	}
}
