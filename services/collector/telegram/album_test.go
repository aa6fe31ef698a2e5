package telegram

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gotd/td/tg"

	"github.com/doxtrail/doxtrail/services/collector/telegram/fake"
)

// album is a picture with a text and others without.
func album(caption string, items int) []tg.Message {
	list := make([]tg.Message, items)
	for i := range list {
		list[i].Media = &tg.MessageMediaPhoto{Photo: &tg.Photo{ID: time.Now().UnixNano() + int64(i), Sizes: []tg.PhotoSizeClass{}}}
	}
	list[items/2].Message = caption
	return list
}

// wantAlbum checks that an album is one post with all its items.
func (r *rig) wantAlbum(c *fake.Channel, ids []int, caption string) {
	r.t.Helper()
	var others []string
	for _, id := range ids[1:] {
		others = append(others, strconv.Itoa(id))
	}
	r.eventually("the album is one post", func() bool {
		p := r.raw.post(c, ids[0])
		return p != nil && p.GetText() == caption && len(p.GetMedia()) == len(ids) && slices.Equal(p.GetItemIds(), others)
	})
	for _, id := range ids[1:] {
		if r.raw.post(c, id) != nil {
			r.t.Errorf("item %d is a post of its own", id)
		}
	}
}

func TestAnAlbumIsOnePostWhereverAPageEnds(t *testing.T) {
	for before := 95; before <= 101; before++ {
		t.Run(fmt.Sprint(before, " posts after it"), func(t *testing.T) {
			r := newRig(t, fake.Options{})
			c := r.harbour(3)
			ids := c.PostAlbum(album("of the history", 4))
			for i := range before {
				c.Post(text(fmt.Sprint("later ", i)))
			}
			r.start()
			r.wantAlbum(c, ids, "of the history")
			r.eventually("all of it is on RAW", func() bool { return r.raw.count(c) == 4+before && r.raw.covered(c, complete, 1, 7+before) })
		})
	}
}

func TestAnAlbumThatIsPushedItemByItem(t *testing.T) {
	r, c := followed(t)
	ids := c.PostAlbum(album("pushed", 5))
	r.wantAlbum(c, ids, "pushed")
	c.Edit(ids[2], func(m *tg.Message) { m.Message = "edited" })
	r.wantAlbum(c, ids, "edited")
}

func TestAnAlbumThatADifferenceCuts(t *testing.T) {
	r := newRig(t, fake.Options{})
	c := r.harbour(2)
	r.start()
	r.eventually("the history is on RAW", func() bool { return r.raw.covered(c, complete, 1, 2) })
	r.stop()
	for i := range 97 {
		c.Post(text(fmt.Sprint("away ", i)))
	}
	ids := c.PostAlbum(album("cut", 6))
	r.start()
	r.wantAlbum(c, ids, "cut")
}

func TestAnAlbumThatLosesItsFirstItemStaysOnePost(t *testing.T) {
	r, c := followed(t)
	ids := c.PostAlbum(album("whole", 4))
	r.wantAlbum(c, ids, "whole")
	c.Delete(ids[0])
	r.eventually("that is seen", func() bool { return r.raw.seen(c, ids[0], stateGone) == 1 })
	c.Edit(ids[2], func(m *tg.Message) { m.Message = "without its head" })
	r.eventually("the rest keeps its id", func() bool { return r.raw.post(c, ids[0]).GetText() == "without its head" })
	if r.raw.post(c, ids[1]) != nil {
		t.Error("an item became a post of its own")
	}
	r.eventually("the edit is one observation of the post", func() bool { return r.raw.seen(c, ids[0], stateEdited) == 1 })
}

func TestTheRepollSeesAnEditOfAnyItem(t *testing.T) {
	r, c := repolled(t, 1)
	c.Quiet(false)
	ids := c.PostAlbum(album("whole", 3))
	r.wantAlbum(c, ids, "whole")
	c.Quiet(true)
	c.Edit(ids[1], func(m *tg.Message) { m.Message = "edited unheard" })
	r.wantAlbum(c, ids, "edited unheard")
}

// An album that was edited is published anew at each look. Its items come with the
// page: nothing is asked for apart.
func TestEditedAlbumsAreAskedForWithTheirPage(t *testing.T) {
	inHours(t, fake.Options{}, func(t *testing.T, h *hours) {
		h.stop()
		h.cfg.Repoll = []time.Duration{15 * time.Minute, 6 * time.Hour}
		h.start()
		c := h.channel("harbour", 3)
		h.watch()
		h.pass(5*time.Minute, "the history is on RAW", func() bool { return h.raw.covered(c, complete, 1, 3) })
		var heads []int
		for range 10 {
			ids := c.PostAlbum([]tg.Message{text("one"), text(""), text(""), text("")})
			heads = append(heads, ids[0])
			c.Say("between")
		}
		for _, id := range heads {
			c.Edit(id+2, func(m *tg.Message) { m.Message = "edited" })
		}
		edited := func() (n int) {
			for _, id := range heads {
				if post := h.raw.post(c, id); post != nil && len(post.GetItemIds()) == 3 && h.raw.seen(c, id, stateEdited) == 1 {
					n++
				}
			}
			return n
		}
		h.pass(10*time.Minute, "the edits are on RAW", func() bool { return edited() == 10 })
		time.Sleep(time.Minute)
		calls := len(h.fake.Calls())
		time.Sleep(24 * time.Hour)
		n := h.calls(calls)["channels.getMessages"]
		t.Logf("%d calls in a day for two looks and more at ten edited albums", n)
		if looks := h.raw.seen(c, heads[0], stateUp); looks < 4 || n > looks+2 {
			t.Errorf("%d calls for %d looks at albums that were edited", n, looks)
		}
		if edited() != 10 {
			t.Errorf("%d of 10 albums are whole", edited())
		}
	})
}
