package campaign

import (
	"fmt"
	"sort"
	"strconv"
)

// planTelegram spreads the channels over exports: the first is exported twice,
// the second merged by hand, the third holds a control character, the fourth
// is zipped, the last begins in the middle; a fifth of all come in one full
// export, every third of the rest in the old shape.
func planTelegram(c *Campaign) []*file {
	d := newDice(c.seed, "exports")
	byChannel := make(map[*Channel][]*Post)
	for _, p := range c.posts {
		byChannel[p.Channel] = append(byChannel[p.Channel], p)
	}
	full := 4 + len(c.channels)/5
	var files []*file
	for i, channel := range c.channels {
		if i >= 4 && i < full {
			continue
		}
		whole := &chat{channel: channel, kind: "public_channel", old: i > 3 && i%3 == 2}
		whole.entries = messages(d, byChannel[channel], channel != c.channels[len(c.channels)-1])
		f := &file{format: TelegramDesktop, chats: []*chat{whole}}
		f.name = fmt.Sprintf("telegram/ChatExport_%s_2021-06-%02d/result.json", c.fileName(i), 1+i%28)
		switch i {
		case 0:
			files = append(files, earlier(c, whole))
			whole.entries = revised(whole.entries)
		case 1:
			whole.entries = mergedByHand(whole.entries)
		case 3:
			f.packing, f.member = zipped, "ChatExport_"+c.fileName(i)+"/result.json"
			f.name = "telegram/ChatExport_" + c.fileName(i) + ".zip"
		}
		files = append(files, f)
	}
	return append(files, fullExport(c, d, c.channels[4:full], byChannel))
}

// fileName is the name that stands in the name of the i-th file: people name
// their archives after what they are about.
func (c *Campaign) fileName(i int) string { return c.people[c.size.Cards+i].Slug }

// messages lists the posts of a channel as an export does, with its creation
// and some pinned messages between.
func messages(d *dice, posts []*Post, created bool) []entry {
	var entries []entry
	if created && len(posts) > 0 {
		entries = append(entries, entry{service: "create_channel", id: 1, at: posts[0].PostedAt - 90})
	}
	for i, p := range posts {
		entries = append(entries, entry{post: p})
		free := i+1 < len(posts) && posts[i+1].ID > p.ID+1
		if free && i > 0 && d.chance(0.03) {
			action := "pin_message"
			if d.chance(0.1) {
				action = "unsupported"
			}
			entries = append(entries, entry{service: action, id: p.ID + 1, at: p.PostedAt + 5})
		}
	}
	return entries
}

// earlier is the first of two exports of a channel.
func earlier(c *Campaign, whole *chat) *file {
	before := *whole
	before.entries = nil
	for _, e := range whole.entries {
		if e.at < editsAt && (e.post == nil || e.post.PostedAt < editsAt) {
			before.entries = append(before.entries, e)
		}
	}
	return &file{
		format: TelegramDesktop, chats: []*chat{&before},
		name: "telegram/ChatExport_" + c.fileName(0) + "_2020-05-31/result.json",
	}
}

// revised shows the same messages after their edits.
func revised(entries []entry) []entry {
	out := append([]entry(nil), entries...)
	for i, e := range out {
		out[i].edited = e.post != nil && e.post.edited != nil
	}
	return out
}

// mergedByHand repeats five messages as they are and those that were edited in
// their later revision, at the end, as when two exports are glued together.
func mergedByHand(entries []entry) []entry {
	out := append([]entry(nil), entries...)
	repeats := 0
	for _, e := range entries {
		switch {
		case e.post == nil:
		case e.post.edited != nil:
			out = append(out, entry{post: e.post, edited: true})
		case repeats < 5:
			out = append(out, e)
			repeats++
		}
	}
	return out
}

// fullExport is the export of a whole account: public channels, two of them
// left, among chats that are nobody's business.
func fullExport(c *Campaign, d *dice, channels []*Channel, byChannel map[*Channel][]*Post) *file {
	f := &file{
		format: TelegramDesktop, full: true,
		name: "telegram/DataExport_" + c.fileName(4) + "_2021-06-20/result.json",
	}
	for i, kind := range []string{"personal_chat", "private_group", "saved_messages", "public_supergroup"} {
		f.chats = append(f.chats, privateChat(c, d, kind, i))
	}
	for i, channel := range channels {
		f.chats = append(f.chats, &chat{
			channel: channel, kind: "public_channel", left: i >= len(channels)*3/4,
			entries: messages(d, byChannel[channel], true),
		})
	}
	left := privateChat(c, d, "private_supergroup", 9)
	left.left = true
	f.chats = append(f.chats, left)
	sort.SliceStable(f.chats, func(i, j int) bool { return !f.chats[i].left && f.chats[j].left })
	return f
}

// privateChat holds cards and personal data that no import may touch.
func privateChat(c *Campaign, d *dice, kind string, number int) *chat {
	person := c.people[d.below(c.size.Cards)]
	b := newBuilder(c)
	b.d = d
	talk := &chat{kind: kind, channel: &Channel{
		Platform: Telegram, ID: strconv.Itoa(firstChannelID + 950_000_000 + number),
		Title: person.Chinese + "的家人", audience: -1,
	}}
	for i := range 12 {
		p := &Post{
			Channel: talk.channel, ID: uint64(70_000 + 2*i), PostedAt: startAt + int64(300*day+i*500), kind: original,
		}
		p.body = b.cardBody(Telegram, pick(d, c.cards), p.PostedAt)
		talk.entries = append(talk.entries, entry{post: p})
	}
	return talk
}
