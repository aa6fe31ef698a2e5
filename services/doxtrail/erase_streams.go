package main

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/privacy"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/normaliser"
)

// decideErased has tombstones become rows of decisions, on the way of all rows, and
// waits until they are.
func (s *session) decideErased(ctx context.Context, targets []privacy.Key, wait time.Duration) error {
	last, err := s.publishErased(ctx, targets)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err = s.conn.Await(bounded, bus.RecorderLive, last)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return errNotDecided
	}
	return err
}

// errNotDecided is what an erasure ends with that could not begin with the tables.
var errNotDecided = plain(errors.New("nothing new of it is kept from now on, but the recorder stores nothing at present, so nothing was deleted: see `doxtrail status`, and run the command again"))

// publishErased publishes a decision a target and gives the number of the last.
func (s *session) publishErased(ctx context.Context, targets []privacy.Key) (last uint64, err error) {
	p, err := s.conn.NewPublisher(bus.StageRecords, bus.PublisherConfig{})
	if err != nil {
		return 0, err
	}
	defer p.Close(ctx) //nolint:errcheck // the receipts are what counts
	subject := bus.Subject{Stage: bus.StageRecords, Lane: bus.LaneLive, Kind: bus.KindDecisions, Platform: doxtrailv1.Platform_PLATFORM_WEB}
	batch := bus.NewBuilder(bus.StageRecords)
	send := func() error {
		m, err := batch.Records(subject)
		if err != nil {
			return err
		}
		receipt, err := p.Publish(ctx, m)
		if err != nil {
			return err
		}
		last, err = receipt.Wait(ctx)
		return err
	}
	for _, key := range targets {
		if err := batch.Add(erasedDecision(key)); err != nil {
			return 0, err
		}
		if batch.Full() {
			if err := send(); err != nil {
				return 0, err
			}
		}
	}
	if batch.Len() > 0 {
		err = send()
	}
	return last, err
}

// erasedDecision is the decision that something is erased. It is never taken back,
// so that it is always the same row.
func erasedDecision(key privacy.Key) *doxtrailv1.Decision {
	return doxtrailv1.Decision_builder{
		Kind: doxtrailv1.DecisionKind_DECISION_KIND_ERASED.Enum(), TargetKey: key.Bytes(), InForce: proto.Bool(true), Generation: proto.Uint64(1),
	}.Build()
}

// sifted is what streams hold of what is erased, in records by stream, and how many
// messages nobody can look into: those on RAW are for the normaliser, which checks
// each when it opens it, and some on FAILED have lost their key.
type sifted struct {
	records, unread map[string]uint64
}

func (f sifted) sum() (n uint64) {
	for _, records := range f.records {
		n += records
	}
	return n
}

// siftStreams looks through the streams for what is erased, and takes it out.
func (s *session) siftStreams(ctx context.Context, p *plan, erase bool) (sifted, error) {
	found := sifted{records: map[string]uint64{}, unread: map[string]uint64{}}
	set := privacy.NewTombstoneSet(p.tombstones())
	records, err := s.conn.SiftRecords(ctx, bus.Sift{
		Kinds: p.kinds(), Erase: erase,
		Picks: func(of bus.Subject, record []byte) bool { return set.Judge(string(of.Kind), record) == privacy.Goes },
	})
	if err != nil {
		return found, err
	}
	found.records[bus.StreamRecords] = records.Records
	key, err := s.parts.ring.FailedKey()
	if err != nil {
		return found, err
	}
	failed, unread, err := s.failedErased(ctx, key, set)
	if err != nil {
		return found, err
	}
	found.records[bus.StreamFailed] = uint64(len(failed))
	if unread > 0 {
		found.unread[bus.StreamFailed] = unread
	}
	if erase {
		for _, sequence := range failed {
			if err := s.conn.DropFailed(ctx, sequence); err != nil && !errors.Is(err, bus.ErrNoRecord) {
				return found, err
			}
		}
	}
	lag, err := s.conn.Lag(ctx)
	for _, stream := range lag.Streams {
		if stream.Stream == bus.StreamRaw && stream.Messages > 0 {
			found.unread[bus.StreamRaw] = stream.Messages
		}
	}
	return found, err
}

// kinds are those of records that may hold what goes. Cards are in few.
func (p *plan) kinds() []bus.Kind {
	cards := map[privacy.Key]bool{}
	for _, page := range p.pages {
		cards[page.Card] = true
	}
	for _, key := range p.targets {
		if !cards[key] {
			return []bus.Kind{bus.KindPosts, bus.KindLinks, bus.KindShares, bus.KindObservations, bus.KindChannels, bus.KindLocators}
		}
	}
	return []bus.Kind{bus.KindLinks, bus.KindLocators}
}

// failedErased lists the entries of FAILED about what is erased, and counts those
// that cannot be looked into.
func (s *session) failedErased(ctx context.Context, key privacy.PrivateKey, set *privacy.TombstoneSet) (sequences []uint64, unread uint64, err error) {
	screen := normaliser.NewScreen(s.parts.ring, set)
	err = s.conn.FailedRecords(ctx, func(f bus.FailedRecord) bool {
		goes, ok := judgeFailed(f, key, set, screen)
		switch {
		case !ok:
			unread++
		case goes:
			sequences = append(sequences, f.Sequence)
		}
		return true
	})
	return sequences, unread, err
}

// judgeFailed says whether an entry is about what is erased; not ok where it cannot
// be opened, and where reading it fails as it did before.
func judgeFailed(f bus.FailedRecord, key privacy.PrivateKey, set *privacy.TombstoneSet, screen *normaliser.Screen) (goes, ok bool) {
	defer func() {
		if recover() != nil { // it is on FAILED because a service panicked
			goes, ok = false, false
		}
	}()
	if f.Class == bus.ClassUnopenable {
		return false, false
	}
	record, _, err := f.Open(key)
	if err != nil {
		return false, false
	}
	if f.Of.Stage == bus.StageRecords {
		return set.Judge(string(f.Of.Kind), record) == privacy.Goes, true
	}
	return screen.Erased(f.Of.Kind, f.Of.Platform, record)
}
