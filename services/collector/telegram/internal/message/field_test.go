package message

import (
	"testing"

	"github.com/gotd/td/tg"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestButtons(t *testing.T) {
	got := post(t, &tg.Message{ReplyMarkup: &tg.ReplyInlineMarkup{Rows: []tg.KeyboardButtonRow{
		{Buttons: []tg.KeyboardButtonClass{
			&tg.KeyboardButtonURL{Text: "open", URL: "https://a.example"},
			&tg.KeyboardButtonCallback{Text: "no", Data: []byte("https://no.example")},
		}},
		{Buttons: []tg.KeyboardButtonClass{
			&tg.KeyboardButtonURLAuth{URL: "https://b.example"},
			&tg.KeyboardButtonWebView{URL: "https://c.example"},
			&tg.KeyboardButtonSimpleWebView{URL: "https://d.example"},
			&tg.KeyboardButtonCopy{CopyText: "e.example/x"},
			&tg.KeyboardButtonUserProfile{UserID: 42},
		}},
	}}})
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{
		link("https://a.example", buttonLink),
		link("https://b.example", buttonLink),
		link("https://c.example", buttonLink),
		link("https://d.example", buttonLink),
		link("e.example/x", buttonLink),
	})
}

func TestAPollSaysWhatItAsks(t *testing.T) {
	got := post(t, &tg.Message{Message: "vote", Media: &tg.MessageMediaPoll{
		Poll: tg.Poll{
			Question: tg.TextWithEntities{Text: "who? a.example", Entities: []tg.MessageEntityClass{&tg.MessageEntityURL{Offset: 5, Length: 9}}},
			Answers: []tg.PollAnswerClass{
				&tg.PollAnswer{Text: tg.TextWithEntities{Text: "this"}},
				&tg.PollAnswer{Text: tg.TextWithEntities{Text: "that", Entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Length: 4, URL: "https://b.example"}}}},
			},
		},
		Results: tg.PollResults{Solution: "+000 0000", SolutionEntities: []tg.MessageEntityClass{&tg.MessageEntityPhone{Length: 9}}},
	}})
	if want := "vote\nwho? a.example\nthis\nthat\n+000 0000"; got.GetText() != want {
		t.Errorf("text %q, want %q", got.GetText(), want)
	}
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{link("a.example", fieldLink), link("https://b.example", fieldLink)})
	if p := got.GetPersonalData(); len(p) != 1 || p[0].GetCount() != 1 {
		t.Errorf("personal data %v", p)
	}
}

func TestAListOfTasks(t *testing.T) {
	got := post(t, &tg.Message{Media: &tg.MessageMediaToDo{Todo: tg.TodoList{
		Title: tg.TextWithEntities{Text: "todo"},
		List:  []tg.TodoItem{{Title: tg.TextWithEntities{Text: "see", Entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Length: 3, URL: "https://a.example"}}}}},
	}}})
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{link("https://a.example", fieldLink)})
	if got.GetText() != "todo\nsee" {
		t.Errorf("text %q", got.GetText())
	}
}

func TestWhatOthersWroteGivesLinksOnly(t *testing.T) {
	words := func(at int) []tg.MessageEntityClass {
		return []tg.MessageEntityClass{
			&tg.MessageEntityURL{Offset: 0, Length: at},
			&tg.MessageEntityPhone{Offset: at + 1, Length: 4},
		}
	}
	got := post(t, &tg.Message{
		Message:   "mine",
		ReplyTo:   &tg.MessageReplyHeader{ReplyToMsgID: 3, Quote: true, QuoteText: "quoted.example +000", QuoteEntities: words(14)},
		Factcheck: tg.FactCheck{Text: tg.TextWithEntities{Text: "checked.example +000", Entities: words(15)}},
		Media: &tg.MessageMediaWebPage{Webpage: &tg.WebPage{
			URL: "https://page.example/a", DisplayURL: "page.example/a", EmbedURL: "https://embed.example",
			Title: "their title", Description: "their words", SiteName: "theirs", Author: "Some Name",
			CachedPage: tg.Page{URL: "https://page.example/amp", Blocks: []tg.PageBlockClass{
				&tg.PageBlockParagraph{Text: &tg.TextConcat{Texts: []tg.RichTextClass{
					&tg.TextPlain{Text: "their words"},
					&tg.TextURL{Text: &tg.TextPlain{Text: "here"}, URL: "https://inner.example"},
					&tg.TextPhone{Text: &tg.TextPlain{Text: "+000"}, Phone: "+000"},
				}}},
				&tg.PageBlockMap{},
			}},
		}},
	})
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{
		link("quoted.example", quotedLink),
		link("https://page.example/a", previewLink),
		link("https://embed.example", previewLink),
		link("https://page.example/amp", previewLink),
		link("https://inner.example", previewLink),
		link("checked.example", previewLink),
	})
	if got.GetText() != "mine" || len(got.GetPersonalData()) != 0 || len(got.GetMedia()) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestOwnLinksComeBeforePreviews(t *testing.T) {
	page := &tg.MessageMediaWebPage{Webpage: &tg.WebPagePending{URL: "https://page.example"}}
	got := Post(invented(), []*tg.Message{
		{ID: 1, Date: posted, Media: page},
		{ID: 2, Date: posted, Message: "x", Entities: []tg.MessageEntityClass{&tg.MessageEntityTextURL{Length: 1, URL: "https://own.example"}}},
	}, readAt())
	diff(t, "links", got.GetLinks(), []*doxtrailv1.RawLink{link("https://own.example", textLink), link("https://page.example", previewLink)})
}

func TestContactsAndPlacesAreCounted(t *testing.T) {
	const (
		phones    = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE
		names     = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_NAME
		addresses = doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS
	)
	for name, tc := range map[string]struct {
		media tg.MessageMediaClass
		want  []doxtrailv1.PersonalDataKind
	}{
		"contact":    {&tg.MessageMediaContact{PhoneNumber: "+000", FirstName: "Some", UserID: 42}, []doxtrailv1.PersonalDataKind{phones, names}},
		"place":      {&tg.MessageMediaGeo{Geo: &tg.GeoPoint{Lat: 1}}, []doxtrailv1.PersonalDataKind{addresses}},
		"live place": {&tg.MessageMediaGeoLive{}, []doxtrailv1.PersonalDataKind{addresses}},
		"venue":      {&tg.MessageMediaVenue{Title: "home", Address: "1 Street"}, []doxtrailv1.PersonalDataKind{addresses}},
	} {
		got := post(t, &tg.Message{Media: tc.media})
		var kinds []doxtrailv1.PersonalDataKind
		for _, p := range got.GetPersonalData() {
			if p.GetCount() != 1 {
				t.Errorf("%s: %v", name, p)
			}
			kinds = append(kinds, p.GetKind())
		}
		diff(t, name, kinds, tc.want)
		if got.GetText() != "" || len(got.GetMedia()) != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
