package twitter

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
)

// telling is observations of posts that became something else, and that may not be on
// RAW. It is kept before RAW is told: a process that is killed in between tells the
// same again, with the same times, and each is one observation.
type telling struct {
	// At is when it was found out, in milliseconds.
	At int64 `json:"at,omitempty"`
	// Changes are the posts.
	Changes []change `json:"changes,omitempty"`
}

// change is one post that became something else.
type change struct {
	ID   uint64 `json:"id"`
	Mark mark   `json:"mark"`
	// Record is the observation as it goes to RAW.
	Record []byte `json:"record"`
}

func (t telling) empty() bool { return len(t.Changes) == 0 }

// add takes an observation of a post and what the post is from now on.
func (t *telling) add(id uint64, is mark, o *doxtrailv1.RawObservation) error {
	record, err := proto.Marshal(o)
	if err != nil {
		return errors.New("write an observation") // the library's error may have content
	}
	t.Changes = append(t.Changes, change{id, is, record})
	return nil
}

// observations are what RAW is told.
func (t telling) observations() (list []*doxtrailv1.RawObservation, err error) {
	for _, c := range t.Changes {
		o := &doxtrailv1.RawObservation{}
		if err := proto.Unmarshal(c.Record, o); err != nil {
			return nil, errTelling
		}
		list = append(list, o)
	}
	return list, nil
}

var errTelling = errors.New("unpack observations that are to be told: damaged")

// note marks the posts once RAW has been told.
func (t telling) note(k *known) {
	for _, c := range t.Changes {
		k.edit(c.ID, func(p *knownPost) { p.Mark = c.Mark })
	}
}

// tellAgain tells what an earlier process was about to tell.
func (a *app) tellAgain(ctx context.Context, leg string, t telling) error {
	if t.empty() {
		return nil
	}
	list, err := t.observations()
	if err != nil {
		return err
	}
	return a.tell(ctx, leg, repollHaul(time.UnixMilli(t.At), list), t)
}

// tell puts a haul on RAW, in which is what is told, and notes that it is there.
func (a *app) tell(ctx context.Context, leg string, h haul.Haul, t telling) error {
	if err := a.send(ctx, leg, h); err != nil {
		return err
	}
	t.note(a.known)
	return a.keepKnown(ctx, leg)
}

// repollHaul is what a later look at posts brings in.
func repollHaul(at time.Time, observations []*doxtrailv1.RawObservation) haul.Haul {
	return haul.Haul{Leg: doxtrailv1.Leg_LEG_REPOLL, Lane: bus.LaneLive, LookedAt: at, Observations: observations}
}
