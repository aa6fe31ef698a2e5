package twitter

import (
	"context"
	"slices"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
)

const (
	// repollName is the leg's word and the name of its cursor.
	repollName = "repoll"
	// askLimit is how many posts one call may ask for.
	askLimit = 100
	// againLimit bounds the posts that wait for their second look. What does not fit
	// comes on the list as others go.
	againLimit = 5_000
)

// stage is one round of the schedule: every post is asked for once, when it is so old.
type stage struct {
	// Age is how old, in milliseconds; it names the stage, whatever else is in the
	// configuration.
	Age int64 `json:"age"`
	// Upto is the highest id that was asked for.
	Upto uint64 `json:"upto"`
	// shares says that the counters which it serves decide whose shares are asked for.
	shares bool
}

func (s stage) age() time.Duration { return time.Duration(s.Age) * time.Millisecond }

// dueAt is when a post is so old. An id that carries no time is due.
func (s stage) dueAt(id uint64) time.Time {
	at := timeOf(id)
	if at.IsZero() {
		return at
	}
	return at.Add(s.age())
}

// second is a post that is asked for out of turn.
type second struct {
	ID uint64 `json:"id"`
	At int64  `json:"at"` // in milliseconds
	// Unsure says that X said nothing of it. Else it was found missing.
	Unsure bool `json:"unsure,omitempty"`
}

// round is a look at all posts that are older than the last stage, also those that are
// gone.
type round struct {
	// Upto is the highest id that was asked for, At when the next round begins, in
	// milliseconds.
	Upto uint64 `json:"upto,omitempty"`
	At   int64  `json:"at,omitempty"`
}

// repollState is where the schedule is.
type repollState struct {
	Stages []stage  `json:"stages"`
	Round  round    `json:"round,omitzero"`
	Again  []second `json:"again,omitempty"`
	// Telling is what was found out and may not be on RAW.
	Telling telling `json:"telling,omitzero"`
}

// clone gives a state that does not change with s.
func (s repollState) clone() repollState {
	s.Stages, s.Again = slices.Clone(s.Stages), slices.Clone(s.Again)
	return s
}

// repoll is the leg that asks again for posts that are known, by their ids, less and
// less often: how they are, and what became of those that are gone.
type repoll struct {
	app    *app
	shares *shareList
	jobs   *jobTime // nil where there are none
	state  repollState
}

func (*repoll) name() string { return repollName }

// run asks for what is due until ctx ends or the budget is spent.
func (r *repoll) run(ctx context.Context) error {
	if err := r.start(ctx, time.Now()); err != nil {
		return err
	}
	for {
		did, err := r.next(ctx, time.Now())
		if err != nil {
			return err
		}
		if did {
			continue
		}
		// Posts come at any time, and clocks jump: what is due is looked up again soon.
		if err := patience.Sleep(ctx, r.app.cfg.pauses.look); err != nil {
			return err
		}
	}
}

// start reads the schedule and tells what an earlier process was about to tell. A
// stage that is new asks for no post that is older than it: its time was before.
func (r *repoll) start(ctx context.Context, now time.Time) error {
	r.state = repollState{}
	if _, err := r.app.load(ctx, repollName, repollName, &r.state); err != nil {
		return err
	}
	if err := r.app.tellAgain(ctx, repollName, r.state.Telling); err != nil {
		return err
	}
	r.state.Telling = telling{}
	kept := r.state.Stages
	r.state.Stages = stagesOf(r.app.cfg)
	for i := range r.state.Stages {
		s := &r.state.Stages[i]
		s.Upto = idAt(now.Add(-s.age()))
		for _, k := range kept {
			if k.Age == s.Age {
				s.Upto = k.Upto
			}
		}
	}
	if r.state.Round.At == 0 {
		r.state.Round.At = now.Add(r.every()).UnixMilli()
	}
	return r.keep(ctx, r.state)
}

// stagesOf are the times of the configuration, of lookups and of shares together: one
// lookup serves both.
func stagesOf(cfg Config) (stages []stage) {
	var shared []time.Duration
	if cfg.Shares.Reposts || cfg.Shares.Quotes {
		shared = cfg.Shares.Stages
	}
	ages := slices.Concat(cfg.Repoll, shared)
	slices.Sort(ages)
	for _, age := range slices.Compact(ages) {
		stages = append(stages, stage{Age: age.Milliseconds(), shares: slices.Contains(shared, age)})
	}
	return stages
}

// every is how often a round over all posts begins where no compliance job asks for
// them meanwhile.
func (r *repoll) every() time.Duration { return r.app.cfg.Repoll[len(r.app.cfg.Repoll)-1] }

func (r *repoll) keep(ctx context.Context, state repollState) error {
	return r.app.keep(ctx, repollName, repollName, state)
}

// next asks for the next posts that are due; did is false if none are.
func (r *repoll) next(ctx context.Context, now time.Time) (did bool, err error) {
	r.expect(now)
	did, err = r.again(ctx, now)
	for i := 0; err == nil && !did && i < len(r.state.Stages); i++ {
		did, err = r.stage(ctx, i, now)
	}
	if err == nil && !did && (r.jobs == nil || !r.jobs.within(r.every(), now)) {
		did, err = r.round(ctx, now)
	}
	return did, err
}

// stage asks for the next posts of a stage.
func (r *repoll) stage(ctx context.Context, i int, now time.Time) (did bool, err error) {
	s := &r.state.Stages[i]
	posts := r.app.known.after(s.Upto, askLimit, false)
	due := slices.IndexFunc(posts, func(p knownPost) bool { return s.dueAt(p.ID).After(now) })
	if due >= 0 {
		posts = posts[:due]
	}
	if len(posts) == 0 {
		return false, nil
	}
	return true, r.look(ctx, posts, false, func() {
		s.Upto = posts[len(posts)-1].ID
	}, s.shares)
}

// round asks for the next of all posts that are older than the last stage.
func (r *repoll) round(ctx context.Context, now time.Time) (did bool, err error) {
	if now.UnixMilli() < r.state.Round.At {
		return false, nil
	}
	newest := idAt(now.Add(-r.every()))
	posts := r.app.known.after(r.state.Round.Upto, askLimit, true)
	posts = slices.DeleteFunc(posts, func(p knownPost) bool { return p.ID > newest })
	if len(posts) == 0 {
		r.state.Round = round{At: now.Add(r.every()).UnixMilli()}
		return false, r.keep(ctx, r.state)
	}
	return true, r.look(ctx, posts, false, func() {
		r.state.Round.Upto = posts[len(posts)-1].ID
	}, false)
}

// look asks for posts, puts on RAW what became of them, and then moves on. Until RAW
// has it all, the schedule that is kept is the one before the look.
func (r *repoll) look(ctx context.Context, posts []knownPost, second bool, moved func(), shares bool) error {
	got, err := r.ask(ctx, idsOf(posts))
	if err != nil {
		return err
	}
	v, err := r.app.judgePosts(got, posts, second)
	if err != nil {
		return err
	}
	edited, err := r.lastVersions(ctx, v.there)
	if err != nil {
		return err
	}
	before := r.state.clone()
	moved()
	if got.Rejected == 0 { // else it would be paid for and not be read, again and again
		r.unsure(v.unsure, v.at)
	}
	if before.Telling = v.told; !v.told.empty() {
		if err := r.keep(ctx, before); err != nil {
			return err
		}
	}
	told, err := v.told.observations()
	if err != nil {
		return err
	}
	h := repollHaul(v.at, slices.Concat(v.plain, told))
	for _, p := range edited {
		h.Add(p.Raw, r.app.from(v.at).Edits(p))
	}
	if err := r.app.tell(ctx, repollName, h, v.told); err != nil {
		return err
	}
	if shares {
		if err := r.wantShares(ctx, v); err != nil {
			return err
		}
	}
	r.app.progressed(repollName, v.at)
	return r.keep(ctx, r.state)
}

// wantShares has the shares of posts asked for whose counters have grown. Those that
// there is no room for are a gap in coverage.
func (r *repoll) wantShares(ctx context.Context, v verdict) error {
	full, err := r.shares.grown(ctx, repollName, v.there)
	if err != nil {
		return err
	}
	for _, id := range full {
		for _, by := range []sharing{reposts(), quotes()} {
			if err := (&shares{app: r.app}).missed(ctx, id, by, time.Time{}, v.at); err != nil {
				return err
			}
		}
	}
	return nil
}
