package twitter

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/doxtrail/doxtrail/pkg/patience"
	"github.com/doxtrail/doxtrail/pkg/service"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

const (
	// complianceName is the leg's word and the name of its cursor.
	complianceName = "compliance"
	// jobEnd is how old a job may become: X's own take minutes to hours.
	jobEnd = 24 * time.Hour
)

// job is a compliance job under way.
type job struct {
	ID string `json:"id"`
	// Began is when it was begun, in milliseconds.
	Began int64 `json:"began"`
	// Newest is the highest id it was asked about; 0 where that is not known.
	Newest uint64 `json:"newest,omitempty"`
	// Sent says that X has the ids.
	Sent bool `json:"sent,omitempty"`
}

// complianceState is where the leg is.
type complianceState struct {
	// Job is the one under way; its ID is empty if there is none.
	Job job `json:"job,omitzero"`
	// DueAt is when the next one begins, in milliseconds.
	DueAt int64 `json:"due_at,omitempty"`
	// DoneAt is when the last one that was of use was through, in milliseconds.
	DoneAt int64 `json:"done_at,omitempty"`
	// Lost counts the jobs since the last that was of use.
	Lost int `json:"lost,omitempty"`
	// Telling is what the results said and may not be on RAW.
	Telling telling `json:"telling,omitzero"`
}

// compliance is the leg that asks, from time to time, what must not be kept of all
// posts that are known: one job for all of them. It keeps which job that is, so a
// process that is killed goes on with it.
type compliance struct {
	app   *app
	jobs  *jobTime
	state complianceState
}

// jobTime is when a job was last through. Where X gives no jobs, or none comes to its
// end, posts are looked up instead.
type jobTime struct {
	at    atomic.Int64 // in milliseconds; 0 for never
	known atomic.Bool  // whether at is
}

// noted says when a job was last through.
func (j *jobTime) noted(at int64) {
	j.at.Store(at)
	j.known.Store(true)
}

// within says whether a job was through so short ago, or whether that is not known.
func (j *jobTime) within(age time.Duration, now time.Time) bool {
	return !j.known.Load() || now.Sub(time.UnixMilli(j.at.Load())) < age
}

func (*compliance) name() string { return complianceName }

// run carries out one job after another until ctx ends.
func (c *compliance) run(ctx context.Context) error {
	c.state = complianceState{}
	if _, err := c.app.load(ctx, complianceName, complianceName, &c.state); err != nil {
		return err
	}
	if err := c.app.tellAgain(ctx, complianceName, c.state.Telling); err != nil {
		return err
	}
	c.state.Telling = telling{}
	c.jobs.noted(c.state.DoneAt)
	for {
		if err := c.due(ctx); err != nil {
			return err
		}
		if err := c.carryOut(ctx); err != nil {
			return err
		}
	}
}

func (c *compliance) keep(ctx context.Context) error {
	return c.app.keep(ctx, complianceName, complianceName, c.state)
}

// due waits until a job is to begin, or there is one under way. Without posts there is
// nothing to ask about.
func (c *compliance) due(ctx context.Context) error {
	for c.state.Job.ID == "" && (time.Now().UnixMilli() < c.state.DueAt || c.app.known.newest() == 0) {
		if err := patience.Sleep(ctx, c.app.cfg.pauses.look); err != nil {
			return err
		}
	}
	return nil
}

// carryOut brings a job to its end. One that failed, expired or takes too long is
// forgotten, and another begins.
func (c *compliance) carryOut(ctx context.Context) error {
	err := c.begin(ctx)
	for wait := c.app.cfg.pauses.look; err == nil && c.state.Job.ID != ""; wait = min(2*wait, c.app.cfg.pauses.parkLimit) {
		var rest bool
		if rest, err = c.step(ctx); rest && err == nil {
			err = patience.Sleep(ctx, wait)
		}
	}
	switch kind := api.KindOf(err); {
	case err == nil, c.state.Job.ID == "":
		return err
	case kind == api.Absent, kind == api.Refused:
		return c.forget(ctx, string(kind))
	}
	return err
}

// begin begins a job, unless one is under way. X has one at a time: one of ours whose
// answer was lost is taken up again.
func (c *compliance) begin(ctx context.Context) error {
	if c.state.Job.ID != "" {
		return nil
	}
	name := c.app.key.Name("twitter/compliance", c.app.cfg.Account)[:16]
	c.state.Job = job{Began: time.Now().UnixMilli(), Newest: c.app.known.newest()}
	made, err := c.create(ctx, name)
	if api.KindOf(err) == api.Conflict {
		made, err = c.lost(ctx, name, err)
	}
	if err != nil {
		c.state.Job = job{}
		return err
	}
	c.state.Job.ID = made.ID
	if made.Status != api.JobCreated {
		c.state.Job.Newest = 0 // what it was asked about, nobody knows
	}
	return c.keep(ctx)
}

// create begins a job at X. Where it costs nothing, it is begun also when the budget is
// spent: what must be erased does not wait for money.
func (c *compliance) create(ctx context.Context, name string) (made api.Job, err error) {
	create := func(ctx context.Context) (cost Cost, err error) {
		made, err = c.app.client.CreateJob(ctx, name)
		return Cost{Jobs: 1}, err
	}
	err = c.app.retry(ctx, complianceName, func() error {
		if c.app.cfg.Budget.Prices.Compliance.amount() == 0 {
			_, err := create(ctx)
			return err
		}
		return c.app.paid(ctx, ForLive, Cost{Jobs: 1}, create)
	})
	return made, err
}

// lost finds a job of ours that is under way; else it gives back the error.
func (c *compliance) lost(ctx context.Context, name string, conflict error) (found api.Job, err error) {
	var jobs []api.Job
	if err := c.app.retry(ctx, complianceName, func() (err error) {
		jobs, err = c.app.client.Jobs(ctx)
		return err
	}); err != nil {
		return found, err
	}
	i := slices.IndexFunc(jobs, func(j api.Job) bool {
		return j.Name == name && (j.Status == api.JobCreated || j.Status == api.JobInProgress)
	})
	if i < 0 {
		return found, conflict
	}
	return jobs[i], nil
}

// step sees how far the job is and does what is next. Rest says that X is at it.
func (c *compliance) step(ctx context.Context) (rest bool, err error) {
	var j api.Job
	if err := c.app.retry(ctx, complianceName, func() (err error) {
		j, err = c.app.client.Job(ctx, c.state.Job.ID)
		return err
	}); err != nil {
		return false, err
	}
	c.app.progressed(complianceName, time.Now())
	switch {
	case j.Status == api.JobComplete:
		return false, c.finish(ctx, j)
	case j.Status == api.JobFailed, j.Status == api.JobExpired:
		return false, c.forget(ctx, j.Status)
	case time.Since(time.UnixMilli(c.state.Job.Began)) > jobEnd:
		return false, c.forget(ctx, "late")
	case j.Status == api.JobCreated && !c.state.Job.Sent:
		return true, c.send(ctx, j)
	}
	return true, nil
}

// send sends the ids of all posts that are known.
func (c *compliance) send(ctx context.Context, j api.Job) error {
	// No second try here: the job may have got the ids, and its addresses may be others
	// by then.
	ids, done := c.app.known.lines(c.state.Job.Newest)
	defer done()
	if err := c.app.client.Upload(ctx, j, ids); err != nil {
		if passes(err) && ctx.Err() == nil {
			c.app.log.Warn("ids were not sent to a compliance job; they are sent again", slog.String(service.KeyClass, class(err)), service.Error(err))
			return nil
		}
		return err
	}
	c.state.Job.Sent = true
	return c.keep(ctx)
}

// lines are the ids of all posts up to one, one a line. They are made as they are
// read. Done must be called.
func (k *known) lines(newest uint64) (lines io.Reader, done func()) {
	next, stop := iter.Pull(k.each())
	return &idLines{next: next, newest: newest}, stop
}

// idLines gives ids, one a line.
type idLines struct {
	next   func() (knownPost, bool)
	newest uint64
	left   []byte
}

// Read implements io.Reader.
func (l *idLines) Read(b []byte) (int, error) {
	if len(l.left) == 0 {
		p, more := l.next()
		if !more || p.ID > l.newest {
			return 0, io.EOF
		}
		l.left = append([]byte(idText(p.ID)), '\n')
	}
	n := copy(b, l.left)
	l.left = l.left[n:]
	return n, nil
}

// forget gives a job up; the next one begins soon, and later the more were lost.
func (c *compliance) forget(ctx context.Context, why string) error {
	c.app.log.Warn("a compliance job came to nothing; another is begun", slog.String(service.KeyClass, why))
	wait := c.app.cfg.pauses.parkLimit << min(c.state.Lost, 4)
	c.state = complianceState{DueAt: time.Now().Add(wait).UnixMilli(), DoneAt: c.state.DoneAt, Lost: c.state.Lost + 1}
	return c.keep(ctx)
}
