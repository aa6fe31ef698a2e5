package twitter

import (
	"context"
	"maps"
	"time"

	"github.com/doxtrail/doxtrail/pkg/bus"
	"github.com/doxtrail/doxtrail/pkg/haul"
	doxtrailv1 "github.com/doxtrail/doxtrail/proto/doxtrail/v1"
	"github.com/doxtrail/doxtrail/services/collector/twitter/internal/api"
)

// toldName is the name of the cursor of the rules that coverage says are in the stream.
const toldName = "rules/told"

// ruleTakes is how long it takes until a new rule counts.
const ruleTakes = 20 * time.Second

// toldRule is a rule of which coverage says since when it is in the stream, in
// milliseconds. Its value is kept because coverage goes by it, and X does not show it
// any more once the rule is gone.
type toldRule struct {
	Value string `json:"value"`
	Since int64  `json:"since"`
	// Seen is when it was last known to be there.
	Seen int64 `json:"seen"`
}

// tell reports since when rules are in the stream, and of those that were taken out
// until when they were, and keeps it.
func (r *rules) tell(ctx context.Context, added, removed []api.Rule) error {
	t := ruleNews{now: time.Now(), told: maps.Clone(r.told)}
	for _, rule := range added {
		t.begins(rule)
	}
	for _, rule := range removed {
		t.ends(rule.ID, t.now)
	}
	return r.send(ctx, t)
}

// tellMissed reports what was not told when it happened, because the process ended or
// an answer was lost: rules that are there, and those that are there no longer, as of
// when they were last seen. It keeps that the others were seen.
func (r *rules) tellMissed(ctx context.Context, present []api.Rule) error {
	t := ruleNews{now: time.Now(), told: maps.Clone(r.told)}
	there := map[string]bool{}
	for _, rule := range present {
		if _, ours := watchOf(rule.Tag); !ours {
			continue
		}
		there[rule.ID] = true
		if was, told := t.told[rule.ID]; told {
			was.Seen = t.now.UnixMilli()
			t.told[rule.ID] = was
		} else {
			t.begins(rule)
		}
	}
	for id, was := range r.told {
		if !there[id] {
			t.ends(id, time.UnixMilli(was.Seen))
		}
	}
	return r.send(ctx, t)
}

// send puts news on RAW and keeps it.
func (r *rules) send(ctx context.Context, t ruleNews) error {
	if len(t.coverage) > 0 {
		h := haul.Haul{Leg: doxtrailv1.Leg_LEG_TAIL, Lane: bus.LaneLive, Selection: doxtrailv1.Selection_SELECTION_SEARCH, LookedAt: t.now, Coverage: t.coverage}
		if err := r.app.send(ctx, rulesName, h); err != nil {
			return err
		}
	}
	if maps.Equal(t.told, r.told) {
		return nil
	}
	if err := r.app.keep(ctx, rulesName, toldName, t.told); err != nil {
		return err
	}
	r.told = t.told
	return nil
}

// ruleNews is what is about to be told of rules.
type ruleNews struct {
	now      time.Time
	told     map[string]toldRule
	coverage []*doxtrailv1.RawCoverage
}

func (t *ruleNews) begins(rule api.Rule) {
	from := t.now.Add(ruleTakes)
	t.told[rule.ID] = toldRule{Value: rule.Value, Since: from.UnixMilli(), Seen: t.now.UnixMilli()}
	t.coverage = append(t.coverage, covered(rule.Value, spanComplete, from, time.Time{}))
}

// ends tells until when a rule was there: no time at all for one that had not begun to
// count. What coverage never said began does not end.
func (t *ruleNews) ends(id string, at time.Time) {
	was, told := t.told[id]
	if !told {
		return
	}
	from := time.UnixMilli(was.Since)
	if at.Before(from) {
		at = from
	}
	t.coverage = append(t.coverage, covered(was.Value, spanComplete, from, at))
	delete(t.told, id)
}
