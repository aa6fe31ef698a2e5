package fake

import (
	"unicode/utf16"

	"github.com/gotd/td/tg"
)

// Naming gives messages that name a person in every field in which a message can:
// text, signature, sender of a forward, contact, place, file name, performer, web
// page, poll, buttons and marks. What is made of them must name nobody.
func Naming(name, phone, email string) []tg.Message {
	file := func(attributes ...tg.DocumentAttributeClass) tg.MessageMediaClass {
		return &tg.MessageMediaDocument{Document: &tg.Document{ID: 77, MimeType: "application/" + name, Size: 1, Attributes: append(attributes, &tg.DocumentAttributeFilename{FileName: name + ".pdf"})}}
	}
	said := func(text string) tg.TextWithEntities { return tg.TextWithEntities{Text: text} }
	length := func(text string) int { return len(utf16.Encode([]rune(text))) }
	button := &tg.ReplyInlineMarkup{Rows: []tg.KeyboardButtonRow{{Buttons: []tg.KeyboardButtonClass{
		&tg.KeyboardButtonURL{Text: name, URL: "https://harbour-leaks.example/" + name}, &tg.KeyboardButtonCopy{Text: name, CopyText: phone},
	}}}}
	return []tg.Message{
		{Message: name + " " + phone + " " + email, PostAuthor: name, ReplyMarkup: button, Entities: []tg.MessageEntityClass{
			&tg.MessageEntityMentionName{Offset: 0, Length: length(name), UserID: 5_551_234},
			&tg.MessageEntityPhone{Offset: length(name) + 1, Length: length(phone)},
			&tg.MessageEntityEmail{Offset: length(name+phone) + 2, Length: length(email)},
			&tg.MessageEntityTextURL{Offset: 0, Length: length(name), URL: "https://harbour-leaks.example/card/" + name},
		}},
		{Message: "forwarded", FwdFrom: tg.MessageFwdHeader{FromName: name, PostAuthor: name, SavedFromName: name, Date: 1}},
		{Message: "a contact", Media: &tg.MessageMediaContact{PhoneNumber: phone, FirstName: name, LastName: name, Vcard: name + email, UserID: 5_551_234}},
		{Message: "a place", Media: &tg.MessageMediaVenue{Geo: &tg.GeoPointEmpty{}, Title: name, Address: name + phone, VenueID: name}},
		{Message: "a file", Media: file()},
		{Message: "a song", Media: file(&tg.DocumentAttributeAudio{Title: name, Performer: name})},
		{Message: "a page", Media: &tg.MessageMediaWebPage{Webpage: &tg.WebPage{
			ID: 9, URL: "https://harbour-leaks.example/" + name, DisplayURL: "harbour-leaks.example/" + name, Title: name, Author: name, Description: name + phone, SiteName: name,
		}}},
		{Message: "a poll", Media: &tg.MessageMediaPoll{
			Poll:    tg.Poll{ID: 3, Question: said(name), Answers: []tg.PollAnswerClass{&tg.PollAnswer{Text: said(phone), Option: []byte{1}}}},
			Results: tg.PollResults{Solution: name},
		}},
	}
}

// Title is the channel's name as people see it.
func (c *Channel) Title() string { return c.spec.Title }
