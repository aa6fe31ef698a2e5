package normaliser

import (
	"errors"
	"strings"
	"testing"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/service/servicetest"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

const (
	gone       = doxtrailv1.ObservationState_OBSERVATION_STATE_GONE
	restricted = doxtrailv1.ObservationState_OBSERVATION_STATE_RESTRICTED
)

// rawLook is an observation of a post that lacks nothing but what a test adds.
func rawLook(change func(*doxtrailv1.RawObservation_builder)) *doxtrailv1.RawObservation {
	b := doxtrailv1.RawObservation_builder{
		ChannelId: ptr("4100000001"), PostId: ptr("77"), State: gone.Enum(), ObservedAt: ptr(int64(1_588_334_400_000)),
	}
	if change != nil {
		change(&b)
	}
	return b.Build()
}

func TestALaterLookIsAKeyedObservation(t *testing.T) {
	b := newBench(t, harbour)
	k := b.keyer
	bare := func() doxtrailv1.Observation_builder {
		return doxtrailv1.Observation_builder{
			PostKey: k.Post(telegram, "4100000001", "77").Bytes(), ChannelKey: k.Channel(telegram, "4100000001").Bytes(),
			State: gone.Enum(), ObservedAt: ptr(int64(1_588_334_400_000)), Generation: ptr(uint64(1)),
		}
	}
	for name, tc := range map[string]struct {
		raw  func(*doxtrailv1.RawObservation_builder)
		want func(*doxtrailv1.Observation_builder)
	}{
		"what is absent stays absent": {nil, func(*doxtrailv1.Observation_builder) {}},
		"where and how it was seen": {
			func(r *doxtrailv1.RawObservation_builder) { r.Source, r.Vantage = ptr("api"), ptr("hk-1") },
			func(o *doxtrailv1.Observation_builder) { o.Source, o.Vantage = ptr("api"), ptr("hk-1") },
		},
		"counters, also a zero": {
			func(r *doxtrailv1.RawObservation_builder) {
				r.Counters = doxtrailv1.Counters_builder{
					ViewCount: ptr(int64(0)), ForwardCount: ptr(int64(2)), ReplyCount: ptr(int64(3)), ReactionCount: ptr(int64(4)), Audience: ptr(int64(5)),
				}.Build()
			},
			func(o *doxtrailv1.Observation_builder) {
				o.ViewCount, o.ForwardCount, o.ReplyCount, o.ReactionCount, o.Audience = ptr(int64(0)), ptr(int64(2)), ptr(int64(3)), ptr(int64(4)), ptr(int64(5))
			},
		},
		"reasons, each once, one of a later version as another": {
			func(r *doxtrailv1.RawObservation_builder) {
				r.State, r.Restrictions = restricted.Enum(), []doxtrailv1.RestrictionKind{7, 2, 0, 99, 2}
			},
			func(o *doxtrailv1.Observation_builder) {
				o.State, o.Restrictions = restricted.Enum(), []doxtrailv1.RestrictionKind{1, 2, 7}
			},
		},
		"a channel as a whole": {
			func(r *doxtrailv1.RawObservation_builder) { r.PostId = nil },
			func(o *doxtrailv1.Observation_builder) { o.PostKey = nil },
		},
		"a channel that is known by its name": {
			func(r *doxtrailv1.RawObservation_builder) { r.ChannelId, r.ChannelName = nil, ptr("Pier_News") },
			func(o *doxtrailv1.Observation_builder) {
				o.ChannelKey, o.PostKey = k.ChannelName(telegram, "pier_news").Bytes(), k.Post(telegram, "@pier_news", "77").Bytes()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b.rows = nil
			if err := b.converter.observation(telegram, encoded(t, rawLook(tc.raw)), &b.rows); err != nil {
				t.Fatal(err)
			}
			want := bare()
			tc.want(&want)
			same(t, "observations", of[*doxtrailv1.Observation](t, b.rows, bus.KindObservations), []*doxtrailv1.Observation{want.Build()})
			if len(b.rows) != 1 || b.rows[0].platform != telegram {
				t.Errorf("%d rows, the first of %v, want one of telegram", len(b.rows), b.rows[0].platform)
			}
		})
	}
}

// The key of an observed post is that of the post, whatever names it.
func TestAnObservationJoinsItsPost(t *testing.T) {
	for _, platform := range []doxtrailv1.Platform{telegram, twitter} {
		b := newBench(t, harbour)
		facts := b.mustPost(platform, telegramPost(nil))
		if err := b.converter.observation(platform, encoded(t, rawLook(nil)), &b.rows); err != nil {
			t.Fatal(err)
		}
		got := of[*doxtrailv1.Observation](t, b.rows, bus.KindObservations)[0]
		if string(got.GetPostKey()) != string(facts.post[:]) || string(got.GetChannelKey()) != string(facts.channel[:]) {
			t.Errorf("%v: an observation has other keys than its post", platform)
		}
	}
}

func TestAnObservationWithAFaultLeavesNothingBehind(t *testing.T) {
	const text = "Fong Ka-ming"
	faults := map[string]struct {
		record []byte
		want   error
	}{
		"bytes that are no record": {[]byte{0x0a, 0xff}, errUndecodable},
		"an empty record":          {nil, errNoChannel},
	}
	for name, tc := range map[string]struct {
		change func(*doxtrailv1.RawObservation_builder)
		want   error
	}{
		"no channel":                 {func(r *doxtrailv1.RawObservation_builder) { r.ChannelId = nil }, errNoChannel},
		"no state":                   {func(r *doxtrailv1.RawObservation_builder) { r.State = nil }, errNoState},
		"a state of a later version": {func(r *doxtrailv1.RawObservation_builder) { r.State = doxtrailv1.ObservationState(99).Enum() }, errNoState},
		"no time":                    {func(r *doxtrailv1.RawObservation_builder) { r.ObservedAt = nil }, errNoObservedAt},
		"a text for a source":        {func(r *doxtrailv1.RawObservation_builder) { r.Source = ptr(text) }, errSource},
		"a Chinese text":             {func(r *doxtrailv1.RawObservation_builder) { r.Source = ptr("方家明") }, errSource},
		"a text for a vantage":       {func(r *doxtrailv1.RawObservation_builder) { r.Vantage = ptr(text) }, errVantage},
		"a vantage that goes on":     {func(r *doxtrailv1.RawObservation_builder) { r.Vantage = ptr(strings.Repeat("a", 65)) }, errVantage},
		"a vantage with a quote":     {func(r *doxtrailv1.RawObservation_builder) { r.Vantage = ptr("a'b") }, errVantage},
	} {
		faults[name] = struct {
			record []byte
			want   error
		}{encoded(t, rawLook(tc.change)), tc.want}
	}
	for name, tc := range faults {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, harbour)
			if err := b.converter.observation(telegram, tc.record, &b.rows); !errors.Is(err, tc.want) || len(b.rows) != 0 {
				t.Errorf("error %v and %d rows, want %v and none", err, len(b.rows), tc.want)
			}
			if err := bus.Class(tc.want.Error()).Validate(); err != nil {
				t.Errorf("the fault is no class: %v", err)
			}
		})
	}
}

// The whole service: good looks become records and are counted, bad ones fail
// alone.
func TestObservationsPassTheService(t *testing.T) {
	s := newStage(t)
	s.list(harbour)
	servicetest.Background(t, s.service().Run)
	s.put(bus.KindObservations, encoded(t, rawLook(nil)), []byte{0xff}, encoded(t, rawLook(func(r *doxtrailv1.RawObservation_builder) { r.PostId = nil })))
	s.settled()
	if got := of[*doxtrailv1.Observation](t, s.rows(), bus.KindObservations); len(got) != 2 || got[0].GetState() != gone {
		t.Errorf("observations are %v, want two", got)
	}
	if got := s.metric("observations_total"); got != 2 {
		t.Errorf("%v observations are counted, want 2", got)
	}
}
