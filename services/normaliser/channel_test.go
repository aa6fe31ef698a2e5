package normaliser

import (
	"errors"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

func TestAnImportPassesAsItWasReported(t *testing.T) {
	want := doxtrailv1.Import_builder{
		ImportId: []byte("0123456789abcdef"), FileHash: make([]byte, 32), FileOrdinal: ptr(uint32(1)), Label: ptr("tg-1"),
		RecordCount: ptr(uint64(3)), PostCount: ptr(uint64(2)), DuplicateCount: ptr(uint64(1)), Complete: ptr(false),
	}.Build()
	b := newBench(t, harbour)
	if err := b.converter.imported(telegram, encoded(t, want), &b.rows); err != nil {
		t.Fatal(err)
	}
	same(t, "imports", of[*doxtrailv1.Import](t, b.rows, bus.KindImports), []*doxtrailv1.Import{want})
	if err := b.converter.imported(telegram, []byte{0xff}, &b.rows); !errors.Is(err, errUndecodable) {
		t.Errorf("error %v, want %v", err, errUndecodable)
	}
}

func TestAChannelAndItsAlias(t *testing.T) {
	b := newBench(t, harbour)
	k := b.keyer
	day := int32(18_383) // 2020-05-01
	tests := map[string]struct {
		raw     doxtrailv1.RawChannel_builder
		want    doxtrailv1.Channel_builder
		aliases []*doxtrailv1.ChannelAlias
	}{
		"by id": {
			raw:  doxtrailv1.RawChannel_builder{ChannelId: ptr("4100000001"), Kind: ptr(doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP)},
			want: doxtrailv1.Channel_builder{ChannelKey: k.Channel(telegram, "4100000001").Bytes(), Kind: ptr(doxtrailv1.ChannelKind_CHANNEL_KIND_GROUP)},
		},
		"by name, any case": {
			raw:  doxtrailv1.RawChannel_builder{Name: ptr("Pier_News")},
			want: doxtrailv1.Channel_builder{ChannelKey: k.ChannelName(telegram, "pier_news").Bytes()},
		},
		"by both, with an alias, and the day it was made": {
			raw: doxtrailv1.RawChannel_builder{
				ChannelId: ptr("4100000001"), Name: ptr("Pier_News"), CreatedAt: ptr(int64(1_588_334_400_000)),
			},
			want: doxtrailv1.Channel_builder{ChannelKey: k.Channel(telegram, "4100000001").Bytes(), CreatedDay: &day},
			aliases: []*doxtrailv1.ChannelAlias{doxtrailv1.ChannelAlias_builder{
				AliasKey: k.ChannelName(telegram, "PIER_NEWS").Bytes(), ChannelKey: k.Channel(telegram, "4100000001").Bytes(),
				Platform: ptr(telegram), Generation: ptr(uint64(1)),
			}.Build()},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b.rows = nil
			if err := b.converter.channel(telegram, encoded(t, tc.raw.Build()), &b.rows); err != nil {
				t.Fatal(err)
			}
			tc.want.Platform, tc.want.Generation = ptr(telegram), ptr(uint64(1))
			same(t, "channels", of[*doxtrailv1.Channel](t, b.rows, bus.KindChannels), []*doxtrailv1.Channel{tc.want.Build()})
			same(t, "aliases", of[*doxtrailv1.ChannelAlias](t, b.rows, bus.KindChannelAliases), tc.aliases)
		})
	}
	for name, record := range map[string][]byte{"neither id nor name": nil, "no record": {0xff}} {
		want := map[bool]error{true: errNoChannel, false: errUndecodable}[record == nil]
		b.rows = nil
		if err := b.converter.channel(telegram, record, &b.rows); !errors.Is(err, want) || len(b.rows) != 0 {
			t.Errorf("%s: error %v and %d rows, want %v and none", name, err, len(b.rows), want)
		}
	}
}
