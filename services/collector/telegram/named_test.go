package telegram

import (
	"testing"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

func TestChannelsThatAreNamedAreProposedAndNotRead(t *testing.T) {
	r := newRig(t, fake.Options{})
	origin := r.fake.Channel(fake.ChannelSpec{ID: newID(), Username: "pier_cards", Title: "Pier cards", Created: time.Now()})
	origin.Post(text("where it began"))
	c := r.harbour(0)
	for range 3 {
		c.Post(tg.Message{Message: "passed on", FwdFrom: tg.MessageFwdHeader{FromID: &tg.PeerChannel{ChannelID: origin.ID()}, ChannelPost: 1, Date: int(time.Now().Unix())}})
	}
	c.Post(text("see https://t.me/quay_notes/12"))
	r.start()
	r.eventually("both are proposed", func() bool {
		var k kept
		if _, err := r.shelf().Load(r.within(), proposalsName, &k); err != nil {
			t.Fatal(err)
		}
		if len(k.Proposals) != 2 {
			return false
		}
		first, second := k.Proposals[0], k.Proposals[1]
		return first.ID == origin.ID() && first.Forwards == 3 && len(first.Labels) == 1 && first.Labels[0] == "harbour" &&
			second.Name == "quay_notes" && second.Links == 1
	})
	r.stop()
	r.start() // what was counted is not counted again
	r.arrives(c, "more")
	var k kept
	if _, err := r.shelf().Load(r.within(), proposalsName, &k); err != nil || k.Proposals[0].Forwards != 3 {
		t.Errorf("after a restart: %+v, %v", k.Proposals, err)
	}
	if n := r.raw.count(origin); n != 0 {
		t.Errorf("%d posts of a channel that nobody approved were read", n)
	}
}
