package twitter

import (
	"context"
	"time"

	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/look"
)

const (
	// resultBatch is how many results are told at a time.
	resultBatch = 200
	// sourceCompliance is the word for what X says must not be kept. The store takes
	// such a look as confirmed by itself.
	sourceCompliance = "compliance"
	// complianceQuery is what coverage calls the question.
	complianceQuery = "compliance"
)

// results is a reading of a job's results.
type results struct {
	*compliance

	at time.Time
	// listed are the posts that are missing and named: those alone are remembered.
	listed map[uint64]bool
}

// finish puts the results of a job on RAW, and ends it. What is told is marked, so
// results that are read twice are told once.
func (c *compliance) finish(ctx context.Context, j api.Job) error {
	r := &results{compliance: c, at: time.Now(), listed: map[uint64]bool{}}
	state := spanComplete
	err := r.read(ctx, j)
	switch {
	case api.KindOf(err) == api.Broken:
		// The good lines were told. There is no better file to be had.
		c.app.log.Warn("some results of a compliance job cannot be read; the next job names those posts again")
		state = spanGap
	case err != nil && passes(err) && ctx.Err() == nil:
		return nil // the next step begins with them anew
	case err != nil:
		return err
	default:
		r.doubt()
	}
	h := repollHaul(r.at, nil)
	h.Selection, h.Query = doxtrailv1.Selection_SELECTION_SEARCH, complianceQuery
	h.Coverage = append(h.Coverage, r.coverage(state))
	if err := c.app.tell(ctx, complianceName, h, telling{}); err != nil {
		return err
	}
	began := time.UnixMilli(c.state.Job.Began)
	c.state = complianceState{DueAt: began.Add(c.app.cfg.Compliance.Every).UnixMilli(), DoneAt: r.at.UnixMilli()}
	if err := c.keep(ctx); err != nil {
		return err
	}
	c.jobs.noted(c.state.DoneAt)
	return nil
}

// read tells RAW what the results say.
func (r *results) read(ctx context.Context, j api.Job) error {
	batch := telling{At: r.at.UnixMilli()}
	for result, err := range r.app.client.Results(ctx, j) {
		if err != nil {
			if told := r.tell(ctx, batch); told != nil {
				return told
			}
			return err
		}
		if err := r.judge(&batch, result); err != nil {
			return err
		}
		if len(batch.Changes) >= resultBatch {
			if err := r.tell(ctx, batch); err != nil {
				return err
			}
			batch.Changes = nil
		}
	}
	return r.tell(ctx, batch)
}

// judge takes a result, unless it says what is known already. A post that is not known
// was forgotten meanwhile.
func (r *results) judge(batch *telling, result api.ComplianceResult) error {
	id, _ := numberOf(result.ID)
	p, found := r.app.known.get(id)
	if !found {
		return nil
	}
	o, means := r.app.from(r.at).Compliance(result.Action, result.Reason, idText(p.Author), result.ID)
	if !means {
		return nil
	}
	r.listed[id] = true
	o.SetSource(sourceCompliance)
	is := markDown
	if o.GetState() == look.Private {
		is = markPrivate
	}
	if p.Mark == is {
		return nil
	}
	return batch.add(id, is, o)
}

// tell puts a batch on RAW.
func (r *results) tell(ctx context.Context, batch telling) error {
	if batch.empty() {
		return nil
	}
	r.state.Telling = batch
	if err := r.keep(ctx); err != nil {
		return err
	}
	if err := r.app.tellAgain(ctx, complianceName, batch); err != nil {
		return err
	}
	r.state.Telling = telling{}
	return nil
}

// doubt has posts looked up that are taken for missing and that the job, which was
// asked about them, does not name: they may be back.
func (r *results) doubt() {
	for p := range r.app.known.each() {
		if p.ID > r.state.Job.Newest {
			return
		}
		if (p.Mark == markDown || p.Mark == markPrivate) && !r.listed[p.ID] {
			r.app.known.edit(p.ID, func(p *knownPost) {
				if p.Mark.missing() {
					p.Mark = markGone
				}
			})
		}
	}
}

// coverage says which posts the job was asked about: those from the oldest that is
// known to its beginning. What it does not name is alive.
func (r *results) coverage(state doxtrailv1.CoverageState) *doxtrailv1.RawCoverage {
	oldest := time.Time{}
	for p := range r.app.known.each() {
		if oldest = timeOf(p.ID); !oldest.IsZero() {
			break
		}
	}
	return covered(complianceQuery, state, oldest, time.UnixMilli(r.state.Job.Began))
}
