package fake

import (
	"testing"
	"time"
	"unicode/utf16"

	"github.com/gotd/td/tg"
)

func TestMarksOfPlainPostsLieWhereTheirTextIs(t *testing.T) {
	text := []Piece{{Text: "看 📷 "}, {"cards.example/a", "cards.example/a"}, {Text: "，"}, {"按此查看", "https://cards.example/b"}}
	m := Plain{Text: text, Buttons: []Piece{{"檔案", "https://cards.example/c"}}, Photo: 7, ReplyTo: 3}.message()
	units := utf16.Encode([]rune(m.Message))
	var shown []string
	for _, e := range m.Entities {
		shown = append(shown, string(utf16.Decode(units[e.GetOffset():e.GetOffset()+e.GetLength()])))
	}
	if len(shown) != 2 || shown[0] != text[1].Text || shown[1] != text[3].Text {
		t.Errorf("marked are %q", shown)
	}
	if hidden, ok := m.Entities[1].(*tg.MessageEntityTextURL); !ok || hidden.URL != text[3].Link {
		t.Errorf("the link behind words is %v", m.Entities[1])
	}
	m.PeerID = &tg.PeerChannel{ChannelID: 5}
	own(&m) // panics for a message that cannot be sent
}

func TestPlainPostsAreForwardedAlbumsAndEdited(t *testing.T) {
	server, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c := server.Channel(ChannelSpec{ID: 5, Username: "plain_example", Title: "plain"})
	posted := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	one := c.PostPlain(Plain{Date: posted, Forward: &PlainForward{Channel: 9, Post: 4, Date: posted.Add(-time.Hour)}})
	two := c.PostPlain(Plain{Forward: &PlainForward{Person: "Invented", Date: posted}})
	album := c.PostPlainAlbum([]Plain{{Photo: 1}, {Photo: 2}})
	if !c.EditPlain(two, []Piece{{Text: "changed"}}) || c.EditPlain(99, nil) {
		t.Error("only what is up can be edited")
	}
	message := func(id int) *tg.Message { return c.message(id).(*tg.Message) }
	if m := message(one); origin(m) != 9 || m.FwdFrom.ChannelPost != 4 || m.Date != int(posted.Unix()) {
		t.Errorf("a forward is %v", m)
	}
	if m := message(two); m.FwdFrom.FromName != "Invented" || m.Message != "changed" || m.EditDate == 0 {
		t.Errorf("a forward from a person is %v", m)
	}
	if first, second := message(album[0]), message(album[1]); first.GroupedID == 0 || first.GroupedID != second.GroupedID {
		t.Errorf("an album is %v and %v", first, second)
	}
}
