package normaliser

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestAPostBecomesOneKeyedRow(t *testing.T) {
	b := newBench(t, harbour)
	k := b.keyer
	channel := k.Channel(telegram, "4100000001")
	bare := func() doxtrailv1.Post_builder {
		return doxtrailv1.Post_builder{
			PostKey: k.Post(telegram, "4100000001", "77").Bytes(), PostNoKey: k.PostNo(telegram, "77").Bytes(), ChannelKey: channel.Bytes(),
			PostedAt: ptr(int64(1_588_334_400_000)), Kind: ptr(doxtrailv1.PostKind_POST_KIND_ORIGINAL), Length: ptr(uint32(0)), Generation: ptr(uint64(1)),
		}
	}
	tests := map[string]struct {
		raw  func(*doxtrailv1.RawPost_builder)
		want func(*doxtrailv1.Post_builder)
	}{
		"what is absent stays absent": {raw: nil, want: func(*doxtrailv1.Post_builder) {}},
		"a kind that is not given is not made up": {
			raw:  func(r *doxtrailv1.RawPost_builder) { r.Kind = nil },
			want: func(p *doxtrailv1.Post_builder) { p.Kind = nil },
		},
		"times and precision": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.PostedPrecisionS, r.EditedAt, r.CollectedAt = ptr(uint32(60)), ptr(int64(1_588_334_460_000)), ptr(int64(1_590_000_000_000))
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.PostedPrecisionS, p.EditedAt, p.CollectedAt = ptr(uint32(60)), ptr(int64(1_588_334_460_000)), ptr(int64(1_590_000_000_000))
			},
		},
		"a zero that is given stays": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.PostedAt, r.PostedPrecisionS = ptr(int64(0)), ptr(uint32(0))
				r.Counters = doxtrailv1.Counters_builder{ViewCount: ptr(int64(0))}.Build()
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.PostedAt, p.PostedPrecisionS = ptr(int64(0)), ptr(uint32(0))
				p.Counters = doxtrailv1.Counters_builder{ViewCount: ptr(int64(0))}.Build()
			},
		},
		"of a text its length, its script and kinds of personal data are left": {
			raw: withText("方家明住在碼頭街 8 號"),
			want: func(p *doxtrailv1.Post_builder) {
				p.Length, p.Script = ptr(uint32(12)), ptr("Hani")
				p.PersonalData = []*doxtrailv1.PersonalData{countOf(doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_ADDRESS, 1)}
			},
		},
		"the account inside a channel": {
			raw:  func(r *doxtrailv1.RawPost_builder) { r.AccountId = ptr("9100000001") },
			want: func(p *doxtrailv1.Post_builder) { p.AccountKey = k.Account(telegram, "9100000001").Bytes() },
		},
		"media, with and without an id and a size": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.Media = []*doxtrailv1.RawMedia{
					doxtrailv1.RawMedia_builder{MediaId: ptr("file-of-fong"), Kind: ptr(doxtrailv1.MediaKind_MEDIA_KIND_PHOTO), SizeBytes: ptr(int64(0))}.Build(),
					doxtrailv1.RawMedia_builder{Kind: ptr(doxtrailv1.MediaKind_MEDIA_KIND_VIDEO)}.Build(),
					{},
				}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.Media = []*doxtrailv1.Media{
					doxtrailv1.Media_builder{MediaKey: k.Media(telegram, "file-of-fong").Bytes(), Kind: ptr(doxtrailv1.MediaKind_MEDIA_KIND_PHOTO), SizeBytes: ptr(int64(0))}.Build(),
					doxtrailv1.Media_builder{Kind: ptr(doxtrailv1.MediaKind_MEDIA_KIND_VIDEO)}.Build(),
					{},
				}
			},
		},
		"a picture's hash, if it is one": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.Media = []*doxtrailv1.RawMedia{
					doxtrailv1.RawMedia_builder{PictureHash: []byte("8 bytes.")}.Build(),
					doxtrailv1.RawMedia_builder{PictureHash: []byte("a picture of Fong Ka-ming")}.Build(),
				}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.Media = []*doxtrailv1.Media{doxtrailv1.Media_builder{PictureHash: []byte("8 bytes.")}.Build(), {}}
			},
		},
		"that a picture was hashed whole, if it has a hash": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.Media = []*doxtrailv1.RawMedia{
					doxtrailv1.RawMedia_builder{PictureHash: []byte("8 bytes."), PictureWhole: ptr(true)}.Build(),
					doxtrailv1.RawMedia_builder{PictureHash: []byte("8 bytes."), PictureWhole: ptr(false)}.Build(),
					doxtrailv1.RawMedia_builder{PictureWhole: ptr(true)}.Build(),
				}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.Media = []*doxtrailv1.Media{
					doxtrailv1.Media_builder{PictureHash: []byte("8 bytes."), PictureWhole: ptr(true)}.Build(),
					doxtrailv1.Media_builder{PictureHash: []byte("8 bytes.")}.Build(),
					{},
				}
			},
		},
		"the other items of an album, in their order": {
			raw: func(r *doxtrailv1.RawPost_builder) { r.ItemIds = []string{"79", "", "78", "77"} },
			want: func(p *doxtrailv1.Post_builder) {
				p.ItemKeys = [][]byte{k.Post(telegram, "4100000001", "79").Bytes(), k.Post(telegram, "4100000001", "78").Bytes()}
			},
		},
		"items of a channel that is known by its name": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.ChannelId, r.ChannelName, r.ItemIds = nil, ptr("Pier_News"), []string{"78"}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.ChannelKey, p.PostKey = k.ChannelName(telegram, "pier_news").Bytes(), k.Post(telegram, "@pier_news", "77").Bytes()
				p.ItemKeys = [][]byte{k.Post(telegram, "@pier_news", "78").Bytes()}
			},
		},
		"kinds of personal data that the platform marked, as counts": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.PersonalData = []*doxtrailv1.PersonalData{doxtrailv1.PersonalData_builder{Kind: ptr(doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE), Count: ptr(uint32(2))}.Build()}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.PersonalData = []*doxtrailv1.PersonalData{doxtrailv1.PersonalData_builder{Kind: ptr(doxtrailv1.PersonalDataKind_PERSONAL_DATA_KIND_PHONE), Count: ptr(uint32(2))}.Build()}
			},
		},
		"flags": {
			raw: func(r *doxtrailv1.RawPost_builder) {
				r.Flags = []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_SENSITIVE}
			},
			want: func(p *doxtrailv1.Post_builder) {
				p.Flags = []doxtrailv1.PostFlag{doxtrailv1.PostFlag_POST_FLAG_SENSITIVE}
			},
		},
		"of a language tag the primary language": {
			raw:  func(r *doxtrailv1.RawPost_builder) { r.Language = ptr("zh-Hant-HK") },
			want: func(p *doxtrailv1.Post_builder) { p.Language = ptr("zh") },
		},
		"what is no language is dropped": {
			raw:  func(r *doxtrailv1.RawPost_builder) { r.Language = ptr("fong_ka_ming") },
			want: func(*doxtrailv1.Post_builder) {},
		},
		"a channel without an id is known by its name": {
			raw: func(r *doxtrailv1.RawPost_builder) { r.ChannelId, r.ChannelName = nil, ptr("Pier_News") },
			want: func(p *doxtrailv1.Post_builder) {
				p.ChannelKey, p.PostKey = k.ChannelName(telegram, "pier_news").Bytes(), k.Post(telegram, "@pier_news", "77").Bytes()
			},
		},
		"where a channel has both the id wins": {
			raw:  func(r *doxtrailv1.RawPost_builder) { r.ChannelName = ptr("Pier_News") },
			want: func(*doxtrailv1.Post_builder) {},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.t = t
			facts := b.mustPost(telegram, telegramPost(tc.raw))
			want := bare()
			tc.want(&want)
			same(t, "posts", of[*doxtrailv1.Post](t, b.rows, bus.KindPosts), []*doxtrailv1.Post{want.Build()})
			if len(b.rows) != 1 || b.rows[0].platform != telegram {
				t.Errorf("%d rows, the first of %v, want one of telegram", len(b.rows), b.rows[0].platform)
			}
			if facts.posts != 1 || facts.links != 0 || facts.sightings != 0 {
				t.Errorf("counted %d posts, %d links, %d sightings, want one post", facts.posts, facts.links, facts.sightings)
			}
		})
	}
}

func TestATwitterPostIsKeyedWithoutItsChannel(t *testing.T) {
	b := newBench(t, harbour)
	b.mustPost(twitter, twitterPost(nil))
	got := of[*doxtrailv1.Post](t, b.rows, bus.KindPosts)[0]
	if want := b.keyer.Post(twitter, "", "1256000000000000077"); string(got.GetPostKey()) != string(want[:]) {
		t.Error("the channel went into the key of a post whose number is unique over the platform")
	}
}

func TestEachFaultHasItsClassAndLeavesNothingBehind(t *testing.T) {
	media := slices.Repeat([]*doxtrailv1.RawMedia{{}}, maxParts+1)
	data := slices.Repeat([]*doxtrailv1.PersonalData{{}}, maxParts+1)
	shares := slices.Repeat([]*doxtrailv1.RawShare{{}}, maxParts+1)
	tests := map[string]struct {
		record []byte
		want   error
	}{
		"bytes that are no record": {[]byte{0x0a, 0xff}, errUndecodable},
		"a text that is no UTF-8":  {append(protowire.AppendTag(nil, 12, protowire.BytesType), 1, 0xff), errUndecodable},
		"an empty record":          {nil, errNoPostID},
		"no number": {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.PostId = nil
			r.Text = ptr("https://harbour-leaks.example/card/1")
		})), errNoPostID},
		"no time":        {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.PostedAt = nil })), errNoTime},
		"no channel":     {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.ChannelId = nil })), errNoChannel},
		"too many files": {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Media = media })), errTooLarge},
		"too many items": {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.ItemIds = slices.Repeat([]string{"78"}, maxParts+1)
		})), errTooLarge},
		"too many flags": {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) {
			r.Flags = slices.Repeat([]doxtrailv1.PostFlag{1}, maxParts+1)
		})), errTooLarge},
		"too many kinds of personal data": {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.PersonalData = data })), errTooLarge},
		"too many shares":                 {encoded(t, telegramPost(func(r *doxtrailv1.RawPost_builder) { r.Shares = shares })), errTooLarge},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, harbour)
			_, err := b.converter.post(telegram, tc.record, &b.rows)
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if len(b.rows) != 0 {
				t.Errorf("%d rows were added", len(b.rows))
			}
			if err := bus.Class(tc.want.Error()).Validate(); err != nil {
				t.Errorf("the fault is no class: %v", err)
			}
		})
	}
	t.Run("a post of Twitter without its account", func(t *testing.T) {
		b := newBench(t, harbour)
		if _, err := b.post(twitter, twitterPost(func(r *doxtrailv1.RawPost_builder) { r.ChannelId = nil })); !errors.Is(err, errNoChannel) {
			t.Errorf("error %v, want %v", err, errNoChannel)
		}
	})
}

func TestTheLargestPostThatIsTakenFitsIntoARecord(t *testing.T) {
	media := doxtrailv1.RawMedia_builder{
		MediaId: ptr("1"), Kind: ptr(doxtrailv1.MediaKind_MEDIA_KIND_PHOTO), SizeBytes: ptr(int64(1) << 62), PictureHash: []byte("8 bytes."),
	}.Build()
	data := doxtrailv1.PersonalData_builder{Kind: ptr(doxtrailv1.PersonalDataKind(1)), Count: ptr(uint32(1) << 31)}.Build()
	b := newBench(t, harbour)
	b.mustPost(telegram, telegramPost(func(r *doxtrailv1.RawPost_builder) {
		r.Media = slices.Repeat([]*doxtrailv1.RawMedia{media}, maxParts)
		r.PersonalData = slices.Repeat([]*doxtrailv1.PersonalData{data}, maxParts)
		r.Flags = slices.Repeat([]doxtrailv1.PostFlag{1}, maxParts)
		r.ItemIds = slices.Repeat([]string{"78"}, maxParts)
	}))
	// Nothing else in a row grows with what a raw record holds.
	if n := len(b.rows[0].record); n > bus.MaxRecordBytes/2 {
		t.Errorf("the row has %d bytes of the %d that a record may have", n, bus.MaxRecordBytes)
	}
}

// A collector of a later version may send more than this one knows, and it may
// send it inside what goes into a row whole.
func TestFieldsOfALaterVersionDoNotPass(t *testing.T) {
	const secret = "Fong Ka-ming, Pier Street 8"
	unknown := protowire.AppendString(protowire.AppendTag(nil, 1900, protowire.BytesType), secret)
	counters := doxtrailv1.Counters_builder{ViewCount: ptr(int64(5))}.Build()
	counters.ProtoReflect().SetUnknown(unknown)
	data := doxtrailv1.PersonalData_builder{Count: ptr(uint32(1))}.Build()
	data.ProtoReflect().SetUnknown(unknown)
	raw := telegramPost(func(r *doxtrailv1.RawPost_builder) {
		r.Counters, r.PersonalData = counters, []*doxtrailv1.PersonalData{data}
	})
	raw.ProtoReflect().SetUnknown(unknown)
	report := doxtrailv1.Import_builder{ImportId: make([]byte, 16)}.Build()
	report.ProtoReflect().SetUnknown(unknown)

	b := newBench(t, harbour)
	b.mustPost(telegram, raw)
	if err := b.converter.imported(telegram, encoded(t, report), &b.rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.rows {
		if strings.Contains(string(r.record), secret) {
			t.Errorf("a row of kind %s holds what was in an unknown field", r.kind)
		}
	}
	if got := of[*doxtrailv1.Post](t, b.rows, bus.KindPosts)[0].GetCounters().GetViewCount(); got != 5 {
		t.Errorf("views are %d, want 5", got)
	}
}

func TestEncodingIsTheSameInEveryConverter(t *testing.T) {
	b := newBench(t, harbour)
	raw := telegramPost(withText("https://harbour-leaks.example/card/1 t.me/other_news/5"))
	b.mustPost(telegram, raw)
	other := newConverter(b.ring, effective(t, harbour), 500)
	var rows recorded
	if _, err := other.post(telegram, encoded(t, raw), &rows); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if string(r.record) != string(b.rows[i].record) {
			t.Errorf("row %d differs", i)
		}
		if again, err := (proto.MarshalOptions{Deterministic: true}).Marshal(r.decode(t)); err != nil || string(again) != string(r.record) {
			t.Errorf("row %d is not in its deterministic form: %v", i, err)
		}
	}
}
