package archive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// channelExport wraps messages into the export of one public channel.
func channelExport(messages ...string) string {
	return `{"name": "Invented", "type": "public_channel", "id": 1111, "messages": [` +
		strings.Join(messages, ",\n") + `]}`
}

// plainMessage is a small message with an id and a text.
func plainMessage(id int, text string) string {
	return fmt.Sprintf(`{"id": %d, "type": "message", "date_unixtime": "1588334400", "text": %q}`, id, text)
}

func TestTelegramMessage(t *testing.T) {
	r, result := read(t, channelExport(`{
		"id": 77, "type": "message",
		"date": "2020-05-01T20:00:00", "date_unixtime": "1588334400",
		"edited": "2020-05-01T20:01:00", "edited_unixtime": "1588334460",
		"from": "Invented", "from_id": "channel1111", "author": "Some Name",
		"forwarded_from": "Other Title", "forwarded_from_id": "channel9",
		"reply_to_message_id": 70,
		"via_bot": "@inventedbot",
		"photo": "(File not included. Change data exporting settings to download.)",
		"photo_file_size": 1234, "width": 10, "height": 10,
		"text": ["see ", {"type": "link", "text": "cards.example/a"}, " ", {"type": "text_link", "text": "here", "href": "https://mirror.example/b"}],
		"text_entities": [
			{"type": "plain", "text": "see "},
			{"type": "link", "text": "cards.example/a"},
			{"type": "plain", "text": " "},
			{"type": "text_link", "text": "here", "href": "https://mirror.example/b"},
			{"type": "plain", "text": " call "},
			{"type": "phone", "text": "+000 0000 0000"},
			{"type": "plain", "text": " or "},
			{"type": "phone", "text": "+000 0000 0001"},
			{"type": "email", "text": "x@mail.example"},
			{"type": "bank_card", "text": "0000"}
		],
		"inline_bot_buttons": [[{"type": "url", "text": "open", "data": "https://button.example/c"}, {"type": "callback", "text": "no", "data": "x", "dataBase64": "eA"}]],
		"reactions": [{"type": "emoji", "count": 3, "emoji": "x", "recent": [{"from": "A Person", "from_id": "user5", "date": "2020-05-01T20:00:00"}]}, {"type": "paid", "count": 2}]
	}`), Options{})
	if result.Counts.Posts != 1 || !result.Complete || len(result.Faults) != 0 {
		t.Fatalf("got %+v", result)
	}
	none := doxtrailv1.LinkExpansion_LINK_EXPANSION_NONE.Enum()
	want := doxtrailv1.RawPost_builder{
		ChannelId:   proto.String("1111"),
		ChannelKind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL.Enum(),
		PostId:      proto.String("77"),
		Kind:        doxtrailv1.PostKind_POST_KIND_FORWARD.Enum(),
		PostedAt:    proto.Int64(1588334400000),
		EditedAt:    proto.Int64(1588334460000),
		Text:        proto.String("see cards.example/a here call +000 0000 0000 or +000 0000 0001x@mail.example0000"),
		Links: []*doxtrailv1.RawLink{
			doxtrailv1.RawLink_builder{Url: proto.String("cards.example/a"), Source: doxtrailv1.LinkSource_LINK_SOURCE_ENTITY.Enum(), ExpandedBy: none}.Build(),
			doxtrailv1.RawLink_builder{Url: proto.String("https://mirror.example/b"), Source: doxtrailv1.LinkSource_LINK_SOURCE_TEXT_LINK.Enum(), ExpandedBy: none}.Build(),
			doxtrailv1.RawLink_builder{Url: proto.String("https://button.example/c"), Source: doxtrailv1.LinkSource_LINK_SOURCE_BUTTON.Enum(), ExpandedBy: none}.Build(),
		},
		Shares: []*doxtrailv1.RawShare{
			doxtrailv1.RawShare_builder{Kind: doxtrailv1.ShareKind_SHARE_KIND_REPLY.Enum(), ChannelId: proto.String("1111"), PostId: proto.String("70")}.Build(),
			doxtrailv1.RawShare_builder{Kind: doxtrailv1.ShareKind_SHARE_KIND_FORWARD.Enum(), ChannelId: proto.String("9")}.Build(),
		},
		Media: []*doxtrailv1.RawMedia{
			doxtrailv1.RawMedia_builder{Kind: doxtrailv1.MediaKind_MEDIA_KIND_PHOTO.Enum(), SizeBytes: proto.Int64(1234)}.Build(),
		},
		Counters: doxtrailv1.Counters_builder{ReactionCount: proto.Int64(5)}.Build(),
		PersonalData: []*doxtrailv1.PersonalData{
			doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE.Enum(), Count: proto.Uint32(2)}.Build(),
			doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_EMAIL.Enum(), Count: proto.Uint32(1)}.Build(),
			doxtrailv1.PersonalData_builder{Kind: doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_BANK_CARD.Enum(), Count: proto.Uint32(1)}.Build(),
		},
		Flags: []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_VIA_BOT},
	}.Build()
	diff(t, "post", r.posts, []*doxtrailv1.RawPost{want})
	diff(t, "channels", r.channels, []*doxtrailv1.RawChannel{doxtrailv1.RawChannel_builder{
		ChannelId: proto.String("1111"), Kind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL.Enum(),
	}.Build()})
	diff(t, "looks", r.looks, []Look{{
		Platform:    doxtrailv1.Platform_PLATFORM_TELEGRAM,
		Selection:   doxtrailv1.Selection_SELECTION_FULL,
		ChannelID:   "1111",
		ChannelKind: doxtrailv1.ChannelKind_CHANNEL_KIND_CHANNEL,
	}})
}

func TestTelegramFullExport(t *testing.T) {
	export := `{"about": "x", "personal_information": {"user_id": 1, "phone_number": "+000"},
	"contacts": {"about": "x", "list": [{"id": 1, "type": "message", "messages": [1]}]},
	"sessions": {"list": [{"messages": [{"id": 1}]}]},
	"chats": {"about": "x", "list": [
		{"name": "Friend", "type": "personal_chat", "id": 5, "messages": [` + plainMessage(1, "secret") + `,` + plainMessage(2, "secret") + `]},
		{"type": "saved_messages", "id": 6, "messages": [` + plainMessage(1, "secret") + `]},
		{"name": "Codes", "type": "verification_codes", "id": 7, "messages": [` + plainMessage(1, "secret") + `]},
		{"name": "C", "type": "public_channel", "id": 10, "messages": [` + plainMessage(1, "a") + `]},
		{"name": "G", "type": "public_supergroup", "id": 11, "messages": [` + plainMessage(1, "g") + `]}
	]},
	"left_chats": {"about": "x", "list": [
		{"name": "D", "type": "public_channel", "id": 12, "messages": [` + plainMessage(1, "b") + `]},
		{"name": "E", "type": "private_channel", "id": 13, "messages": [` + plainMessage(1, "secret") + `]}
	]}}`
	for _, tc := range []struct {
		name     string
		groups   bool
		channels []string
		nonPosts uint64
		private  uint64
	}{
		{"public channels only", false, []string{"10", "12"}, 6, 4},
		{"public groups when asked", true, []string{"10", "11", "12"}, 5, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, export, Options{Groups: tc.groups})
			var channels, looks []string
			for i, p := range r.posts {
				channels = append(channels, p.GetChannelId())
				looks = append(looks, r.looks[i].ChannelID)
				if strings.Contains(p.GetText(), "secret") {
					t.Errorf("read a private chat")
				}
			}
			diff(t, "channels", channels, tc.channels)
			diff(t, "looks", looks, tc.channels)
			if result.Counts.NonPosts != tc.nonPosts || result.Faults[0].Class != ClassPrivateChat || result.Faults[0].Count != tc.private {
				t.Errorf("got %+v, %v", result.Counts, result.Faults)
			}
		})
	}
}

func TestTelegramOldExport(t *testing.T) {
	// Before 2021: ids with a mark for the kind, no zone, no entities.
	export := `{"name": "Old", "type": "public_supergroup", "id": 8589934692, "messages": [
		{"id": 1, "type": "message", "date": "2019-08-15T20:00:00", "edited": "1970-01-01T08:00:00", "from": "P", "from_id": 4294967303, "text": ["at ", {"type": "link", "text": "cards.example"}]},
		{"id": 2, "type": "message", "date": "2019-08-15T20:00:01", "from": null, "from_id": 8589934692, "forwarded_from": null, "text": "x"}
	]}`
	t.Run("without a zone", func(t *testing.T) {
		_, result := read(t, export, Options{Groups: true})
		diff(t, "faults", classes(result), []Class{ClassNoTimeZone})
		if result.Counts.Rejected != 2 || !result.Complete {
			t.Errorf("got %+v", result.Counts)
		}
	})
	t.Run("with a zone", func(t *testing.T) {
		r, _ := read(t, export, Options{Groups: true, Zone: time.FixedZone("HKT", 8*3600)})
		if len(r.posts) != 2 {
			t.Fatalf("got %d posts", len(r.posts))
		}
		a, b := r.posts[0], r.posts[1]
		if a.GetChannelId() != "100" || a.GetAccountId() != "7" || b.HasAccountId() {
			t.Errorf("ids: channel %q, accounts %q, %q", a.GetChannelId(), a.GetAccountId(), b.GetAccountId())
		}
		if want := time.Date(2019, 8, 15, 12, 0, 0, 0, time.UTC).UnixMilli(); a.GetPostedAt() != want || a.HasEditedAt() {
			t.Errorf("times: %d, %d", a.GetPostedAt(), a.GetEditedAt())
		}
		if a.GetText() != "at cards.example" || len(a.GetLinks()) != 1 {
			t.Errorf("text %q, %d links", a.GetText(), len(a.GetLinks()))
		}
		if b.GetKind() != doxtrailv1.PostKind_POST_KIND_FORWARD || b.GetShares()[0].HasChannelId() {
			t.Errorf("forward without a name: %v", b.GetKind())
		}
	})
}

func TestTelegramForwardsAndReplies(t *testing.T) {
	for _, tc := range []struct {
		name, members   string
		kind            doxtrailv1.PostKind
		channel, postID string
		person          bool
	}{
		{"forward from a channel", `"forwarded_from": "T", "forwarded_from_id": "channel9"`, doxtrailv1.PostKind_POST_KIND_FORWARD, "9", "", false},
		{"forward from a person", `"forwarded_from": "P", "forwarded_from_id": "user9"`, doxtrailv1.PostKind_POST_KIND_FORWARD, "", "", true},
		{"forward from a name only", `"forwarded_from": "P"`, doxtrailv1.PostKind_POST_KIND_FORWARD, "", "", false},
		{"forward from a small group", `"forwarded_from": "G", "forwarded_from_id": "chat9"`, doxtrailv1.PostKind_POST_KIND_FORWARD, "", "", false},
		{"reply", `"reply_to_message_id": 4`, doxtrailv1.PostKind_POST_KIND_REPLY, "1111", "4", false},
		{"reply into another channel", `"reply_to_message_id": 4, "reply_to_peer_id": "channel8"`, doxtrailv1.PostKind_POST_KIND_REPLY, "8", "4", false},
		{"reply into a private chat", `"reply_to_message_id": 4, "reply_to_peer_id": "user8"`, doxtrailv1.PostKind_POST_KIND_REPLY, "", "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _ := read(t, channelExport(`{"id": 5, "type": "message", "date_unixtime": "1588334400", "text": "", `+tc.members+`}`), Options{})
			p := r.posts[0]
			s := p.GetShares()[0]
			if p.GetKind() != tc.kind || s.GetChannelId() != tc.channel || s.GetPostId() != tc.postID || s.GetIsPerson() != tc.person || s.HasChannelName() {
				t.Errorf("got %v %v", p.GetKind(), s)
			}
		})
	}
}

func TestTelegramNonPosts(t *testing.T) {
	_, result := read(t, channelExport(
		`{"id": 1, "type": "service", "date_unixtime": "1588334400", "actor": "P", "action": "invite_members"}`,
		`{"id": 2, "type": "unsupported"}`,
		`{"id": 3, "type": "something_new"}`,
		plainMessage(4, "x"),
	), Options{})
	if c := result.Counts; c.NonPosts != 3 || c.Posts != 1 || !result.Complete {
		t.Errorf("got %+v", c)
	}
}

func TestTelegramBadMessages(t *testing.T) {
	good := plainMessage(9, "fine")
	for _, tc := range []struct {
		name, bad string
		class     Class
	}{
		{"no id", `{"type": "message", "date_unixtime": "1588334400", "text": "x"}`, ClassMissingField},
		{"no type", `{"id": 1, "date_unixtime": "1588334400", "text": "x"}`, ClassMissingField},
		{"no date", `{"id": 1, "type": "message", "text": "x"}`, ClassMissingField},
		{"id is a fraction", `{"id": 1.5, "type": "message", "date_unixtime": "1588334400"}`, ClassWrongType},
		{"id is a word", `{"id": "abc", "type": "message", "date_unixtime": "1588334400"}`, ClassWrongType},
		{"date is a word", `{"id": 1, "type": "message", "date_unixtime": "abc"}`, ClassBadTime},
		{"date of 1970", `{"id": 1, "type": "message", "date_unixtime": "0"}`, ClassBadTime},
		{"30th of February", `{"id": 1, "type": "message", "date": "2020-02-30T00:00:00Z"}`, ClassBadTime},
		{"local date", `{"id": 1, "type": "message", "date": "2020-02-03T00:00:00"}`, ClassNoTimeZone},
		{"not JSON inside", `{"id": 1, "type": "message", oops}`, ClassBrokenJSON},
		{"a bare word", `nonsense`, ClassWrongType},
		{"a string", `"nonsense {"`, ClassWrongType},
		{"an array", `[{"id": 1}]`, ClassWrongType},
		{"null", `null`, ClassWrongType},
		{"bad escape", `{"id": 1, "type": "message", "date_unixtime": "1588334400", "text": "\q"}`, ClassBrokenJSON},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, result := read(t, channelExport(good, tc.bad, plainMessage(10, "also fine")), Options{})
			diff(t, "classes", classes(result), []Class{tc.class})
			diff(t, "posts", r.ids(), []string{"9", "10"})
			if want := uint64(strings.Index(channelExport(good, tc.bad), tc.bad)); result.Faults[0].Offsets[0] != want {
				t.Errorf("offset %d, want %d", result.Faults[0].Offsets[0], want)
			}
			if !result.Complete {
				t.Error("one bad message made the file incomplete")
			}
		})
	}
}

func TestTelegramTruncated(t *testing.T) {
	whole := channelExport(plainMessage(1, "a"), plainMessage(2, "b"), plainMessage(3, "c"))
	second := strings.Index(whole, `{"id": 2`)
	third := strings.Index(whole, `{"id": 3`)
	for _, tc := range []struct {
		name            string
		size            int
		posts, rejected uint64
	}{
		{"in a message", third + 20, 2, 1},
		{"in a string", strings.Index(whole, `"c"`) + 1, 2, 1},
		{"between messages", third, 2, 0},
		{"before the first message ends", second - 5, 0, 1},
		{"after the messages", len(whole) - 2, 3, 0},
		{"before the last brace", len(whole) - 1, 3, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, result := read(t, whole[:tc.size], Options{Format: formatTelegram})
			c := result.Counts
			if c.Posts != tc.posts || c.Rejected != tc.rejected || result.Complete {
				t.Errorf("got %+v, complete %v", c, result.Complete)
			}
			if last := result.Faults[len(result.Faults)-1].Class; last != ClassTruncated {
				t.Errorf("faults: %v", result.Faults)
			}
		})
	}
}
